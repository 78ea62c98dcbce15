//go:build unix

package main_test

import (
	"fmt"
	"syscall"
	"testing"

	"parley/adapters/mercurefeed/hubtest"
)

// The node that hands on is stopped as a whole, the other one takes over, and then
// the first one runs again and does not know what has happened.
func TestOfTwoNodesOneHandsOnWhateverHappensToTheOther(t *testing.T) {
	t.Parallel() // it waits
	hub := hubtest.Start(t)
	c := together(t, "postgres", hub.Environ()...)
	line := everything(t, hub)
	said := 0
	more := func(n int) (texts []string) {
		for range n {
			said++
			texts = append(texts, fmt.Sprintf("message %d", said))
			c.ben.say(t, c.room, texts[len(texts)-1])
		}
		return texts
	}
	texts := more(10)
	if err := c.one.command.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	texts = append(texts, more(10)...)
	again := inOrder(t, line, texts) // which takes until the database ends the turn
	if err := c.one.command.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	again += inOrder(t, line, more(10))
	t.Logf("%d came again", again)
}
