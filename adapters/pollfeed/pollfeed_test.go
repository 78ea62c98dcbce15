package pollfeed_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/adapters/pollfeed"
	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/domain/identity"
)

// A wait that a test must not see the end of.
const long = 60

func TestWithoutAPlaceThePresentOneIsAnsweredAtOnce(t *testing.T) {
	w := newWorld(t)
	w.says(w.hall, "before")
	first := w.mustPoll("", long, everything...)
	if len(first.Events) > 0 || first.Cursor == "" {
		t.Errorf("got %+v, want no events and a cursor", first)
	}
	w.says(w.hall, "after")
	if got, want := short(w.mustPoll(first.Cursor, long, everything...)), "after@/chat/room/1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAPlaceThatIsNotThereIsAnsweredAtOnceWithAFreshOne(t *testing.T) {
	w := newWorld(t)
	w.says(w.hall, "before")
	for _, lost := range []string{"parley:AAAAAAAAAAAAAAAAAAAAAA", "x"} {
		got := w.mustPoll(lost, long, everything...)
		if short(got) != "stream.opened@null" || got.Events[0].Cursor != got.Cursor || got.Cursor == lost {
			t.Fatalf("%s: got %+v", lost, got)
		}
		for _, word := range []string{`"mode":"reset"`, `"resumedFrom":"` + lost + `"`, `"topics":["/chat/room/{id}","/chat/user/{id}"]`, got.Cursor} {
			if !strings.Contains(string(got.Events[0].Data), word) {
				t.Errorf("%s: got %s, want %s", lost, got.Events[0].Data, word)
			}
		}
		w.says(w.hall, "after "+lost)
		if got, want := short(w.mustPoll(got.Cursor, long, everything...)), "after "+lost+"@/chat/room/1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTheTopicsAreThoseThatWereAskedFor(t *testing.T) {
	w := newWorld(t)
	attic := w.opens("Attic", w.ada, w.ben)
	w.says(w.hall, "one")
	w.says(attic, "two")
	for _, c := range []struct {
		topics string
		want   string
	}{
		{"/chat/room/{id}", "room.created@/chat/room/1 room.created@/chat/room/2 one@/chat/room/1 two@/chat/room/2"},
		{"/chat/room/2", "room.created@/chat/room/2 two@/chat/room/2"},
		{"/chat/room/2 /chat/room/1", "room.created@/chat/room/1 room.created@/chat/room/2 one@/chat/room/1 two@/chat/room/2"},
		{"/chat/user/{id}", "room.created@/chat/user/2 room.created@/chat/user/2"},
		{"/chat/user/2 /chat/room/1", "room.created@/chat/room/1 room.created@/chat/user/2 one@/chat/room/1"},
		{"/chat/user/1", ""},
		{"/chat/room/99", ""},
		{"/chat/else", ""},
	} {
		if got := short(w.mustPoll("earliest", 0, strings.Fields(c.topics)...)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.topics, got, c.want)
		}
	}
}

func TestManyEventsComeInPartsOfWhichNothingIsMissingOrTwice(t *testing.T) {
	for name, memory := range map[string]int{"from memory": 4 << 20, "from pages": 1} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(p *ssetest.Parts) { p.Tail.Memory = memory })
			from := w.mustPoll("", 0, everything...).Cursor
			attic := w.opens("Attic", w.ada, w.ben)
			var want []string
			for n := range 520 {
				in := w.hall
				if n%3 == 0 {
					in = attic
				}
				w.says(in, fmt.Sprintf("w%d", n))
				want = append(want, fmt.Sprintf("w%d@/chat/room/%s", n, in))
			}
			first := w.mustPoll(from, 0, everything...)
			second := w.mustPoll(first.Cursor, 0, everything...)
			if len(first.Events) != pollfeed.MaxEvents || len(second.Events) != 21 {
				t.Errorf("got %d events and then %d, want 500 and 21", len(first.Events), len(second.Events))
			}
			if got := short(first) + " " + short(second); got != "room.created@/chat/room/2 "+strings.Join(want, " ") {
				t.Errorf("got %s", got)
			}
			if third := w.mustPoll(second.Cursor, 0, everything...); len(third.Events) > 0 || third.Cursor != second.Cursor {
				t.Errorf("afterwards: got %+v, want nothing", third)
			}
		})
	}
}

