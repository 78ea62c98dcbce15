package contract

import (
	"context"

	"parley/application/port"
)

func reportsAreRead(ctx context.Context, n Nodes) error {
	if err := report(ctx, n.One, port.Report{Node: "one", Version: 1, Whole: true, Streams: streams(began("a"), began("b"))}); err != nil {
		return err
	}
	if err := report(ctx, n.Other, port.Report{Node: "other", Version: 7, Whole: true, Streams: streams(began("c"))}); err != nil {
		return err
	}
	one := port.Report{Node: "one", Version: 1, Whole: true, Streams: streams(began("a"), began("b"))}
	other := port.Report{Node: "other", Version: 7, Whole: true, Streams: streams(began("c"))}
	if err := reads(ctx, n.Other, "other", nil, one); err != nil {
		return err
	}
	if err := reads(ctx, n.One, "one", nil, other); err != nil {
		return err
	}
	return reads(ctx, n.One, "third", nil, one, other)
}

func reportsGoOn(ctx context.Context, n Nodes) error {
	for _, r := range []port.Report{
		{Node: "one", Version: 1, Whole: true, Streams: streams(began("a"), began("b"))},
		{Node: "one", Version: 2, Streams: streams(ended("a"), began("c"))},
		{Node: "one", Version: 3, Streams: streams(began("d"), ended("e"))},
	} {
		if err := report(ctx, n.One, r); err != nil {
			return err
		}
	}
	for known, told := range map[int64][]port.Listening{
		1: streams(ended("a"), began("c"), began("d"), ended("e")),
		2: streams(began("d"), ended("e")),
		3: nil,
	} {
		if err := reads(ctx, n.Other, "other", map[string]int64{"one": known}, port.Report{Node: "one", Version: 3, Streams: told}); err != nil {
			return err
		}
	}
	return reads(ctx, n.Other, "other", map[string]int64{"another": 3},
		port.Report{Node: "one", Version: 3, Whole: true, Streams: streams(began("b"), began("c"), began("d"))})
}

func reportsFollow(ctx context.Context, n Nodes) error {
	if err := notKept(ctx, n.One, port.Report{Node: "one", Version: 1, Streams: streams(began("a"))}); err != nil {
		return err
	}
	if err := report(ctx, n.One, port.Report{Node: "one", Version: 4, Whole: true, Streams: streams(began("b"))}); err != nil {
		return err
	}
	for _, r := range []port.Report{
		{Node: "one", Version: 4, Streams: streams(began("c"))},
		{Node: "one", Version: 6, Streams: streams(began("c"))},
		{Node: "one", Version: 3, Whole: true, Streams: streams(began("c"))},
		{Node: "one", Version: 4, Whole: true, Streams: streams(began("c"))},
	} {
		if err := notKept(ctx, n.One, r); err != nil {
			return err
		}
	}
	return reads(ctx, n.Other, "other", nil, port.Report{Node: "one", Version: 4, Whole: true, Streams: streams(began("b"))})
}

func wholeReportsReplace(ctx context.Context, n Nodes) error {
	for _, r := range []port.Report{
		{Node: "one", Version: 1, Whole: true, Streams: streams(began("a"), began("b"))},
		{Node: "one", Version: 5, Whole: true, Streams: streams(began("b"), began("c"))},
		{Node: "one", Version: 6, Streams: streams(began("d"))},
	} {
		if err := report(ctx, n.One, r); err != nil {
			return err
		}
	}
	whole := port.Report{Node: "one", Version: 6, Whole: true, Streams: streams(began("b"), began("c"), began("d"))}
	for _, known := range []map[string]int64{nil, {"one": 1}, {"one": 4}, {"one": 9}} {
		if err := reads(ctx, n.Other, "other", known, whole); err != nil {
			return err
		}
	}
	return reads(ctx, n.Other, "other", map[string]int64{"one": 5}, port.Report{Node: "one", Version: 6, Streams: streams(began("d"))})
}

func endingsAreTold(ctx context.Context, n Nodes) error {
	for at := int64(2); at <= 22; at++ {
		if err := endingIsTold(ctx, n, at); err != nil {
			return err
		}
		if err := n.One.Forget(ctx, "one", 100); err != nil {
			return err
		}
	}
	return nil
}

// endingIsTold ends a stream with a report, and looks for how long that is told.
func endingIsTold(ctx context.Context, n Nodes, at int64) error {
	known := map[string]int64{"one": at - 1}
	if err := report(ctx, n.One, port.Report{Node: "one", Version: 1, Whole: true, Streams: streams(began("a"), began("b"))}); err != nil {
		return err
	}
	for version := int64(2); version <= at+45; version++ {
		next := port.Report{Node: "one", Version: version}
		if version == at {
			next.Streams = streams(ended("a"))
		}
		if err := report(ctx, n.One, next); err != nil {
			return err
		}
		if version < at {
			continue
		}
		told := port.Report{Node: "one", Version: version, Streams: streams(ended("a"))}
		err := reads(ctx, n.Other, "other", known, told)
		if err != nil && version > at+20 {
			err = reads(ctx, n.Other, "other", known, port.Report{Node: "one", Version: version, Whole: true, Streams: streams(began("b"))})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func versionsMoveOn(ctx context.Context, n Nodes) error {
	if err := report(ctx, n.One, port.Report{Node: "one", Version: 1, Whole: true}); err != nil {
		return err
	}
	if err := report(ctx, n.One, port.Report{Node: "one", Version: 2}); err != nil {
		return err
	}
	return reads(ctx, n.Other, "other", map[string]int64{"one": 1}, port.Report{Node: "one", Version: 2})
}

func nodesAreForgotten(ctx context.Context, n Nodes) error {
	for _, r := range []port.Report{
		{Node: "one", Version: 1, Whole: true, Streams: streams(began("a"))},
		{Node: "two", Version: 1, Whole: true, Streams: streams(began("b"))},
		{Node: "two", Version: 2},
	} {
		if err := report(ctx, n.One, r); err != nil {
			return err
		}
	}
	for _, node := range []string{"one", "two", "three"} {
		if err := n.Other.Forget(ctx, node, 1); err != nil {
			return err
		}
	}
	left := port.Report{Node: "two", Version: 2, Whole: true, Streams: streams(began("b"))}
	if err := reads(ctx, n.Other, "other", nil, left); err != nil {
		return err
	}
	if err := notKept(ctx, n.One, port.Report{Node: "one", Version: 2}); err != nil {
		return err
	}
	if err := report(ctx, n.One, port.Report{Node: "one", Version: 3, Whole: true}); err != nil {
		return err
	}
	return reads(ctx, n.Other, "other", nil, left, port.Report{Node: "one", Version: 3, Whole: true})
}
