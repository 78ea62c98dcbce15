package delivery

import (
	"sort"
	"strings"
	"sync"

	"parley/domain/hub"
)

// answers is how many bytes of answers of patterns are remembered, each of two
// kinds.
const answers = 8 << 20

// pattern is a matcher that can match many topics, once for all who have it.
type pattern struct {
	matcher hub.Matcher
	number  int64 // later ones have higher ones
	holders int
}

// patterns are the distinct ones that readers have. Whether one matches a topic
// is found out once for all of them, as long as that is remembered.
type patterns struct {
	mu    sync.Mutex
	last  int64 // that was given as a number
	held  map[patternKey]*pattern
	order []*pattern // by number, also some that are held no more; only appended to

	matching recall[string, matched]
	verdicts recall[verdict, bool]
}

type patternKey struct {
	by   hub.MatchType
	text string
}

// matched says which patterns match a topic, of those with a number up to upto.
type matched struct {
	upto int64
	by   []*pattern
}

type verdict struct {
	of    *pattern
	topic string
}

func newPatterns() *patterns {
	return &patterns{
		held: make(map[patternKey]*pattern),
		matching: newRecall(answers, func(topic string, m matched) int {
			return remembered + len(topic) + 8*len(m.by)
		}),
		verdicts: newRecall(answers, func(v verdict, _ bool) int { return remembered + len(v.topic) }),
	}
}

// hold returns the pattern of a matcher, until it is let go of.
func (p *patterns) hold(m hub.Matcher) *pattern {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := patternKey{m.Type, m.Text}
	one, known := p.held[key]
	if !known {
		p.last++
		one = &pattern{matcher: m, number: p.last}
		p.held[key] = one
		p.order = append(p.order, one)
	}
	one.holders++
	return one
}

// letGo is the end of hold.
func (p *patterns) letGo(one *pattern) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one.holders--; one.holders > 0 {
		return
	}
	delete(p.held, patternKey{one.matcher.Type, one.matcher.Text})
	if len(p.order) <= 2*len(p.held)+16 {
		return
	}
	kept := make([]*pattern, 0, len(p.held))
	for _, other := range p.order {
		if other.holders > 0 {
			kept = append(kept, other)
		}
	}
	p.order = kept
}

// none reports whether there are no patterns.
func (p *patterns) none() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.held) == 0
}

// of returns those patterns that match a topic, and maybe some that nobody holds
// any more.
func (p *patterns) of(topic string) []*pattern {
	p.mu.Lock()
	known, _ := p.matching.get(topic)
	upto := p.last
	first := sort.Search(len(p.order), func(i int) bool { return p.order[i].number > known.upto })
	unknown := p.order[first:]
	p.mu.Unlock()
	if known.upto == upto {
		return known.by
	}
	by := known.by[:len(known.by):len(known.by)] // others may be appending to it, too
	for _, one := range unknown {
		if one.matcher.Matches(topic) {
			by = append(by, one)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.matching.put(strings.Clone(topic), matched{upto, by})
	return by
}

// any reports whether one of some patterns, of which newest has the highest
// number, matches a topic.
func (p *patterns) any(some map[*pattern]bool, newest int64, topic string) bool {
	matches, unknown := p.recall(some, newest, topic)
	if matches || len(unknown) == 0 {
		return matches
	}
	found := 0
	for found < len(unknown) && !unknown[found].matcher.Matches(topic) {
		found++
	}
	topic = strings.Clone(topic) // not to hold all that it may be a part of
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, one := range unknown[:min(found+1, len(unknown))] {
		p.verdicts.put(verdict{one, topic}, i == found)
	}
	return found < len(unknown)
}

// recall is any by what is remembered. Where that does not do, it returns the
// patterns whose answer is not known.
func (p *patterns) recall(some map[*pattern]bool, newest int64, topic string) (matches bool, unknown []*pattern) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.matching.get(topic); ok && known.upto >= newest {
		for _, one := range known.by {
			if some[one] {
				return true, nil
			}
		}
		return false, nil
	}
	for one := range some {
		answer, known := p.verdicts.get(verdict{one, topic})
		switch {
		case !known:
			unknown = append(unknown, one)
		case answer:
			return true, nil
		}
	}
	return false, unknown
}
