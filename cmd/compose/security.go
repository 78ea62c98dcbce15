package compose

import (
	"context"
	"errors"

	"parley/adapters/httpapi"
	"parley/application/delivery"
	"parley/domain/identity"
)

// ended tells the tail that a session has ended, and notes it.
func (p *Parts) ended(tail *delivery.Tail) func(context.Context, identity.Caller) {
	return func(ctx context.Context, who identity.Caller) {
		tail.SessionEnded(who.Session)
		httpapi.Security{Log: p.Logger}.SessionEnded(ctx, who)
	}
}

// follow notes whom the stream turns away for having too many, which is no refusal
// there.
func (p *Program) follow(ctx context.Context, q delivery.FollowQuery, sink delivery.Sink) error {
	err := p.App.Follow.Handle(ctx, q, sink)
	if errors.Is(err, delivery.ErrTooMany) {
		httpapi.Security{Log: p.log}.Limited(ctx, q.Who, delivery.ErrTooMany.Code())
	}
	return err
}
