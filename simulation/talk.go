package simulation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parley/application/accounts"
	"parley/application/messages"
	"parley/application/port"
	"parley/application/rooms"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

// poison is what a message begins with that the database does not take.
const poison = "poison"

// utterance is something that somebody says, however often they have to.
type utterance struct {
	by   *person
	in   room.ID
	key  message.Key
	text message.Content

	asked    time.Time // first
	taken    *record   // what became of it, as far as they know; nil: nothing
	answered time.Time // first, that it is taken
}

func content(text string) message.Content {
	c, err := message.ParseContent(text)
	if err != nil {
		panic(err) // it is one
	}
	return c
}

// utter makes up what somebody says. The lock is held.
func (w *world) utter(a *actor, p *person, in room.ID) *utterance {
	w.keys++
	key, err := message.ParseKey(fmt.Sprintf("k%d", w.keys))
	if err != nil {
		panic(err) // it is one
	}
	text := fmt.Sprintf("word %d", w.keys)
	if a.chance(40) {
		text = poison + text
	}
	u := &utterance{by: p, in: in, key: key, text: content(text)}
	w.sends[message.Name{Author: p.id, Key: key}] = u
	return u
}

// say says something until it is answered, and now and then once more.
func (w *world) say(a *actor, u *utterance) {
	u.asked = time.Now()
	again := a.chance(8)
	for range 2 {
		err := w.ask(a, u.by, answerTime, func(ctx context.Context, n *node, of identity.Caller) error {
			prints := func(message.Draft) message.Print { return message.Print{1} }
			asked := time.Now()
			sent, err := messages.Send{Sends: n, Print: prints}.Handle(ctx, messages.SendCommand{Who: of, Room: u.in, Content: u.text, Key: u.key})
			if err == nil && !n.isDead() {
				w.taken(a, u, sent.Message, asked)
			}
			return err
		})
		w.mu.Lock()
		if err != nil && !isAgain(err) && !isFault(err) && !strings.HasPrefix(u.text.String(), poison) {
			w.breaks(Alone, "%s: %v", a.name, err)
		}
		w.note(a, "is answered %v", err)
		w.mu.Unlock()
		if err != nil || !again {
			return
		}
		a.rest(a.between(ms, time.Second))
	}
}

// taken judges the answer that something is said.
func (w *world) taken(a *actor, u *utterance, m message.Message, asked time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count[wasSaid]++
	if !w.restored.Before(asked) {
		return // it may be that it is there no more
	}
	s := w.history.keys[message.Name{Author: u.by.id, Key: u.key}]
	switch {
	case s == nil || s.now.ID != m.ID || s.now.Sequence != m.Sequence || s.now.Room != u.in:
		w.breaks(Lost, "%s was told that %q is message %s, which is not in the log", a.name, u.text, m.ID)
	case u.taken == nil || !w.restored.Before(u.answered):
		u.taken, u.answered = s.created, time.Now()
	case u.taken != s.created:
		w.breaks(Once, "%s was told that %q is message %s, which was another before", a.name, u.text, m.ID)
	}
}

// revise edits or deletes a message.
func (w *world) revise(a *actor, p *person, id message.ID, text string) {
	var answered *node
	err := w.ask(a, p, answerTime+appliedTime, func(ctx context.Context, n *node, of identity.Caller) error {
		answered = n
		if text != "" {
			_, err := messages.Edit{Work: n, Applied: n.tail.Applied}.Handle(ctx, messages.EditCommand{Who: of, Message: id, Content: content(text)})
			return err
		}
		_, err := messages.Delete{Work: n, Applied: w.Plant.applied(n)}.Handle(ctx, messages.DeleteCommand{Who: of, Message: id})
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(a, "is answered %v", err)
	if s := w.history.messages[id]; err == nil && text == "" && s != nil && s.deleted != nil {
		w.count[wasDeleted]++
		if answered.on == w.history { // else it may take its log's entry there for this one, for a moment
			s.deleted.done(answered)
		}
	}
}

// done notes that a node has answered that this is done. The world's lock is held.
func (r *record) done(n *node) {
	if r.answered == nil {
		r.answered = make(map[*node]time.Time)
	}
	if _, was := r.answered[n]; !was {
		r.answered[n] = time.Now()
	}
}

// move takes somebody out of a room, or puts them in.
func (w *world) move(a *actor, p *person, in room.ID, whom identity.UserID, out bool) {
	err := w.ask(a, p, answerTime, func(ctx context.Context, n *node, of identity.Caller) error {
		if out {
			return rooms.Remove{Work: n}.Handle(ctx, rooms.RemoveCommand{Who: of, Room: in, Whom: whom})
		}
		_, err := rooms.Add{Work: n}.Handle(ctx, rooms.AddCommand{Who: of, Room: in, Whom: whom, Role: room.Member})
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(a, "is answered %v", err)
	if err == nil && out {
		w.count[wasRemoved]++
	}
}

// found opens a room.
func (w *world) found(a *actor, p *person, others []identity.UserID) {
	_ = w.ask(a, p, answerTime, func(ctx context.Context, n *node, of identity.Caller) error {
		return n.Change(ctx, func(ctx context.Context, s port.Scope) error {
			if err := s.Admit(ctx, of); err != nil {
				return err
			}
			_, err := s.Keeping.OpenRoom(ctx, room.Plan{Kind: policy.Group, By: of.User, Others: others}, of.User)
			return err
		})
	}) // if nobody opens it, there is one room less
}

// signOutAndIn ends somebody's session, and begins another.
func (w *world) signOutAndIn(a *actor, p *person) {
	var ended identity.SessionID
	var answered *node
	err := w.ask(a, p, answerTime+answerTime, func(ctx context.Context, n *node, of identity.Caller) error {
		ended, answered = of.Session, n
		return accounts.SignOut{Work: n, Terms: n.terms()}.Handle(ctx, accounts.SignOutCommand{Who: of})
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(a, "is answered %v", err)
	if at, is := w.history.ended[ended]; is && err == nil {
		w.count[wasEnded]++
		w.history.records[at].done(answered)
	}
	p.session, p.leaving = w.newSession(p.id), false
}
