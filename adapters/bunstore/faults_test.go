package bunstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/room"
)

// answered is how long anybody may have to wait for an answer, with a little for
// a busy machine.
const answered = 3500 * time.Millisecond

// session is a session of another who uses the database.
type session struct {
	tb testing.TB
	*pgx.Conn
}

func another(tb testing.TB, url string) session {
	tb.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.Background()) })
	return session{tb, conn}
}

func (s session) do(statement string) {
	s.tb.Helper()
	if _, err := s.Exec(context.Background(), statement); err != nil {
		s.tb.Fatalf("%s: %v", statement, err)
	}
}

func (s session) ask(question string) (answer string) {
	s.tb.Helper()
	if err := s.QueryRow(context.Background(), question).Scan(&answer); err != nil {
		s.tb.Fatalf("%s: %v", question, err)
	}
	return answer
}

// lockLog is what somebody does who appends, as the store does it.
const lockLog = "BEGIN; SELECT pg_advisory_xact_lock(x'7061726c6579'::bigint)"

func TestALockThatIsHeldIsAnsweredInTime(t *testing.T) {
	t.Parallel() // it waits
	url := bunstoretest.PostgresURL(t)
	h := newHall(t, bunstoretest.Open(t, url))
	holder := another(t, url)
	holder.do(lockLog)
	results := h.sayAll(20, func(n int) string { return fmt.Sprint(n) })
	for _, s := range results() {
		if !errors.Is(s.err, port.ErrUnavailable) || s.took > answered {
			t.Errorf("got %v after %s, want it refused in time", s.err, s.took)
		}
	}
	holder.do("ROLLBACK")
	h.mustSay("at last", "")
	if got, want := h.heard(), []string{"at last"}; !slices.Equal(got, want) {
		t.Errorf("messages: got %v, want %v", got, want)
	}
}

