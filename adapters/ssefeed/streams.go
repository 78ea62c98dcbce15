package ssefeed

import (
	"time"

	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/domain/hub"
)

// userStream is the stream of a user of the chat, who is told how it begins and
// why it ends.
type userStream struct{ *stream }

// Opened is the first event; its id is where the stream goes on from, so that a
// browser which is cut off in a quiet hour resumes there.
func (s userStream) Opened(o delivery.Opened) error {
	cursor := s.feed.Cursors.Seal(o.Place)
	data, err := wire.EncodeOpened(o, cursor, s.sent(), s.asked.topics, s.feed.Now())
	if err != nil {
		return err
	}
	s.begin(cursor)
	return s.write(block{event: wire.NameOpened, data: data, id: cursor}.bytes())
}

// Closing is the last event.
func (s userStream) Closing(c delivery.Closing) error { return s.close(c, s.again(c)) }

func (s userStream) close(c delivery.Closing, retry time.Duration) error {
	data, err := wire.EncodeClosing(c, s.feed.Now())
	if err != nil {
		return err
	}
	return s.write(block{event: wire.NameClosing, data: data, retry: milliseconds(retry)}.bytes())
}

func (s userStream) turnAway(c *delivery.Closing, retry time.Duration) {
	s.begin("")
	_ = s.close(*c, retry) // whom it does not reach will come again anyway
}

// sent is the cursor that was sent, if one was.
func (s userStream) sent() *string {
	if s.asked.cursor == "" {
		return nil
	}
	return &s.asked.cursor
}

// tokenStream is the stream of a Mercure token or of nobody. Whoever reads it may
// know nothing but the protocol, so it has nothing that is ours.
type tokenStream struct{ *stream }

// Opened writes the place as an id alone, which sets where a browser resumes.
func (s tokenStream) Opened(o delivery.Opened) error {
	cursor := s.feed.Cursors.Seal(o.Place)
	switch {
	case s.asked.cursor == "":
		s.begin(cursor)
	case o.Mode == delivery.Replay:
		s.begin(s.asked.cursor)
	default:
		s.begin(hub.Earliest)
	}
	return s.silent(block{id: cursor})
}

// Closing tells when to come again, where that has a reason. The place has been
// written before.
func (s tokenStream) Closing(c delivery.Closing) error {
	retry := s.again(c)
	if retry == 0 {
		return nil
	}
	return s.silent(block{retry: milliseconds(retry)})
}

func (s tokenStream) turnAway(_ *delivery.Closing, retry time.Duration) {
	s.begin("")
	_ = s.silent(block{retry: milliseconds(retry)}) // whom it does not reach will come again anyway
}
