package ssefeed

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"parley/adapters/wire"
	"parley/application/port"
)

// block is one block of an event stream. Its lines go out in this order, the id
// last: clients that take the id when they parse its line would otherwise, cut
// off in the middle, resume behind what they never had.
type block struct {
	event string        // empty: a default event
	retry time.Duration // 0: none
	data  []byte        // one line; nil: a block that sets the id and is no event
	id    string        // empty: the resume point stays where it is
}

// bytes writes the block. The event and the id come from this program alone, and
// data is JSON on one line; so no field can be injected.
func (b block) bytes() []byte {
	var out bytes.Buffer
	if b.event != "" {
		field(&out, "event", []byte(b.event))
	}
	if b.retry > 0 {
		field(&out, "retry", strconv.AppendInt(nil, b.retry.Milliseconds(), 10))
	}
	if b.data != nil {
		field(&out, "data", b.data)
	}
	if b.id != "" {
		field(&out, "id", []byte(b.id))
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func field(out *bytes.Buffer, name string, value []byte) {
	out.WriteString(name)
	out.WriteString(": ")
	out.Write(value)
	out.WriteByte('\n')
}

// comment is what a stream says when there is nothing to say.
var comment = []byte(":\n")

// encode writes an entry as a block. What somebody said is a default event, so
// that a plain onmessage gets it; everything else goes by its name.
func (f *Feed) encode(e port.Entry) ([]byte, error) {
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
	return block{event: name, data: data, id: f.Cursors.Seal(e.Place)}.bytes(), nil
}
