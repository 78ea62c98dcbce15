package features_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cucumber/godog"

	"parley/domain/room"
	"parley/features/stage"
)

// What has been heard. Each of these first waits until everyone has heard all.

func (w *world) hasHeard(ctx context.Context, name, device string, want *godog.Table) error {
	e, err := w.hearing(ctx, name, device)
	if err != nil {
		return err
	}
	return sameTable(name, rows(e.messages(w.here)), want)
}

func (w *world) hasHeardAcrossRooms(ctx context.Context, name, device string, want *godog.Table) error {
	e, err := w.hearing(ctx, name, device)
	if err != nil {
		return err
	}
	got := rows(e.messages(room.ID{}))
	for i, m := range e.messages(room.ID{}) {
		got[i] = append([]string{w.called(m.Room)}, got[i]...)
	}
	return sameTable(name, got, want)
}

func (w *world) hasHeardLines(ctx context.Context, name, who string, lines *godog.DocString) error {
	e, err := w.hearing(ctx, name, "")
	if err != nil {
		return err
	}
	if got := e.messages(w.here); len(got) != 1 || got[0].Who != who || got[0].Text != lines.Content {
		return fmt.Errorf("%s has heard %+v", name, got)
	}
	return nil
}

func (w *world) hasHeardMany(ctx context.Context, name, device string, n int) error {
	e, err := w.hearing(ctx, name, device)
	if err != nil {
		return err
	}
	if got := len(e.messages(w.here)); got != n {
		return fmt.Errorf("%s has heard %d messages, want %d", name, got, n)
	}
	return nil
}

func (w *world) hasHeardThat(ctx context.Context, name, device, what string) error {
	e, err := w.hearing(ctx, name, device)
	if err != nil {
		return err
	}
	if got := e.events(w.here); !slices.Equal(got, strings.Split(what, ", and then that ")) {
		return fmt.Errorf("%s has heard that %q", name, got)
	}
	return nil
}

func (w *world) hasHeardNothing(ctx context.Context, name string) error {
	e, err := w.hearing(ctx, name, "")
	if err == nil && len(e.heard) > 0 {
		return fmt.Errorf("%s has heard %+v", name, e.heard)
	}
	return err
}

func (w *world) hasHeardNothingSinceBut(ctx context.Context, name, what string) error {
	e, err := w.hearing(ctx, name, "")
	if err != nil {
		return err
	}
	if got := e.heard[e.since:]; len(got) != 1 || inWords(got[0]) != what {
		return fmt.Errorf("%s has heard %+v", name, got)
	}
	return nil
}

// hasHeardUntilRemoved compares what two heard of whom one was removed. All the
// other heard until then counts, and nothing of what came after.
func (w *world) hasHeardUntilRemoved(ctx context.Context, name, other string) error {
	removed, stayed, err := w.bothHearing(ctx, name, other)
	if err != nil {
		return err
	}
	end := slices.IndexFunc(stayed.heard, func(h stage.Heard) bool { return inWords(h) == name+" was removed" })
	if end < 0 || !slices.Equal(removed.heard, stayed.heard[:end+1]) {
		return fmt.Errorf("%s has heard %+v, %s %+v", name, removed.heard, other, stayed.heard)
	}
	return nil
}

func (w *world) haveHeardTheSame(ctx context.Context, one, other string, n int) error {
	a, b, err := w.bothHearing(ctx, one, other)
	if err != nil {
		return err
	}
	heard := a.messages(w.here)
	if !slices.Equal(numbers(heard), upTo(n)) || !slices.Equal(heard, b.messages(w.here)) {
		return fmt.Errorf("%s has heard %+v, %s %+v", one, heard, other, b.messages(w.here))
	}
	return nil
}

func (w *world) hasHeardAll(ctx context.Context, name string) error {
	e, err := w.hearing(ctx, name, "")
	if got := w.accepted(); err == nil && !slices.Equal(e.messages(w.here), got) {
		return fmt.Errorf("%s has heard %+v, and %+v was said", name, e.messages(w.here), got)
	}
	return err
}

func (w *world) hasBeenHeard(name string, least int) error {
	all := w.accepted()
	theirs := slices.DeleteFunc(all, func(m stage.Message) bool { return m.Who != name })
	if len(theirs) < least {
		return fmt.Errorf("%s was heard %d times, want %d at least", name, len(theirs), least)
	}
	return nil
}

func (w *world) nobodyHasHeard(ctx context.Context, text string) error {
	if err := w.hearAll(ctx); err != nil {
		return err
	}
	if len(w.ears()) == 0 {
		return errors.New("nobody listens, so that proves nothing")
	}
	return w.unheard(text)
}

func (w *world) unheard(text string) error {
	for _, e := range w.ears() {
		if slices.ContainsFunc(e.heard, func(h stage.Heard) bool { return h.Message.Text == text }) {
			return fmt.Errorf("%s has heard %q", e.name, text)
		}
	}
	return nil
}

// hearing is who listens on one of somebody's devices, after everyone has heard
// all.
func (w *world) hearing(ctx context.Context, name, device string) (*ear, error) {
	e, err := w.ear(name, device)
	if err != nil {
		return nil, err
	}
	return e, w.hearAll(ctx)
}

func (w *world) bothHearing(ctx context.Context, one, other string) (a, b *ear, err error) {
	if a, err = w.hearing(ctx, one, ""); err != nil {
		return nil, nil, err
	}
	b, err = w.ear(other, "")
	return a, b, err
}

// rows are messages as a table of a feature has them. What begins or ends with
// white space stands in quotes there.
func rows(all []stage.Message) [][]string {
	var got [][]string
	for _, m := range all {
		text := m.Text
		switch {
		case m.Withdrawn:
			text = "(withdrawn)"
		case m.Corrected:
			text += " (corrected)"
		case strings.TrimSpace(text) != text:
			text = `"` + text + `"`
		}
		got = append(got, []string{strconv.Itoa(int(m.Number)), m.Who, text})
	}
	return got
}

func sameTable(name string, got [][]string, want *godog.Table) error {
	var wanted [][]string
	for _, row := range want.Rows {
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, cell.Value)
		}
		wanted = append(wanted, cells)
	}
	if !slices.EqualFunc(got, wanted, slices.Equal) {
		return fmt.Errorf("%s has %q", name, got)
	}
	return nil
}
