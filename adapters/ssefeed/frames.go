package ssefeed

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/hub"
)

// block is one block of an event stream. Its lines go out in this order, the id
// last: clients that take the id when they parse its line would otherwise, cut
// off in the middle, resume behind what they never had.
type block struct {
	event string // empty: a default event
	retry uint64 // milliseconds; 0: none
	data  []byte // nil: a block that sets the id and is no event
	id    string // empty: the resume point stays where it is
}

// bytes writes the block. A line of data for each line of it, whichever way its
// lines end, lets no field be injected by it; event and id are plain, which is
// looked at when they are published.
func (b block) bytes() []byte {
	var out bytes.Buffer
	if b.event != "" {
		field(&out, "event", []byte(b.event))
	}
	if b.retry > 0 {
		field(&out, "retry", strconv.AppendUint(nil, b.retry, 10))
	}
	if b.data != nil {
		lines(&out, b.data)
	}
	if b.id != "" {
		field(&out, "id", []byte(b.id))
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// lines writes data as a line for each of its own. CR, LF and CRLF end lines, as
// they do for whoever reads the stream.
func lines(out *bytes.Buffer, data []byte) {
	for {
		end := bytes.IndexAny(data, "\r\n")
		if end < 0 {
			field(out, "data", data)
			return
		}
		field(out, "data", data[:end])
		if bytes.HasPrefix(data[end:], []byte("\r\n")) {
			end++
		}
		data = data[end+1:]
	}
}

func field(out *bytes.Buffer, name string, value []byte) {
	out.WriteString(name)
	out.WriteString(": ")
	out.Write(value)
	out.WriteByte('\n')
}

// milliseconds is a time as retry has it.
func milliseconds(d time.Duration) uint64 { return uint64(max(d, 0).Milliseconds()) }

// comment is what a stream says when there is nothing to say.
var comment = []byte(":\n")

// formats are the two ways in which the log is written. All streams of one kind
// share what is written once.
type formats struct {
	users  *delivery.Format // whatever it is, its id is our cursor
	tokens *delivery.Format // what its publisher gave an id and a time to come again, has them
}

func (f *Feed) formats() formats {
	return formats{
		users:  &delivery.Format{Encode: f.encode},
		tokens: &delivery.Format{Encode: f.encodeAsPublished},
	}
}

// encode writes an entry for a user's stream. What somebody said is a default
// event, so that a plain onmessage gets it; everything else goes by its name. When
// a chat comes again is not for third parties to say.
func (f *Feed) encode(e port.Entry) ([]byte, error) {
	id := f.Cursors.Seal(e.Place)
	if e.Kind == port.UpdatePublished {
		return encodeUpdate(e, id, 0)
	}
	name, data, err := wire.EncodeEvent(e)
	if err != nil {
		return nil, err
	}
	if bytes.ContainsAny(data, "\r\n") {
		return nil, fmt.Errorf("the data of entry %d is more than one line", e.Place.Position)
	}
	if name == wire.DefaultEvent {
		name = ""
	}
	return block{event: name, data: data, id: id}.bytes(), nil
}

// encodeAsPublished writes an entry for a stream of a Mercure token or of nobody.
func (f *Feed) encodeAsPublished(e port.Entry) ([]byte, error) {
	if e.Kind != port.UpdatePublished || e.Update == nil {
		return f.encode(e)
	}
	id := e.Update.ID
	if id == "" {
		id = f.Cursors.Seal(e.Place)
	}
	return encodeUpdate(e, id, e.Update.Retry)
}

// encodeUpdate writes what a third party has published. What could end a line is
// not written, whatever let it into the log.
func encodeUpdate(e port.Entry, id string, retry uint64) ([]byte, error) {
	u := e.Update
	if u == nil || !hub.IsPlain(u.Type) || !hub.IsPlain(id) {
		return nil, fmt.Errorf("entry %d has no update that can be written", e.Place.Position)
	}
	return block{event: u.Type, retry: retry, data: append([]byte{}, u.Data...), id: id}.bytes(), nil
}
