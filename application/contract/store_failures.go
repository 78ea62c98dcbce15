package contract

import (
	"context"
	"errors"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

var errOwn = errors.New("the step's own error")

func failedStepLeavesNothing(ctx context.Context, s StoreSubject) error {
	who, err := s.settle(ctx, ada)
	if err != nil {
		return err
	}
	before, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	var user identity.User
	var in room.ID
	failed := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) (err error) {
		name, err := identity.ParseDisplayName(ben)
		if err != nil {
			return err
		}
		if user, err = scope.Keeping.AddUser(ctx, identity.User{Name: name, CreatedAt: scope.At}, ""); err != nil {
			return err
		}
		title, err := room.ParseName("Never")
		if err != nil {
			return err
		}
		if in, err = scope.Keeping.OpenRoom(ctx, room.Plan{Kind: policy.Group, Name: title, By: who.User}, who.User); err != nil {
			return err
		}
		return fmt.Errorf("after all: %w", errOwn)
	})
	if err := refused("a failed step", failed, errOwn); err != nil {
		return err
	}
	return nothingOf(ctx, s, user.ID, in, before)
}

// nothingOf returns an error if a user or a room is there, or the log has moved.
func nothingOf(ctx context.Context, s StoreSubject, user identity.UserID, in room.ID, before sequence.Place) error {
	after, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	_, noUser := view(ctx, s, func(ctx context.Context, v port.View) (identity.User, error) { return v.Users.Get(ctx, user) })
	_, noRoom := s.seen(ctx, in, identity.Caller{User: user})
	return first(
		func() error { return refused("the user of a failed step", noUser, identity.ErrUnknownUser) },
		func() error { return refused("the room of a failed step", noRoom, policy.ErrNotThere) },
		func() error { return expect("the head of the log after a failed step", after, before) },
	)
}

func panickingStepLeavesNothing(ctx context.Context, s StoreSubject) error {
	who, err := s.settle(ctx, ada)
	if err != nil {
		return err
	}
	before, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	var in room.ID
	var opened error
	panicked := func() (with any) {
		defer func() { with = recover() }()
		_ = s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
			title, err := room.ParseName("Never")
			if err != nil {
				return err
			}
			in, opened = scope.Keeping.OpenRoom(ctx, room.Plan{Kind: policy.Group, Name: title, By: who.User}, who.User)
			panic("a mistake")
		})
		return nil
	}()
	if opened != nil {
		return opened
	}
	if err := expect[any]("the panic, with who asked", panicked, "a mistake"); err != nil {
		return err
	}
	nobody, _ := identity.UserIDFrom(4711)
	if err := nothingOf(ctx, s, nobody, in, before); err != nil {
		return err
	}
	_, err = s.settle(ctx, ben) // the store goes on
	return err
}

func lookSeesOneMoment(ctx context.Context, s StoreSubject) error {
	who, err := s.settle(ctx, ada)
	if err != nil {
		return err
	}
	in, err := s.open(ctx, policy.Group, "Hall", who)
	if err != nil {
		return err
	}
	return s.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		_, before, err := v.Messages.Bounds(ctx, in)
		if err != nil {
			return err
		}
		if _, err := s.say(ctx, who, in, "meanwhile", ""); err != nil {
			return fmt.Errorf("somebody speaks while another looks: %w", err)
		}
		_, after, err := v.Messages.Bounds(ctx, in)
		if err != nil {
			return err
		}
		entries, err := s.Log.From(ctx, v.Head.Position, 10)
		if err != nil {
			return err
		}
		return first(
			func() error { return expect("the last number, in the same look", after, before) },
			func() error { return expect("entries from the look's head on", len(entries), 2) },
			func() error { return expect("the first of them", entries[0].Place, v.Head) },
		)
	})
}
