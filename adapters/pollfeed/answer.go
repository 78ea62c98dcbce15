package pollfeed

import (
	"bufio"
	"fmt"
	"net/http"
	"time"

	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/application/port"
)

// written is how many bytes of an answer are on their way at once: what was
// deleted before they are made is not among them.
const written = 32 << 10

// encode is the data of an event, the same bytes as on every other transport.
func encode(e port.Entry) ([]byte, error) {
	_, data, err := wire.EncodeEvent(e)
	return data, err
}

// answer writes what a poll has got. The names of topics and the cursors are
// this program's own, with nothing in them that JSON would escape.
func (f *Feed) answer(w http.ResponseWriter, p *poll) error {
	reset, err := f.reset(p)
	if err != nil {
		return err
	}
	control := http.NewResponseController(w)
	if control.SetWriteDeadline(f.Now().Add(stalled)) == nil {
		defer func() { _ = control.SetWriteDeadline(time.Time{}) }() // the connection may serve again
	}
	w.Header().Set("Content-Type", "application/json")
	out := bufio.NewWriterSize(w, written)
	_, _ = fmt.Fprintf(out, `{"events":[%s`, reset)
	for i, delivered := range p.events {
		if i > 0 {
			_ = out.WriteByte(',')
		}
		if err := f.event(out, delivered); err != nil {
			panic(http.ErrAbortHandler) // the answer has begun: nobody must take it for whole
		}
	}
	_, _ = fmt.Fprintf(out, `],"cursor":"%s"}`+"\n", f.Cursors.Seal(p.place))
	_ = out.Flush() // whom it does not reach will ask again
	return nil
}

func (f *Feed) event(out *bufio.Writer, d delivery.Delivered) error {
	data, err := d.Event.Frame(f.format)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, `{"cursor":"%s","topic":"%s","data":`, f.Cursors.Seal(d.Event.Entry.Place), d.Topic)
	_, _ = out.Write(data)
	return out.WriteByte('}')
}

// reset is the only control event: the place that was sent is not there.
func (f *Feed) reset(p *poll) (string, error) {
	if p.opened.Mode != delivery.Reset {
		return "", nil
	}
	cursor := f.Cursors.Seal(p.opened.Place)
	data, err := wire.EncodeOpened(p.opened, cursor, &p.asked.after, p.asked.topics, f.Now())
	return fmt.Sprintf(`{"cursor":"%s","topic":null,"data":%s}`, cursor, data), err
}
