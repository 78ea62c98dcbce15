package simulation

import (
	"fmt"
	"slices"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/sequence"
)

// Law is what must hold, whatever happens.
type Law string

// The laws.
const (
	Lost     Law = "what was answered for, or is due to somebody, is there"
	Order    Law = "everybody hears everything once, in the log's order"
	Leak     Law = "nobody hears what they have no right to"
	Ended    Law = "nothing is heard behind the end of a session"
	Expired  Law = "nothing is heard behind the end of a token"
	Stale    Law = "a node that does not see the log hands out nothing"
	Words    Law = "what was deleted is written no more"
	Outdated Law = "an event reads at least as its entry left it"
	Resuming Law = "who cannot be resumed is told so, and nobody else is"
	Answers  Law = "whoever asks has an answer in time"
	Alone    Law = "what the database does not take fails alone"
	Once     Law = "a key is one message for ever"
	Numbers  Law = "a room's messages are numbered without a hole, in the order of their times"
	RealTime Law = "who speaks after an answer comes after it"
	Ends     Law = "what a node has started ends with it"
	Admitted Law = "whose session has ended is let in no more, and everybody else is"
)

// stale is how long a node may not have seen the log's head (rule 10), and so how
// much later than in the log something may come into force on it.
const stale = 1500 * time.Millisecond

// judgeOpening: a place that is in the log is resumed from, and no other. The log
// is that which the node has, and that which there is.
func (l *line) judgeOpening(o delivery.Opened) {
	w := l.w
	switch {
	case l.from == nil:
		if o.Mode != delivery.Live {
			w.breaks(Resuming, "%s asked for no place and was opened with mode %d", l.a.name, o.Mode)
		}
	case o.Mode == delivery.Replay:
		w.count[wasResumed]++
		if !w.history.has(*l.from) && !l.n.on.has(*l.from) {
			w.breaks(Resuming, "%s was resumed from %v, which is not in the log", l.a.name, *l.from)
		}
	default:
		w.count[wasReset]++
		if w.history.has(*l.from) && w.restored.Before(l.begun) && l.n.on.has(*l.from) {
			w.breaks(Resuming, "%s was not resumed from %v, which is in the log", l.a.name, *l.from)
		}
	}
}

// judgeBatch judges what is handed out, by the log as far as the node has applied
// it.
func (l *line) judgeBatch(batch []delivery.Delivered) {
	w, now := l.w, time.Now()
	if l.turn != l.n.turn {
		w.breaks(Order, "%s was handed something of a log that is no more", l.a.name)
		return
	}
	if now.Sub(l.n.confirmed) > stale {
		w.breaks(Stale, "%s was handed something %s after its node last saw the log's head", l.a.name, now.Sub(l.n.confirmed))
	}
	if !l.until.IsZero() && now.After(l.until) {
		w.breaks(Expired, "%s was handed something %s after its token's end", l.a.name, now.Sub(l.until))
	}
	l.on = l.n.on
	for _, d := range batch {
		at := d.Event.Entry.Place
		if !l.n.on.has(at) || at.Position > l.n.applied {
			w.breaks(Order, "%s was handed %v, which its node has not read", l.a.name, at)
			continue
		}
		if at.Position <= l.place.Position {
			w.breaks(Order, "%s was handed %v after %v", l.a.name, at, l.place)
			continue
		}
		l.judgeGap(at.Position - 1)
		l.place, l.owed = at, append(l.owed, at)
		if !l.due(at.Position) {
			w.breaks(Leak, "%s was handed %s with rights as of %d and the log at %d", l.a.name, describe(d.Event.Entry), l.head.Position, l.n.applied)
		}
		if end, ended := l.n.on.ended[l.caller.Session]; ended && at.Position > end {
			w.breaks(Ended, "%s was handed %v, its session ended at %d", l.a.name, at, end)
		}
	}
}

// judgeGap: between what a line was handed last and here there is nothing that
// was due to it.
func (l *line) judgeGap(upto sequence.Position) {
	for p := l.place.Position + 1; p <= upto; p++ {
		if l.due(p) {
			l.w.breaks(Lost, "%s was not handed %s", l.a.name, describe(l.n.on.records[p].entry))
		}
	}
	if upto > l.place.Position {
		l.place = l.n.on.records[upto].entry.Place
	}
}

// judgePassed judges that a line's place has moved on. A line whose node has
// started over since is as good as closed.
func (l *line) judgePassed(p sequence.Place) {
	if l.turn != l.n.turn {
		return
	}
	if !l.n.on.has(p) || p.Position > l.n.applied {
		l.w.breaks(Order, "%s is told that it has passed %v, which its node has not read", l.a.name, p)
		return
	}
	l.judgeGap(p.Position)
}

