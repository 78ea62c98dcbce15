package ssefeed

import (
	"net/http"
	"time"

	"parley/application/delivery"
	"parley/domain/sequence"
)

// stream is an open response: what the sinks of all readers have in common.
type stream struct {
	feed    *Feed
	asked   request
	format  *delivery.Format
	to      http.ResponseWriter
	control *http.ResponseController
	begun   bool
	fetched bool // its reader takes every block that ends for an event
}

// Hand writes events, all of them at once.
func (s *stream) Hand(batch []delivery.Delivered) error {
	var out []byte
	for _, delivered := range batch {
		frame, err := delivered.Event.Frame(s.format)
		if err != nil {
			return err
		}
		if len(batch) == 1 {
			return s.write(frame)
		}
		out = append(out, frame...)
	}
	return s.write(out)
}

// Passed writes an id without data, which moves the resume point and is no event.
func (s *stream) Passed(p sequence.Place) error {
	return s.silent(block{id: s.feed.Cursors.Seal(p)})
}

// Quiet writes a comment, so that both ends and all between know of the other.
func (s *stream) Quiet() error { return s.write(comment) }

// begin sends the head of the response, before there is anything to tell. resumed
// is where it goes on from, as each dialect asks; empty: that is not known.
func (s *stream) begin(resumed string) {
	s.begun = true
	header := s.to.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "private, no-cache, no-store, must-revalidate, max-age=0")
	header.Set("X-Accel-Buffering", "no")
	if resumed != "" {
		header.Set("Mercure-Last-Event-ID", resumed)
	}
	if resumed != "" && s.asked.legacy {
		header.Set("Last-Event-ID", resumed)
	}
	s.to.WriteHeader(http.StatusOK)
}

// write sends bytes on their way, or fails if their reader does not take them
// for too long.
func (s *stream) write(frames []byte) error {
	if err := s.control.SetWriteDeadline(s.feed.Now().Add(stalled)); err != nil {
		return err
	}
	if _, err := s.to.Write(frames); err != nil {
		return err
	}
	return s.control.Flush()
}

// again is when a stream that has ended is to be opened again; 0: as its reader
// likes.
func (s *stream) again(c delivery.Closing) time.Duration {
	if c.Reason == delivery.Drain {
		return s.feed.Jitter(2 * time.Second) // so that not all come again at once
	}
	return 0
}
