package features_test

import (
	"context"
	"fmt"
	"strings"

	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
)

// What people do with rooms.

func (w *world) opens(ctx context.Context, name, kind, called, with string) error {
	var others []identity.UserID
	for other := range strings.FieldsSeq(strings.ReplaceAll(with, " and ", " ")) {
		if err := w.as(ctx, strings.Trim(other, ","), func(b *actor) error { others = append(others, b.me()); return nil }); err != nil {
			return err
		}
	}
	kinds := map[string]policy.Kind{"group": policy.Group, "public room": policy.Public}
	return w.as(ctx, name, func(a *actor) error { return w.enter(called)(a.client.Open(ctx, kinds[kind], called, others...)) })
}

// enter makes a room the one that is spoken of.
func (w *world) enter(called string) func(room.ID, error) error {
	return func(id room.ID, err error) error {
		if err == nil {
			w.rooms[called], w.here = id, id
		}
		return err
	}
}

func (w *world) startsDirect(ctx context.Context, one, other string) error {
	return w.asTwo(ctx, one, other, func(a, b *actor) error {
		return w.enter("from " + one)(a.client.Open(ctx, policy.Direct, "", b.me()))
	})
}

func (w *world) triesToStartDirect(ctx context.Context, one, other string) error {
	return w.asTwo(ctx, one, other, func(a, b *actor) error {
		_, err := a.client.Open(ctx, policy.Direct, "", b.me())
		return a.tries(err)
	})
}

func (w *world) startDirectTogether(ctx context.Context, one, other string) error {
	return w.asTwo(ctx, one, other, func(a, b *actor) error {
		pair, ids := []*actor{a, b}, make([]room.ID, 2)
		err := together(2, func(i int) (err error) {
			ids[i], err = pair[i].client.Open(ctx, policy.Direct, "", pair[1-i].me())
			return err
		})
		w.rooms["from "+one], w.rooms["from "+other], w.here = ids[0], ids[1], ids[0]
		return err
	})
}

func (w *world) areInTheSame() error {
	if len(w.rooms) != 2 {
		return fmt.Errorf("%d people started a conversation, want 2", len(w.rooms))
	}
	for called, id := range w.rooms {
		if id != w.here {
			return fmt.Errorf("the room %s is %v, want %v", called, id, w.here)
		}
	}
	return nil
}

func (w *world) joins(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error { return a.client.Join(ctx, w.here) })
}

func (w *world) triesToJoin(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error { return a.tries(a.client.Join(ctx, w.here)) })
}

func (w *world) leaves(ctx context.Context, name string) error { return w.removes(ctx, name, name) }

func (w *world) triesToLeave(ctx context.Context, name string) error {
	return w.triesToRemove(ctx, name, name)
}

func (w *world) adds(ctx context.Context, name, other string) error {
	return w.asTwo(ctx, name, other, func(a, b *actor) error { return a.client.Add(ctx, w.here, b.me()) })
}

func (w *world) triesToAdd(ctx context.Context, name, other string) error {
	return w.asTwo(ctx, name, other, func(a, b *actor) error { return a.tries(a.client.Add(ctx, w.here, b.me())) })
}

func (w *world) triesToAddNobody(ctx context.Context, name string) error {
	nobody, err := identity.UserIDFrom(1 << 40)
	if err != nil {
		return err
	}
	return w.as(ctx, name, func(a *actor) error { return a.tries(a.client.Add(ctx, w.here, nobody)) })
}

func (w *world) removes(ctx context.Context, name, other string) error {
	return w.asTwo(ctx, name, other, func(a, b *actor) error { return a.client.Remove(ctx, w.here, b.me()) })
}

func (w *world) triesToRemove(ctx context.Context, name, other string) error {
	return w.asTwo(ctx, name, other, func(a, b *actor) error { return a.tries(a.client.Remove(ctx, w.here, b.me())) })
}

func (w *world) removesWhile(ctx context.Context, name, other, speaker string, n int) error {
	return together(n+1, func(i int) error {
		if i == n/2 {
			return w.removes(ctx, name, other)
		}
		return w.says(ctx, speaker, fmt.Sprintf("thing %d", i), "")
	})
}

func (w *world) makes(ctx context.Context, name, other, what string) error {
	return w.asTwo(ctx, name, other, func(a, b *actor) error { return a.client.ChangeRole(ctx, w.here, b.me(), roles[what]) })
}

func (w *world) triesToMake(ctx context.Context, name, other, what string) error {
	return w.asTwo(ctx, name, other, func(a, b *actor) error { return a.tries(a.client.ChangeRole(ctx, w.here, b.me(), roles[what])) })
}

var roles = map[string]room.Role{"an admin": room.Admin, "a member": room.Member}

func (w *world) isA(ctx context.Context, name, what string) error {
	return w.as(ctx, name, func(a *actor) error {
		people, err := a.client.People(ctx, w.here)
		if got := people[a.me()]; err == nil && got != roles[what] {
			return fmt.Errorf("%s has role %d in %v, want %s", name, got, people, what)
		}
		return err
	})
}

func (w *world) isAmongTheRooms(ctx context.Context, called, not, names string) error {
	for name := range strings.SplitSeq(names, " and ") {
		err := w.as(ctx, name, func(a *actor) error { return among(called, w.rooms[called], not == "")(a.client.Rooms(ctx)) })
		if err != nil {
			return fmt.Errorf("the rooms of %s: %w", name, err)
		}
	}
	return nil
}

func (w *world) finds(ctx context.Context, name, whether, called, by string) error {
	if by == "" {
		by = called
	}
	return w.as(ctx, name, func(a *actor) error {
		return among(called, w.rooms[called], whether == "finds")(a.client.Directory(ctx, by))
	})
}

// among tells whether a room is in a list, by the name that it was given.
func among(called string, in room.ID, want bool) func(map[room.ID]string, error) error {
	return func(listed map[room.ID]string, err error) error {
		if got, is := listed[in]; err == nil && (is != want || is && got != called) {
			return fmt.Errorf("%q is in %v: %t, want %t", called, listed, is, want)
		}
		return err
	}
}

func (w *world) triesToSeeWho(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error {
		_, err := a.client.People(ctx, w.here)
		return a.tries(err)
	})
}
