package contract_test

import (
	"context"
	"testing"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/contract"
	"parley/application/port"
	"parley/domain/message"
	"parley/domain/room"
)

// goodStore is a store that keeps all promises, for wrappers that break one.
func goodStore(tb testing.TB) contract.StoreSubject {
	tb.Helper()
	s := bunstoretest.SQLite(tb, func(o *bunstore.Options) { o.Pace = contract.Pace })
	return contract.StoreSubject{Work: s, Sends: s, Log: s, Publishes: s, Updates: s}
}

// bentStore is a store with a promise broken.
type bentStore struct {
	what   string
	breaks string // what the promise says
	open   func(testing.TB) contract.StoreSubject
}

// catches checks that the suite catches each of the broken stores, and has one
// for each promise: a suite that lets a broken store pass proves nothing.
func catches(t *testing.T, promises []contract.Promise[contract.StoreSubject], broken []bentStore) {
	t.Helper()
	caught := make(map[string]bool)
	for _, b := range broken {
		t.Run(b.what, func(t *testing.T) {
			for _, promise := range promises {
				if promise.Says != b.breaks {
					continue
				}
				caught[promise.Says] = true
				if err := contract.Check(t.Context(), promise, b.open(t)); err == nil {
					t.Errorf("a store that %s passes as one where %s", b.what, promise.Says)
				} else {
					t.Logf("caught: %v", err)
				}
				return
			}
			t.Errorf("there is no such promise: %s", b.breaks)
		})
	}
	for _, promise := range promises {
		if !caught[promise.Says] {
			t.Errorf("no broken store shows that the suite checks this: %s", promise.Says)
		}
	}
}

// withView bends what looks and changes see.
func withView(bend func(port.View) port.View) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Work = bentWork{Work: s.Work, view: bend}
		return s
	}
}

// withKeeping bends how changes are made.
func withKeeping(bend func(port.Keeping) port.Keeping) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Work = bentWork{Work: s.Work, keeping: bend}
		return s
	}
}

// withAccess bends how changes are made to who can get in.
func withAccess(bend func(port.Access) port.Access) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Work = bentWork{Work: s.Work, access: bend}
		return s
	}
}

// withRevising bends how what was said is changed.
func withRevising(bend func(port.Revising) port.Revising) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Work = bentWork{Work: s.Work, revising: bend}
		return s
	}
}

// withWork bends how steps are run.
func withWork(bend func(port.Work) port.Work) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Work = bend(s.Work)
		return s
	}
}

// withSends bends how messages are taken.
func withSends(bend func(port.Sends) sendFunc) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Sends = bend(s.Sends)
		return s
	}
}

// withLog bends how the log is read.
func withLog(bend func(port.Log) port.Log) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Log = bend(s.Log)
		return s
	}
}

type bentWork struct {
	port.Work
	view     func(port.View) port.View
	keeping  func(port.Keeping) port.Keeping
	access   func(port.Access) port.Access
	revising func(port.Revising) port.Revising
}

func (w bentWork) Look(ctx context.Context, step func(context.Context, port.View) error) error {
	return w.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		if w.view != nil {
			v = w.view(v)
		}
		return step(ctx, v)
	})
}

func (w bentWork) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	return w.Work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		if w.view != nil {
			s.View = w.view(s.View)
		}
		if w.keeping != nil {
			s.Keeping = w.keeping(s.Keeping)
		}
		if w.access != nil {
			s.Access = w.access(s.Access)
		}
		if w.revising != nil {
			s.Revising = w.revising(s.Revising)
		}
		return step(ctx, s)
	})
}

type sendFunc func(context.Context, message.Draft) (message.Sent, error)

func (f sendFunc) Send(ctx context.Context, d message.Draft) (message.Sent, error) { return f(ctx, d) }

// without leaves out the changes that are of a kind.
func without[Kind room.Change](changes []room.Change) []room.Change {
	var rest []room.Change
	for _, change := range changes {
		if _, is := change.(Kind); !is {
			rest = append(rest, change)
		}
	}
	return rest
}
