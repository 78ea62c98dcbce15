package contract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"parley/application/port"
	"parley/domain/identity"
)

// signsOut ends somebody's session.
func (s *scene) signsOut(ctx context.Context, who identity.Caller) error {
	return s.Work.Change(ctx, func(ctx context.Context, sc port.Scope) error {
		return sc.Access.End(ctx, who.User, []identity.SessionID{who.Session})
	})
}

// again begins another session of somebody.
func (s *scene) again(ctx context.Context, who identity.Caller) (identity.Caller, error) {
	err := s.Work.Change(ctx, func(ctx context.Context, sc port.Scope) error {
		session, err := sc.Keeping.AddSession(ctx, identity.Session{User: who.User, CreatedAt: sc.At})
		who.Session = session.ID
		return err
	})
	return who, err
}

// endsAsRevoked reads a line to its end, which must be that its session has
// ended, and fails if it hears a word of what was said since.
func (l *listener) endsAsRevoked(ctx context.Context, secret string) error {
	told := false
	for {
		heard, err := l.next(ctx)
		switch {
		case errors.Is(err, io.EOF) && told:
			return nil
		case err != nil:
			return fmt.Errorf("waits for the line to be ended: %w", err)
		case told || strings.Contains(heard.Data, secret):
			return fmt.Errorf("heard %s %s after the session had ended", heard.Type, brief(heard.Data))
		case heard.Type == "stream.closing":
			if !strings.Contains(heard.Data, `"reason":"revoked","action":"reauthenticate"`) {
				return fmt.Errorf("the line ends with %s", heard.Data)
			}
			told = true
		}
	}
}

func signedOutHearNoMore(ctx context.Context, s *scene) error {
	phone, err := s.again(ctx, s.ben)
	if err != nil {
		return err
	}
	out, err := s.listens(ctx, s.ben, "")
	if err != nil {
		return err
	}
	defer out.hangUp()
	stays, err := s.listens(ctx, phone, "")
	if err != nil {
		return err
	}
	defer stays.hangUp()
	if err := s.says(ctx, s.ada, "before"); err != nil {
		return err
	}
	return first(
		func() error { return out.expect(ctx, "before") },
		func() error { return s.signsOut(ctx, s.ben) },
		func() error { return s.says(ctx, s.ada, "a secret") },
		func() error { return out.endsAsRevoked(ctx, "a secret") },
		func() error { return stays.expect(ctx, "before", "a secret") },
	)
}

func signedOutWhileOpening(ctx context.Context, s *scene) error {
	for round := range 20 {
		device, err := s.again(ctx, s.ben)
		if err != nil {
			return err
		}
		out := make(chan error, 1)
		go func() {
			time.Sleep(time.Duration(round) * time.Millisecond / 4) // so that it comes in each moment of the opening
			out <- errors.Join(s.signsOut(ctx, device), s.says(ctx, s.ada, "a secret"))
		}()
		l, err := s.listens(ctx, device, "")
		if ended := <-out; ended != nil {
			return ended
		}
		if err != nil { // it was not opened
			continue
		}
		err = l.endsAsRevoked(ctx, "a secret")
		l.hangUp()
		if err != nil {
			return err
		}
	}
	return nil
}

func endedOpensNoLine(ctx context.Context, s *scene) error {
	l, err := s.listens(ctx, s.ben, "")
	if err != nil {
		return err
	}
	defer l.hangUp()
	if err := s.signsOut(ctx, s.ben); err != nil {
		return err
	}
	if err := l.endsAsRevoked(ctx, "nothing"); err != nil {
		return err
	}
	for _, when := range []string{"at once", "after a restart"} {
		for _, place := range []string{"", l.cursor, "earliest"} {
			if err := s.isTurnedAway(ctx, s.ben, place); err != nil {
				return fmt.Errorf("%s, from %q: %w", when, place, err)
			}
		}
		if err := s.Restart(); err != nil {
			return err
		}
	}
	stays, err := s.listens(ctx, s.ada, "")
	if err != nil {
		return fmt.Errorf("somebody whose session lasts: %w", err)
	}
	stays.hangUp()
	return nil
}

// isTurnedAway checks that somebody is refused a line, or told at once that their
// session has ended.
func (s *scene) isTurnedAway(ctx context.Context, who identity.Caller, after string) error {
	line, err := s.Listen(ctx, who, []string{everyRoom, ownTopic}, after)
	if err != nil {
		return nil // that is what is wanted
	}
	l := &listener{line: line}
	defer l.hangUp()
	heard, err := l.next(ctx)
	if err == nil && heard.Type != "stream.closing" {
		return fmt.Errorf("a line was opened, and began with %s", heard.Type)
	}
	return nil
}
