package delivery

import (
	"parley/domain/hub"
	"parley/domain/identity"
)

// watchers is the index of the readers that can hear of subscriptions, by the
// matchers with which they ask for that. Most readers ask for other topics, or
// are not granted these; they are not in it. The lock of signals is held.
type watchers struct {
	by map[watched]*watching
	of map[*reader]watch
}

// watched is a matcher, as many may ask with it.
type watched struct {
	by   hub.MatchType
	text string
}

type watching struct {
	matcher hub.Matcher
	readers map[*reader]bool
}

// watch is what a reader can hear of subscriptions.
type watch struct {
	matchers []watched
	granted  []hub.Matcher
}

// ofSubscriptions is what the topics of all subscriptions begin with.
const ofSubscriptions = hub.SubscriptionsPath + "/"

// Subscribed tells in one dialect that a subscription has begun or ended, to those
// readers without a user who ask for it in that dialect and are granted it: topic
// is of 0.x, match of 1.0. What a reader is told, it is told once.
//
// It has to do with nobody's place in the log, for claims decide who may hear it.
func (t *Tail) Subscribed(s hub.Subscription, in hub.Dialect) {
	t.signal(&Signal{Dialect: in, Subscription: s})
}

// watch makes a reader hear of subscriptions from now on, if it can.
func (g *signals) watch(r *reader, q FollowQuery) {
	if q.Who != (identity.Caller{}) {
		return // chat users are told who is there in another way
	}
	var w watch
	for _, detail := range q.Grant.Subscribe {
		for _, m := range detail.Topics {
			if m.MayMatchBelow(ofSubscriptions) {
				w.granted = append(w.granted, m)
			}
		}
	}
	if len(w.granted) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range q.What.matchers {
		if m.MayMatchBelow(ofSubscriptions) {
			w.matchers = append(w.matchers, g.watchers.enter(m, r))
		}
	}
	if len(w.matchers) == 0 {
		return
	}
	if g.watchers.of == nil {
		g.watchers.of = make(map[*reader]watch)
	}
	g.watchers.of[r] = w
}

func (w *watchers) enter(m hub.Matcher, r *reader) watched {
	key := watched{m.Type, m.Text}
	if w.by == nil {
		w.by = make(map[watched]*watching)
	}
	if w.by[key] == nil {
		w.by[key] = &watching{m, make(map[*reader]bool)}
	}
	w.by[key].readers[r] = true
	return key
}

// leave forgets a reader.
func (g *signals) leave(r *reader) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, key := range g.watchers.of[r].matchers {
		if one := g.watchers.by[key]; one != nil {
			delete(one.readers, r)
			if len(one.readers) == 0 {
				delete(g.watchers.by, key)
			}
		}
	}
	delete(g.watchers.of, r)
	r.inbox.queue = nil
}

// tell leaves a signal for those whom it is for. Each matcher is tried once,
// however many ask with it.
func (w *watchers) tell(s *Signal) {
	if len(w.by) == 0 {
		return
	}
	topic := s.Subscription.Topic(s.Dialect)
	both := []string{topic, s.Subscription.Topic(other(s.Dialect))}
	told := make(map[*reader]bool)
	for key, one := range w.by {
		if (key.by == hub.Topic) != (s.Dialect == hub.Legacy) || !one.matcher.Matches(topic) {
			continue
		}
		for r := range one.readers {
			if !told[r] && w.of[r].mayHear(both) {
				told[r] = true
				r.put(s)
			}
		}
	}
}

// mayHear reports whether one of the topics is granted: a subscription is one
// update, whatever it is called.
func (w watch) mayHear(topics []string) bool {
	for _, m := range w.granted {
		if m.MatchesAny(topics) {
			return true
		}
	}
	return false
}

func other(d hub.Dialect) hub.Dialect {
	if d == hub.Modern {
		return hub.Legacy
	}
	return hub.Modern
}

// Matchers are what was asked for, as it was.
func (s Selection) Matchers() []hub.Matcher { return s.matchers }
