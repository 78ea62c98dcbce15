package delivery

import (
	"context"
	"time"

	"parley/domain/identity"
)

// Admit lets everybody pass whose session lasts. It is asked at each use of a
// token, and reads the store for the first one of a session alone.
type Admit struct {
	Tail *Tail

	// Look reads from the store whether a session lasts: nil, or
	// identity.ErrSessionEnded.
	Look func(context.Context, identity.Caller) error
}

// Handle returns nil while the session lasts, else identity.ErrSessionEnded.
//
// What this node remembers counts only while it can see the log, for somebody may
// have ended the session since. And what it remembers of a session is asked
// before what the log has told of its end, so that the end has the last word.
func (uc Admit) Handle(ctx context.Context, who identity.Caller) error {
	known, history, err := uc.Tail.admits(who)
	if known || err != nil {
		return err
	}
	if err := uc.Look(ctx, who); err != nil {
		return err
	}
	return uc.Tail.remember(who, history)
}

// SessionEnded tells the tail that a session has ended, as its entry in the log
// will. Readings of the session go on until that entry.
func (t *Tail) SessionEnded(id identity.SessionID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sessions.end(id, t.Now())
}

// admits reports whether a session is known to last, and an error if it is known
// to have ended. history is what remember is to be told.
func (t *Tail) admits(who identity.Caller) (known bool, history int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	history = t.sessions.history
	if !t.fresh() {
		return false, noHistory, nil
	}
	known = t.sessions.lasts(who)
	if t.sessions.hasEnded(who.Session) {
		return false, history, identity.ErrSessionEnded
	}
	return known, history, nil
}

// noHistory is that of a node which cannot see the log.
const noHistory = -1

// remember notes that a session lasted when it was looked at after history was
// told. If its end has come to light since, that is the answer. If the tail has
// started over since, its end may be among what was passed over, and nothing is
// noted.
func (t *Tail) remember(who identity.Caller, history int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if history != t.sessions.history {
		return nil
	}
	if t.sessions.hasEnded(who.Session) {
		return identity.ErrSessionEnded
	}
	t.sessions.keep(who)
	return nil
}

// sessions is what a tail knows of them. Its lock is held for all of it.
type sessions struct {
	history int // counts the starts of the tail

	// ended has those that ended since this history began, for as long as a token
	// of theirs can live, and order the same ones from the oldest.
	life  time.Duration
	ended map[identity.SessionID]time.Time // until when it is kept
	order []identity.SessionID

	// Those that lasted when they were looked at, in two halves: when the younger
	// one is full, the older one is forgotten.
	half         int
	young, older map[identity.SessionID]identity.UserID
}

const (
	// rememberedSessions is enough for everybody who called within the last minutes
	// on a busy node, in a few megabytes.
	rememberedSessions = 1 << 16
	// slack is how much longer than a token lives the end of its session is
	// remembered: clocks differ, and one may be made while its session ends.
	slack = time.Minute
)

func newSessions(life time.Duration, most int) sessions {
	s := sessions{life: life + slack, half: max(most/2, 1)}
	s.startOver()
	return s
}

// startOver forgets everything.
func (s *sessions) startOver() {
	s.history++
	s.order = nil
	s.ended = make(map[identity.SessionID]time.Time)
	s.young, s.older = make(map[identity.SessionID]identity.UserID), nil
}

func (s *sessions) end(id identity.SessionID, now time.Time) {
	for len(s.order) > 0 && now.After(s.ended[s.order[0]]) {
		delete(s.ended, s.order[0])
		s.order = s.order[1:]
	}
	delete(s.young, id)
	delete(s.older, id)
	if _, known := s.ended[id]; !known {
		s.order = append(s.order, id)
		s.ended[id] = now.Add(s.life)
	}
}

func (s *sessions) hasEnded(id identity.SessionID) bool {
	_, ended := s.ended[id]
	return ended
}

func (s *sessions) lasts(who identity.Caller) bool {
	user, known := s.young[who.Session]
	if !known {
		if user, known = s.older[who.Session]; known {
			s.keep(identity.Caller{User: user, Session: who.Session})
		}
	}
	return known && user == who.User
}

func (s *sessions) keep(who identity.Caller) {
	if len(s.young) >= s.half {
		s.older, s.young = s.young, make(map[identity.SessionID]identity.UserID, s.half)
	}
	s.young[who.Session] = who.User
}
