package features_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"parley/domain/room"
	"parley/features/stage"
)

// What people say.

func (w *world) says(ctx context.Context, name, text, called string) error {
	in, err := w.room(called)
	if err != nil {
		return err
	}
	return w.as(ctx, name, func(a *actor) error {
		_, err := w.say(ctx, a.client, in, text, w.newKey())
		return err
	})
}

// room is the room that is called so, or the one that is spoken of.
func (w *world) room(called string) (room.ID, error) {
	if called == "" {
		return w.here, nil
	}
	in, known := w.rooms[called]
	if !known {
		return room.ID{}, fmt.Errorf("nobody has opened %q", called)
	}
	return in, nil
}

func (w *world) saysLines(ctx context.Context, name string, lines *godog.DocString) error {
	return w.says(ctx, name, lines.Content, "")
}

func (w *world) saysCharacters(ctx context.Context, name string, n int) error {
	return w.says(ctx, name, strings.Repeat("é", n), "")
}

func (w *world) triesToSay(ctx context.Context, name, text string) error {
	return w.as(ctx, name, func(a *actor) error {
		_, err := w.say(ctx, a.client, w.here, text, w.newKey())
		return a.tries(err)
	})
}

func (w *world) triesToSayWhatIsNoMessage(ctx context.Context, name, what string) error {
	return w.triesToSay(ctx, name, map[string]string{
		"nothing but spaces": " \t\n\u2003",
		"a bell":             "ding \a",
		"4001 characters":    strings.Repeat("é", 4001),
	}[what])
}

// hasSaidThings: some of it at the same moment, for there may be much.
func (w *world) hasSaidThings(ctx context.Context, name string, n int) error {
	const voices = 16
	return together(voices, func(voice int) error {
		for i := voice; i < n; i += voices {
			if err := w.says(ctx, name, fmt.Sprintf("thing %d", i), ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) eachSay(ctx context.Context, one, other string, n int) error {
	names := []string{one, other}
	return together(2*n, func(i int) error {
		return w.says(ctx, names[i%2], fmt.Sprintf("thing %d", i), "")
	})
}

func (w *world) talksUntilRefused(ctx context.Context, name string) error {
	for i := range 1000 {
		if err := w.says(ctx, name, fmt.Sprintf("blah %d", i), ""); err != nil {
			return w.as(ctx, name, func(a *actor) error { return a.tries(err) })
		}
	}
	return fmt.Errorf("%s was never refused", name)
}

func (w *world) waits(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error {
		select {
		case <-time.After(a.wait):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// key is the key of somebody's draft, which stays the same however often it is
// sent, and wherever from.
func (w *world) key(name, draft string) string {
	w.mu.Lock()
	known, ok := w.draft[name+draft]
	w.mu.Unlock()
	if ok {
		return known
	}
	fresh := w.newKey()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.draft[name+draft], w.draft[name] = fresh, fresh
	return fresh
}

// send sends a draft n times, as many at the same moment as there are voices.
func (w *world) send(ctx context.Context, name, draft string, phone bool, n, voices int) error {
	var from stage.Client
	err := w.as(ctx, name, func(a *actor) (err error) {
		from, err = a.device(ctx, phone)
		return err
	})
	if err != nil {
		return err
	}
	key := w.key(name, draft)
	w.answers = make([]stage.Message, n)
	return together(voices, func(voice int) error {
		for i := voice; i < n; i += voices {
			var err error
			if w.answers[i], err = w.say(ctx, from, w.here, draft, key); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) sendsDraft(ctx context.Context, name, draft, phone string) error {
	return w.send(ctx, name, draft, phone != "", 1, 1)
}

func (w *world) sendsDraftAgainAndAgain(ctx context.Context, name, draft string, n int) error {
	return w.send(ctx, name, draft, false, n, 1)
}

func (w *world) sendsDraftAtOnce(ctx context.Context, name, draft string, n int) error {
	return w.send(ctx, name, draft, false, n, n)
}

func (w *world) triesToSendDraftAgain(ctx context.Context, name, draft string) error {
	return w.as(ctx, name, func(a *actor) error { return a.tries(w.send(ctx, name, draft, false, 1, 1)) })
}

func (w *world) triesToSendAsThatDraft(ctx context.Context, name, text string) error {
	return w.as(ctx, name, func(a *actor) error {
		_, err := w.say(ctx, a.client, w.here, text, w.key(name, ""))
		return a.tries(err)
	})
}

func (w *world) allAreMessage(n int) error {
	for _, answer := range w.answers {
		if int(answer.Number) != n {
			return fmt.Errorf("the answers are %+v, want number %d", w.answers, n)
		}
	}
	if len(w.answers) == 0 {
		return errors.New("nothing was sent")
	}
	return nil
}

func (w *world) isRefused(ctx context.Context, name, as string) error {
	return w.as(ctx, name, func(a *actor) error { return a.claims(as, func(*stage.Refusal) bool { return true }) })
}

func (w *world) isRefusedBecauseOf(ctx context.Context, name, as, field string) error {
	return w.as(ctx, name, func(a *actor) error {
		return a.claims(as, func(no *stage.Refusal) bool { return no.Field == field })
	})
}

// isRefusedUntilSignIn: what one has of a session may have expired by itself, before
// anybody asks whether the session lasts.
func (w *world) isRefusedUntilSignIn(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error {
		anyhow := func(*stage.Refusal) bool { return true }
		if a.claims("invalid token", anyhow) == nil {
			return nil
		}
		return a.claims("session revoked", anyhow)
	})
}

func (w *world) isRefusedFor(ctx context.Context, name, as string, seconds int) error {
	return w.as(ctx, name, func(a *actor) error {
		return a.claims(as, func(no *stage.Refusal) bool {
			return no.Wait > 0 && no.Wait <= time.Duration(seconds)*time.Second
		})
	})
}

func (w *world) hasHadTheSameAnswer(ctx context.Context, name, as string) error {
	return w.as(ctx, name, func(a *actor) error {
		if len(a.refusals) != 2 || *a.refusals[0] != *a.refusals[1] {
			return fmt.Errorf("%s had the answers %v", name, a.refusals)
		}
		a.refusals = a.refusals[1:]
		return a.claims(as, func(*stage.Refusal) bool { return true })
	})
}
