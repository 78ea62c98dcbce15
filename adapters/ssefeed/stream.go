package ssefeed

import (
	"net/http"
	"time"

	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/domain/sequence"
)

// stream is the sink of one reader: an open response.
type stream struct {
	feed    *Feed
	asked   request
	to      http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

// Opened is the first event; its id is where the stream goes on from, so that a
// browser which is cut off in a quiet hour resumes there.
func (s *stream) Opened(o delivery.Opened) error {
	cursor := s.feed.Cursors.Seal(o.Place)
	data, err := wire.EncodeOpened(o, cursor, s.sent(), s.asked.topics, s.feed.Now())
	if err != nil {
		return err
	}
	s.begin(cursor)
	return s.write(block{event: wire.NameOpened, data: data, id: cursor}.bytes())
}

// Hand writes events, all of them at once.
func (s *stream) Hand(batch []delivery.Delivered) error {
	var out []byte
	for _, delivered := range batch {
		frame, err := delivered.Event.Frame(s.feed.format)
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
	return s.write(block{id: s.feed.Cursors.Seal(p)}.bytes())
}

// Quiet writes a comment, so that both ends and all between know of the other.
func (s *stream) Quiet() error { return s.write(comment) }

// Closing is the last event.
func (s *stream) Closing(c delivery.Closing) error {
	var retry time.Duration
	if c.Reason == delivery.Drain {
		retry = s.feed.Jitter(2 * time.Second) // so that not all come again at once
	}
	return s.close(c, retry)
}

func (s *stream) close(c delivery.Closing, retry time.Duration) error {
	data, err := wire.EncodeClosing(c, s.feed.Now())
	if err != nil {
		return err
	}
	return s.write(block{event: wire.NameClosing, data: data, retry: retry}.bytes())
}

// turnAway answers a stream that cannot begin now: come again, after a while.
func (s *stream) turnAway(c *delivery.Closing, retry time.Duration) {
	s.begin("")
	if c != nil {
		_ = s.close(*c, retry) // whom it does not reach will come again anyway
		return
	}
	_ = s.write(block{retry: retry}.bytes())
}

// begin sends the head of the response, before there is anything to tell.
func (s *stream) begin(cursor string) {
	s.begun = true
	header := s.to.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "private, no-cache, no-store, must-revalidate, max-age=0")
	header.Set("X-Accel-Buffering", "no")
	if cursor != "" {
		header.Set("Mercure-Last-Event-ID", cursor)
	}
	s.to.WriteHeader(http.StatusOK)
}

// sent is the cursor that was sent, if one was.
func (s *stream) sent() *string {
	if s.asked.cursor == "" {
		return nil
	}
	return &s.asked.cursor
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
