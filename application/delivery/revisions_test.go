package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/sequence"
)

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
