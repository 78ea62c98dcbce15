package contract_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/ssefeed/ssetest"
	"parley/application/contract"
	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// A suite that lets a broken feed pass proves nothing.
func TestTheFeedSuiteCatchesBrokenFeeds(t *testing.T) {
	const order, back = "what is said is heard once, in the order in which it was said", "who comes back hears what they missed, once, wherever they left off"
	for _, broken := range []struct {
		is, breaks string
		within     time.Duration // a healthy one takes much less
		change     func(*ssetest.Parts)
	}{
		{"says everything twice", order, time.Minute, bySink(func(s delivery.Sink) delivery.Sink { return twice{s} })},
		{"says things in another order", order, time.Minute, bySink(func(s delivery.Sink) delivery.Sink { return &swaps{Sink: s} })},
		{"forgets where one left off", back, 5 * time.Second, byQuery(func(q *delivery.FollowQuery) { q.From = delivery.Start{} })},
		{"loses the end of a page", back, 5 * time.Second, byLog(func(l port.Log) port.Log { return shortPages{l} })},
		{"lets everybody into every room", "who is not in a room hears nothing of it", time.Minute, byLog(func(l port.Log) port.Log { return letsIn{l} })},
		{"writes to one after the other", "who does not listen holds up nobody", 10 * time.Second, bySink(oneAtATime())},
		{"does not notice removals", "who is removed hears of it, and no more", time.Minute, byLog(func(l port.Log) port.Log { return unaware{l, port.ParticipantLeft} })},
		{"remembers who was in a room", "who was removed while away hears of it, and no more", time.Minute, byLog(func(l port.Log) port.Log { return &remembers{Log: l} })},
		{"loads rights beside the fold", "who is removed while their line opens hears no more", time.Minute, byLog(func(l port.Log) port.Log { return beside{l} })},
		{"does not notice arrivals", "who is added hears the room on the line that is open", 5 * time.Second, byLog(func(l port.Log) port.Log { return unaware{l, port.ParticipantJoined} })},
		{"hides that a place is lost", "a place that is not there is said, not hidden", time.Minute, byQuery(hideLost)},
		{"goes on from what was pruned", "what is not kept any more is said, and only to whom it is missing", 5 * time.Second, byLog(func(l port.Log) port.Log { return &knowsThePruned{Log: l} })},
		{"forgets the last place that was pruned", "what is not kept any more is said, and only to whom it is missing", 5 * time.Second, byLog(func(l port.Log) port.Log { return forgetsTheFirst{l} })},
		{"keeps closed lines", "a line that is closed is let go", 5 * time.Second, forEver},
		{"does not notice sign-outs", "who is signed out is told so on the open line, and hears no more", time.Minute, byLog(func(l port.Log) port.Log { return unaware{l, port.SessionEnded} })},
		{"says nothing of sign-outs", "who is signed out is told so on the open line, and hears no more", time.Minute, bySink(func(s delivery.Sink) delivery.Sink { return hangsUp{s} })},
		{"looks at sessions before it opens alone", "who is signed out while their line opens hears no more", time.Minute, byLog(func(l port.Log) port.Log { return unaware{l, port.SessionEnded} })},
		{"forgets sign-outs in a restart", "a session that has ended opens no line, not even after a restart", time.Minute, byLog(func(l port.Log) port.Log { return opensToAll{l} })},
		{"replays what was said as it was said", "what is corrected or taken back is heard, and replayed as it reads then", time.Minute, byLog(func(l port.Log) port.Log { return &asSaid{Log: l} })},
	} {
		t.Run(broken.is, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), broken.within)
			defer cancel()
			mustCatchWithin(ctx, t, contract.FeedPromises, broken.breaks, ssetest.Feeding(t, bunstoretest.SQLite(t), broken.change))
		})
	}
}

func byFollow(f func(ssetest.Follow) ssetest.Follow) func(*ssetest.Parts) {
	return func(p *ssetest.Parts) { p.Follow = f }
}

func bySink(change func(delivery.Sink) delivery.Sink) func(*ssetest.Parts) {
	return byFollow(func(inner ssetest.Follow) ssetest.Follow {
		return func(ctx context.Context, q delivery.FollowQuery, s delivery.Sink) error {
			return inner(ctx, q, change(s))
		}
	})
}

func byQuery(change func(*delivery.FollowQuery)) func(*ssetest.Parts) {
	return byFollow(func(inner ssetest.Follow) ssetest.Follow {
		return func(ctx context.Context, q delivery.FollowQuery, s delivery.Sink) error {
			change(&q)
			return inner(ctx, q, s)
		}
	})
}

