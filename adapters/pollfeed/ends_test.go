package pollfeed_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/adapters/pollfeed"
	"parley/adapters/ssefeed/ssetest"
	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/domain/identity"
	"parley/domain/sequence"
)

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
