package delivery

import "strings"

// footprint is about how many bytes an event takes while it is held, with a frame for
// each of two transports. Updates of third parties are written by one alone.
func footprint(e *Event) int {
	const entry = 1800
	switch {
	case e.Entry.Message != nil:
		return entry + 3*len(e.Entry.Message.Content.String())
	case e.Entry.Update != nil:
		return entry + e.named() + 2*len(e.Entry.Update.Data) + e.breaks()
	default:
		return entry + 64*len(e.Entry.People)
	}
}

// weight is about how many bytes an event takes when it is written, and rather
// more than less.
func weight(e *Event) int {
	const entry, frame = 700, 2
	switch {
	case e.Entry.Message != nil:
		return entry + frame*len(e.Entry.Message.Content.String())
	case e.Entry.Update != nil:
		return entry + len(e.Entry.Update.Data) + e.breaks()
	default:
		return entry + 8*len(e.Entry.People)
	}
}

// named is how many bytes the names of an update take.
func (e *Event) named() int {
	const header = 16
	size := len(e.Entry.Update.ID) + len(e.Entry.Update.Type)
	for _, topic := range e.Entry.Update.Topics {
		size += header + len(topic)
	}
	return size
}

// breaks is how many bytes a frame takes for the names of the fields that each line
// of an update's data is, which may be more than the data.
func (e *Event) breaks() int {
	if held := e.lines.Load(); held > 0 {
		return int(held - 1)
	}
	const field = len("data: ")
	data := e.Entry.Update.Data
	size := field * (strings.Count(data, "\n") + strings.Count(data, "\r"))
	e.lines.Store(int64(size) + 1)
	return size
}
