package delivery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/application/delivery"
)

// Who writes slowly may still hold words when the log becomes another one. Whether
// they were deleted in that one is not known of them, so they are not written.
func TestWhatWasHeldWhileTheLogBecameAnotherIsNotWritten(t *testing.T) {
	inBubble(t, func(n *node) {
		e := &ear{late: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben)}, everything)
		secret := n.log.said(hall, "secret")
		n.settle()
		kept := n.log.withdrawn(secret)
		n.log.said(hall, "lost")
		n.settle()
		n.log.restored(int(kept.Position) + 1)
		n.log.said(hall, "instead")
		n.settle()
		close(e.late)
		n.settle()
		if strings.Contains(e.all(), "secret") {
			t.Errorf("heard %q, of which the secret was deleted", e.all())
		}
	})
}

// A node that has read further in a log than the one that was put in its place has
// come to know nothing of what was deleted there.
func TestWhoDeletesInALogThatWasPutBackIsAnsweredWhenThatIsNoticed(t *testing.T) {
	inBubble(t, func(n *node) {
		e := &ear{late: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben)}, everything)
		secret := n.log.said(hall, "secret")
		for range 3 {
			n.log.said(hall, "lost")
		}
		n.settle()
		n.log.restored(int(secret.Position) + 1)
		n.deletes(secret)
		close(e.late)
		n.settle()
		if strings.Contains(e.all(), "secret") {
			t.Errorf("heard %q, of which the secret was deleted", e.all())
		}
	})
}

// talk fills both rooms, with more than memory holds.
func (n *node) talk(in string, count int) {
	for i := range count {
		n.log.said(hall, fmt.Sprint(in, "-hall-", i))
		n.log.said(attic, fmt.Sprint(in, "-attic-", i))
	}
}

// A reader reads one room after another. If the log becomes another one between
// two of them, it would hear parts of both, and go on behind what it has missed.
func TestNobodyHearsPartsOfTwoLogs(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.opened(attic, ada, ben)
		place := n.log.said(hall, "begin")
		n.talk("old", 40)
		n.settle()
		n.log.set(func() {
			n.log.onPage = func() { // the first room's
				n.log.restored(int(place.Position) + 1)
				n.talk("new", 20)
			}
		})
		e := n.listen(ben, delivery.FromPlace(place), everything)
		if strings.Contains(e.all(), "new") {
			t.Errorf("heard %q, and is resumed behind the last of it", e.all())
		}
		n.expect(n.listen(ben, delivery.FromPlace(place), "/chat/room/2"), atticWords("new", 20))
	}, small)
}

// What is read in the last moments of a log is kept for nobody: it would be taken
// for a page of the log that came after it, and say that there is nothing more.
func TestAPageOfALogThatIsNoMoreIsNotShared(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.opened(attic, ada, ben)
		place := n.log.said(hall, "begin")
		n.talk("old", 40)
		n.settle()
		n.log.set(func() {
			n.log.onPage = func() { // the first room's
				n.log.restored(int(place.Position) + 11)
				time.Sleep(time.Second) // until the node has noticed
			}
		})
		n.listen(ben, delivery.FromPlace(place), everything)
		n.settle()
		n.talk("new", 20)
		n.settle()
		n.expect(n.listen(ben, delivery.FromPlace(place), "/chat/room/2"), atticWords("old", 5)+" "+atticWords("new", 20))
	}, small)
}

func atticWords(in string, count int) string {
	words := make([]string, count)
	for i := range words {
		words[i] = fmt.Sprint(in, "-attic-", i)
	}
	return strings.Join(words, " ")
}
