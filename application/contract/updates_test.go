package contract_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"parley/application/contract"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

func TestTheSuiteCatchesStoresThatSpoilUpdates(t *testing.T) {
	catches(t, contract.UpdatesPromises, []bentStore{
		{
			"ends lines as it likes", "what is published comes back as it was published, to the byte",
			withPublishes(func(p port.Publishes) publishFunc {
				return func(ctx context.Context, u hub.Update) (sequence.Place, error) {
					u.Data = strings.ReplaceAll(u.Data, "\r\n", "\n")
					return p.Publish(ctx, u)
				}
			}),
		},
		{
			"ends at the first NUL", "what is published comes back as it was published, to the byte",
			withUpdates(func(u port.Updates) port.Updates {
				return bentUpdates{Updates: u, entry: func(e *port.Entry) { e.Update.Data, _, _ = strings.Cut(e.Update.Data, "\x00") }}
			}),
		},
		{
			"sorts topics", "what is published comes back as it was published, to the byte",
			withUpdates(func(u port.Updates) port.Updates {
				return bentUpdates{Updates: u, entry: func(e *port.Entry) { slices.Sort(e.Update.Topics) }}
			}),
		},
		{
			"publishes what is left of it", "what is no update is refused, and nothing of it is kept",
			withPublishes(func(p port.Publishes) publishFunc { return mends(p) }),
		},
		{
			"refuses after it was kept", "what is no update is refused, and nothing of it is kept",
			withPublishes(func(p port.Publishes) publishFunc {
				return func(ctx context.Context, u hub.Update) (sequence.Place, error) {
					if err := u.Check(); err != nil {
						_, _ = mends(p)(ctx, u)
						return sequence.Place{}, err
					}
					return p.Publish(ctx, u)
				}
			}),
		},
		{
			"answers with the place of another", "those who publish and those who talk at once are all kept, in one order",
			withPublishes(func(p port.Publishes) publishFunc { return answersWithTheLast(p) }),
		},
		{
			"loses an update", "those who publish and those who talk at once are all kept, in one order",
			withPublishes(func(p port.Publishes) publishFunc { return publishesOnce(p) }),
		},
		{
			"finds the latest with an ID", "an ID stands for the earliest update that has it",
			withUpdates(func(u port.Updates) port.Updates { return latestNamed{u} }),
		},
		{
			"finds by the beginning of an ID", "an ID stands for the earliest update that has it",
			withUpdates(func(u port.Updates) port.Updates { return begunNamed{u} }),
		},
		{
			"looks for updates in a page of the log", "a page of updates has all within the span, in order, and nothing else",
			readsUpdatesOf(func(l port.Log, s port.Span) ([]port.Entry, error) {
				entries, err := l.From(context.Background(), s.After+1, s.Limit)
				return slices.DeleteFunc(entries, func(e port.Entry) bool { return e.Update == nil || e.Place.Position > s.Upto }), err
			}),
		},
		{
			"hands out all of the log", "a page of updates has all within the span, in order, and nothing else",
			readsUpdatesOf(func(l port.Log, s port.Span) ([]port.Entry, error) {
				entries, err := l.From(context.Background(), s.After+1, s.Limit)
				return slices.DeleteFunc(entries, func(e port.Entry) bool { return e.Place.Position > s.Upto }), err
			}),
		},
		{
			"reads all at once", "a reading ends where it has plenty of bytes, and one after another have all",
			readsUpdatesOf(readsAllUpdates),
		},
		{
			"ends a reading early", "a reading ends where it has plenty of bytes, and one after another have all",
			readsUpdatesOf(func(l port.Log, s port.Span) ([]port.Entry, error) {
				s.Limit = 3
				return readsAllUpdates(l, s)
			}),
		},
		{
			"prunes nothing", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withRevising(func(r port.Revising) port.Revising { return prunesNothing{r} }),
		},
		{
			"prunes all at once", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withRevising(func(r port.Revising) port.Revising { return prunesAllAtOnce{r} }),
		},
		{
			"leaves holes in the log", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withDamage("DELETE FROM log_entry WHERE kind = 50 AND position NOT IN (SELECT position FROM hub_update)"),
		},
		{
			"draws new marks", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withDamage("UPDATE log_entry SET mark = mark + 1 WHERE kind = 50 AND position NOT IN (SELECT position FROM hub_update)"),
		},
		{
			"takes messages, too", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withDamage("DELETE FROM message"),
		},
		{
			"remembers the words", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withLog(func(l port.Log) port.Log { return remembersUpdates(l) }),
		},
		{
			"does not say up to where", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withUpdates(func(u port.Updates) port.Updates { return tellsNothing{u} }),
		},
		{
			"lets updates begin before the log", "updates go with the beginning of the log, and never begin before it",
			withDamage("UPDATE hub_start SET position = 2 WHERE position > 2"),
		},
		{
			"prunes what is young", "pruning at many places at once takes no update that is young",
			withRevising(func(r port.Revising) port.Revising { return prunesTheYoung{r} }),
		},
	})
}
