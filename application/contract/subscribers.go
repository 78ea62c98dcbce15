package contract

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"parley/application/port"
	"parley/domain/hub"
)

// Nodes are two nodes of one store.
type Nodes struct{ One, Other port.Subscribers }

// Subscribers checks how nodes tell of their streams. Open returns two that have
// told nothing, which t cleans up.
func Subscribers(t *testing.T, open func(*testing.T) Nodes, exempt ...Exempt) {
	t.Helper()
	run(t, SubscribersPromises, open, exempt)
}

// SubscribersPromises is what every port.Subscribers promises.
var SubscribersPromises = []Promise[Nodes]{
	{
		Says: "what a node reports is read on the others as it was, and not on itself",
		Why:  "people would be shown as listening for something else, or twice",
		Keep: reportsAreRead,
	},
	{
		Says: "who knows a version is told what came after it, and nothing else",
		Why:  "somebody who has gone would be shown for ever, or all of it be read again and again",
		Keep: reportsGoOn,
	},
	{
		Says: "a report that does not follow the last one is not kept",
		Why:  "what was in the one between would be missing for ever, or a late one would bring back who has gone",
		Keep: reportsFollow,
	},
	{
		Says: "a whole report takes the place of all before it",
		Why:  "a node that has lost track could never tell the truth again",
		Keep: wholeReportsReplace,
	},
	{
		Says: "endings are told for twenty reports, and who knows less is given the whole",
		Why:  "a node that was away for a while would show for ever who has gone meanwhile",
		Keep: endingsAreTold,
	},
	{
		Says: "a version moves on without anything to tell",
		Why:  "a quiet node would be taken for a dead one",
		Keep: versionsMoveOn,
	},
	{
		Says: "a node is forgotten with all its streams, unless it has moved on",
		Why:  "streams of a dead node would be shown for ever, or those of a slow one be lost",
		Keep: nodesAreForgotten,
	},
}

// began is a stream with two matchers.
func began(subscriber string) port.Listening {
	return port.Listening{Subscriber: subscriber, Subscriptions: []hub.Subscription{
		{Type: hub.URLPattern, Text: "https://example.com/'ä\\\"/:id", Subscriber: subscriber, Payload: []byte(`{"name":"O'Hara ☕","n":12345678901234567890}`), Active: true},
		{Type: hub.Topic, Text: "/books/{id}", Subscriber: subscriber, Active: true},
	}}
}

func ended(subscriber string) port.Listening {
	stream := began(subscriber)
	stream.Ended = true
	for i := range stream.Subscriptions {
		stream.Subscriptions[i].Active = false
	}
	return stream
}

func streams(all ...port.Listening) []port.Listening { return all }

// report has a report kept.
func report(ctx context.Context, on port.Subscribers, r port.Report) error {
	kept, err := on.Report(ctx, r)
	if err == nil && !kept {
		err = fmt.Errorf("report %d of %s was not kept", r.Version, r.Node)
	}
	return err
}

// notKept has a report refused.
func notKept(ctx context.Context, on port.Subscribers, r port.Report) error {
	kept, err := on.Report(ctx, r)
	if err == nil && kept {
		err = fmt.Errorf("report %d of %s was kept", r.Version, r.Node)
	}
	return err
}

// reads compares what a node reads of the others with what it should.
func reads(ctx context.Context, on port.Subscribers, as string, known map[string]int64, want ...port.Report) error {
	got, err := on.Others(ctx, as, known)
	if err != nil {
		return err
	}
	if g, w := written(got), written(want); g != w {
		return fmt.Errorf("with %v known, %s reads:\n%s\nwant:\n%s", known, as, g, w)
	}
	return nil
}

// written is reports as text, the streams of each in one order.
func written(all []port.Report) string {
	nodes := make(map[string]string)
	for _, r := range all {
		slices.SortFunc(r.Streams, func(a, b port.Listening) int { return slices.Compare([]byte(a.Subscriber), []byte(b.Subscriber)) })
		text := fmt.Sprintf("%s at %d, whole: %t\n", r.Node, r.Version, r.Whole)
		for _, stream := range r.Streams {
			text += fmt.Sprintf("  %s ended: %t\n", stream.Subscriber, stream.Ended)
			for _, s := range stream.Subscriptions {
				text += fmt.Sprintf("    %s %q of %s with %s, active: %t\n", s.Type.Name(), s.Text, s.Subscriber, s.Payload, s.Active)
			}
		}
		nodes[r.Node] = text
	}
	text := ""
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		text += nodes[name]
	}
	return text
}
