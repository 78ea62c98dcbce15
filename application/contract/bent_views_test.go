package contract_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

type trims struct{ port.Messages }

func (m trims) Get(ctx context.Context, id message.ID) (message.Message, error) {
	got, err := m.Messages.Get(ctx, id)
	if err == nil {
		got.Content, err = message.ParseContent(strings.TrimSpace(got.Content.String()))
	}
	return got, err
}

type breaks struct{ port.Users }

func (u breaks) Get(ctx context.Context, id identity.UserID) (identity.User, error) {
	got, err := u.Users.Get(ctx, id)
	if err != nil {
		err = errors.New("no rows in result set")
	}
	return got, err
}

type takesTwice struct{ port.Keeping }

func (k takesTwice) AddUser(ctx context.Context, u identity.User, hash string) (identity.User, error) {
	made, err := k.Keeping.AddUser(ctx, u, hash)
	if errors.Is(err, identity.ErrEmailTaken) {
		u.Email = identity.Email{}
		return k.Keeping.AddUser(ctx, u, hash)
	}
	return made, err
}

type repeats struct{ port.Messages }

func (m repeats) Range(ctx context.Context, in room.ID, r port.Range) ([]message.Message, error) {
	found, err := m.Messages.Range(ctx, in, r)
	if len(found) > 1 {
		found[1].Sequence = found[0].Sequence
	}
	return found, err
}

type skips struct{ port.Messages }

func (m skips) Range(ctx context.Context, in room.ID, r port.Range) ([]message.Message, error) {
	found, err := m.Messages.Range(ctx, in, r)
	for n := range found {
		if n > 0 {
			found[n].Sequence++
		}
	}
	return found, err
}

type rounds struct{ port.Messages }

func (m rounds) Range(ctx context.Context, in room.ID, r port.Range) ([]message.Message, error) {
	found, err := m.Messages.Range(ctx, in, r)
	for n := range found {
		found[n].CreatedAt = found[n].CreatedAt.Truncate(time.Second)
	}
	return found, err
}

type filters struct {
	port.Keeping
	rest func([]room.Change) []room.Change
}

func (k filters) Keep(ctx context.Context, in room.ID, by identity.UserID, changes []room.Change) error {
	return k.Keeping.Keep(ctx, in, by, k.rest(changes))
}

type marksNothing struct{ port.Rooms }

func (r marksNothing) Get(ctx context.Context, id room.ID, viewer identity.UserID) (port.Seen, error) {
	seen, err := r.Rooms.Get(ctx, id, viewer)
	seen.ReadSequence = 0
	return seen, err
}

type forgives struct{ port.People }

func (p forgives) Circle(ctx context.Context, in room.ID, by, who identity.UserID) (room.Circle, error) {
	c, err := p.People.Circle(ctx, in, by, who)
	if c.Of == policy.Barred {
		c.Of = policy.Outsider
	}
	return c, err
}

type oneSided struct{ port.Rooms }

func (r oneSided) Direct(ctx context.Context, a, b identity.UserID) (room.ID, error) {
	if a.Less(b) {
		return room.ID{}, nil
	}
	return r.Rooms.Direct(ctx, a, b)
}

type byID struct{ port.Rooms }

func (r byID) Mine(ctx context.Context, viewer identity.UserID, after port.Active, limit int) ([]port.Seen, error) {
	page, err := r.Rooms.Mine(ctx, viewer, after, limit)
	slices.SortFunc(page, func(a, b port.Seen) int { return int(b.Room.ID.Int64() - a.Room.ID.Int64()) })
	slices.Reverse(page)
	return page, err
}

type onePage struct{ port.Users }

func (u onePage) Find(ctx context.Context, q identity.Query, after identity.UserID, limit int) ([]identity.Person, error) {
	if !after.IsZero() {
		return nil, nil
	}
	return u.Users.Find(ctx, q, after, limit)
}

type wrongEnd struct{ port.Messages }

func (m wrongEnd) Range(ctx context.Context, in room.ID, r port.Range) ([]message.Message, error) {
	r.Last = false
	return m.Messages.Range(ctx, in, r)
}
