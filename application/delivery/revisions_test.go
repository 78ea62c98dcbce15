package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

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

// deletes withdraws what was said, and waits as whoever deletes does.
func (n *node) deletes(place sequence.Place) {
	n.applied(n.log.withdrawn(place))
}

func (n *node) applied(place sequence.Place) {
	n.t.Helper()
	if err := n.tail.Applied()(n.t.Context(), place.Position); err != nil {
		n.t.Error(err)
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

func TestWhoDeletesWaitsForTheTailAndNotForEver(t *testing.T) {
	inBubble(t, func(n *node) {
		n.settle()
		place := n.log.said(hall, secret)
		begun := time.Now()
		n.deletes(place)
		if took := time.Since(begun); took > 200*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if err := n.tail.Ready(); err != nil {
			t.Fatal(err)
		}
		n.log.set(func() { n.log.frozen = make(chan struct{}) })
		later := sequence.Place{Position: place.Position + 10}
		hurried, cancel := context.WithTimeout(n.t.Context(), time.Second/2)
		defer cancel()
		if err := n.tail.Applied()(hurried, later.Position); !errors.Is(err, port.ErrUnavailable) {
			t.Errorf("in half a second: got %v, want it to be unknown", err)
		}
		begun = time.Now()
		n.applied(later)
		if took := time.Since(begun); took != 2*time.Second {
			t.Errorf("without the log it took %v, want 2s", took)
		}
		if n.tail.Ready() == nil {
			t.Error("after that the node hands things out that may be deleted")
		}
		close(n.log.frozen)
	})
}

// After two seconds whoever deletes is answered, even though this node does not
// see the log. So a writer who was that late must not write.
func TestAWriterWhoIsLateOnANodeThatCannotSeeTheLogDoesNotWrite(t *testing.T) {
	inBubble(t, func(n *node) {
		e := &ear{late: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben)}, everything)
		place := n.log.said(hall, secret)
		n.settle()
		n.log.set(func() { n.log.frozen = make(chan struct{}) })
		n.deletes(place)
		close(e.late)
		if _, err := n.ended(e); err == nil {
			t.Error("the reading goes on as if nothing had been")
		}
		n.expect(e, "")
		n.log.set(func() {
			close(n.log.frozen)
			n.log.frozen = nil
		})
	})
}

// However much is edited while a reader is held up, what it is handed then is how
// it reads then, or else it is to come again.
func TestMoreRevisionsThanAreRemembered(t *testing.T) {
	for _, h := range hideouts {
		t.Run(h.where, func(t *testing.T) {
			inBubble(t, func(n *node) {
				delivery.Remember(n.tail, 1)
				if h.hears(n, func(place sequence.Place) {
					n.deletes(place)
					var last sequence.Place
					for i := range 50 {
						last = n.log.edited(n.log.said(attic, "x"), fmt.Sprint(i))
					}
					n.applied(last)
				}) {
					t.Error("somebody hears what was deleted")
				}
			}, h.settings)
		})
	}
}

func TestAnEditIsHeardInPlaceAndReplayedAsItReads(t *testing.T) {
	for name, change := range map[string]func(*delivery.Settings){
		"from memory": func(*delivery.Settings) {}, "from pages": small,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(n *node) {
				live := n.listen(ben, now, everything)
				before, place := n.log.said(hall, "before"), n.log.said(hall, "wrong")
				n.settle()
				n.log.edited(place, "right")
				n.expect(live, "before wrong ~right")
				n.expect(n.listen(ben, delivery.FromPlace(before), everything), "right ~right")
				n.log.edited(place, "better")
				n.expect(n.listen(ben, delivery.FromPlace(before), everything), "better ~better ~better")
				n.log.withdrawn(place)
				n.expect(live, "before wrong ~right ~better ~")
				n.expect(n.listen(ben, delivery.FromPlace(before), everything), "_ ~ ~ ~")
			}, change)
		})
	}
}

// A frame is made once for each format, and made anew when the words change.
func TestFramesFollowTheWords(t *testing.T) {
	inBubble(t, func(n *node) {
		made := 0
		format := &delivery.Format{Encode: func(e port.Entry) ([]byte, error) {
			made++
			return []byte(e.Message.Content.String()), nil
		}}
		taken := &keeps{}
		go func() {
			q := delivery.FollowQuery{Who: caller(ben)}
			q.What.Pattern(everything)
			_ = delivery.Follow{Tail: n.tail}.Handle(n.t.Context(), q, taken)
		}()
		n.settle()
		place := n.log.said(hall, "wrong")
		n.settle()
		frame := func() string {
			text, err := taken.first().Frame(format)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		if one, two := frame(), frame(); one != "wrong" || two != one || made != 1 {
			t.Errorf("got %q and %q, made %d times", one, two, made)
		}
		n.log.edited(place, "right")
		n.settle()
		if one, two := frame(), frame(); one != "right" || two != one || made != 2 {
			t.Errorf("got %q and %q, made %d times", one, two, made)
		}
	})
}

// keeps keeps what it is handed.
type keeps struct {
	ear
	events []*delivery.Event
}

func (k *keeps) Hand(batch []delivery.Delivered) error {
	k.note(func() {
		for _, d := range batch {
			k.events = append(k.events, d.Event)
		}
	})
	return nil
}

func (k *keeps) first() (e *delivery.Event) {
	k.note(func() { e = k.events[0] })
	return e
}
