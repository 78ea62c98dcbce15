package subscriptions_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"parley/application/contract"
	"parley/application/port"
)

// memory keeps what nodes report, for tests in virtual time.
type memory struct {
	mu    sync.Mutex
	nodes map[string]*reported
	calls int // of Report
}

type reported struct {
	version, complete int64
	streams           map[string]kept
}

type kept struct {
	port.Listening

	version int64
}

func newMemory() *memory { return &memory{nodes: make(map[string]*reported)} }

func (m *memory) Report(_ context.Context, r port.Report) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	n := m.nodes[r.Node]
	switch {
	case r.Whole && (n == nil || n.version < r.Version):
		n = &reported{complete: r.Version, streams: make(map[string]kept)}
		m.nodes[r.Node] = n
	case n == nil || r.Whole || n.version != r.Version-1:
		return false, nil
	}
	n.version = r.Version
	for _, l := range r.Streams {
		n.streams[l.Subscriber] = kept{l, r.Version}
	}
	if upto := r.Version - 21; upto > n.complete {
		n.complete = upto
		for id, l := range n.streams {
			if l.Ended && l.version <= upto {
				delete(n.streams, id)
			}
		}
	}
	return true, nil
}

func (m *memory) Others(_ context.Context, than string, known map[string]int64) ([]port.Report, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []port.Report
	for name, n := range m.nodes {
		if name == than {
			continue
		}
		r := port.Report{Node: name, Version: n.version, Whole: known[name] < n.complete || known[name] > n.version}
		for _, l := range n.streams {
			if r.Whole && !l.Ended || !r.Whole && l.version > known[name] {
				l.Subscriptions = slices.Clone(l.Subscriptions) // each node has its own
				for i := range l.Subscriptions {
					l.Subscriptions[i].Active = !l.Ended
				}
				r.Streams = append(r.Streams, l.Listening)
			}
		}
		all = append(all, r)
	}
	return all, nil
}

func (m *memory) Forget(_ context.Context, node string, version int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.nodes[node]; n != nil && n.version <= version {
		delete(m.nodes, node)
	}
	return nil
}

func (m *memory) reports() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}

func TestTheMemoryKeepsItsContract(t *testing.T) {
	contract.Subscribers(t, func(*testing.T) contract.Nodes {
		m := newMemory()
		return contract.Nodes{One: m, Other: m}
	})
}

var errAway = errors.New("the store is away")

// line is one node's way to the memory, which can break.
type line struct {
	port.Subscribers

	mu   sync.Mutex
	fate func() trouble // of each call; nil: all is well
}

type trouble int

const (
	fine trouble = iota
	lost         // the call does not arrive
	mute         // the answer does not
)

func (l *line) breaks(fate func() trouble) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fate = fate
}

func (l *line) next() trouble {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fate == nil {
		return fine
	}
	return l.fate()
}

func (l *line) Report(ctx context.Context, r port.Report) (ok bool, err error) {
	switch l.next() {
	case lost:
		return false, errAway
	case mute:
		_, _ = l.Subscribers.Report(ctx, r)
		return false, errAway
	case fine:
		fallthrough
	default:
		return l.Subscribers.Report(ctx, r)
	}
}

func (l *line) Others(ctx context.Context, than string, known map[string]int64) ([]port.Report, error) {
	if l.next() != fine {
		return nil, errAway
	}
	return l.Subscribers.Others(ctx, than, known)
}

func (l *line) Forget(ctx context.Context, node string, version int64) error {
	if l.next() != fine {
		return errAway
	}
	return l.Subscribers.Forget(ctx, node, version)
}
