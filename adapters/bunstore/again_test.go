package bunstore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/fault"
	"parley/domain/room"
)

// What gets in another's way is run once more; what certainly came to nothing
// for another reason is not run again.
func TestWhatIsRunAgain(t *testing.T) {
	for _, c := range []struct {
		code  string
		again bool
	}{
		{"40001", true},  // could not serialize access
		{"40P01", true},  // deadlock
		{"53100", false}, // disk full
		{"57014", false}, // statement timeout
		{"55P03", false}, // lock timeout
		{"42P01", false}, // something of the schema is missing
	} {
		t.Run(c.code, func(t *testing.T) {
			url := bunstoretest.PostgresURL(t)
			h := newHall(t, bunstoretest.Open(t, url))
			s := another(t, url)
			s.do("CREATE SEQUENCE tries")
			s.do(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				IF nextval('tries') = 1 THEN RAISE 'planted' USING ERRCODE = '` + c.code + `'; END IF;
				RETURN NEW; END $$`)
			s.do("CREATE TRIGGER fail BEFORE INSERT ON log_entry FOR EACH STATEMENT EXECUTE FUNCTION fail()")
			_, err := h.say("hello", "")
			if c.again && err != nil {
				t.Errorf("got %v, want it run again", err)
			}
			if !c.again && !errors.Is(err, port.ErrUnavailable) {
				t.Errorf("got %v, want it refused", err)
			}
			want := map[bool]string{true: "2", false: "1"}[c.again]
			if got := s.ask("SELECT last_value::text FROM tries"); got != want {
				t.Errorf("tries: got %s, want %s", got, want)
			}
		})
	}
}

// A COMMIT that comes with a warning may be lost with its server, as when
// somebody cancels its wait for a synchronous standby. (Here a trigger that runs
// at the commit warns.)
func TestAWarnedCommitIsUnknown(t *testing.T) {
	url := bunstoretest.PostgresURL(t)
	h := newHall(t, bunstoretest.Open(t, url))
	s := another(t, url)
	s.do(`CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'planted'; RETURN NULL; END $$`)
	s.do(`CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON log_entry DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION warn()`)
	if _, err := h.say("hello", "key"); !errors.Is(err, port.ErrUnavailable) {
		t.Errorf("got %v, want it refused", err)
	}
	s.do("DROP TRIGGER warn ON log_entry")
	if again := h.mustSay("hello", "key"); !again.Replayed {
		t.Error("the message was sent twice")
	}
}

// poison makes the database refuse what says so.
var poison = map[string][]string{
	"SQLite": {`CREATE TRIGGER poison BEFORE INSERT ON message WHEN NEW.content = 'poison'
		BEGIN SELECT RAISE(ABORT, 'planted'); END`},
	"Postgres": {`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		RAISE 'planted' USING ERRCODE = '23514'; END $$`,
		`CREATE TRIGGER poison BEFORE INSERT ON message FOR EACH ROW
		WHEN (NEW.content = 'poison') EXECUTE FUNCTION fail()`},
}

func TestOneBadItemFailsAlone(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		for _, statement := range poison[t.Name()[len("TestOneBadItemFailsAlone/"):]] {
			if err := bunstore.Exec(t.Context(), h.Store, statement); err != nil {
				t.Fatal(err)
			}
		}
		release := h.busy()
		results := h.sayAll(20, func(n int) string {
			if n == 7 {
				return "poison"
			}
			return fmt.Sprint(n)
		})
		await(t, "all wait", func() bool { return bunstore.Queued(h.Store) == 20 })
		release()
		for n, s := range results() {
			var f *fault.Fault
			if n == 7 && (s.err == nil || errors.As(s.err, &f)) {
				t.Errorf("the bad one: got %v, want an error that is nobody's fault but ours", s.err)
			}
			if n != 7 && s.err != nil {
				t.Errorf("a good one: %v", s.err)
			}
		}
		if got := len(h.heard()); got != 19 {
			t.Errorf("messages: got %d, want 19", got)
		}
	})
}

// A step that takes no notice of what the database told it is not kept.
func TestASwallowedErrorIsNotKept(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		if err := bunstore.Exec(t.Context(), h.Store, "DROP TABLE room_start"); err != nil {
			t.Fatal(err)
		}
		err := h.Change(t.Context(), func(ctx context.Context, s port.Scope) error {
			_ = s.Keeping.Keep(ctx, h.in, h.ada.User, []room.Change{room.Deleted{}})
			return nil
		})
		if !errors.Is(err, port.ErrUnavailable) {
			t.Errorf("got %v, want it refused", err)
		}
		if head, err := h.Head(t.Context()); err != nil || head.Position != 1 {
			t.Errorf("the head: got %v (%v), want 1", head, err)
		}
	})
}
