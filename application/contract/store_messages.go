package contract

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/sequence"
)

func readByNumber(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	elsewhere, err := s.open(ctx, policy.Group, "Elsewhere", h.ben)
	if err != nil {
		return err
	}
	for n := range 7 {
		if _, err := s.say(ctx, h.ada, h.in, fmt.Sprintf("word %d", n), ""); err != nil {
			return err
		}
		if _, err := s.say(ctx, h.ben, elsewhere, fmt.Sprintf("other %d", n), ""); err != nil {
			return err
		}
	}
	return s.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		start, end, err := v.Messages.Bounds(ctx, h.in)
		if err != nil {
			return err
		}
		for _, part := range []struct {
			r    port.Range
			want []sequence.Number
		}{
			{port.Range{From: 1, To: 7, Limit: 3}, []sequence.Number{1, 2, 3}},
			{port.Range{From: 1, To: 7, Limit: 3, Last: true}, []sequence.Number{5, 6, 7}},
			{port.Range{From: 2, To: 4, Limit: 9}, []sequence.Number{2, 3, 4}},
			{port.Range{From: 2, To: 4, Limit: 9, Last: true}, []sequence.Number{2, 3, 4}},
			{port.Range{From: 6, To: 90, Limit: 9}, []sequence.Number{6, 7}},
			{port.Range{From: 8, To: 90, Limit: 9}, nil},
			{port.Range{From: 5, To: 4, Limit: 9}, nil},
		} {
			found, err := v.Messages.Range(ctx, h.in, part.r)
			if err != nil {
				return err
			}
			if err := expect(fmt.Sprintf("the messages of %+v", part.r), numbers(found), part.want); err != nil {
				return err
			}
		}
		return first(
			func() error { return expect("the first number", start, 1) },
			func() error { return expect("the last number", end, 7) },
		)
	})
}

func numbers(messages []message.Message) []sequence.Number {
	var all []sequence.Number
	for _, m := range messages {
		all = append(all, m.Sequence)
	}
	return all
}
