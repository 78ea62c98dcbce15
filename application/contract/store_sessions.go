package contract

import (
	"context"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// begin begins a session of somebody that was used at a time.
func (s StoreSubject) begin(ctx context.Context, who identity.UserID, used time.Duration, seed identity.Seed) (session identity.Session, err error) {
	err = s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) (err error) {
		session, err = scope.Keeping.AddSession(ctx, identity.Session{
			User: who, CreatedAt: scope.At, LastUsedAt: scope.At.Add(used), Seed: seed,
		})
		return err
	})
	return session, err
}

// end ends sessions in one step.
func (s StoreSubject) end(ctx context.Context, by identity.UserID, sessions ...identity.SessionID) error {
	return s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		return scope.Access.End(ctx, by, sessions)
	})
}

func (s StoreSubject) session(ctx context.Context, id identity.SessionID) (identity.Session, error) {
	return view(ctx, s, func(ctx context.Context, v port.View) (identity.Session, error) { return v.Users.Session(ctx, id) })
}

func renewalIsKept(ctx context.Context, s StoreSubject) error {
	who, err := s.settle(ctx, ada)
	if err != nil {
		return err
	}
	begun, err := s.begin(ctx, who.User, 0, identity.Seed{0: 1, 31: 0xFF})
	if err != nil {
		return err
	}
	other, err := s.begin(ctx, who.User, 0, identity.Seed{})
	if err != nil {
		return err
	}
	renewed := begun
	err = s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		renewed.Turn, renewed.LastUsedAt = begun.Turn+1, begun.LastUsedAt.Add(time.Hour+time.Microsecond)
		return scope.Access.Renew(ctx, renewed)
	})
	if err != nil {
		return err
	}
	got, err := s.session(ctx, begun.ID)
	if err != nil {
		return err
	}
	untouched, err := s.session(ctx, other.ID)
	return first(
		func() error { return err },
		func() error { return expect("the seed", begun.Seed, identity.Seed{0: 1, 31: 0xFF}) },
		func() error { return expect("the session that was renewed", got, renewed) },
		func() error { return expect("another one of the same user", untouched, other) },
	)
}

func livingSessions(ctx context.Context, s StoreSubject) error {
	callers, err := s.settleAll(ctx, ada, ben)
	if err != nil {
		return err
	}
	who := callers[0]
	var all []identity.Session
	for _, used := range []time.Duration{3 * time.Hour, time.Hour, 2 * time.Hour, 2 * time.Hour} {
		one, err := s.begin(ctx, who.User, used, identity.Seed{})
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	if err := s.end(ctx, who.User, who.Session, all[2].ID); err != nil {
		return err
	}
	living := func(limit int) ([]identity.Session, error) {
		return view(ctx, s, func(ctx context.Context, v port.View) ([]identity.Session, error) {
			return v.Sessions.Living(ctx, who.User, limit)
		})
	}
	got, err := living(10)
	if err != nil {
		return err
	}
	cut, err := living(2)
	return first(
		func() error { return err },
		func() error { return expect("the sessions", got, []identity.Session{all[1], all[3], all[0]}) },
		func() error { return expect("two of them", cut, []identity.Session{all[1], all[3]}) },
	)
}

func endedIsRefused(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	second, err := s.begin(ctx, h.ben.User, 0, identity.Seed{})
	if err != nil {
		return err
	}
	phone := identity.Caller{User: h.ben.User, Session: second.ID}
	before, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	for range 2 { // the second time there is nothing to end
		if err := s.end(ctx, h.ben.User, h.ben.Session, second.ID, h.ben.Session); err != nil {
			return err
		}
	}
	for _, gone := range []identity.Caller{h.ben, phone} {
		session, err := s.session(ctx, gone.Session)
		if err != nil {
			return err
		}
		_, said := s.say(ctx, gone, h.in, "still here", "")
		_, heard := s.Log.Rights(ctx, gone)
		err = first(
			func() error { return expect("whether it ended", session.EndedAt.Before(session.CreatedAt), false) },
			func() error { return refused("admission", session.Admit(gone.User), identity.ErrSessionEnded) },
			func() error { return refused("a message", said, identity.ErrSessionEnded) },
			func() error { return refused("a stream", heard, identity.ErrSessionEnded) },
		)
		if err != nil {
			return err
		}
	}
	if _, err := s.say(ctx, h.ada, h.in, "farewell", ""); err != nil {
		return fmt.Errorf("somebody whose session did not end: %w", err)
	}
	return endsAreLogged(ctx, s, before.Position.Next(), h.ben, phone)
}

// endsAreLogged compares the entries from a position on with the ends of these
// sessions, in this order, and one message.
func endsAreLogged(ctx context.Context, s StoreSubject, from sequence.Position, those ...identity.Caller) error {
	entries, err := s.Log.From(ctx, from, 100)
	if err != nil {
		return err
	}
	if err := expect("how many entries follow", len(entries), len(those)+1); err != nil {
		return err
	}
	for i, one := range those {
		got := entries[i]
		if got.Kind != port.SessionEnded || got.Session != one.Session || got.Actor != one.User || got.Gone || !got.Room.IsZero() {
			return fmt.Errorf("the entry of the end of session %s: got %+v", one.Session, got)
		}
	}
	return nil
}

func newPasswordCounts(ctx context.Context, s StoreSubject) error {
	var users [2]identity.User
	err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) (err error) {
		for i, address := range []string{"ada@example.org", "ben@example.org"} {
			u := identity.User{CreatedAt: scope.At}
			if u.Email, err = identity.ParseEmail(address); err != nil {
				return err
			}
			if u.Name, err = identity.ParseDisplayName(ada); err != nil {
				return err
			}
			if users[i], err = scope.Keeping.AddUser(ctx, u, "old"); err != nil {
				return err
			}
		}
		return scope.Access.SetPassword(ctx, users[0].ID, "new ?'\\")
	})
	if err != nil {
		return err
	}
	return s.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		changed, now, err := v.Users.ByEmail(ctx, users[0].Email)
		if err != nil {
			return err
		}
		_, kept, err := v.Users.ByEmail(ctx, users[1].Email)
		return first(
			func() error { return err },
			func() error { return expect("the user", changed, users[0]) },
			func() error { return expect("the hash of the new password", now, "new ?'\\") },
			func() error { return expect("somebody else's", kept, "old") },
		)
	})
}
