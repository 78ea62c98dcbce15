package delivery

import (
	"slices"
	"sort"
	"strings"
	"sync"

	"parley/domain/hub"
)

// answers is how many bytes of answers of patterns are remembered, each of two
// kinds.
const answers = 8 << 20

// patterns are the distinct ones that readers have. Whether one matches a topic
// is found out once for all of them, as long as that is remembered.
type patterns struct {
	mu      sync.Mutex
	last    int64 // that was given as a number
	held    map[patternKey]*pattern
	buckets map[string]*bucket // by what all topics begin with that they match
	lengths [longestPrefix]int // how many buckets there are with a prefix of a length

	matching recall[string, matched]
	verdicts recall[verdict, bool]
}

// bucket has patterns whose topics begin alike.
type bucket struct {
	held  int
	order []*pattern // by number, also some that are held no more; only appended to
}

// longestPrefix is more than what is looked at of the beginning of topics.
const longestPrefix = 65

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
		held: make(map[patternKey]*pattern), buckets: make(map[string]*bucket),
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
		one = &pattern{key: key, number: p.last}
		one.matcher.Store(&m)
		p.held[key] = one
		p.list(one)
	}
	one.holders++
	return one
}

// letGo is the end of hold. Answers that are remembered name the pattern for longer:
// what it was compiled to, which may be a thousand times as large, goes at once.
func (p *patterns) letGo(one *pattern) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if one.holders--; one.holders > 0 {
		return
	}
	delete(p.held, one.key)
	p.unlist(one)
	one.matcher.Store(nil)
}

// list puts a pattern where it is found by the topics that it may match. The lock
// is held.
func (p *patterns) list(one *pattern) {
	prefix := one.prefix()
	b := p.buckets[prefix]
	if b == nil {
		b = &bucket{}
		p.buckets[prefix] = b
		p.lengths[len(prefix)]++
	}
	b.held++
	b.order = append(b.order, one)
}

// unlist is the end of list. The lock is held.
func (p *patterns) unlist(one *pattern) {
	prefix := one.prefix()
	b := p.buckets[prefix]
	b.held--
	switch {
	case b.held == 0:
		delete(p.buckets, prefix)
		p.lengths[len(prefix)]--
	case len(b.order) > 2*b.held+16:
		kept := make([]*pattern, 0, b.held)
		for _, other := range b.order {
			if other.holders > 0 {
				kept = append(kept, other)
			}
		}
		b.order = kept
	}
}

// candidates returns what patterns with a number above after may match a topic, by
// how it begins. The lock is held.
func (p *patterns) candidates(topic string, after int64) [][]*pattern {
	var all [][]*pattern
	for length, buckets := range p.lengths[:min(len(topic)+1, longestPrefix)] {
		if buckets == 0 {
			continue
		}
		b := p.buckets[topic[:length]]
		if b == nil || b.order[len(b.order)-1].number <= after {
			continue
		}
		first := sort.Search(len(b.order), func(i int) bool { return b.order[i].number > after })
		all = append(all, b.order[first:])
	}
	return all
}

// none reports whether there are no patterns.
func (p *patterns) none() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.held) == 0
}

// find finds out which patterns match a topic, to be remembered; unless it becomes
// late: then nothing is.
func (p *patterns) find(topic string, late func() bool) {
	p.mu.Lock()
	known, seen := p.matching.get(topic)
	upto := p.last
	unknown := slices.Concat(p.candidates(topic, known.upto)...)
	p.mu.Unlock()
	if known.upto == upto || !seen && len(unknown) == 0 {
		return // which is as quickly found out as remembered
	}
	by := known.by[:len(known.by):len(known.by)] // others may be appending to it, too
	for i, one := range unknown {
		if i%16 == 0 && late() {
			return
		}
		if one.matches(topic) {
			by = append(by, one)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.matching.put(strings.Clone(topic), matched{upto, stillHeld(by)})
}

// fewUntried is how many patterns are taken for matching that were not tried.
const fewUntried = 64

// likely returns the patterns that match a topic, as far as is remembered, and maybe
// some more, without trying any; false if these are not all that may.
func (p *patterns) likely(topic string) (by []*pattern, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, _ := p.matching.get(topic)
	if known.upto == p.last {
		return known.by, true
	}
	by = known.by
	for _, untried := range p.candidates(topic, known.upto) {
		if len(untried) > fewUntried {
			return nil, false
		}
		by = slices.Concat(by, untried)
	}
	return by, true
}

// stillHeld returns those of the patterns that somebody holds. Without it, what is
// remembered of a topic would grow with everybody who has ever come and gone. The
// lock is held.
func stillHeld(all []*pattern) []*pattern {
	kept := make([]*pattern, 0, len(all))
	for _, one := range all {
		if one.holders > 0 {
			kept = append(kept, one)
		}
	}
	return kept
}

// any reports whether one of some patterns, of which newest has the highest
// number, matches a topic.
func (p *patterns) any(some map[*pattern]bool, newest int64, topic string) bool {
	matches, unknown := p.recall(some, newest, topic)
	if matches || len(unknown) == 0 {
		return matches
	}
	found := 0
	for found < len(unknown) && !unknown[found].matches(topic) {
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
