package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/domain/message"
)

func heardInOrder(ctx context.Context, s *scene) error {
	l, err := s.listens(ctx, s.ben, "")
	if err != nil {
		return err
	}
	defer l.hangUp()
	texts := numbered(300)
	for _, text := range texts {
		if err := s.says(ctx, s.ada, text); err != nil {
			return err
		}
	}
	return l.expect(ctx, texts...)
}

func heardAfterComingBack(ctx context.Context, s *scene) error {
	texts := numbered(40)
	cursor := ""
	for i, text := range texts {
		l, err := s.listens(ctx, s.ben, cursor)
		if err != nil {
			return err
		}
		if i == 0 || i%4 != 0 { // else it was said while the line was down
			if err := s.says(ctx, s.ada, text); err != nil {
				return err
			}
		}
		if err := l.expect(ctx, text); err != nil {
			return fmt.Errorf("back for time %d: %w", i+1, err)
		}
		cursor = l.cursor
		if err := l.line.Close(); err != nil {
			return err
		}
		if i+1 < len(texts) && (i+1)%4 == 0 {
			if err := s.says(ctx, s.ada, texts[i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func holdsUpNobody(ctx context.Context, s *scene) error {
	const messages = 600
	dead, err := s.listens(ctx, s.ben, "")
	if err != nil {
		return err
	}
	defer dead.hangUp()
	l, err := s.listens(ctx, s.ada, "")
	if err != nil {
		return err
	}
	defer l.hangUp()
	// More than what sockets take on the way: the dead one's writer does wait.
	long := strings.Repeat("𝄞", message.MaxContent-20) // four bytes each
	said := make(chan error, 1)
	go func() {
		for _, text := range numbered(messages) {
			if err := s.says(ctx, s.ada, text+long); err != nil {
				said <- err
				return
			}
		}
		said <- nil
	}()
	return errors.Join(l.expect(ctx, numbered(messages)...), <-said)
}

func lostPlaceIsSaid(ctx context.Context, s *scene) error {
	for _, lost := range []string{"parley:AAAAAAAAAAAAAAAAAAAAAA", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "x"} {
		l, err := s.listens(ctx, s.ben, lost)
		if err != nil {
			return fmt.Errorf("from %q: %w", lost, err)
		}
		defer l.hangUp()
		if !strings.Contains(l.opened.Data, `"mode":"reset"`) || l.cursor == lost {
			return fmt.Errorf("from %q: the line begins with %s and goes on from %q", lost, l.opened.Data, l.cursor)
		}
	}
	return nil
}

func closedIsLetGo(ctx context.Context, s *scene) error {
	for range 10 {
		l, err := s.listens(ctx, s.ben, "")
		if err != nil {
			return err
		}
		hears := make(chan error, 1)
		go func() {
			_, err := l.next(ctx)
			hears <- err
		}()
		if err := s.awaitOpen(ctx, func(open int) bool { return open > 0 }); err != nil {
			return fmt.Errorf("a line is open and none is counted: %w", err)
		}
		if err := l.line.Close(); err != nil {
			return err
		}
		if err := <-hears; err == nil {
			return errors.New("heard something that nobody said")
		}
	}
	return s.awaitOpen(ctx, func(open int) bool { return open == 0 })
}

// awaitOpen waits until as many lines are open on the feed's side as is wanted.
func (s *scene) awaitOpen(ctx context.Context, wanted func(int) bool) error {
	for !wanted(s.Open()) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d lines are open: %w", s.Open(), ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}
