// Package contract has what each port promises, as suites that every adapter
// runs. A promise is a sentence, the reason why it matters to a participant, and
// a function that returns an error when it is broken; so the suites themselves
// can be tested, with adapters that break one promise each.
package contract

import (
	"context"
	"testing"
	"time"
)

// Promise is one thing that every adapter of a kind must do.
type Promise[Subject any] struct {
	Says string // the promise, as a sentence
	Why  string // what goes wrong for a participant when it is broken
	Keep func(ctx context.Context, s Subject) error
}

// Exempt leaves a promise out for one adapter.
type Exempt struct {
	Says    string // the promise
	Because string
}

// patience is how long a promise may take. It is only ever used up by an adapter
// that does not keep it.
const patience = 60 * time.Second

// run checks each promise on a fresh subject.
func run[Subject any](t *testing.T, promises []Promise[Subject], open func(*testing.T) Subject, exempt []Exempt) {
	t.Helper()
	left := reasons(t, promises, exempt)
	for _, promise := range promises {
		t.Run(promise.Says, func(t *testing.T) {
			if because, out := left[promise.Says]; out {
				t.Log("exempt: " + because)
				return
			}
			if err := Check(t.Context(), promise, open(t)); err != nil {
				t.Errorf("%v\n\t%s", err, promise.Why)
			}
		})
	}
}

// Check returns an error if the subject breaks the promise.
func Check[Subject any](ctx context.Context, promise Promise[Subject], subject Subject) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return promise.Keep(ctx, subject)
}

// reasons refuses exemptions from nothing and exemptions without a reason.
func reasons[Subject any](t *testing.T, promises []Promise[Subject], exempt []Exempt) map[string]string {
	t.Helper()
	known := make(map[string]bool, len(promises))
	for _, promise := range promises {
		known[promise.Says] = true
	}
	left := make(map[string]string, len(exempt))
	for _, e := range exempt {
		if !known[e.Says] || e.Because == "" {
			t.Errorf("exemption from %q because %q: there is no such promise, or no reason", e.Says, e.Because)
		}
		left[e.Says] = e.Because
	}
	return left
}
