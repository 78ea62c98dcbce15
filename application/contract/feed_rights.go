package contract

import (
	"context"
	"errors"
	"strings"
	"time"

	"parley/domain/room"
)

func strangersHearNothing(ctx context.Context, s *scene) error {
	stranger, err := s.listens(ctx, s.cleo, "")
	if err != nil {
		return err
	}
	defer stranger.hangUp()
	if err := s.says(ctx, s.ada, "for us alone"); err != nil {
		return err
	}
	fence, err := s.fenceFor(ctx, s.cleo)
	if err != nil {
		return err
	}
	return stranger.expect(ctx, fence)
}

func removedHearNoMore(ctx context.Context, s *scene) error {
	removed, err := s.listens(ctx, s.ben, "")
	if err != nil {
		return err
	}
	defer removed.hangUp()
	if err := errors.Join(s.says(ctx, s.ada, "before"), removed.expect(ctx, "before")); err != nil {
		return err
	}
	if err := s.changes(ctx, room.Left{Who: s.ben.User, Role: room.Member, Reason: room.WasRemoved}); err != nil {
		return err
	}
	if err := s.says(ctx, s.ada, "after"); err != nil {
		return err
	}
	fence, err := s.fenceFor(ctx, s.ben)
	if err != nil {
		return err
	}
	return removed.expect(ctx, `"reason":"removed"`, fence)
}

func removedWhileAway(ctx context.Context, s *scene) error {
	l, err := s.listens(ctx, s.ben, "")
	if err != nil {
		return err
	}
	if err := l.line.Close(); err != nil {
		return err
	}
	if err := s.says(ctx, s.ada, "while away"); err != nil {
		return err
	}
	if err := s.changes(ctx, room.Left{Who: s.ben.User, Role: room.Member, Reason: room.WasRemoved}); err != nil {
		return err
	}
	if err := s.says(ctx, s.ada, "after"); err != nil {
		return err
	}
	back, err := s.listens(ctx, s.ben, l.cursor)
	if err != nil {
		return err
	}
	defer back.hangUp()
	if err := back.expect(ctx, "participant.left"); err != nil {
		return err
	}
	if err := s.changes(ctx, room.Joined{Who: s.ben.User, Role: room.Member}); err != nil {
		return err
	}
	return back.expect(ctx, "participant.joined")
}

func removedWhileOpening(ctx context.Context, s *scene) error {
	for round := range 20 {
		opened := make(chan error, 1)
		var l *listener
		go func() {
			var err error
			l, err = s.listens(ctx, s.ben, "")
			opened <- err
		}()
		time.Sleep(time.Duration(round) * time.Millisecond) // so that it comes in each moment of the opening
		removed := s.changes(ctx, room.Left{Who: s.ben.User, Role: room.Member, Reason: room.WasRemoved})
		if err := errors.Join(<-opened, removed); err != nil {
			return err
		}
		err := s.hearsNoSecret(ctx, l)
		if err := errors.Join(err, l.line.Close()); err != nil {
			return err
		}
	}
	return nil
}

// hearsNoSecret says something while Ben is out of the hall, hears with him all
// that there is for him until then, and lets him in again.
func (s *scene) hearsNoSecret(ctx context.Context, l *listener) error {
	if err := s.says(ctx, s.ada, "a secret"); err != nil {
		return err
	}
	fence, err := s.fenceFor(ctx, s.ben)
	if err != nil {
		return err
	}
	for {
		heard, err := l.next(ctx)
		switch {
		case err != nil:
			return err
		case strings.Contains(heard.Data, "a secret"):
			return errors.New("heard what was said while he was out")
		case strings.Contains(heard.Data, fence):
			return s.changes(ctx, room.Joined{Who: s.ben.User, Role: room.Member})
		}
	}
}

func addedHearAtOnce(ctx context.Context, s *scene) error {
	added, err := s.listens(ctx, s.cleo, "")
	if err != nil {
		return err
	}
	defer added.hangUp()
	if err := s.changes(ctx, room.Joined{Who: s.cleo.User, Role: room.Member}); err != nil {
		return err
	}
	text, err := s.fence(ctx)
	if err != nil {
		return err
	}
	return added.expect(ctx, "participant.joined", text)
}