// byLog changes the log under a feed whose memory holds nothing, so that the log
// is asked for everything.
func byLog(change func(port.Log) port.Log) func(*ssetest.Parts) {
	return func(p *ssetest.Parts) { p.Tail.Log, p.Tail.Memory = change(p.Tail.Log), 1 }
}

func hideLost(q *delivery.FollowQuery) {
	if q.From == delivery.FromUnreadable() {
		q.From = delivery.Start{}
	}
}

func forEver(p *ssetest.Parts) {
	byFollow(func(inner ssetest.Follow) ssetest.Follow {
		return func(ctx context.Context, q delivery.FollowQuery, s delivery.Sink) error {
			return inner(context.WithoutCancel(ctx), q, s)
		}
	})(p)
}

type twice struct{ delivery.Sink }

func (s twice) Hand(batch []delivery.Delivered) error {
	for _, d := range batch {
		if err := s.Sink.Hand([]delivery.Delivered{d, d}); err != nil {
			return err
		}
	}
	return nil
}

type swaps struct {
	delivery.Sink
	held []delivery.Delivered
}

func (s *swaps) Hand(batch []delivery.Delivered) error {
	for _, d := range batch {
		if s.held == nil {
			s.held = []delivery.Delivered{d}
			continue
		}
		if err := s.Sink.Hand([]delivery.Delivered{d, s.held[0]}); err != nil {
			return err
		}
		s.held = nil
	}
	return nil
}

// oneAtATime is what every writer takes in turn.
func oneAtATime() func(delivery.Sink) delivery.Sink {
	var turn sync.Mutex
	return func(s delivery.Sink) delivery.Sink { return inTurn{s, &turn} }
}

type inTurn struct {
	delivery.Sink
	turn *sync.Mutex
}

func (s inTurn) Hand(batch []delivery.Delivered) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.Sink.Hand(batch)
}

// hangsUp ends lines without a word.
type hangsUp struct{ delivery.Sink }

func (hangsUp) Closing(delivery.Closing) error { return nil }

// asSaid goes on telling how messages read when they were read first.
type asSaid struct {
	port.Log
	first sync.Map
}

func (l *asSaid) bend(entries []port.Entry, err error) ([]port.Entry, error) {
	for i, e := range entries {
		if e.Message == nil {
			continue
		}
		was, _ := l.first.LoadOrStore(e.Message.ID, *e.Message)
		if m, is := was.(message.Message); is {
			entries[i].Message = &m
		}
	}
	return entries, err
}

func (l *asSaid) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	return l.bend(l.Log.From(ctx, from, limit))
}

func (l *asSaid) Room(ctx context.Context, in room.ID, s port.Span) ([]port.Entry, error) {
	return l.bend(l.Log.Room(ctx, in, s))
}

type shortPages struct{ port.Log }

func (l shortPages) Room(ctx context.Context, in room.ID, s port.Span) ([]port.Entry, error) {
	entries, err := l.Log.Room(ctx, in, s)
	return entries[:max(len(entries)-1, 0)], err
}

type letsIn struct{ port.Log }

func (l letsIn) Rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	held, err := l.Log.Rights(ctx, who)
	for n := range int64(10) {
		if in, err := room.IDFrom(n + 1); err == nil {
			held.Rooms = append(held.Rooms, in)
		}
	}
	return held, err
}

// unaware does not know whom entries of one kind are about.
type unaware struct {
	port.Log
	of port.EntryKind
}

func (l unaware) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	entries, err := l.Log.From(ctx, from, limit)
	for i := range entries {
		if entries[i].Kind == l.of {
			entries[i].Subject, entries[i].Session = identity.Person{}, identity.SessionID{}
		}
	}
	return entries, err
}

// remembers answers with the rooms that it answered with before.
type remembers struct {
	port.Log
	mu    sync.Mutex
	rooms map[identity.UserID][]room.ID
}

func (l *remembers) Rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	held, err := l.Log.Rights(ctx, who)
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.rooms[who.User]; ok {
		held.Rooms = known
	} else if l.rooms == nil {
		l.rooms = map[identity.UserID][]room.ID{who.User: held.Rooms}
	}
	return held, err
}

// beside reads the rooms first and the head of the log a little later.
type beside struct{ port.Log }

func (l beside) Rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	held, err := l.Log.Rights(ctx, who)
	if err != nil {
		return held, err
	}
	time.Sleep(50 * time.Millisecond) // what it takes to be seen
	held.Head, err = l.Log.Head(ctx)
	return held, err
}
