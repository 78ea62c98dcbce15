package bunstore_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

// BenchmarkSends shows how many durable sends a second the store takes, beside
// the same code with batches of one, in the same run and in turns. Every commit
// reaches the disk; nobody's pace is limited.
func BenchmarkSends(b *testing.B) {
	engines := []struct {
		name  string
		url   func(testing.TB) string
		least float64 // times what batches of one do, with 64 senders in one room
	}{
		{"postgres", bunstoretest.DurablePostgresURL, 5},
		{"sqlite", bunstoretest.SQLiteURL, 2},
	}
	for _, engine := range engines {
		for _, rooms := range []int{1, 100} {
			for _, senders := range []int{1, 16, 64} {
				b.Run(fmt.Sprintf("%s/rooms=%d/senders=%d", engine.name, rooms, senders), func(b *testing.B) {
					shared := newTalk(b, engine.url(b), rooms, senders, 0)
					single := newTalk(b, engine.url(b), rooms, senders, 1)
					for b.Loop() {
						shared.round(b)
						single.round(b)
					}
					b.ReportMetric(shared.rate(), "sends/s")
					b.ReportMetric(single.rate(), "one-by-one/s")
					b.ReportMetric(shared.rate()/single.rate(), "times")
					b.ReportMetric(0, "ns/op")
					if times := shared.rate() / single.rate(); rooms == 1 && senders == 64 && times < engine.least {
						b.Errorf("sharing commits: got %.1f times as many, want %.0f", times, engine.least)
					}
				})
			}
		}
	}
}

// talk is people who talk in rooms as fast as they can.
type talk struct {
	store  *bunstore.Store
	people []identity.Caller
	rooms  []room.ID
	said   int
	took   time.Duration
	next   atomic.Int64
}

// turnTime is how long each of the two talks at a time.
const turnTime = 250 * time.Millisecond

func newTalk(b *testing.B, url string, rooms, people, batch int) *talk {
	b.Helper()
	t := &talk{store: bunstoretest.Open(b, url, func(o *bunstore.Options) {
		o.MaxBatch, o.AllowUnsafe, o.Log = batch, false, slog.New(slog.NewTextHandler(os.Stderr, nil))
	})}
	err := t.store.Change(b.Context(), func(ctx context.Context, s port.Scope) error {
		t.people, t.rooms = nil, nil
		var crowd []identity.UserID
		for n := range people {
			who, err := settle(ctx, s, fmt.Sprintf("Person %d", n))
			if err != nil {
				return err
			}
			t.people, crowd = append(t.people, who), append(crowd, who.User)
		}
		for n := range rooms {
			name, err := room.ParseName(fmt.Sprintf("Room %d", n))
			if err != nil {
				return err
			}
			id, err := s.Keeping.OpenRoom(ctx, room.Plan{Kind: policy.Group, Name: name, By: crowd[0], Others: crowd[1:]}, crowd[0])
			if err != nil {
				return err
			}
			t.rooms = append(t.rooms, id)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// settle makes a user with a session.
func settle(ctx context.Context, s port.Scope, name string) (identity.Caller, error) {
	displayed, err := identity.ParseDisplayName(name)
	if err != nil {
		return identity.Caller{}, err
	}
	user, err := s.Keeping.AddUser(ctx, identity.User{Name: displayed, CreatedAt: s.At}, "")
	if err != nil {
		return identity.Caller{}, err
	}
	session, err := s.Keeping.AddSession(ctx, identity.Session{User: user.ID, CreatedAt: s.At})
	return identity.Caller{User: user.ID, Session: session.ID}, err
}

func (t *talk) round(b *testing.B) {
	b.Helper()
	words, err := message.ParseContent("The quick brown fox jumps over the lazy dog, and then it does so again.")
	if err != nil {
		b.Fatal(err)
	}
	var said atomic.Int64
	var talking sync.WaitGroup
	begun := time.Now()
	for _, who := range t.people {
		talking.Go(func() {
			for time.Since(begun) < turnTime {
				n := t.next.Add(1)
				key, err := message.ParseKey(fmt.Sprintf("key-%d", n))
				if err == nil {
					_, err = t.store.Send(b.Context(), message.Draft{
						Author: who, Room: t.rooms[int(n)%len(t.rooms)], Content: words, Key: key, Print: message.Print{1},
					})
				}
				if err != nil {
					b.Error(err)
					return
				}
				said.Add(1)
			}
		})
	}
	talking.Wait()
	t.took += time.Since(begun)
	t.said += int(said.Load())
}

func (t *talk) rate() float64 { return float64(t.said) / t.took.Seconds() }
