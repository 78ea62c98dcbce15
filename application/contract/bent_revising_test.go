package contract_test

import (
	"context"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// countsAnew shows an edited message as if it were said just now.
type countsAnew struct{ port.Messages }

func (m countsAnew) Get(ctx context.Context, id message.ID) (message.Message, error) {
	got, err := m.Messages.Get(ctx, id)
	if !got.EditedAt.IsZero() {
		got.Key = message.Key{}
	}
	return got, err
}

// keepsWords makes a deletion an edit.
type keepsWords struct{ port.Revising }

func (r keepsWords) Revise(ctx context.Context, m message.Message, by identity.UserID, change message.Change) error {
	if _, deleted := change.(message.Deleted); deleted {
		change = message.Edited{To: m.Content}
	}
	return r.Revising.Revise(ctx, m, by, change)
}

type allAdmins struct{ port.Revising }

func (r allAdmins) Case(ctx context.Context, id message.ID, by identity.UserID) (message.Case, error) {
	c, err := r.Revising.Case(ctx, id, by)
	c.Asks = policy.Admin
	return c, err
}

type unpaced struct{ port.Revising }

func (r unpaced) Revise(ctx context.Context, m message.Message, by identity.UserID, change message.Change) error {
	if edited, is := change.(message.Edited); is {
		edited.Paced = time.Time{}
		change = edited
	}
	return r.Revising.Revise(ctx, m, by, change)
}

type marksNobody struct{ port.Revising }

func (marksNobody) MarkRead(context.Context, room.ID, identity.UserID, sequence.Number) error {
	return nil
}

type sweepsOnce struct{ port.Revising }

func (r sweepsOnce) Sweep(ctx context.Context, limit int) (bool, error) {
	_, err := r.Revising.Sweep(ctx, limit)
	return false, err
}
