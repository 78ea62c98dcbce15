package updates_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"parley/application/updates"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// taken is a log of updates alone.
type taken struct {
	all []hub.Update
	err error
}

func (t *taken) Publish(_ context.Context, u hub.Update) (sequence.Place, error) {
	if t.err != nil {
		return sequence.Place{}, t.err
	}
	t.all = append(t.all, u)
	return sequence.Place{Position: sequence.Position(len(t.all)), Mark: 7}, nil
}

// Mercure: D14.
func TestAnUpdateIsPublishedIfEveryTopicIsGranted(t *testing.T) {
	grant := hub.Grant{Publish: []hub.Matcher{hub.MatchExact("a"), hub.MatchExact("b")}}
	for _, c := range []struct {
		by     hub.Grant
		topics []string
		want   error
	}{
		{grant, []string{"a"}, nil},
		{grant, []string{"b", "a"}, nil},
		{grant, []string{"a", "c"}, hub.ErrScope},
		{grant, []string{"c", "a"}, hub.ErrScope},
		{hub.Grant{}, []string{"a"}, hub.ErrScope},
		{hub.Grant{Subscribe: []hub.Detail{{Topics: grant.Publish}}}, []string{"a"}, hub.ErrScope},
		{hub.Grant{Publish: []hub.Matcher{hub.MatchExact("*")}}, []string{"a", "c"}, nil},
	} {
		log := &taken{}
		place, err := updates.Publish{Publishes: log}.Handle(t.Context(), c.by, hub.Update{Topics: c.topics})
		if !errors.Is(err, c.want) || (len(log.all) == 1) != (c.want == nil) || c.want == nil && place.Position != 1 {
			t.Errorf("%v by %+v: got %v, %v and %d in the log, want %v", c.topics, c.by, place, err, len(log.all), c.want)
		}
	}
}

// Mercure: D5, D8, D9.
func TestWhatIsNoUpdateIsRefusedWhateverTheGrantIs(t *testing.T) {
	for name, c := range map[string]struct {
		update hub.Update
		want   error
	}{
		"no topic":      {hub.Update{}, hub.ErrNoTopic},
		"all topics":    {hub.Update{Topics: []string{"a", "*"}}, hub.ErrTopic},
		"our id":        {hub.Update{Topics: []string{"a"}, ID: "parley:x"}, hub.ErrID},
		"our type":      {hub.Update{Topics: []string{"a"}, Type: "stream.opened"}, hub.ErrType},
		"a long topic":  {hub.Update{Topics: []string{strings.Repeat("a", hub.MaxField+1)}}, hub.ErrTooLarge},
		"too much data": {hub.Update{Topics: []string{"a"}, Data: strings.Repeat("a", hub.MaxData+1)}, hub.ErrTooLarge},
	} {
		for _, by := range []hub.Grant{{}, {Publish: []hub.Matcher{hub.MatchExact("*")}}} {
			log := &taken{}
			if _, err := (updates.Publish{Publishes: log}).Handle(t.Context(), by, c.update); !errors.Is(err, c.want) || len(log.all) > 0 {
				t.Errorf("%s: got %v and %d in the log, want %v", name, err, len(log.all), c.want)
			}
		}
	}
}

func TestWhatTheLogDoesNotTakeIsSaid(t *testing.T) {
	full := errors.New("full")
	grant := hub.Grant{Publish: []hub.Matcher{hub.MatchExact("*")}}
	if _, err := (updates.Publish{Publishes: &taken{err: full}}).Handle(t.Context(), grant, hub.Update{Topics: []string{"a"}}); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}
