package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/sequence"
)

const secret = "secret"

// hideout is a place where words may be when they are deleted: a scene in which
// they get there, are deleted, and somebody hears of what is left.
type hideout struct {
	where string
	small bool // memory holds next to nothing
	play  func(n *node, gone func(sequence.Place)) *ear
}

var hideouts = []hideout{
	{"in memory", false, func(n *node, gone func(sequence.Place)) *ear {
		before, place := n.log.said(hall, "before"), n.log.said(hall, secret)
		n.settle()
		gone(place)
		return n.listen(ben, delivery.FromPlace(before), everything)
	}},
	{"in memory, put into other words before", false, func(n *node, gone func(sequence.Place)) *ear {
		before, place := n.log.said(hall, "before"), n.log.said(hall, "harmless")
		n.log.edited(place, secret)
		n.settle()
		gone(place)
		return n.listen(ben, delivery.FromPlace(before), everything)
	}},
	{"with a writer who has yet to write", false, func(n *node, gone func(sequence.Place)) *ear {
		e := &ear{late: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben)}, everything)
		place := n.log.said(hall, secret)
		n.settle()
		gone(place)
		close(e.late)
		return e
	}},
	{"with a writer, and no more in memory", true, func(n *node, gone func(sequence.Place)) *ear {
		e := &ear{late: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben)}, everything)
		place := n.log.said(hall, secret)
		n.settle()
		for range 100 {
			n.log.said(attic, "elsewhere")
		}
		n.settle()
		gone(place)
		close(e.late)
		return e
	}},
	{"in a page that is held", true, func(n *node, gone func(sequence.Place)) *ear {
		before, place := longAgo(n)
		n.listen(ada, delivery.FromPlace(before), everything)
		gone(place)
		return n.listen(ben, delivery.FromPlace(before), everything)
	}},
	{"in a page that is being read", true, func(n *node, gone func(sequence.Place)) *ear {
		before, place := longAgo(n)
		n.log.set(func() { n.log.onPage = func() { gone(place) } })
		return n.listen(ben, delivery.FromPlace(before), everything)
	}},
	{"in a round that waits for a slow reader", true, func(n *node, gone func(sequence.Place)) *ear {
		before := n.log.said(hall, "before")
		for range 100 {
			n.log.said(hall, strings.Repeat("x", 3000))
		}
		place := n.log.said(hall, secret)
		n.settle()
		e := &ear{late: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(before)}, everything)
		gone(place)
		close(e.late)
		return e
	}},
}

// longAgo says the secret, and then so much that memory has lost it.
func longAgo(n *node) (before, place sequence.Place) {
	before, place = n.log.said(hall, "before"), n.log.said(hall, secret)
	for i := range 100 {
		n.log.said(hall, fmt.Sprintf("w%d", i))
	}
	n.settle()
	return before, place
}

func (h hideout) settings(s *delivery.Settings) {
	if h.small {
		small(s)
	}
}

// hears plays the scene, and returns whether somebody hears the secret. What they
// hear of it at all is that it is gone.
func (h hideout) hears(n *node, gone func(sequence.Place)) bool {
	e := h.play(n, gone)
	n.settle()
	return strings.Contains(e.all(), secret)
}

func TestWhatIsDeletedIsHandedOutNoMore(t *testing.T) {
	for _, h := range hideouts {
		t.Run(h.where, func(t *testing.T) {
			inBubble(t, func(n *node) {
				e := h.play(n, n.deletes)
				n.settle()
				heard := e.all()
				if strings.Contains(heard, secret) {
					t.Errorf("heard %q", heard)
				}
				if !strings.Contains(heard, "_") || !strings.HasSuffix(heard, "~") {
					t.Errorf("heard %q, want that something was said, and deleted", heard)
				}
			}, h.settings)
		})
	}
}

// A node that does not know of the deletion hands the words out wherever they
// are, and so every one of the scenes would show it.
func TestTheScenesShowANodeThatKeepsWhatIsDeleted(t *testing.T) {
	for _, h := range hideouts {
		t.Run(h.where, func(t *testing.T) {
			inBubble(t, func(n *node) {
				if !h.hears(n, n.deletes) {
					t.Error("nobody hears the words")
				}
			}, h.settings, func(s *delivery.Settings) { s.Log = blind{s.Log} })
		})
	}
}

// blind takes deletions for something else, and words for what they were.
type blind struct{ port.Log }

func (l blind) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	entries, err := l.Log.From(ctx, from, limit)
	for i := range entries {
		if entries[i].Kind == port.MessageDeleted {
			entries[i].Kind = port.RoomChanged
		}
	}
	return entries, err
}

// Who answers before the tail has applied a deletion answers while the words are
// still handed out.
func TestTheScenesShowAnAnswerThatComesTooEarly(t *testing.T) {
	for _, h := range hideouts {
		t.Run(h.where, func(t *testing.T) {
			inBubble(t, func(n *node) {
				early := func(place sequence.Place) { n.log.withdrawn(place) }
				if h.where == "in memory" || strings.HasPrefix(h.where, "in memory,") || h.where == "in a page that is held" {
					return // whoever comes later than the answer waits for the tail by themselves
				}
				if !h.hears(n, early) {
					t.Error("nobody hears the words")
				}
			}, h.settings)
		})
	}
}

// A writer that makes its bytes first and then waits is a writer that hands out
// what is gone; so this is what Frame and Now are asked at the last moment for.
func TestTheScenesShowAWriterThatPreparesTooEarly(t *testing.T) {
	inBubble(t, func(n *node) {
		e := &ear{stuck: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben)}, everything)
		place := n.log.said(hall, secret)
		n.settle()
		n.deletes(place)
		close(e.stuck)
		n.expect(e, "secret ~")
	})
}
