package simulation

import (
	"context"
	"time"

	"parley/application/delivery"
	"parley/application/messages"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// Plant is something that is broken on purpose, to see that it is found. Each
// breaks what the program is given to work with, as a mistake in it would.
type Plant struct {
	Believed bool // rings are taken for the truth: what was not rung is not read
	Unmarked bool // a place is known by its position alone
	Ahead    bool // a place is taken for the next one
	Cached   bool // rights are remembered from the last time
	Jumped   bool // a page ends before what it covers does
	Dropping bool // what a reader is too slow for is dropped
	Lockless bool // nobody takes the log's lock
	AckFirst bool // the answer comes before the commit is known
	Keyless  bool // keys are not looked up
	Deaf     bool // the end of a session is not noticed
	Frozen   bool // a node does not notice how long it has not seen the log
	Verbatim bool // a page has the words that were said, and not what became of them
	Hasty    bool // who deletes is answered before the node has applied it
	Lenient  bool // who was let in once is let in for ever
	Slow     bool // an answer waits for something else
	Leaking  bool // a node leaves something running
	Mistaken bool // who publishes is told the place of something else
}

// entries is what the tail and the openings read.
func (p Plant) entries(n *node, a *actor, entries []port.Entry) []port.Entry {
	if p.Believed && a.tail != nil {
		n.w.mu.Lock()
		defer n.w.mu.Unlock()
		for len(entries) > 1 && entries[len(entries)-1].Place.Position > n.rung {
			entries = entries[:len(entries)-1]
		}
	}
	if p.Deaf {
		for i := range entries {
			if entries[i].Kind == port.SessionEnded {
				entries[i].Session = identity.SessionID{}
			}
		}
	}
	return entries
}

// page is what a page of a room is read as.
func (p Plant) page(records []*record, entries []port.Entry) []port.Entry {
	if p.Verbatim {
		for i, r := range records {
			entries[i].Message = r.entry.Message
		}
	}
	if p.Jumped && len(entries) > 20 {
		return entries[:20]
	}
	return entries
}

// rights is what is read of somebody's rights.
func (p Plant) rights(n *node, of identity.Caller, held port.Rights) port.Rights {
	if !p.Cached {
		return held
	}
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	if known, ok := n.remembered[of.User]; ok {
		held.Rooms = known
	}
	n.remembered[of.User] = held.Rooms
	return held
}

func (p Plant) now() func() time.Time {
	if p.Frozen {
		frozen := time.Now()
		return func() time.Time { return frozen }
	}
	return time.Now
}

// cursor is the place that a node takes a client's cursor for.
func (p Plant) cursor(w *world, place sequence.Place) sequence.Place {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.Ahead {
		place.Position++
	}
	if (p.Unmarked || p.Ahead) && int(place.Position) < len(w.history.records) {
		return w.history.records[place.Position].entry.Place
	}
	return place
}

// dropped is what is left of a batch for a reader who is too slow for it.
func (p Plant) dropped(batch []delivery.Delivered) []delivery.Delivered {
	if p.Dropping && len(batch) > 8 {
		return batch[:8]
	}
	return batch
}

func (p Plant) applied(n *node) messages.Applied {
	if p.Hasty {
		return func() func(context.Context, sequence.Position) error {
			return func(context.Context, sequence.Position) error { return nil }
		}
	}
	return n.tail.Applied
}

func (p Plant) admit(n *node, of identity.Caller, ask func() error) error {
	if !p.Lenient {
		return ask()
	}
	n.w.mu.Lock()
	known := n.let[of.Session]
	n.w.mu.Unlock()
	if known {
		return nil
	}
	err := ask()
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	n.let[of.Session] = err == nil
	return err
}
