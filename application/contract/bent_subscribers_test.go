package contract_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"parley/adapters/bunstore/bunstoretest"
	"parley/application/contract"
	"parley/application/port"
)

// A suite that lets a broken store pass proves nothing.
func TestTheSubscribersSuiteCatchesBrokenStores(t *testing.T) {
	for _, broken := range []struct {
		is, breaks string
		bend       func(port.Subscribers) port.Subscribers
	}{
		{"tells a node of itself", "what a node reports is read on the others as it was, and not on itself",
			func(s port.Subscribers) port.Subscribers { return tellsOfItself{s} }},
		{"tells everything again", "who knows a version is told what came after it, and nothing else",
			func(s port.Subscribers) port.Subscribers { return tellsAgain{s} }},
		{"keeps what does not follow", "a report that does not follow the last one is not kept",
			func(s port.Subscribers) port.Subscribers { return keepsAll{s} }},
		{"adds a whole report to the last", "a whole report takes the place of all before it",
			func(s port.Subscribers) port.Subscribers { return adds{s} }},
		{"tells of no endings", "endings are told for twenty reports, and who knows less is given the whole",
			func(s port.Subscribers) port.Subscribers { return neverEnds{s} }},
		{"keeps no empty reports", "a version moves on without anything to tell",
			func(s port.Subscribers) port.Subscribers { return skipsEmpty{s} }},
		{"forgets who lives", "a node is forgotten with all its streams, unless it has moved on",
			func(s port.Subscribers) port.Subscribers { return forgetsAll{s} }},
	} {
		t.Run(broken.is, func(t *testing.T) {
			bent := broken.bend(bunstoretest.SQLite(t))
			mustCatch(t, contract.SubscribersPromises, broken.breaks, contract.Nodes{One: bent, Other: bent})
		})
	}
}

type tellsOfItself struct{ port.Subscribers }

func (s tellsOfItself) Others(ctx context.Context, _ string, known map[string]int64) ([]port.Report, error) {
	return s.Subscribers.Others(ctx, "", known)
}

type tellsAgain struct{ port.Subscribers }

func (s tellsAgain) Others(ctx context.Context, than string, _ map[string]int64) ([]port.Report, error) {
	return s.Subscribers.Others(ctx, than, nil)
}

type keepsAll struct{ port.Subscribers }

func (s keepsAll) Report(ctx context.Context, r port.Report) (bool, error) {
	_, err := s.Subscribers.Report(ctx, r)
	return true, err
}

type adds struct{ port.Subscribers }

func (s adds) Report(ctx context.Context, r port.Report) (bool, error) {
	before, err := s.Others(ctx, "", nil)
	if err != nil {
		return false, err
	}
	for _, b := range before {
		if r.Whole && b.Node == r.Node {
			r.Streams = slices.Concat(b.Streams, r.Streams)
		}
	}
	slices.SortFunc(r.Streams, func(a, b port.Listening) int { return slices.Compare([]byte(a.Subscriber), []byte(b.Subscriber)) })
	r.Streams = slices.CompactFunc(r.Streams, func(a, b port.Listening) bool { return a.Subscriber == b.Subscriber })
	return s.Subscribers.Report(ctx, r)
}

type neverEnds struct{ port.Subscribers }

func (s neverEnds) Report(ctx context.Context, r port.Report) (bool, error) {
	r.Streams = slices.DeleteFunc(r.Streams, func(l port.Listening) bool { return l.Ended })
	return s.Subscribers.Report(ctx, r)
}

type skipsEmpty struct{ port.Subscribers }

func (s skipsEmpty) Report(ctx context.Context, r port.Report) (bool, error) {
	if len(r.Streams) == 0 && !r.Whole {
		return true, nil
	}
	return s.Subscribers.Report(ctx, r)
}

type forgetsAll struct{ port.Subscribers }

func (s forgetsAll) Forget(ctx context.Context, node string, _ int64) error {
	return s.Subscribers.Forget(ctx, node, math.MaxInt64)
}
