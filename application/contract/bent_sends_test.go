package contract_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"parley/application/port"
	"parley/domain/message"
	"parley/domain/policy"
)

func loses(s port.Sends) sendFunc {
	var count atomic.Int64
	return func(ctx context.Context, d message.Draft) (message.Sent, error) {
		if count.Add(1) == 17 {
			return message.Sent{Message: message.Message{Content: d.Content}}, nil
		}
		return s.Send(ctx, d)
	}
}

// looksThenSends has no lock between the two: the second looks before the first
// has sent.
func looksThenSends(s port.Sends) sendFunc {
	var known sync.Map
	var looked atomic.Int64
	second := make(chan struct{})
	return func(ctx context.Context, d message.Draft) (message.Sent, error) {
		key := d.Key
		if found, ok := known.Load(key); ok {
			sent, _ := found.(message.Sent)
			sent.Replayed = true
			return sent, nil
		}
		switch looked.Add(1) {
		case 1:
			<-second
		case 2:
			close(second)
		}
		d.Key = message.Key{}
		sent, err := s.Send(ctx, d)
		known.Store(key, sent)
		return sent, err
	}
}

func pacesFirst(s port.Sends) sendFunc {
	var tooFast atomic.Bool
	return func(ctx context.Context, d message.Draft) (message.Sent, error) {
		if tooFast.Load() {
			return message.Sent{}, message.ErrTooFast
		}
		sent, err := s.Send(ctx, d)
		if errors.Is(err, message.ErrTooFast) {
			tooFast.Store(true)
		}
		return sent, err
	}
}

func refusesAllAfter(s port.Sends) sendFunc {
	var refused atomic.Bool
	return func(ctx context.Context, d message.Draft) (message.Sent, error) {
		sent, err := s.Send(ctx, d)
		if refused.Load() {
			return message.Sent{}, policy.ErrNotThere
		}
		refused.Store(err != nil)
		return sent, err
	}
}