// A session that ends before its COMMIT was sent has left nothing, so its
// transaction is run once more.
func TestALostConnectionIsMadeGood(t *testing.T) {
	url := bunstoretest.PostgresURL(t)
	h := newHall(t, bunstoretest.Open(t, url))
	killer := another(t, url)
	kill := func() {
		killer.do("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
		await(t, "the session is gone", func() bool {
			return killer.ask("SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory'") == "0"
		})
	}
	runs := 0
	err := h.Change(t.Context(), func(ctx context.Context, s port.Scope) error {
		if runs++; runs == 1 {
			kill()
		}
		return s.Keeping.Keep(ctx, h.in, h.ada.User, []room.Change{room.RoleChanged{Who: h.ben.User, Role: room.Admin}})
	})
	if err != nil || runs != 2 {
		t.Errorf("got %v after %d runs, want it kept by the second", err, runs)
	}
	if head, err := h.Head(t.Context()); err != nil || head.Position != 2 {
		t.Errorf("the head: got %v (%v), want 2", head, err)
	}
	killer.do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley' AND datname = current_database()")
	if _, err := h.say("nobody noticed", ""); err != nil {
		t.Errorf("after an idle connection was lost: %v", err)
	}
}

func TestASilentServerIsAnsweredForInTime(t *testing.T) {
	t.Parallel() // it waits
	p, url := bunstoretest.Through(t, bunstoretest.PostgresURL(t))
	h := newHall(t, bunstoretest.Open(t, url))
	p.Silence()
	results := h.sayAll(5, func(n int) string { return fmt.Sprint(n) })
	begun := time.Now()
	_, err := h.Head(t.Context())
	if took := time.Since(begun); !errors.Is(err, port.ErrUnavailable) || took > answered {
		t.Errorf("a look: got %v after %s, want it refused in time", err, took)
	}
	for _, s := range results() {
		if !errors.Is(s.err, port.ErrUnavailable) || s.took > answered {
			t.Errorf("a send: got %v after %s, want it refused in time", s.err, s.took)
		}
	}
	p.Heal()
	h.mustSay("at last", "")
	if got, want := h.heard(), []string{"at last"}; !slices.Equal(got, want) {
		t.Errorf("messages: got %v, want %v", got, want)
	}
	p.Cut()
}

// A COMMIT whose answer does not come is not cancelled and not run again. The
// key tells what became of it.
func TestAnUnknownCommitIsSettledByTheKey(t *testing.T) {
	t.Parallel() // it waits
	p, url := bunstoretest.Through(t, bunstoretest.PostgresURL(t))
	h := newHall(t, bunstoretest.Open(t, url))
	p.SilenceAfter("commit")
	begun := time.Now()
	_, err := h.say("once", "key")
	if took := time.Since(begun); !errors.Is(err, port.ErrUnavailable) || took > answered {
		t.Errorf("got %v after %s, want it refused in time", err, took)
	}
	p.Heal()
	again := h.mustSay("once", "key")
	if !again.Replayed {
		t.Error("the message was sent twice")
	}
	if got, want := h.heard(), []string{"once"}; !slices.Equal(got, want) {
		t.Errorf("messages: got %v, want %v", got, want)
	}
	if got := p.Cancels.Load(); got != 0 {
		t.Errorf("requests to cancel: got %d, want none", got)
	}
	p.Cut()
}

// A message without a key is not said twice, whatever becomes of its COMMIT: who
// sent it is told that nobody knows.
func TestAnUnknownCommitIsNotRunAgain(t *testing.T) {
	p, url := bunstoretest.Through(t, bunstoretest.PostgresURL(t))
	h := newHall(t, bunstoretest.Open(t, url))
	p.CutAfter("commit")
	if _, err := h.say("once", ""); !errors.Is(err, port.ErrUnavailable) {
		t.Errorf("got %v, want it refused", err)
	}
	h.mustSay("and on", "")
	if got, want := h.heard(), []string{"once", "and on"}; !slices.Equal(got, want) {
		t.Errorf("messages: got %v, want %v", got, want)
	}
}

// A network may forget its connections without telling either end. Who comes next
// must not wait for each of them in turn.
func TestConnectionsThatHaveDiedInSilenceAreGivenUpSoon(t *testing.T) {
	t.Parallel() // it waits
	p, url := bunstoretest.Through(t, bunstoretest.PostgresURL(t))
	h := newHall(t, bunstoretest.Open(t, url))
	h.lookAll(func() {})
	p.Silence()
	p.Heal()
	time.Sleep(time.Second) // what was used just now is thought to be alive
	for what, do := range map[string]func() error{
		"a look": func() error { _, err := h.Head(t.Context()); return err },
		"a send": func() error { _, err := h.say("hello", ""); return err },
	} {
		begun := time.Now()
		if err := do(); err != nil || time.Since(begun) > 2*time.Second {
			t.Errorf("%s: got %v after %s, want it done within 2s", what, err, time.Since(begun))
		}
	}
	p.Cut()
}

// Who has less time than the database may take is answered when that is over.
func TestACallersOwnTimeIsKept(t *testing.T) {
	t.Parallel() // it waits
	url := bunstoretest.PostgresURL(t)
	h := newHall(t, bunstoretest.Open(t, url))
	another(t, url).do(lockLog)
	for what, do := range map[string]func(context.Context) error{
		"a send": func(ctx context.Context) error { _, err := h.Send(ctx, h.draft("hello", "")); return err },
		"a step": func(ctx context.Context) error {
			return h.Change(ctx, func(context.Context, port.Scope) error { return nil })
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		begun := time.Now()
		if err := do(ctx); !errors.Is(err, port.ErrUnavailable) || time.Since(begun) > time.Second {
			t.Errorf("%s: got %v after %s, want it refused after 300ms", what, err, time.Since(begun))
		}
		cancel()
	}
}

// A node that is stopped while it holds the lock stops the others for a second.
func TestAStoppedNodeDoesNotStopTheOthers(t *testing.T) {
	t.Parallel() // it waits
	database := bunstoretest.PostgresURL(t)
	p, url := bunstoretest.Through(t, database)
	stopped := newHall(t, bunstoretest.Open(t, url))
	other := &hall{Store: bunstoretest.Open(t, database), tb: t, ada: stopped.ben, in: stopped.in}
	p.SilenceAfter("pg_advisory_xact_lock")
	lost := stopped.sayAll(1, func(int) string { return "lost" })
	watch := another(t, database)
	await(t, "the lock is held", func() bool {
		return watch.ask("SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND granted") == "1"
	})
	begun := time.Now()
	_, err := other.say("we go on", "")
	if took := time.Since(begun); err != nil || took > answered {
		t.Errorf("the other node: got %v after %s, want it to go on", err, took)
	}
	if s := lost()[0]; !errors.Is(s.err, port.ErrUnavailable) {
		t.Errorf("the stopped node: got %v, want it refused", s.err)
	}
	p.Cut()
}

func TestEverySessionThatWritesIsBounded(t *testing.T) {
	s := bunstoretest.Postgres(t)
	for setting, want := range map[string]string{
		"idle_in_transaction_session_timeout": "1s", "lock_timeout": "2s", "statement_timeout": "3s",
	} {
		if got, err := bunstore.Ask(t.Context(), s, "SHOW "+setting); err != nil || got != want {
			t.Errorf("%s: got %s (%v), want %s", setting, got, err, want)
		}
	}
}
