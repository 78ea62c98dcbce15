package delivery

import (
	"context"
	"slices"
	"strings"

	"parley/domain/hub"
	"parley/domain/identity"
)

// watchers is the index of the readers that can hear of subscriptions, by the
// matchers with which they ask for that. Most readers ask for other topics, or
// are not granted these; they are not in it. The lock of signals is held.
type watchers struct {
	by map[watched]*watching
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

// watch is what a reader can hear of subscriptions. It does not change.
type watch struct {
	asked   []hub.Matcher
	granted []hub.Matcher
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
	for _, detail := range q.Grant.Subscribe {
		r.watch.granted = append(r.watch.granted, amongSubscriptions(detail.Topics)...)
	}
	if r.watch.asked = amongSubscriptions(q.What.matchers); len(r.watch.asked) == 0 || len(r.watch.granted) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range r.watch.asked {
		g.watchers.enter(m, r)
	}
}

// amongSubscriptions are those of the matchers that may match any.
func amongSubscriptions(matchers []hub.Matcher) (some []hub.Matcher) {
	for _, m := range matchers {
		if m.MayMatchBelow(ofSubscriptions) {
			some = append(some, m)
		}
	}
	return some
}

func (w *watchers) enter(m hub.Matcher, r *reader) {
	key := watched{m.Type, m.Text}
	if w.by == nil {
		w.by = make(map[watched]*watching)
	}
	if w.by[key] == nil {
		w.by[key] = &watching{m, make(map[*reader]bool)}
	}
	w.by[key].readers[r] = true
}

// leave forgets a reader.
func (g *signals) leave(r *reader) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range r.watch.asked {
		key := watched{m.Type, m.Text}
		if one := g.watchers.by[key]; one != nil {
			delete(one.readers, r)
			if len(one.readers) == 0 {
				delete(g.watchers.by, key)
			}
		}
	}
	r.inbox.queue = nil
}

// tell leaves a signal for those whom it may be for, as far as the text of what
// they ask for tells: to try a pattern takes its time, which is its reader's.
func (w *watchers) tell(s *Signal) {
	if len(w.by) == 0 {
		return
	}
	s.topics = [2]string{s.Subscription.Topic(s.Dialect), s.Subscription.Topic(other(s.Dialect))}
	begins := plainly(s.topics[0])
	told := make(map[*reader]bool)
	for key, one := range w.by {
		if !s.isAskedBy(key.by) || !one.mayMatch(s.topics[0], begins) {
			continue
		}
		for r := range one.readers {
			if !told[r] {
				told[r] = true
				r.put(s)
			}
		}
	}
}

// isAskedBy reports whether the dialect of the signal asks with such matchers.
func (s *Signal) isAskedBy(by hub.MatchType) bool {
	return (by == hub.Topic) == (s.Dialect == hub.Legacy)
}

// mayMatch reports whether the matcher can match a topic that begins so, without
// trying it.
func (one *watching) mayMatch(topic, begins string) bool {
	if name, only := one.matcher.Only(); only {
		return name == topic
	}
	return one.matcher.MayMatchBelow(begins)
}

// plainly is what the topic of a subscription begins with, up to what may be
// written in another way.
func plainly(topic string) string {
	rest := topic[len(ofSubscriptions):]
	for _, unclear := range []string{"%", "/."} {
		rest, _, _ = strings.Cut(rest, unclear)
	}
	return ofSubscriptions + rest
}

// heard returns those of the signals that the reader is to hear. It may take long,
// and holds no lock: whoever asks with patterns, or is granted some, waits while
// they are tried, and nobody else does.
func (r *reader) heard(ctx context.Context, all []*Signal) (some []*Signal) {
	for _, s := range all {
		if ctx.Err() != nil || r.ended.Load() {
			return nil
		}
		if r.watch.hears(s) {
			some = append(some, s)
		}
	}
	return some
}

// hears reports whether the signal is asked for, and one of its topics granted: a
// subscription is one update, whatever it is called.
func (w *watch) hears(s *Signal) bool {
	asked := slices.ContainsFunc(w.asked, func(m hub.Matcher) bool { return s.isAskedBy(m.Type) && m.Matches(s.topics[0]) })
	return asked && slices.ContainsFunc(w.granted, func(m hub.Matcher) bool { return m.MatchesAny(s.topics[:]) })
}

func other(d hub.Dialect) hub.Dialect {
	if d == hub.Modern {
		return hub.Legacy
	}
	return hub.Modern
}

// Matchers are what was asked for, as it was.
func (s Selection) Matchers() []hub.Matcher { return s.matchers }
