package delivery_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/message"
)

// A bound in bytes is one only if what is held is counted as what it takes: the
// entry as a store reads it, and a frame for each of two transports.
func TestWhatIsHeldIsCountedAsWhatItTakes(t *testing.T) {
	for _, length := range []int{10, 400, 4000} {
		const many = 2000
		events := make([]*delivery.Event, many)
		before := heap()
		for i := range events {
			events[i] = heldEvent(t, length)
		}
		takes, counted := (heap()-before)/many, delivery.Footprint(events[0])
		runtime.KeepAlive(events)
		if counted < takes*9/10 || counted > takes*3/2 {
			t.Errorf("an event with %d characters takes %d bytes and is counted as %d", length, takes, counted)
		}
	}
}

// So is what third parties publish, whatever it is made of.
func TestAnUpdateThatIsHeldIsCountedAsWhatItTakes(t *testing.T) {
	for _, c := range []struct{ text, topic string }{
		{strings.Repeat("x", 100), "https://example.com/books/1"},
		{strings.Repeat("x", 1<<18), "https://example.com/books/1"},
		{strings.Repeat("\n", 1<<16), "https://example.com/books/1"},
		{"", strings.Repeat("t", 1<<16)},
	} {
		const many = 50
		events := make([]*delivery.Event, many)
		before := heap()
		for i := range events {
			events[i] = heldUpdate(t, c.text, c.topic)
		}
		takes, counted := (heap()-before)/many, delivery.Footprint(events[0])
		runtime.KeepAlive(events)
		if counted < takes*9/10 || counted > takes*3/2+2000 {
			t.Errorf("an update with %d bytes takes %d bytes and is counted as %d", len(c.text)+len(c.topic), takes, counted)
		}
	}
}

func heldUpdate(t *testing.T, text, topic string) *delivery.Event {
	t.Helper()
	e := &delivery.Event{Entry: port.Entry{
		Kind: port.UpdatePublished, Update: &hub.Update{Data: strings.Clone(text), Topics: []string{strings.Clone(topic)}},
	}}
	format := &delivery.Format{Encode: func(port.Entry) ([]byte, error) {
		return make([]byte, 300+len(text)+6*strings.Count(text, "\n")), nil
	}}
	if _, err := e.Frame(format); err != nil {
		t.Fatal(err)
	}
	return e
}

func heldEvent(t *testing.T, length int) *delivery.Event {
	t.Helper()
	said := &message.Message{Content: content(strings.Repeat("x", length)), CreatedAt: time.Now(), Version: 1}
	var err, err2 error
	said.Author.Name, err = identity.ParseDisplayName(strings.Repeat("n", 16))
	said.Key, err2 = message.ParseKey(strings.Repeat("k", 36))
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	e := &delivery.Event{Entry: port.Entry{Kind: port.MessageCreated, Message: said}}
	for range 2 {
		format := &delivery.Format{Encode: func(port.Entry) ([]byte, error) { return make([]byte, 450+length), nil }}
		if _, err := e.Frame(format); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
