package contract

import (
	"context"
	"fmt"
	"strings"
)

func prunedIsSaid(ctx context.Context, s *scene) error {
	l, err := s.listens(ctx, s.ben, "")
	if err != nil {
		return err
	}
	defer l.hangUp()
	texts := numbered(4)
	var cursors []string
	for _, text := range texts {
		if err := s.says(ctx, s.ada, text); err != nil {
			return err
		}
		if err := l.expect(ctx, text); err != nil {
			return err
		}
		cursors = append(cursors, l.cursor)
	}
	if _, err := (StoreSubject{Work: s.Work}).prune(ctx, never, 2); err != nil {
		return err
	}
	if err := s.says(ctx, s.ada, "and on"); err != nil {
		return err
	}
	for i, cursor := range cursors {
		if err := s.comesBackTo(ctx, cursor, i == len(cursors)-1); err != nil {
			return fmt.Errorf("back after number %d: %w", i+1, err)
		}
	}
	return l.expect(ctx, "and on")
}

// comesBackTo: where Ben has heard all that was pruned, he goes on. Else the first
// that he hears is that he has to begin afresh, from another place.
func (s *scene) comesBackTo(ctx context.Context, cursor string, heardAll bool) error {
	l, err := s.listens(ctx, s.ben, cursor)
	if err != nil {
		return err
	}
	defer l.hangUp()
	if heardAll {
		if !strings.Contains(l.opened.Data, `"mode":"replay"`) {
			return fmt.Errorf("the line begins with %s", l.opened.Data)
		}
		return l.expect(ctx, "and on")
	}
	if !strings.Contains(l.opened.Data, `"mode":"reset"`) || l.cursor == cursor || l.cursor == "" {
		return fmt.Errorf("the line begins with %s and goes on from %q", l.opened.Data, l.cursor)
	}
	word, err := s.fence(ctx)
	if err != nil {
		return err
	}
	return l.expect(ctx, word)
}
