package accounts

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/domain/fault"
	"parley/domain/identity"
)

var (
	adas = counter{byAccount, "ada@example.org"}
	here = counter{byNetwork, "192.0.2.1/32"}
	all  = counter{by: altogether}

	errAway = errors.New("the store is away")
)

func wrong() (bool, error) { return false, nil }
func right() (bool, error) { return true, nil }

// guess tries with these counters, and returns how long it was told to wait.
func guess(t *testing.T, a *Attempts, verify func() (bool, error), those ...counter) (wait time.Duration, err error) {
	t.Helper()
	err = a.try(t.Context(), those, verify)
	refusal := new(fault.Fault)
	if errors.As(err, &refusal) {
		wait = refusal.Wait()
	}
	return wait, err
}

func TestFiveWrongGuessesAreTakenAndThenOneEachHalfMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &Attempts{Now: time.Now}
		for i := range 5 {
			if _, err := guess(t, a, wrong, adas, here, all); !errors.Is(err, identity.ErrCredentials) {
				t.Fatalf("guess %d: %v", i+1, err)
			}
		}
		for range 100 { // who is turned away does not wait longer for that
			looked := false
			wait, err := guess(t, a, func() (bool, error) { looked = true; return true, nil }, adas, here, all)
			if !errors.Is(err, identity.ErrTooManyAttempts) || wait != 30*time.Second || looked {
				t.Fatalf("the guess after: %v, to wait %v; looked at: %t", err, wait, looked)
			}
		}
		time.Sleep(30 * time.Second)
		if _, err := guess(t, a, right, adas, here, all); err != nil {
			t.Errorf("after the wait the password is not taken: %v", err)
		}
		if _, err := guess(t, a, wrong, adas, here, all); !errors.Is(err, identity.ErrCredentials) {
			t.Errorf("the one that was right has cost something: %v", err)
		}
		if _, err := guess(t, a, wrong, adas, here, all); !errors.Is(err, identity.ErrTooManyAttempts) {
			t.Errorf("two guesses in half a minute: %v", err)
		}
	})
}

func TestOnlyWhatIsWrongCountsAndNothingElseIsKept(t *testing.T) {
	a := &Attempts{Now: time.Now}
	for range 1000 {
		if _, err := guess(t, a, right, adas, here, all); err != nil {
			t.Fatal(err)
		}
		if _, err := guess(t, a, func() (bool, error) { return false, errAway }, adas, here, all); !errors.Is(err, errAway) {
			t.Fatal(err)
		}
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = guess(t, a, func() (bool, error) { panic("in the midst") }, adas)
	}()
	if len(a.tried) != 0 {
		t.Errorf("it keeps %v", a.tried)
	}
}

func TestGuessesAtTheSameMomentAreNoMoreThanOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &Attempts{Now: time.Now}
		var looked, refused, waited atomic.Int64
		var everybody sync.WaitGroup
		for range 200 {
			everybody.Go(func() {
				_, err := guess(t, a, func() (bool, error) { looked.Add(1); time.Sleep(time.Second); return false, nil }, adas, all)
				switch {
				case errors.Is(err, identity.ErrBusy):
					waited.Add(1)
				case errors.Is(err, identity.ErrTooManyAttempts):
					refused.Add(1)
				}
			})
		}
		everybody.Wait()
		if looked.Load() != 5 || refused.Load() != mostWaiting || waited.Load() != 200-5-mostWaiting {
			t.Errorf("%d were looked at, %d refused, %d told that it is busy", looked.Load(), refused.Load(), waited.Load())
		}
	})
}

func TestAllWhoKnowTheirPasswordAreLetInHoweverManyTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &Attempts{Now: time.Now}
		var everybody sync.WaitGroup
		for range 5 + mostWaiting {
			everybody.Go(func() {
				if _, err := guess(t, a, func() (bool, error) { time.Sleep(time.Second); return true, nil }, adas, here, all); err != nil {
					t.Error(err)
				}
			})
		}
		everybody.Wait()
		if len(a.tried) != 0 || a.waiting != 0 {
			t.Errorf("it keeps %v, %d wait", a.tried, a.waiting)
		}
	})
}

func TestWhoDoesNotWaitForOthersIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &Attempts{Now: time.Now}
		for range 5 {
			go func() { _, _ = guess(t, a, func() (bool, error) { time.Sleep(time.Minute); return false, nil }, adas) }()
		}
		synctest.Wait()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errAway) })
		if err := a.try(ctx, []counter{adas}, right); !errors.Is(err, errAway) || a.waiting != 0 {
			t.Errorf("got %v, %d wait", err, a.waiting)
		}
		time.Sleep(2 * time.Minute)
	})
}

func TestWhatIsCountedByMoreThanOneIsLimitedByEach(t *testing.T) {
	a := &Attempts{Now: func() time.Time { return time.Time{}.AddDate(2026, 0, 0) }}
	account := func(n int) counter { return counter{byAccount, fmt.Sprint(n)} }
	for n := range 30 {
		if _, err := guess(t, a, wrong, account(n), here, all); !errors.Is(err, identity.ErrCredentials) {
			t.Fatalf("guess %d from one network: %v", n+1, err)
		}
	}
	if wait, err := guess(t, a, wrong, account(30), here, all); !errors.Is(err, identity.ErrTooManyAttempts) || wait != 2*time.Second {
		t.Errorf("guess 31 from one network: %v, to wait %v", err, wait)
	}
	for n := range 570 {
		if _, err := guess(t, a, wrong, account(100+n), counter{byNetwork, fmt.Sprint(n)}, all); !errors.Is(err, identity.ErrCredentials) {
			t.Fatalf("guess %d of all: %v", n+31, err)
		}
	}
	if _, err := guess(t, a, wrong, account(1000), counter{byNetwork, "another"}, all); !errors.Is(err, identity.ErrTooManyAttempts) {
		t.Errorf("guess 601 of all: %v", err)
	}
	if _, err := guess(t, a, right, counter{byDevice, "7"}); err != nil {
		t.Errorf("a device that is known is refused for what others do: %v", err)
	}
}

func TestWhatIsKeptIsBoundedAndWhatCountsMostStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &Attempts{Now: time.Now}
		for range 5 {
			_, _ = guess(t, a, wrong, adas)
		}
		for n := range mostCounters + 100 {
			_, _ = guess(t, a, wrong, counter{byAccount, fmt.Sprint(n)})
		}
		if len(a.tried) != mostCounters {
			t.Errorf("it keeps %d counters, want %d", len(a.tried), mostCounters)
		}
		if _, err := guess(t, a, wrong, adas); !errors.Is(err, identity.ErrTooManyAttempts) {
			t.Errorf("whoever had to wait does no more: %v", err)
		}
		time.Sleep(time.Hour)
		_, _ = guess(t, a, wrong, counter{byAccount, "the next"})
		if len(a.tried) != 1 {
			t.Errorf("it keeps %d counters that count for nothing", len(a.tried)-1)
		}
	})
}
