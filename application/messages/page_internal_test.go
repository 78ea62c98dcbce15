package messages

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parley/application/port"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// span is a room whose messages are first to last; what is before was pruned.
type span struct {
	port.Messages
	first, last sequence.Number
}

func (s span) Bounds(context.Context, room.ID) (first, last sequence.Number, err error) {
	return s.first, s.last, nil
}

func (s span) Range(_ context.Context, _ room.ID, r port.Range) ([]message.Message, error) {
	var items []message.Message
	for n := max(r.From, s.first); n <= min(r.To, s.last); n++ {
		items = append(items, message.Message{Sequence: n})
	}
	if len(items) > r.Limit && r.Last {
		return items[len(items)-r.Limit:], nil
	}
	return items[:min(len(items), r.Limit)], nil
}

func page(t interface{ Fatal(...any) }, in span, which Which, limit int) Messages {
	got, err := read(context.Background(), port.View{Messages: in}, PageQuery{Which: which, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func numbers(m Messages) []sequence.Number {
	var ns []sequence.Number
	for _, item := range m.Items {
		ns = append(ns, item.Sequence)
	}
	return ns
}

func TestWhichMessagesAPageHas(t *testing.T) {
	whole, pruned, empty, emptied := span{first: 1, last: 10}, span{first: 5, last: 10}, span{first: 1}, span{first: 11, last: 10}
	type ns = []sequence.Number
	for says, c := range map[string]struct {
		in            span
		which         Which
		limit         int
		want          ns
		before, after bool
	}{
		"the last":                  {whole, Last(), 3, ns{8, 9, 10}, true, false},
		"the last of few":           {whole, Last(), 100, ns{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, false, false},
		"before one":                {whole, Before(5), 2, ns{3, 4}, true, true},
		"before the second":         {whole, Before(2), 2, ns{1}, false, true},
		"before the first":          {whole, Before(1), 2, nil, false, true},
		"before everything":         {whole, Before(math.MinInt64), 2, nil, false, true},
		"before what is to come":    {whole, Before(math.MaxInt64), 2, ns{9, 10}, true, false},
		"before one, pruned":        {pruned, Before(7), 5, ns{5, 6}, false, true},
		"before what was pruned":    {pruned, Before(3), 5, nil, false, true},
		"after one":                 {whole, After(5), 2, ns{6, 7}, true, true},
		"after nothing":             {whole, After(0), 2, ns{1, 2}, false, true},
		"after the last":            {whole, After(10), 2, nil, true, false},
		"after what is to come":     {whole, After(math.MaxInt64), 2, nil, true, false},
		"after what was pruned":     {pruned, After(2), 2, ns{5, 6}, false, true},
		"around one, odd":           {whole, Around(5), 3, ns{4, 5, 6}, true, true},
		"around one, even":          {whole, Around(5), 4, ns{3, 4, 5, 6}, true, true},
		"around one, alone":         {whole, Around(5), 1, ns{5}, true, true},
		"around one, two":           {whole, Around(5), 2, ns{4, 5}, true, true},
		"around the first":          {whole, Around(1), 5, ns{1, 2, 3}, false, true},
		"around the last":           {whole, Around(10), 5, ns{8, 9, 10}, true, false},
		"around what was pruned":    {pruned, Around(1), 3, ns{5, 6}, false, true},
		"around what is to come":    {whole, Around(math.MaxInt64), 3, ns{9, 10}, true, false},
		"an empty room":             {empty, Last(), 5, nil, false, false},
		"around in an empty room":   {empty, Around(5), 5, nil, false, false},
		"before in an empty room":   {empty, Before(5), 5, nil, false, false},
		"after in an empty room":    {empty, After(0), 5, nil, false, false},
		"a room emptied by pruning": {emptied, Last(), 5, nil, false, false},
	} {
		got := page(t, c.in, c.which, c.limit)
		if !slices.Equal(numbers(got), c.want) || got.HasBefore != c.before || got.HasAfter != c.after {
			t.Errorf("%s: %v, before %t, after %t; want %v, %t, %t", says, numbers(got), got.HasBefore, got.HasAfter, c.want, c.before, c.after)
		}
		if got.FirstAvailable != c.in.first {
			t.Errorf("%s: first available %d, want %d", says, got.FirstAvailable, c.in.first)
		}
	}
}

func TestTheEndsOfAPage(t *testing.T) {
	if got := page(t, span{first: 1, last: 10}, Last(), 3); got.First() != 8 || got.Last() != 10 {
		t.Errorf("%d to %d, want 8 to 10", got.First(), got.Last())
	}
	if got := page(t, span{first: 1}, Last(), 3); got.First() != 0 || got.Last() != 0 {
		t.Errorf("%d to %d in an empty room, want 0 to 0", got.First(), got.Last())
	}
}

// Whoever pages through a room, in either direction, sees each message once, and
// is told rightly whether there is more.
func TestPagingSeesEveryMessageOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := span{first: sequence.Number(rapid.Int64Range(1, 20).Draw(t, "first"))}
		in.last = in.first + sequence.Number(rapid.Int64Range(-1, 60).Draw(t, "length"))
		limit := rapid.IntRange(1, 25).Draw(t, "limit")
		back := page(t, in, Last(), limit)
		seen := numbers(back)
		for back.HasBefore {
			back = page(t, in, Before(back.First()), limit)
			seen = append(numbers(back), seen...)
		}
		on := page(t, in, After(0), limit)
		forth := numbers(on)
		for on.HasAfter {
			on = page(t, in, After(on.Last()), limit)
			forth = append(forth, numbers(on)...)
		}
		var want []sequence.Number
		for n := in.first; n <= in.last; n++ {
			want = append(want, n)
		}
		if !slices.Equal(seen, want) || !slices.Equal(forth, want) {
			t.Fatalf("backwards %v, forwards %v; want %v", seen, forth, want)
		}
	})
}
