package subscriptions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"parley/application/port"
)

const (
	// idle is for how many reports a node goes on without any stream, so that the
	// others hear of its last ones, before it is forgotten.
	idle = 5
	// silence is for how many times of Every a node is heard nothing of until it is
	// dead. A node that is cut off from the database has ended its own streams by
	// then, since delivery gives it ten seconds.
	silence = 5
	// farewell is how long a node that stops tries to be forgotten.
	farewell = time.Second
)

// node is what this node has told the others.
type node struct {
	version int64 // of the last report that was tried
	kept    bool  // and that the store has kept
	idle    int   // how many had nothing to tell
}

// other is another node, as far as this one knows.
type other struct {
	version int64         // as it was seen last
	still   time.Duration // for how long it has not moved on
	lives   bool          // it was seen to move on
	streams map[string]*stream
}

// report tells the others what has changed on this node. Without streams there is
// nothing that they need to know, and nothing is written.
func (r *Registry) report(ctx context.Context) error {
	next, streams := r.next()
	switch {
	case streams > 0 || len(next.Streams) > 0 && !next.Whole:
		r.node.idle = 0
	case !r.node.kept:
		return nil
	default:
		r.node.idle++
	}
	if r.node.idle > idle {
		r.node.kept = false
		return r.Store.Forget(ctx, r.Node, r.node.version)
	}
	r.node.version, r.node.kept = next.Version, false
	kept, err := r.Store.Report(ctx, next)
	if err != nil {
		return fmt.Errorf("tell of the streams of this node: %w", err)
	}
	r.node.kept = kept // if not, all is told the next time
	return nil
}

// next is the next report, and how many streams there are.
func (r *Registry) next() (next port.Report, streams int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next = port.Report{Node: r.Node, Version: r.node.version + 1, Whole: !r.node.kept || r.much}
	tell := r.changed
	if next.Whole {
		tell = r.own
	}
	for id, s := range tell {
		_, lasts := r.own[id]
		next.Streams = append(next.Streams, port.Listening{Subscriber: id, Ended: !lasts, Subscriptions: s.subscriptions})
	}
	clear(r.changed)
	r.ended, r.much = 0, false
	return next, len(r.own)
}

// learn takes in what the other nodes have told since.
func (r *Registry) learn(ctx context.Context) error {
	began := r.Now()
	known := make(map[string]int64, len(r.others))
	for name, n := range r.others {
		if n.lives {
			known[name] = n.version
		}
	}
	reports, err := r.Store.Others(ctx, r.Node, known)
	if err != nil {
		return fmt.Errorf("learn of the streams of other nodes: %w", err)
	}
	for _, name := range r.take(reports, r.passed(began)) {
		if err := r.Store.Forget(ctx, name, r.others[name].version); err != nil {
			return fmt.Errorf("forget a node that is dead: %w", err)
		}
	}
	return nil
}

// passed is how much time counts as gone by since the last time that this node
// has learned. While it could not, nobody is silent.
func (r *Registry) passed(now time.Time) time.Duration {
	since := now.Sub(r.learned)
	r.learned = now
	return min(since, 2*r.Every)
}

// take takes reports in, and returns which nodes are dead.
func (r *Registry) take(reports []port.Report, passed time.Duration) (dead []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	there := make(map[string]bool, len(reports))
	for _, report := range reports {
		there[report.Node] = true
		if r.hear(report, passed) {
			dead = append(dead, report.Node)
		}
	}
	for name, n := range r.others {
		if !there[name] {
			r.endAll(n)
			delete(r.others, name)
		}
	}
	return dead
}

// hear takes one report in. A node is believed to live once it was seen to move
// on: what a dead one has left behind is no news.
func (r *Registry) hear(report port.Report, passed time.Duration) (dead bool) {
	n := r.others[report.Node]
	if n == nil {
		r.others[report.Node] = &other{version: report.Version, streams: make(map[string]*stream)}
		return false
	}
	if n.version == report.Version {
		n.still += passed
		if dead = n.still >= silence*r.Every; dead {
			r.endAll(n)
			n.lives = false
		}
		return dead
	}
	if !n.lives {
		report.Whole = true // nothing of it was known
	}
	n.version, n.still, n.lives = report.Version, 0, true
	r.change(n, report)
	return false
}

// change does to what is known of a node what it has reported. Of a stream that
// has begun and ended meanwhile, both is told.
func (r *Registry) change(n *other, report port.Report) {
	var begun, ended []*stream
	reported := make(map[string]bool, len(report.Streams))
	for _, l := range report.Streams {
		reported[l.Subscriber] = true
		s, known := n.streams[l.Subscriber]
		if !known {
			s = &stream{l.Subscriber, l.Subscriptions}
			n.streams[l.Subscriber] = s
			begun = append(begun, s)
		}
		if l.Ended {
			delete(n.streams, l.Subscriber)
			ended = append(ended, s)
		}
	}
	for id, s := range n.streams {
		if report.Whole && !reported[id] {
			delete(n.streams, id)
			ended = append(ended, s)
		}
	}
	r.update(begun, ended)
}

// endAll ends all streams of a node.
func (r *Registry) endAll(n *other) {
	r.update(nil, slices.Collect(maps.Values(n.streams)))
	clear(n.streams)
}

// goodbye lets the others know at once that this node has ended.
func (r *Registry) goodbye(ctx context.Context) {
	if r.node.version == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if err := r.Store.Forget(ctx, r.Node, r.node.version); err != nil {
		r.Trouble(fmt.Errorf("take leave of the other nodes: %w", err))
	}
}
