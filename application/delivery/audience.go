package delivery

import (
	"parley/application/port"
)

// audience is the index of who is woken by the name of a topic: readers without a
// user, and users who ask for a topic of third parties. The tail's lock is held
// for all of it.
type audience struct {
	in       *patterns
	all      map[*reader]bool
	names    map[string]map[*reader]bool
	patterns map[*pattern]map[*reader]bool
}

func newAudience(in *patterns) audience {
	return audience{
		in: in, all: make(map[*reader]bool), names: make(map[string]map[*reader]bool),
		patterns: make(map[*pattern]map[*reader]bool),
	}
}

func (a *audience) enter(r *reader) {
	if r.guest == nil {
		for name := range r.what.names {
			enter(a.names, name, r)
		}
		return
	}
	asked := r.guest.asked
	if asked.all {
		a.all[r] = true
		return
	}
	for name := range asked.names {
		enter(a.names, name, r)
	}
	for one := range asked.patterns {
		enter(a.patterns, one, r)
	}
}

func (a *audience) exit(r *reader) {
	delete(a.all, r)
	for name := range r.what.names {
		exit(a.names, name, r)
	}
	if r.guest == nil {
		return
	}
	for name := range r.guest.asked.names {
		exit(a.names, name, r)
	}
	for one := range r.guest.asked.patterns {
		exit(a.patterns, one, r)
	}
}

// isEmpty reports whether nobody is in it.
func (a *audience) isEmpty() bool { return len(a.all)+len(a.names)+len(a.patterns) == 0 }

// each calls visit with all who ask for one of the topics, with some maybe more
// than once. Where it is not known whom a pattern is for, it is for all who have
// one: each of them finds out without the lock.
func (a *audience) each(topics []string, visit func(*reader)) {
	if len(topics) == 0 {
		return
	}
	visitAll(a.all, visit)
	known := true
	for _, topic := range topics {
		visitAll(a.names[topic], visit)
		if len(a.patterns) == 0 || !known {
			continue
		}
		var likely []*pattern
		likely, known = a.in.likely(topic)
		for _, one := range likely {
			visitAll(a.patterns[one], visit)
		}
	}
	if known {
		return
	}
	for _, readers := range a.patterns {
		visitAll(readers, visit)
	}
}

func visitAll(readers map[*reader]bool, visit func(*reader)) {
	for r := range readers {
		visit(r)
	}
}

// tell wakes those who hear an event by the name of its topics.
func (l *live) tell(e *Event) {
	part := strandOf(e.Entry)
	if part == (strand{}) || part.kind == ofRoom && l.private.isEmpty() {
		return
	}
	topics, private := e.topics()
	if !private {
		l.public.each(topics, func(r *reader) { r.stir(part, e) })
		return
	}
	l.private.each(topics, func(r *reader) {
		if !r.dirty[part] && r.guest.granted.mayMatch(topics) {
			r.stir(part, e)
		}
	})
}

// prepare finds out which patterns match the topics of entries, of what streams ask
// for and of what their tokens grant, before the tail's lock is taken for them. What
// is not found out before it is late, each reader finds out by itself: however many
// topics are published on, and patterns tried, the chat goes on.
func (l *live) prepare(entries []port.Entry, late func() bool) {
	for _, patterns := range []*patterns{l.asked, l.granted} {
		if patterns.none() {
			continue
		}
		for _, entry := range entries {
			topics, private := Topics(entry)
			if patterns == l.granted && !private {
				continue // which takes no grant
			}
			for _, topic := range topics {
				if late() {
					return
				}
				patterns.find(topic, late)
			}
		}
	}
}
