package pollfeed_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/adapters/pollfeed"
	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/domain/identity"
	"parley/domain/sequence"
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

// madeUp polls a feed whose reading is made up by the test.
func madeUp(t *testing.T, wait string, follow ssetest.Follow) (body string, from delivery.Start, err error) {
	t.Helper()
	cursors := wire.NewCursors([16]byte{1})
	feed := &pollfeed.Feed{Cursors: cursors, Now: time.Now, Follow: func(ctx context.Context, q delivery.FollowQuery, s delivery.Sink) error {
		from = q.From
		return follow(ctx, q, s)
	}}
	query := url.Values{"topic": {"/chat/room/1"}, "wait": {wait}, "after": {cursors.Seal(at(5))}}
	answer := httptest.NewRecorder()
	err = feed.Serve(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/events?"+query.Encode(), nil), identity.Proof{})
	body = strings.NewReplacer(cursors.Seal(at(5)), "five", cursors.Seal(at(9)), "nine").Replace(answer.Body.String())
	return body, from, err
}

func at(n int64) sequence.Place {
	return sequence.Place{Position: sequence.Position(n), Mark: sequence.Mark(n)}
}

func closing(c delivery.Closing) ssetest.Follow {
	return func(_ context.Context, _ delivery.FollowQuery, s delivery.Sink) error {
		return errors.Join(s.Opened(delivery.Opened{Mode: delivery.Replay, Place: at(5)}), s.Passed(at(9)), s.Closing(c))
	}
}

func TestHowAWaitEnds(t *testing.T) {
	waits := func(ctx context.Context, q delivery.FollowQuery, s delivery.Sink) error {
		err := errors.Join(s.Opened(delivery.Opened{Mode: delivery.Replay, Place: at(5)}), q.Reached(at(9)))
		if err == nil {
			<-ctx.Done()
		}
		return err
	}
	cutOff := func(ctx context.Context, _ delivery.FollowQuery, s delivery.Sink) error {
		err := s.Opened(delivery.Opened{Mode: delivery.Replay, Place: at(5)})
		<-ctx.Done()
		return err
	}
	refuse := func(err error) ssetest.Follow {
		return func(context.Context, delivery.FollowQuery, delivery.Sink) error { return err }
	}
	const nothing = `{"events":[],"cursor":"nine"}` + "\n"
	for name, c := range map[string]struct {
		wait   string
		follow ssetest.Follow
		want   string
		err    error
	}{
		"its time is up":                {"1", waits, nothing, nil},
		"it was not to wait":            {"0", waits, nothing, nil},
		"the token expires":             {"60", closing(delivery.Closing{Reason: delivery.Expired, Advice: delivery.Reauthenticate}), nothing, nil},
		"the node stops":                {"60", closing(delivery.Closing{Reason: delivery.Drain, Advice: delivery.Resume}), nothing, nil},
		"it was overtaken":              {"60", closing(delivery.Closing{Reason: delivery.Slow, Advice: delivery.Resume}), nothing, nil},
		"the session ends":              {"60", closing(delivery.Closing{Reason: delivery.Revoked, Advice: delivery.Reauthenticate}), "", identity.ErrSessionEnded},
		"the session is over already":   {"60", refuse(identity.ErrSessionEnded), "", identity.ErrSessionEnded},
		"too many are open":             {"60", refuse(delivery.ErrTooMany), "", delivery.ErrTooMany},
		"the node is cut off at once":   {"60", refuse(delivery.ErrBusy), "", delivery.ErrBusy},
		"the node is cut off meanwhile": {"0", cutOff, "", delivery.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // some of them wait
			body, from, err := madeUp(t, c.wait, c.follow)
			if body != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v, want %q, %v", body, err, c.want, c.err)
			}
			if from != delivery.FromPlace(at(5)) {
				t.Errorf("begins at %v", from)
			}
		})
	}
}
