// Package subscriptions knows which subscriptions are active: on this node at
// every moment, on the others within seconds. None of it is in the log.
package subscriptions

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"parley/application/port"
	"parley/domain/fault"
	"parley/domain/hub"
)

// ErrTooMany means that more is listened for on this node, or from one address,
// than it can tell of.
var ErrTooMany = fault.New(fault.Limited, "too-many-streams", "Too many streams are open already.")

// MostBytes is about how many bytes of memory the streams of one node may take here.
const MostBytes = 16 << 20

// Settings are what a registry needs.
type Settings struct {
	Node  string        // a name that no other run of a node has
	NewID func() string // of a subscriber, at random

	// Tell is told in each dialect that a subscription has begun or ended. It must
	// not wait.
	Tell func(hub.Subscription, hub.Dialect)

	Trouble func(error) // is told what went wrong, to log it
	Now     func() time.Time

	// Store is where the nodes tell each other of their streams; nil: this is the
	// only one.
	Store port.Subscribers
	Every time.Duration // how often they do
}

// Registry is what is listened for.
type Registry struct {
	Settings

	mu      sync.Mutex
	streams []*stream // of all nodes, by subscriber
	own     map[string]*stream
	bytes   int                // of own
	of      map[string]int     // the same by address
	changed map[string]*stream // of this node, since its last report
	ended   int                // bytes of those of them that have ended
	much    bool               // that was too much to keep: the next report is of all there are
	others  map[string]*other

	node    node      // of Run alone
	learned time.Time // of Run alone
}

// stream is what one subscriber listens with. It does not change.
type stream struct {
	subscriber    string
	subscriptions []hub.Subscription
}

// New returns a registry in which nobody listens.
func New(s Settings) *Registry {
	return &Registry{
		Settings: s,
		own:      make(map[string]*stream),
		of:       make(map[string]int),
		changed:  make(map[string]*stream),
		others:   make(map[string]*other),
	}
}

// Open notes that a stream from an address listens with these matchers, and tells
// of it. When the stream has ended, leave is to be called, once. It is ErrTooMany
// beyond MostBytes, or beyond the share of the address.
func (r *Registry) Open(from string, matchers []hub.Matcher, granted hub.Grant) (leave func(), err error) {
	id := r.NewID()
	s := &stream{id, hub.Subscriptions(id, matchers, granted)}
	size := s.size()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.hasRoom(from, size) {
		return nil, ErrTooMany
	}
	r.own[id] = s
	r.count(from, size)
	r.note(s)
	r.update([]*stream{s}, nil)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.own, id)
		r.count(from, -size)
		r.note(s)
		r.noteEnd(size)
		r.update(nil, []*stream{s})
	}, nil
}

// hasRoom reports whether a stream of some bytes can be listed. Nobody has more
// than is left for all others: one address alone fills half of what there is, two
// a third each. So however much somebody asks for, there is room for the next.
func (r *Registry) hasRoom(from string, size int) bool {
	return r.of[from]+size <= MostBytes-r.bytes-size
}

// count counts bytes of an address. The lock is held.
func (r *Registry) count(from string, bytes int) {
	r.bytes += bytes
	if r.of[from] += bytes; r.of[from] == 0 {
		delete(r.of, from)
	}
}

// size is about how many bytes a stream takes.
func (s *stream) size() int {
	size := 200
	for _, one := range s.subscriptions {
		size += 100 + len(one.Text) + len(one.Payload)
	}
	return size
}

// note notes that the next report is about the stream. The lock is held.
func (r *Registry) note(s *stream) {
	if r.Store != nil && !r.much {
		r.changed[s.subscriber] = s
	}
}

// noteEnd notes that one of them has ended. Streams come and go faster than nodes
// report: where too many have gone, the next report is of those that are there.
func (r *Registry) noteEnd(size int) {
	if r.ended += size; r.ended > MostBytes {
		r.much = true
		clear(r.changed)
	}
}

// update takes in streams that begin, and then those that end, and tells of them.
// The lock is held, so that all are told in the same order.
func (r *Registry) update(begun, ended []*stream) {
	r.list(begun, ended)
	for _, s := range begun {
		r.tell(s, true)
	}
	for _, s := range ended {
		r.tell(s, false)
	}
}

// few is up to how many streams are listed one by one.
const few = 32

func (r *Registry) list(begun, ended []*stream) {
	if len(begun)+len(ended) <= few {
		for _, s := range begun {
			at, _ := r.find(s.subscriber)
			r.streams = slices.Insert(r.streams, at, s)
		}
		for _, s := range ended {
			if at, listed := r.find(s.subscriber); listed {
				r.streams = slices.Delete(r.streams, at, at+1)
			}
		}
		return
	}
	gone := make(map[*stream]bool, len(ended))
	for _, s := range ended {
		gone[s] = true
	}
	r.streams = slices.DeleteFunc(append(r.streams, begun...), func(s *stream) bool { return gone[s] })
	slices.SortFunc(r.streams, func(a, b *stream) int { return cmp.Compare(a.subscriber, b.subscriber) })
}

// tell tells of each subscription of a stream in both dialects, and once of those
// that one of them calls the same.
func (r *Registry) tell(s *stream, active bool) {
	topics := make(map[string]bool, len(s.subscriptions))
	for _, one := range s.subscriptions {
		one.Active = active
		r.Tell(one, hub.Modern)
		if !topics[one.Text] {
			topics[one.Text] = true
			r.Tell(one, hub.Legacy)
		}
	}
}

// find is where a subscriber is in the list, or would be. The lock is held.
func (r *Registry) find(subscriber string) (at int, listed bool) {
	return slices.BinarySearchFunc(r.streams, subscriber, func(s *stream, id string) int { return cmp.Compare(s.subscriber, id) })
}

// Run tells the other nodes of this one's streams, and learns of theirs, until
// ctx ends.
func (r *Registry) Run(ctx context.Context) {
	if r.Store == nil {
		<-ctx.Done()
		return
	}
	ticks := time.NewTicker(r.Every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			r.goodbye(ctx)
			return
		case <-ticks.C:
		}
		if err := r.report(ctx); err != nil && ctx.Err() == nil {
			r.Trouble(err)
		}
		if err := r.learn(ctx); err != nil && ctx.Err() == nil {
			r.Trouble(err)
		}
	}
}
