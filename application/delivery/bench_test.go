package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// bench runs a tail on a log, in real time, until the benchmark ends.
func bench(b *testing.B, log *memlog, memory int) *delivery.Tail {
	b.Helper()
	tail := delivery.NewTail(delivery.Settings{
		Log: log, Updates: log, Now: time.Now, Poll: time.Second, Quiet: time.Hour,
		Jitter:  func(d time.Duration) time.Duration { return d },
		Trouble: func(err error) { b.Error(err) },
		Memory:  memory, Pages: 1, Round: 1 << 20, InHand: 32 << 20,
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = tail.Run(ctx) })
	b.Cleanup(func() { cancel(); running.Wait() })
	for tail.Ready() != nil {
		time.Sleep(time.Millisecond)
	}
	return tail
}

// sleeper is a sink that tells when it was opened and how much it has heard.
type sleeper struct {
	ear

	opened chan struct{}
	heard  func(int)
}

func (s *sleeper) Opened(delivery.Opened) error { close(s.opened); return nil }

func (s *sleeper) Hand(batch []delivery.Delivered) error { s.heard(len(batch)); return nil }

// What is published costs the same, whether there are ten thousand readers with
// patterns that it does not match or none; but that it is found out once, for all
// of them, that it does not. To look at each of them would take a hundred times as
// long as that may.
func BenchmarkFanOutToPatternsThatDoNotMatch(b *testing.B) {
	const readers, once = 10_000, 2 * time.Microsecond
	for _, c := range []struct {
		name    string
		pattern func(int) hub.Matcher
	}{
		{"one pattern", func(int) hub.Matcher { return matcher("https://f/*") }},
		{"a template each", func(i int) hub.Matcher { return matcher(fmt.Sprintf("https://f/%d/{id}", i)) }},
	} {
		for _, topics := range []int{1, 1 << 20} {
			b.Run(fmt.Sprintf("%s, %d topics", c.name, topics), func(b *testing.B) {
				alone, among := newFanOut(b), newFanOut(b)
				for i := range readers {
					q := delivery.FollowQuery{}
					q.What.Match(c.pattern(i))
					among.follow(q)
				}
				var took [2][]time.Duration
				for b.Loop() {
					for i, f := range []*fanOut{alone, among} { // in turns, so that both have the same neighbours
						took[i] = append(took[i], f.publish(b, topics))
					}
				}
				none, many := median(took[0]), median(took[1])
				b.ReportMetric(float64(none.Nanoseconds())/published, "ns/update-alone")
				b.ReportMetric(float64(many.Nanoseconds())/published, "ns/update-among-10000")
				b.ReportMetric(0, "ns/op")
				if many > none*3/2+published*once {
					b.Errorf("%v among %d readers, %v alone", many, readers, none)
				}
			})
		}
	}
}

// published is how many updates are published at a time.
const published = 2000

type fanOut struct {
	b    *testing.B
	log  *memlog
	tail *delivery.Tail
	next int
}

func newFanOut(b *testing.B) *fanOut {
	b.Helper()
	log := newMemlog()
	return &fanOut{b, log, bench(b, log, 1<<20), 0}
}

// follow opens a reading that ends with the benchmark.
func (f *fanOut) follow(q delivery.FollowQuery) {
	s := &sleeper{opened: make(chan struct{}), heard: func(int) { f.b.Error("somebody heard something") }}
	go func() { _ = delivery.Follow{Tail: f.tail}.Handle(f.b.Context(), q, s) }()
	<-s.opened
}

// publish publishes updates on some topics, and returns how long the tail took to
// take them in.
func (f *fanOut) publish(b *testing.B, topics int) time.Duration {
	b.Helper()
	var last sequence.Place
	for range published {
		f.next++
		last = f.log.public("hello", fmt.Sprint("https://e/", f.next%topics))
	}
	begun := time.Now()
	if err := f.tail.Applied()(b.Context(), last.Position); err != nil {
		b.Fatal(err)
	}
	return time.Since(begun)
}

// Coming back costs by how much was missed, and not by how much there is.
func BenchmarkComingBackHundredEntriesLater(b *testing.B) {
	const missed = 100
	var few, many *fanOut
	for _, c := range []struct{ name, asked, granted string }{
		{"an update's topic", "https://e/1", ""},
		{"a pattern", "https://e/*", ""},
		{"everything", "*", "*"},
		{"a room", "/chat/room/1", "*"},
		{"a user", "* https://e/1", "user"},
	} {
		b.Run(c.name, func(b *testing.B) {
			few, many = history(b, 1000, missed), history(b, 1_000_000, missed)
			var took [2][]time.Duration
			for b.Loop() {
				for i, f := range []*fanOut{few, many} {
					took[i] = append(took[i], f.comeBack(b, c.asked, c.granted, missed))
				}
			}
			short, long := median(took[0]), median(took[1])
			b.ReportMetric(float64(short.Microseconds()), "us/of-1000")
			b.ReportMetric(float64(long.Microseconds()), "us/of-1000000")
			b.ReportMetric(0, "ns/op")
			if long > short*3/2 {
				b.Errorf("%v with a million entries, %v with a thousand", long, short)
			}
		})
	}
}

// history is a log with so many entries before those that are missed. Half of them
// are said, and half of them are published.
func history(b *testing.B, before, missed int) *fanOut {
	b.Helper()
	log := newMemlog()
	log.opened(hall, ada, ben)
	said := log.entries[log.said(hall, "hello").Position].Message
	update := &hub.Update{Data: "hello", Topics: []string{"https://e/1"}}
	for i := range before + 2*missed {
		e := port.Entry{Kind: port.UpdatePublished, Update: update}
		if i%2 == 0 {
			e = port.Entry{Kind: port.MessageCreated, Room: hall, Message: said}
		}
		log.append(e)
	}
	tail := bench(b, log, 1)
	return &fanOut{b, log, tail, 0}
}

// comeBack opens a reading where so much of what it asks for is behind it, and
// returns how long it takes to hear that.
func (f *fanOut) comeBack(b *testing.B, asked, granted string, missed int) time.Duration {
	b.Helper()
	behind := 2 * missed // every second one is for it
	if asked == "*" || granted == "user" {
		behind = missed
	}
	q := asking(asked, granted, delivery.FromPlace(f.log.entries[len(f.log.entries)-1-behind].Place))
	if granted == "user" {
		q.Who = caller(ben)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	heard, done := 0, make(chan struct{})
	s := &sleeper{opened: make(chan struct{}), heard: func(n int) {
		if heard += n; heard == missed {
			close(done)
		}
	}}
	ended := make(chan struct{})
	begun := time.Now()
	go func() {
		defer close(ended)
		_ = delivery.Follow{Tail: f.tail}.Handle(ctx, q, s)
	}()
	<-done
	took := time.Since(begun)
	cancel()
	<-ended
	return took
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
