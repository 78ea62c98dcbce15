package delivery_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// database is a log that is read over a few connections, in the order in which
// reads come, and each read takes its time.
type database struct {
	port.Log

	connections chan struct{}
	mu          sync.Mutex
	queue       int // that wait for a connection, or have one
	longest     int // that the queue ever was
	pages       map[string]int
}

const readTakes = time.Millisecond

func newDatabase(log port.Log) *database {
	return &database{Log: log, connections: make(chan struct{}, delivery.CatchingUp+2), pages: make(map[string]int)}
}

func (d *database) read() {
	d.mu.Lock()
	d.queue++
	d.longest = max(d.longest, d.queue)
	d.mu.Unlock()
	d.connections <- struct{}{}
	time.Sleep(readTakes) // in the bubble
	<-d.connections
	d.mu.Lock()
	d.queue--
	d.mu.Unlock()
}

func (d *database) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	d.read()
	return d.Log.From(ctx, from, limit)
}

func (d *database) Room(ctx context.Context, in room.ID, s port.Span) ([]port.Entry, error) {
	d.read()
	d.mu.Lock()
	d.pages[fmt.Sprint(in, s.After)]++
	d.mu.Unlock()
	return d.Log.Room(ctx, in, s)
}

func (d *database) About(ctx context.Context, who identity.UserID, s port.Span) ([]port.Entry, error) {
	d.read()
	return d.Log.About(ctx, who, s)
}

func (d *database) Latest(ctx context.Context, in []room.ID, after, upto sequence.Position) (map[room.ID]sequence.Position, error) {
	d.read()
	return d.Log.Latest(ctx, in, after, upto)
}

func (d *database) Rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	d.read()
	return d.Log.Rights(ctx, who)
}

// Thousands come back at once, all of them with the same place long ago: each page
// is read once, and no more of them are at the database at once than leave a
// connection for the node itself, so that who is live hears what is said as
// if there were nobody else.
func TestThousandsWhoComeBackAtOnceReadEachPageOnceAndSlowNobody(t *testing.T) {
	const readers, missed, pages = 2000, 300, 2
	var d *database
	inBubble(t, func(n *node) {
		place := n.log.said(hall, "w0")
		for i := 1; i <= missed; i++ {
			n.log.said(hall, fmt.Sprintf("w%d", i))
		}
		n.settle()
		var heard time.Time
		n.listenTo(&ear{onHand: func(port.Entry) { heard = time.Now() }}, delivery.FollowQuery{Who: caller(ada)}, everything)

		back := make([]*ear, readers)
		for i := range back {
			back[i] = &ear{}
			n.follows(back[i], delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(place)})
		}
		var late time.Duration
		for range 20 {
			time.Sleep(7 * readTakes)
			said := time.Now()
			n.tail.Ring(n.log.said(hall, "live").Position)
			time.Sleep(300 * time.Millisecond)
			synctest.Wait()
			late = max(late, heard.Sub(said))
		}
		if late > 10*readTakes {
			t.Errorf("who is live heard something %v late", late)
		}
		n.settle()
		for _, e := range back {
			if got := len(e.heard); got != missed+20 {
				t.Fatalf("one of them heard %d, want %d", got, missed+20)
			}
		}
		if len(d.pages) < pages {
			t.Errorf("read %d pages, want %d at least: they did not come from the database", len(d.pages), pages)
		}
		for page, times := range d.pages {
			if times > 1 {
				t.Errorf("page %s was read %d times", page, times)
			}
		}
		if d.longest > delivery.CatchingUp+1 {
			t.Errorf("%d were at the database at once, want %d and the node itself", d.longest, delivery.CatchingUp)
		}
	}, func(s *delivery.Settings) {
		d = newDatabase(s.Log)
		s.Log, s.Memory = d, 20_000
	})
}

// follows begins a reading, and waits for nothing.
func (n *node) follows(e *ear, q delivery.FollowQuery) {
	q.What.Pattern(everything)
	e.done = make(chan struct{})
	go func() {
		defer close(e.done)
		err := delivery.Follow{Tail: n.tail}.Handle(n.t.Context(), q, e)
		e.note(func() { e.err = err })
	}()
}
