package identity_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"parley/domain/identity"
)

var (
	morning = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	week    = identity.Life{Idle: 7 * day, Max: 30 * day}
)

const day = 24 * time.Hour

func session(n int64, used time.Time) identity.Session {
	id, err := identity.SessionIDFrom(n)
	if err != nil {
		panic(err)
	}
	return identity.Session{ID: id, CreatedAt: morning, LastUsedAt: used}
}

func TestASessionEndsWhenItIsIdleOrOld(t *testing.T) {
	for says, c := range map[string]struct {
		life identity.Life
		used time.Duration
		want time.Duration // zero: never
	}{
		"idle":           {week, 0, 7 * day},
		"idle again":     {week, 3 * day, 10 * day},
		"old":            {week, 29 * day, 30 * day},
		"never old":      {identity.Life{Idle: day}, 40 * day, 41 * day},
		"never idle":     {identity.Life{Max: day}, time.Hour, day},
		"neither of all": {identity.Life{}, time.Hour, 0},
	} {
		s := session(1, morning.Add(c.used))
		want := morning.Add(c.want)
		if c.want == 0 {
			want = time.Time{}
		}
		if got := s.End(c.life); !got.Equal(want) {
			t.Errorf("%s: ends at %v, want %v", says, got, want)
		}
		if c.want != 0 && (s.Over(c.life, want.Add(-1)) || !s.Over(c.life, want)) {
			t.Errorf("%s: it is over before its end, or not at it", says)
		}
	}
	ended := session(1, morning)
	ended.EndedAt = morning
	if !ended.Over(identity.Life{}, morning) {
		t.Error("a session that somebody ended goes on")
	}
}

func TestARenewalIsGoodOnceAndForAMomentAgain(t *testing.T) {
	s := session(1, morning)
	at := morning.Add(time.Hour)
	renewed, err := s.Renew(0, week, at)
	if err != nil || renewed.Turn != 1 || !renewed.LastUsedAt.Equal(at) {
		t.Fatalf("got %+v, %v", renewed, err)
	}
	again, err := renewed.Renew(0, week, at.Add(identity.Grace))
	if err != nil || again != renewed {
		t.Errorf("repeated at once: got %+v, %v", again, err)
	}
	next, err := renewed.Renew(1, week, at.Add(time.Second))
	if err != nil || next.Turn != 2 {
		t.Fatalf("the next: got %+v, %v", next, err)
	}
	for says, c := range map[string]struct {
		of   identity.Session
		turn int64
		at   time.Time
		want error
	}{
		"repeated too late":                {renewed, 0, at.Add(identity.Grace + 1), identity.ErrUsedTwice},
		"repeated when the next was used":  {next, 0, at.Add(2 * time.Second), identity.ErrUsedTwice},
		"given in a history that was lost": {renewed, 2, at, identity.ErrUsedTwice},
		"of a session that is over":        {renewed, 1, morning.Add(8 * day), identity.ErrSessionEnded},
		"used twice, but over":             {renewed, 0, morning.Add(8 * day), identity.ErrSessionEnded},
	} {
		if got, err := c.of.Renew(c.turn, week, c.at); !errors.Is(err, c.want) || got != (identity.Session{}) {
			t.Errorf("%s: got %+v, %v; want %v", says, got, err, c.want)
		}
	}
}

func TestOnlySoManySessionsLast(t *testing.T) {
	var living []identity.Session
	for n := int64(1); n <= identity.MaxSessions+1; n++ {
		living = append(living, session(n, morning.Add(time.Duration(n)*time.Minute)))
	}
	slices.Reverse(living)
	now := morning.Add(day)
	if got := identity.Crowded(living[2:], week, now); len(got) != 0 {
		t.Errorf("with one place left, %v end", got)
	}
	want := []identity.SessionID{session(1, morning).ID, session(2, morning).ID}
	if got := identity.Crowded(living, week, now); !slices.Equal(got, want) {
		t.Errorf("got %v, want the longest unused %v", got, want)
	}
	living[0].LastUsedAt = now.Add(-8 * day)
	if got := identity.Crowded(living[:5], week, now); !slices.Equal(got, []identity.SessionID{living[0].ID}) {
		t.Errorf("got %v, want the one whose time is up", got)
	}
}
