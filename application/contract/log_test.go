package contract_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"parley/application/contract"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

func TestTheSuiteCatchesBrokenLogs(t *testing.T) {
	catches(t, contract.LogPromises, []bentStore{
		{
			"leaves a hole where a step failed", "positions count from 0 without a hole, whatever fails",
			withLog(func(l port.Log) port.Log {
				return bentLog{Log: l, entry: func(e *port.Entry) {
					if e.Place.Position > 3 {
						e.Place.Position++
					}
				}}
			}),
		},
		{
			"shows a position before an earlier one", "a position is seen only after all before it",
			withLog(func(l port.Log) port.Log { return &showsEarly{Log: l} }),
		},
		{
			"gives a position again", "a position is seen only after all before it",
			withLog(func(l port.Log) port.Log {
				var reads atomic.Uint32
				return bentLog{Log: l, read: func() { reads.Add(1) }, entry: func(e *port.Entry) {
					if e.Place.Position == 2 {
						e.Place.Mark = sequence.Mark(reads.Load())
					}
				}}
			}),
		},
		{
			"does not say why somebody left", "an entry says what happened, to whom, and by whom",
			withLog(func(l port.Log) port.Log {
				return bentLog{Log: l, entry: func(e *port.Entry) { e.Reason = 0 }}
			}),
		},
		{
			"does not say who was there from the beginning", "an entry says what happened, to whom, and by whom",
			withLog(func(l port.Log) port.Log {
				return bentLog{Log: l, entry: func(e *port.Entry) { e.People = nil }}
			}),
		},
		{
			"keeps names as they were", "an entry reads as what it names reads now",
			withLog(func(l port.Log) port.Log {
				former, err := identity.ParseDisplayName("Ben Bitdiddle")
				if err != nil {
					t.Fatal(err)
				}
				return bentLog{Log: l, entry: func(e *port.Entry) {
					if e.Message != nil {
						e.Message.Author.Name = former
					}
				}}
			}),
		},
		{
			"keeps whole seconds", "time in a room moves on with each entry",
			withLog(func(l port.Log) port.Log {
				return bentLog{Log: l, entry: func(e *port.Entry) { e.At = e.At.Truncate(time.Second) }}
			}),
		},
		{
			"has one mark for all", "an entry keeps its mark, and others have others",
			withLog(func(l port.Log) port.Log {
				return bentLog{Log: l, entry: func(e *port.Entry) { e.Place.Mark = 7 }}
			}),
		},
		{
			"looks for the room's entries in a page of the log", "a page of a room has all its entries within the span, in order",
			withLog(func(l port.Log) port.Log { return pagesThenFilters{l} }),
		},
		{
			"tells a user of participants alone", "a page about a user has what concerns them, and nothing else",
			withLog(func(l port.Log) port.Log { return participantsAlone{l} }),
		},
		{
			"looks beyond the span", "the latest entries tell which rooms have something new",
			withLog(func(l port.Log) port.Log { return looksBeyond{l} }),
		},
		{
			"reads rooms and head apart", "rights are of the place that they come with",
			withLog(func(l port.Log) port.Log { return readsApart{l} }),
		},
		{
			"forgets the last place that was pruned", "of what was pruned the last place is kept, and none before it",
			withDamage("DELETE FROM log_entry WHERE position > 0 AND position = (SELECT min(position) FROM log_entry) AND position < (SELECT max(position) FROM log_entry)"),
		},
		{
			"forgets the mark of the last place that was pruned", "of what was pruned the last place is kept, and none before it",
			withDamage("UPDATE log_entry SET mark = mark + 1 WHERE position > 0 AND position = (SELECT min(position) FROM log_entry)"),
		},
		{
			"prunes the log's last entry", "of what was pruned the last place is kept, and none before it",
			withDamage("DELETE FROM log_entry WHERE position > 0 AND position = (SELECT min(position) FROM log_entry)"),
		},
		{
			"knows places that were pruned", "of what was pruned the last place is kept, and none before it",
			withLog(func(l port.Log) port.Log { return &knowsThePruned{Log: l} }),
		},
		{
			"tells of corrections to what was pruned", "what is logged of a message that was pruned is for nobody",
			withLog(func(l port.Log) port.Log { return bentLog{Log: l, entry: func(e *port.Entry) { e.Gone = false }} }),
		},
		{
			"replays what was said as it was said", "edits, deletions and new names are told, and nothing of what was before",
			withLog(func(l port.Log) port.Log {
				former := make(map[message.ID]message.Message)
				return bentLog{Log: l, entry: func(e *port.Entry) {
					if e.Message == nil {
						return
					}
					if m, known := former[e.Message.ID]; known {
						e.Message = &m
					} else {
						former[e.Message.ID] = *e.Message
					}
				}}
			}),
		},
	})
}

// bentLog changes entries as they are read.
type bentLog struct {
	port.Log
	read  func()
	entry func(*port.Entry)
}

func (l bentLog) bend(entries []port.Entry, err error) ([]port.Entry, error) {
	if l.read != nil {
		l.read()
	}
	for n := range entries {
		l.entry(&entries[n])
	}
	return entries, err
}

func (l bentLog) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	return l.bend(l.Log.From(ctx, from, limit))
}

func (l bentLog) Room(ctx context.Context, in room.ID, s port.Span) ([]port.Entry, error) {
	return l.bend(l.Log.Room(ctx, in, s))
}

// showsEarly hides the last entry but one at every second reading, as if its
// commit were the later one.
type showsEarly struct {
	port.Log
	reads atomic.Int64
}

func (l *showsEarly) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	entries, err := l.Log.From(ctx, from, limit)
	if l.reads.Add(1)%2 == 0 && len(entries) > 1 {
		entries = slices.Delete(entries, len(entries)-2, len(entries)-1)
	}
	return entries, err
}

type pagesThenFilters struct{ port.Log }

func (l pagesThenFilters) Room(ctx context.Context, in room.ID, s port.Span) ([]port.Entry, error) {
	entries, err := l.From(ctx, s.After+1, s.Limit)
	return slices.DeleteFunc(entries, func(e port.Entry) bool { return e.Room != in || e.Place.Position > s.Upto }), err
}

type participantsAlone struct{ port.Log }

func (l participantsAlone) About(ctx context.Context, who identity.UserID, s port.Span) ([]port.Entry, error) {
	entries, err := l.Log.About(ctx, who, s)
	return slices.DeleteFunc(entries, func(e port.Entry) bool { return e.Subject.ID != who }), err
}

type looksBeyond struct{ port.Log }

func (l looksBeyond) Latest(ctx context.Context, rooms []room.ID, after, _ sequence.Position) (map[room.ID]sequence.Position, error) {
	return l.Log.Latest(ctx, rooms, after, 1<<40)
}

// readsApart reads the head when something has happened since it read the rooms:
// an odd number of changes, so that they do not cancel out. It waits a while for
// that.
type readsApart struct{ port.Log }

func (l readsApart) Rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	rights, err := l.Log.Rights(ctx, who)
	before := rights.Head.Position
	for begun := time.Now(); err == nil && (rights.Head.Position-before)%2 == 0 && time.Since(begun) < time.Second; {
		rights.Head, err = l.Head(ctx)
	}
	return rights, err
}
