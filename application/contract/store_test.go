package contract_test

import (
	"context"
	"errors"
	"testing"

	"parley/adapters/bunstore/bunstoretest"
	"parley/application/contract"
	"parley/application/port"
	"parley/domain/message"
	"parley/domain/room"
)

func TestTheSuiteCatchesBrokenStores(t *testing.T) {
	catches(t, contract.StorePromises, []bentStore{
		{
			"trims what is said", "what is stored comes back as it was stored",
			withView(func(v port.View) port.View { v.Messages = trims{v.Messages}; return v }),
		},
		{
			"breaks at what it does not know", "what is unknown is missing, not broken",
			withView(func(v port.View) port.View { v.Users = breaks{v.Users}; return v }),
		},
		{
			"takes an address twice", "an address is taken once, however it is written",
			withKeeping(func(k port.Keeping) port.Keeping { return takesTwice{k} }),
		},
		{
			"keeps what a failed step did", "a failed step leaves nothing behind",
			withWork(func(w port.Work) port.Work { return keepsFailures{w} }),
		},
		{
			"keeps what a step did that panics", "a step that panics leaves nothing and stops nobody",
			withWork(func(w port.Work) port.Work { return keepsPanics{w} }),
		},
		{
			"reads each thing when it is asked for", "a look sees one moment",
			withWork(func(w port.Work) port.Work { return readsAnew{w} }),
		},
		{
			"loses a message", "people talking at once are all heard, in one order",
			withSends(func(s port.Sends) sendFunc { return loses(s) }),
		},
		{
			"gives a number twice", "people talking at once are all heard, in one order",
			withView(func(v port.View) port.View { v.Messages = repeats{v.Messages}; return v }),
		},
		{
			"leaves a hole in the numbers", "people talking at once are all heard, in one order",
			withView(func(v port.View) port.View { v.Messages = skips{v.Messages}; return v }),
		},
		{
			"keeps whole seconds", "people talking at once are all heard, in one order",
			withView(func(v port.View) port.View { v.Messages = rounds{v.Messages}; return v }),
		},
		{
			"reads before it has the lock", "changes at the same time happen one after another",
			withWork(func(w port.Work) port.Work { return &readsBefore{Work: w} }),
		},
		{
			"forgets keys", "the same key is one message, however often it is sent",
			withSends(func(s port.Sends) sendFunc {
				return func(ctx context.Context, d message.Draft) (message.Sent, error) {
					d.Key = message.Key{}
					return s.Send(ctx, d)
				}
			}),
		},
		{
			"looks for a key and then sends", "the same key fifty times at once is one message",
			withSends(func(s port.Sends) sendFunc { return looksThenSends(s) }),
		},
		{
			"leaves a number out at a conflict", "the same key fifty times at once is one message",
			withView(func(v port.View) port.View { v.Messages = skips{v.Messages}; return v }),
		},
		{
			"does not tell requests apart", "a key stands for what was first sent with it",
			withSends(func(s port.Sends) sendFunc {
				return func(ctx context.Context, d message.Draft) (message.Sent, error) {
					d.Print = message.Print{1}
					return s.Send(ctx, d)
				}
			}),
		},
		{
			"lets nobody out", "who was removed says nothing more",
			withKeeping(func(k port.Keeping) port.Keeping { return filters{k, without[room.Left]} }),
		},
		{
			"looks at the pace first", "a refusal names the first reason: session, standing, key, pace",
			withSends(func(s port.Sends) sendFunc { return pacesFirst(s) }),
		},
		{
			"has no pace", "nobody talks faster than the pace",
			func(tb testing.TB) contract.StoreSubject {
				s := bunstoretest.SQLite(tb)
				return contract.StoreSubject{Work: s, Sends: s, Log: s, Publishes: s, Updates: s}
			},
		},
		{
			"refuses what comes with a bad one", "one that is refused touches no other",
			withSends(func(s port.Sends) sendFunc { return refusesAllAfter(s) }),
		},
		{
			"drops a reply that it does not find", "a reply goes to a message of the same room",
			withSends(func(s port.Sends) sendFunc {
				return func(ctx context.Context, d message.Draft) (message.Sent, error) {
					sent, err := s.Send(ctx, d)
					if errors.Is(err, message.ErrReplyTo) {
						d.ReplyTo = message.ID{}
						return s.Send(ctx, d)
					}
					return sent, err
				}
			}),
		},
		{
			"moves no read marks", "writing and joining move one's read mark to the end",
			withView(func(v port.View) port.View { v.Rooms = marksNothing{v.Rooms}; return v }),
		},
		{
			"forgets who was put out", "a room knows who is in it, who runs it and who was put out",
			withView(func(v port.View) port.View { v.People = forgives{v.People}; return v }),
		},
		{
			"deletes nothing", "a room that was deleted is there for nobody",
			withKeeping(func(k port.Keeping) port.Keeping { return filters{k, without[room.Deleted]} }),
		},
		{
			"finds a direct room from one side", "two people have one direct room, whoever asks",
			withView(func(v port.View) port.View { v.Rooms = oneSided{v.Rooms}; return v }),
		},
		{
			"lists rooms by their IDs", "one's rooms come most recently active first, page by page",
			withView(func(v port.View) port.View { v.Rooms = byID{v.Rooms}; return v }),
		},
		{
			"finds one page", "people and public rooms are found by the beginning of any word",
			withView(func(v port.View) port.View { v.Users = onePage{v.Users}; return v }),
		},
		{
			"cuts at the wrong end", "messages are read by their numbers, from either end",
			withView(func(v port.View) port.View { v.Messages = wrongEnd{v.Messages}; return v }),
		},
		{
			"ends no session", "a session that has ended is refused from then on, and its end is logged once",
			withAccess(func(a port.Access) port.Access { return endsNothing{a} }),
		},
		{
			"ends the first of several sessions", "a session that has ended is refused from then on, and its end is logged once",
			withAccess(func(a port.Access) port.Access { return endsOne{a} }),
		},
		{
			"lets streams of an ended session open", "a session that has ended is refused from then on, and its end is logged once",
			withLog(func(l port.Log) port.Log { return opensToAll{l} }),
		},
		{
			"lists sessions by their IDs", "the sessions of a user that last come the longest unused first",
			withView(func(v port.View) port.View { v.Sessions = sessionsByID{v.Sessions}; return v }),
		},
		{
			"counts no turns", "a session is renewed as it was decided, and no other is",
			withAccess(func(a port.Access) port.Access { return countsNoTurns{a} }),
		},
		{
			"keeps the old password", "a new password takes the place of the old one",
			withAccess(func(a port.Access) port.Access { return keepsPasswords{a} }),
		},
		{
			"says an edit as something new", "an edited message keeps all but its words",
			withView(func(v port.View) port.View { v.Messages = countsAnew{v.Messages}; return v }),
		},
		{
			"keeps words under a tombstone", "what is deleted has no words any more, wherever it is read",
			withRevising(func(r port.Revising) port.Revising { return keepsWords{r} }),
		},
		{
			"takes everybody for an admin", "a decision about a message rests on what there is",
			withRevising(func(r port.Revising) port.Revising { return allAdmins{r} }),
		},
		{
			"does not count edits", "a decision about a message rests on what there is",
			withRevising(func(r port.Revising) port.Revising { return unpaced{r} }),
		},
		{
			"renames nothing", "a room is found by the name that it has now",
			withKeeping(func(k port.Keeping) port.Keeping { return filters{k, without[room.Renamed]} }),
		},
		{
			"marks nothing that is read", "a read mark is its reader's own, and no event",
			withRevising(func(r port.Revising) port.Revising { return marksNobody{r} }),
		},
		{
			"sweeps once", "what was said in a deleted room is swept away, slice by slice",
			withRevising(func(r port.Revising) port.Revising { return sweepsOnce{r} }),
		},
		{
			"prunes nothing", "what is too old is pruned from the beginning, slice by slice, and nothing else is",
			withRevising(func(r port.Revising) port.Revising { return prunesNothing{r} }),
		},
		{
			"prunes all at once", "what is too old is pruned from the beginning, slice by slice, and nothing else is",
			withRevising(func(r port.Revising) port.Revising { return prunesAllAtOnce{r} }),
		},
		{
			"prunes the row of a room's last message", "numbers and IDs go on, whatever was pruned",
			withDamage("DELETE FROM message WHERE pruned = TRUE"),
		},
		{
			"shows the last message after it was pruned", "numbers and IDs go on, whatever was pruned",
			withDamage("UPDATE message SET pruned = FALSE, content = 'still here' WHERE pruned = TRUE"),
		},
		{
			"keeps the keys of what was pruned", "a key stands for its message for as long as that is kept",
			withSends(func(s port.Sends) sendFunc { return remembersKeys(s) }),
		},
		{
			"forgets the keys of what is kept", "a key stands for its message for as long as that is kept",
			withDamage("UPDATE message SET client_key = NULL"),
		},
		{
			"forgets whom an admin has put out", "who was put out of a public room stays out, however long ago that was",
			withDamage("DELETE FROM chat_participant WHERE ended_position IS NOT NULL"),
		},
		{
			"prunes what is young", "pruning at many places at once takes nothing that is young",
			withRevising(func(r port.Revising) port.Revising { return prunesTheYoung{r} }),
		},
	})
}
