package contract

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

// StoreSubject is a store under contract: one database behind all its ports.
type StoreSubject struct {
	Work      port.Work
	Sends     port.Sends
	Log       port.Log
	Publishes port.Publishes
	Updates   port.Updates
}

// Pace is how fast people may talk in a store under contract.
var Pace = message.Pace{PerMinute: 60, Burst: 20}

// The cast. Names have two words, so that both can be looked for.
const (
	ada  = "Ada Lovelace"
	ben  = "Ben Bitdiddle"
	cleo = "Cleo Outsider"
)

// settle makes somebody with a session.
func (s StoreSubject) settle(ctx context.Context, name string) (identity.Caller, error) {
	var caller identity.Caller
	err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		displayed, err := identity.ParseDisplayName(name)
		if err != nil {
			return err
		}
		user, err := scope.Keeping.AddUser(ctx, identity.User{Name: displayed, CreatedAt: scope.At}, "")
		if err != nil {
			return err
		}
		session, err := scope.Keeping.AddSession(ctx, identity.Session{User: user.ID, CreatedAt: scope.At})
		caller = identity.Caller{User: user.ID, Session: session.ID}
		return err
	})
	if err != nil {
		return identity.Caller{}, fmt.Errorf("settle %s: %w", name, err)
	}
	return caller, nil
}

func (s StoreSubject) settleAll(ctx context.Context, names ...string) ([]identity.Caller, error) {
	var callers []identity.Caller
	for _, name := range names {
		caller, err := s.settle(ctx, name)
		if err != nil {
			return nil, err
		}
		callers = append(callers, caller)
	}
	return callers, nil
}

// open opens a room; the first of the people is who opens it.
func (s StoreSubject) open(ctx context.Context, kind policy.Kind, name string, people ...identity.Caller) (room.ID, error) {
	var id room.ID
	plan := room.Plan{Kind: kind, By: people[0].User}
	if kind != policy.Direct {
		var err error
		if plan.Name, err = room.ParseName(name); err != nil {
			return room.ID{}, err
		}
	}
	for _, other := range people[1:] {
		plan.Others = append(plan.Others, other.User)
	}
	err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) (err error) {
		id, err = scope.Keeping.OpenRoom(ctx, plan, plan.By)
		return err
	})
	if err != nil {
		return room.ID{}, fmt.Errorf("open %q: %w", name, err)
	}
	return id, nil
}

// keep makes changes in a room.
func (s StoreSubject) keep(ctx context.Context, in room.ID, by identity.Caller, changes ...room.Change) error {
	err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		return scope.Keeping.Keep(ctx, in, by.User, changes)
	})
	if err != nil {
		return fmt.Errorf("keep %+v: %w", changes, err)
	}
	return nil
}

// draft is something that who wants to say. Its print tells it from others, as
// that of the application does.
func draft(who identity.Caller, in room.ID, words, key string) (message.Draft, error) {
	d := message.Draft{Author: who, Room: in}
	var err error
	if d.Content, err = message.ParseContent(words); err != nil {
		return message.Draft{}, err
	}
	if key != "" {
		if d.Key, err = message.ParseKey(key); err != nil {
			return message.Draft{}, err
		}
	}
	copy(d.Print[:], fmt.Sprintf("%s/%s................", in, words))
	return d, nil
}

// say sends something.
func (s StoreSubject) say(ctx context.Context, who identity.Caller, in room.ID, words, key string) (message.Sent, error) {
	d, err := draft(who, in, words, key)
	if err != nil {
		return message.Sent{}, err
	}
	return s.Sends.Send(ctx, d)
}

// view looks at one thing.
func view[T any](ctx context.Context, s StoreSubject, at func(context.Context, port.View) (T, error)) (T, error) {
	var seen T
	err := s.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		seen, err = at(ctx, v)
		return err
	})
	return seen, err
}

// seen is a room as somebody sees it.
func (s StoreSubject) seen(ctx context.Context, in room.ID, viewer identity.Caller) (port.Seen, error) {
	return view(ctx, s, func(ctx context.Context, v port.View) (port.Seen, error) { return v.Rooms.Get(ctx, in, viewer.User) })
}

// history is all that was said in a room.
func (s StoreSubject) history(ctx context.Context, in room.ID) ([]message.Message, error) {
	return view(ctx, s, func(ctx context.Context, v port.View) ([]message.Message, error) {
		return v.Messages.Range(ctx, in, port.Range{From: 1, To: 1 << 40, Limit: 10_000})
	})
}

// all is the whole log.
func (s StoreSubject) all(ctx context.Context) ([]port.Entry, error) {
	return s.Log.From(ctx, 0, 100_000)
}