// due reports whether the entry at a position is to be handed to the line: rules
// 12 and 13, told from the log as a whole.
func (l *line) due(p sequence.Position) bool {
	e := l.n.on.records[p].entry
	head, applied := l.head.Position, l.n.applied
	for _, s := range l.n.on.stays[message.Seat{Room: e.Room, User: l.p.id}] {
		if s.to == p && (e.Kind == port.ParticipantLeft && e.Subject.ID == l.p.id || e.Kind == port.RoomDeleted) {
			return true // about themselves
		}
		if s.from > applied || s.to <= head {
			continue // not yet, or no more
		}
		from := s.from
		if from <= head {
			from = 0 // who is in a room may read all of its history
		}
		if s.to > applied && from <= p || s.to <= applied && max(from, head+1) <= p && p <= s.to {
			return true
		}
	}
	return false
}

// judgeGot: what was handed out arrives, all of it and in this order.
func (l *line) judgeGot(at sequence.Place) {
	if len(l.owed) == 0 || l.owed[0] != at {
		l.w.breaks(Lost, "%s got %v, and not all that was handed out before", l.a.name, at)
		return
	}
	l.owed = l.owed[1:]
}

// judgeWords judges what is written, by what the node has to know of it.
func (l *line) judgeWords(e port.Entry) {
	if e.Message == nil {
		return
	}
	on := l.on
	if l.turn == l.n.turn {
		on = l.n.on // which may be another by now, as far as the node can see
	}
	s := on.messages[e.Message.ID]
	if s == nil || !on.has(e.Place) {
		l.w.breaks(Outdated, "%s got %v, which is not in the log", l.a.name, e.Place)
		return
	}
	r := on.records[e.Place.Position]
	if e.Message.Version < r.entry.Message.Version {
		l.w.breaks(Outdated, "%s got version %d of message %s, whose entry made it version %d", l.a.name, e.Message.Version, e.Message.ID, r.entry.Message.Version)
	}
	if e.Message.Version > len(s.texts) || s.texts[e.Message.Version-1] != e.Message.Content.String() {
		l.w.breaks(Outdated, "%s got %q, which version %d of message %s never was", l.a.name, e.Message.Content, e.Message.Version, e.Message.ID)
	}
	now, created := time.Now(), s.created
	if s = l.w.history.messages[e.Message.ID]; s == nil || s.created != created || s.deleted == nil || e.Message.Content.IsZero() {
		return // a deletion that a restore has undone is none
	}
	answered, was := s.deleted.answered[l.n]
	if late := now.Sub(s.deleted.at); late > stale || was && answered.Before(now) || s.deleted.at.Before(l.begun) {
		l.w.breaks(Words, "%s got %q, deleted %s before", l.a.name, e.Message.Content, late)
	}
}

// judgeAdmission judges an answer of Admit that was asked for at a time.
func (w *world) judgeAdmission(n *node, of identity.Caller, asked time.Time, err error) {
	end, ended := w.history.ended[of.Session]
	if err == nil && ended {
		r := w.history.records[end]
		answered, was := r.answered[n]
		if asked.Sub(r.at) > stale || was && answered.Before(asked) {
			w.breaks(Admitted, "node %s let in session %s, which had ended %s before", n.name, of.Session, asked.Sub(r.at))
		}
	}
	if isEnded(err) && !w.everEnded[of.Session] {
		w.breaks(Admitted, "node %s let in session %s no more, which lasts", n.name, of.Session)
	}
}

// describe is an entry in a few words.
func describe(e port.Entry) string {
	what := fmt.Sprintf("%d: %s room %s", e.Place.Position, kinds[e.Kind], e.Room)
	if m := e.Message; m != nil {
		what += fmt.Sprintf(" message %s version %d %q", m.ID, m.Version, m.Content)
	}
	if !e.Subject.ID.IsZero() {
		what += " of " + e.Subject.ID.String()
	}
	if !e.Session.IsZero() {
		what += " session " + e.Session.String()
	}
	return what
}

var kinds = map[port.EntryKind]string{
	port.Genesis: "genesis", port.MessageCreated: "said", port.MessageEdited: "edited", port.MessageDeleted: "deleted",
	port.ParticipantJoined: "joined", port.ParticipantLeft: "left", port.ParticipantChanged: "changed",
	port.RoomCreated: "new", port.RoomDeleted: "gone", port.RoomChanged: "renamed", port.SessionEnded: "ended", port.UpdatePublished: "published",
}

// isThrough reports whether all that is due to a line has been handed to it.
func (l *line) isThrough() bool {
	if !l.opened || l.n.on != l.w.history || l.n.applied != l.w.history.head().Position {
		return false
	}
	rest := l.n.on.records[min(int(l.place.Position)+1, len(l.n.on.records)):]
	return !slices.ContainsFunc(rest, func(r *record) bool { return l.due(r.entry.Place.Position) })
}
