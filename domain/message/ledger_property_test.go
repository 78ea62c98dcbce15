package message_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Whatever is in a batch: each room's numbers go on without a hole and its times
// rise; a key is one message; and nobody is faster than their pace.
func TestWhateverIsInABatchTheLawsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := ground()
		g.Pace = message.Pace{PerMinute: 60, Burst: rapid.IntRange(1, 5).Draw(t, "burst")}
		ends := map[room.ID]message.End{kitchen: g.Ends[kitchen], cellar: g.Ends[cellar]}
		ledger := message.NewLedger(g)
		named := map[string]*message.Message{}
		taken := map[identity.UserID]int{}
		for i := range rapid.IntRange(1, 40).Draw(t, "drafts") {
			d := anyDraft(t)
			said, replayed, err := ledger.Decide(d)
			name := fmt.Sprintf("%v %v", d.Author.User, d.Key)
			switch before := named[name]; {
			case d.Author == cleo && err == nil:
				t.Fatalf("draft %d: an outsider was heard", i)
			case err != nil && errors.Is(err, message.ErrTooFast) && taken[d.Author.User] < g.Pace.Burst:
				t.Fatalf("draft %d: refused within the burst", i)
			case err != nil:
				continue
			case replayed != (!d.Key.IsZero() && before != nil), replayed && said != before:
				t.Fatalf("draft %d: replayed %t, message %p; the key's is %p", i, replayed, said, before)
			case replayed:
				continue
			}
			expectNext(t, ends[d.Room], said)
			ends[d.Room] = message.End{Sequence: said.Sequence, At: said.CreatedAt}
			named[name] = said
			if taken[d.Author.User]++; taken[d.Author.User] > g.Pace.Burst {
				t.Fatalf("draft %d: %d messages at once, want at most %d", i, taken[d.Author.User], g.Pace.Burst)
			}
		}
	})
}

func anyDraft(t *rapid.T) message.Draft {
	by := rapid.SampledFrom([]identity.Caller{ada, ben, cleo}).Draw(t, "author")
	text := rapid.SampledFrom([]string{"hello", "goodbye"}).Draw(t, "text")
	d := draft(by, text, rapid.SampledFrom([]string{"", "k", "l"}).Draw(t, "key"))
	d.Room = rapid.SampledFrom([]room.ID{kitchen, cellar}).Draw(t, "room")
	d.Print[15] = byte(d.Room.Int64())
	return d
}

func expectNext(t *rapid.T, last message.End, said *message.Message) {
	want := sequence.After(last.At, noon)
	if said.Sequence != last.Sequence+1 || !said.CreatedAt.Equal(want) || said.CreatedAt.Sub(last.At) < time.Microsecond {
		t.Fatalf("number %d at %v after number %d at %v", said.Sequence, said.CreatedAt, last.Sequence, last.At)
	}
}
