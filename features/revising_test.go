package features_test

import (
	"context"
	"fmt"

	"parley/domain/sequence"
	"parley/features/stage"
)

// How what was said, and rooms, change afterwards.

// message is what was said in these words, now or at any time before.
func (w *world) message(text string) (stage.Message, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, m := range w.said[w.here] {
		if m.Text == text {
			w.words[text] = n
		}
	}
	n, known := w.words[text]
	if !known {
		return stage.Message{}, fmt.Errorf("nobody has said %q", text)
	}
	return w.said[w.here][n], nil
}

// correct puts a message into other words, and notes how it reads then.
func (w *world) correct(ctx context.Context, name, text, to string, known func(stage.Message) int) error {
	m, err := w.message(text)
	if err != nil {
		return err
	}
	return w.as(ctx, name, func(a *actor) error {
		edited, err := a.client.Correct(ctx, m, to, known(m))
		if err == nil {
			w.note(edited)
		}
		return err
	})
}

// note notes how a message reads by now.
func (w *world) note(m stage.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said[m.Room][m.Number] = m
}

func whatever(stage.Message) int { return 0 }

func outdated(m stage.Message) int { return m.Version - 1 }

func (w *world) corrects(ctx context.Context, name, text, to string) error {
	return w.correct(ctx, name, text, to, whatever)
}

func (w *world) triesToCorrect(ctx context.Context, name, text, to, before string) error {
	known := whatever
	if before != "" {
		known = outdated
	}
	return w.as(ctx, name, func(a *actor) error { return a.tries(w.correct(ctx, name, text, to, known)) })
}

func (w *world) correctsUntilRefused(ctx context.Context, name, text string) error {
	for i := range 1000 {
		to := fmt.Sprintf("%s, take %d", text, i)
		if err := w.correct(ctx, name, text, to, whatever); err != nil {
			return w.as(ctx, name, func(a *actor) error { return a.tries(err) })
		}
	}
	return fmt.Errorf("%s was never refused", name)
}

func (w *world) withdraws(ctx context.Context, name, text string) error {
	m, err := w.message(text)
	if err != nil {
		return err
	}
	err = w.as(ctx, name, func(a *actor) error { return a.client.Withdraw(ctx, m) })
	if err == nil && !m.Withdrawn {
		m.Text, m.Withdrawn, m.Version = "", true, m.Version+1
		w.note(m)
	}
	return err
}

func (w *world) triesToWithdraw(ctx context.Context, name, text string) error {
	return w.as(ctx, name, func(a *actor) error { return a.tries(w.withdraws(ctx, name, text)) })
}

func (w *world) renames(ctx context.Context, name, to string) error {
	err := w.as(ctx, name, func(a *actor) error { return a.client.Rename(ctx, w.here, to, 0) })
	if err == nil {
		delete(w.rooms, w.called(w.here))
		w.rooms[to] = w.here
	}
	return err
}

func (w *world) triesToRename(ctx context.Context, name, to string) error {
	return w.as(ctx, name, func(a *actor) error { return a.tries(w.renames(ctx, name, to)) })
}

func (w *world) deletes(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error { return a.client.End(ctx, w.here) })
}

func (w *world) triesToDelete(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error { return a.tries(w.deletes(ctx, name)) })
}

func (w *world) readsUpTo(ctx context.Context, name string, n int, phone string) error {
	return w.as(ctx, name, func(a *actor) error {
		device, err := a.device(ctx, phone != "")
		if err != nil {
			return err
		}
		return device.HasRead(ctx, w.here, sequence.Number(n))
	})
}

// hasUnread asks both of somebody's devices.
func (w *world) hasUnread(ctx context.Context, name string, want int) error {
	return w.as(ctx, name, func(a *actor) error {
		return together(2, func(i int) error {
			device, err := a.device(ctx, i == 1)
			if err != nil {
				return err
			}
			return unread(want)(device.Unread(ctx, w.here))
		})
	})
}

func unread(want int) func(int, error) error {
	return func(got int, err error) error {
		if err == nil && got != want {
			return fmt.Errorf("%d are unread, want %d", got, want)
		}
		return err
	}
}
