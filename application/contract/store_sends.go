package contract

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// hall is a group with Ada, who runs it, and Ben; Cleo is outside.
type hall struct {
	StoreSubject

	ada, ben, cleo identity.Caller
	in             room.ID
}

func openHall(ctx context.Context, s StoreSubject) (hall, error) {
	people, err := s.settleAll(ctx, ada, ben, cleo)
	if err != nil {
		return hall{}, err
	}
	in, err := s.open(ctx, policy.Group, "Hall", people[0], people[1])
	return hall{StoreSubject: s, ada: people[0], ben: people[1], cleo: people[2], in: in}, err
}

// atOnce does many things at the same time and returns what came of each.
func atOnce[T any](count int, do func(n int) T) []T {
	results := make([]T, count)
	var all sync.WaitGroup
	begin := make(chan struct{})
	for n := range count {
		all.Go(func() {
			<-begin
			results[n] = do(n)
		})
	}
	close(begin)
	all.Wait()
	return results
}

type outcome struct {
	sent message.Sent
	err  error
}

func talkingAtOnce(ctx context.Context, s StoreSubject) error {
	const people, each = 8, 10
	var crowd []identity.Caller
	for n := range people {
		who, err := s.settle(ctx, fmt.Sprintf("Person %d", n))
		if err != nil {
			return err
		}
		crowd = append(crowd, who)
	}
	rooms := make([]room.ID, 2)
	for n := range rooms {
		var err error
		if rooms[n], err = s.open(ctx, policy.Group, "Hall", crowd...); err != nil {
			return err
		}
	}
	results := atOnce(people, func(n int) error {
		for i := range each {
			if _, err := s.say(ctx, crowd[n], rooms[i%2], fmt.Sprintf("%d from %d", i, n), ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(results...); err != nil {
		return fmt.Errorf("a message was not taken: %w", err)
	}
	for _, in := range rooms {
		if err := whole(ctx, s, in, people*each/2); err != nil {
			return err
		}
	}
	return nil
}

// whole returns an error unless the room has count messages, numbered from 1
// without a hole, each later than the one before it and each said once.
func whole(ctx context.Context, s StoreSubject, in room.ID, count int) error {
	history, err := s.history(ctx, in)
	if err != nil {
		return err
	}
	said := make(map[string]bool)
	for n, m := range history {
		if err := expect("the number of a message", m.Sequence, sequence.Number(n+1)); err != nil {
			return err
		}
		if n > 0 && !m.CreatedAt.After(history[n-1].CreatedAt) {
			return fmt.Errorf("message %d was created at %s, the one before it at %s", n+1, m.CreatedAt, history[n-1].CreatedAt)
		}
		said[m.Content.String()] = true
	}
	return first(
		func() error { return expect("how many messages there are", len(history), count) },
		func() error { return expect("how many different ones", len(said), count) },
	)
}

func changesTakeTurns(ctx context.Context, s StoreSubject) error {
	const count = 16
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	// Each leaves Ben's role as it is not: with a look at what is out of date, two
	// would make the same change.
	results := atOnce(count, func(int) error {
		return s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
			circle, err := scope.People.Circle(ctx, h.in, h.ada.User, h.ben.User)
			if err != nil {
				return err
			}
			role := room.Admin
			if circle.Of == policy.Admin {
				role = room.Member
			}
			changes, err := circle.ChangeRole(role)
			if err != nil {
				return err
			}
			return scope.Keeping.Keep(ctx, h.in, h.ada.User, changes)
		})
	})
	if err := errors.Join(results...); err != nil {
		return err
	}
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	role, changed := room.Member, 0
	for _, e := range entries {
		if e.Kind != port.ParticipantChanged {
			continue
		}
		changed++
		if e.Role == role {
			return fmt.Errorf("entry %d gives the role that was there already", e.Place.Position)
		}
		role = e.Role
	}
	return expect("how many changes were logged", changed, count)
}

func removedSaysNothing(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	talking := make(chan error, 1)
	go func() {
		for {
			if _, err := s.say(ctx, h.ben, h.in, "still here", ""); err != nil {
				talking <- err
				return
			}
		}
	}()
	removed := s.keep(ctx, h.in, h.ada, room.Left{Who: h.ben.User, Role: room.Member, Reason: room.WasRemoved})
	refusal := <-talking
	_, late := s.say(ctx, h.ben, h.in, "let me in", "")
	entries, err := s.Log.Room(ctx, h.in, port.Span{Upto: 1 << 40, Limit: 1000})
	if err != nil {
		return err
	}
	out := false
	for _, e := range entries {
		out = out || e.Kind == port.ParticipantLeft
		if out && e.Kind == port.MessageCreated {
			return fmt.Errorf("entry %d is a message of somebody who was out before it", e.Place.Position)
		}
	}
	return first(
		func() error { return removed },
		func() error {
			if errors.Is(refusal, message.ErrTooFast) {
				return nil // Ben had said all that he may before he was removed
			}
			return refused("a message of somebody who is being removed", refusal, policy.ErrNotThere)
		},
		func() error { return refused("a message of somebody who was removed", late, policy.ErrNotThere) },
		func() error { return expect("whether the removal was logged", out, true) },
	)
}