// What happens where nobody listens moves the place on, so that it does not grow
// old; and costs who waits nothing.
func TestAWaitingPollReadsNoDatabaseAndLeavesNothingBehind(t *testing.T) {
	w := newWorld(t)
	attic := w.opens("Attic", w.ada, w.newcomer("Cleo"))
	from := w.mustPoll("", 0, everything...).Cursor
	before := w.store.reads.Load()
	answered := make(chan polltest.Answer, 1)
	go func() { answered <- w.mustPoll(from, long, everything...) }()
	for w.Tail().Readings() == 0 {
		time.Sleep(time.Millisecond)
	}
	for range 50 {
		w.says(attic, "elsewhere")
	}
	w.says(w.hall, "at last")
	if got, want := short(<-answered), "at last@/chat/room/1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := w.store.reads.Load() - before; got > 3 { // to open it, and no more
		t.Errorf("it reads %d times", got)
	}
	if left := w.Tail().Readings(); left > 0 {
		t.Errorf("%d readings are left", left)
	}
}

func TestNothingToHearIsAnsweredWhenTheWaitIsOver(t *testing.T) {
	w := newWorld(t)
	from := w.mustPoll("", 0, everything...).Cursor
	for wait, least := range map[int]time.Duration{0: 0, 1: time.Second} {
		began := time.Now()
		got := w.mustPoll(from, wait, everything...)
		if took := time.Since(began); len(got.Events) > 0 || got.Cursor != from || took < least || took > least+pollGrace {
			t.Errorf("wait %d: got %+v after %v", wait, got, took)
		}
	}
}

// pollGrace is how much longer than its wait a poll may take here.
const pollGrace = 900 * time.Millisecond

func TestAPollIsRefusedForWhatItAsks(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		query string
		want  error // nil: it is answered
	}{
		"no topic":                 {"wait=0", pollfeed.ErrNoTopic},
		"100 topics":               {strings.Repeat("topic=/chat/room/1&", 100) + "wait=0", nil},
		"101 topics":               {strings.Repeat("topic=/chat/room/1&", 101) + "wait=0", pollfeed.ErrTooManyTopics},
		"a third party's":          {"topic=/news", pollfeed.ErrTopic},
		"everything":               {"topic=*", pollfeed.ErrTopic},
		"one of two":               {"topic=/chat/room/1&topic=https://example.org/chat/", pollfeed.ErrTopic},
		"an empty one":             {"topic=", pollfeed.ErrTopic},
		"no text":                  {"topic=/chat/%FF", pollfeed.ErrTopic},
		"a control character":      {"topic=/chat/%07", pollfeed.ErrTopic},
		"a wait of 61":             {"topic=/chat/room/1&wait=61", pollfeed.ErrWait},
		"a negative wait":          {"topic=/chat/room/1&wait=-1", pollfeed.ErrWait},
		"a wait that is no number": {"topic=/chat/room/1&wait=soon", pollfeed.ErrWait},
		"an empty wait":            {"topic=/chat/room/1&wait=", pollfeed.ErrWait},
		"half a second":            {"topic=/chat/room/1&wait=0.5", pollfeed.ErrWait},
		"a wait past all numbers":  {"topic=/chat/room/1&wait=99999999999999999999", pollfeed.ErrWait},
		"an empty place":           {"topic=/chat/room/1&after=", nil},
		"what nobody knows":        {"topic=/chat/room/1&wait=0&color=red", nil},
	} {
		feed := &pollfeed.Feed{Follow: delivery.Follow{Tail: w.Tail()}.Handle, Cursors: wire.NewCursors([16]byte{1}), Now: time.Now}
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/events?"+c.query, nil)
		if err := feed.Serve(httptest.NewRecorder(), request, identity.Proof{Caller: w.ben}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}
