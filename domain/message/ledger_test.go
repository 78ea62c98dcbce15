package message_test

import (
	"errors"
	"testing"
	"time"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// The people and the room of these tests: Ada and Ben are in the room, Cleo is
// not.
var (
	ada, ben, cleo = someone(1), someone(2), someone(3)
	kitchen        = roomID(1)
	cellar         = roomID(2)
)

func someone(n int64) identity.Caller {
	user, _ := identity.UserIDFrom(n)
	session, _ := identity.SessionIDFrom(100 + n)
	return identity.Caller{User: user, Session: session}
}

func roomID(n int64) room.ID {
	id, _ := room.IDFrom(n)
	return id
}

func messageID(n int64) message.ID {
	id, _ := message.IDFrom(n)
	return id
}

func ground() message.Ground {
	g := message.Ground{
		At:       noon,
		Pace:     message.Pace{PerMinute: 60, Burst: 20},
		Sessions: map[identity.SessionID]identity.Session{},
		Rooms:    map[room.ID]policy.Kind{kitchen: policy.Group, cellar: policy.Public},
		Seats:    map[message.Seat]message.Occupant{},
		Known:    map[message.Name]message.Known{},
		Replies:  map[message.ID]room.ID{messageID(7): kitchen, messageID(8): cellar},
		Paces:    map[identity.UserID]time.Time{},
		Ends:     map[room.ID]message.End{kitchen: {Sequence: 41, At: noon.Add(time.Hour)}},
	}
	for _, who := range []identity.Caller{ada, ben, cleo} {
		g.Sessions[who.Session] = identity.Session{ID: who.Session, User: who.User}
	}
	for _, who := range []identity.Caller{ada, ben} {
		for _, in := range []room.ID{kitchen, cellar} {
			g.Seats[message.Seat{Room: in, User: who.User}] = message.Occupant{
				Standing: policy.Member, Person: identity.Person{ID: who.User},
			}
		}
	}
	return g
}

func draft(by identity.Caller, text, key string) message.Draft {
	d := message.Draft{Author: by, Room: kitchen}
	d.Content, _ = message.ParseContent(text)
	if key != "" {
		d.Key, _ = message.ParseKey(key)
	}
	copy(d.Print[:], text)
	return d
}

func TestABatchIsNumberedInOrder(t *testing.T) {
	ledger := message.NewLedger(ground())
	last := message.End{Sequence: 41, At: noon.Add(time.Hour)}
	for i, by := range []identity.Caller{ada, ben, ada, ada} {
		said, replayed, err := ledger.Decide(draft(by, "hello", ""))
		if err != nil || replayed {
			t.Fatalf("draft %d: replayed %t, %v", i, replayed, err)
		}
		if said.Sequence != last.Sequence.Next() || !said.CreatedAt.After(last.At) {
			t.Errorf("draft %d is number %d at %v, after number %d at %v", i, said.Sequence, said.CreatedAt, last.Sequence, last.At)
		}
		if said.Author.ID != by.User || said.Version != 1 || said != &ledger.Fresh()[i].Message {
			t.Errorf("draft %d became %+v", i, said)
		}
		last = message.End{Sequence: said.Sequence, At: said.CreatedAt}
	}
}

func TestTwoRoomsAreNumberedApart(t *testing.T) {
	ledger := message.NewLedger(ground())
	below := draft(ada, "below", "")
	below.Room = cellar
	for _, c := range []struct {
		draft message.Draft
		want  sequence.Number
	}{{draft(ada, "one", ""), 42}, {below, 1}, {draft(ben, "two", ""), 43}, {below, 2}} {
		said, _, err := ledger.Decide(c.draft)
		if err != nil || said.Sequence != c.want {
			t.Errorf("number %v, %v; want %d", said, err, c.want)
		}
	}
}

func TestTheSameKeyInABatchIsOneMessage(t *testing.T) {
	ledger := message.NewLedger(ground())
	first, _, err := ledger.Decide(draft(ada, "hello", "k"))
	if err != nil {
		t.Fatal(err)
	}
	again, replayed, err := ledger.Decide(draft(ada, "hello", "k"))
	if err != nil || !replayed || again != first {
		t.Errorf("again: %p, replayed %t, %v; want the first, %p", again, replayed, err, first)
	}
	if _, replayed, err := ledger.Decide(draft(ben, "hello", "k")); err != nil || replayed {
		t.Errorf("the same key of somebody else: replayed %t, %v; want a message of its own", replayed, err)
	}
	if _, _, err := ledger.Decide(draft(ada, "other", "k")); !errors.Is(err, message.ErrKeyUsed) {
		t.Errorf("other words with the key: %v, want %v", err, message.ErrKeyUsed)
	}
	if got := len(ledger.Fresh()); got != 2 {
		t.Errorf("%d messages, want 2", got)
	}
}

func TestAKeyFromBeforeIsItsMessageAndCostsNothing(t *testing.T) {
	g := ground()
	known := &message.Message{ID: messageID(5), Sequence: 3}
	d := draft(ada, "hello", "k")
	g.Known[message.Name{Author: ada.User, Key: d.Key}] = message.Known{Message: known, Print: d.Print}
	g.Paces[ada.User] = noon.Add(20 * time.Second) // nothing more of hers would be taken now
	ledger := message.NewLedger(g)
	said, replayed, err := ledger.Decide(d)
	if err != nil || !replayed || said != known {
		t.Errorf("%v, replayed %t, %v; want the message from before", said, replayed, err)
	}
	if len(ledger.Fresh()) != 0 || len(ledger.Paces()) != 0 {
		t.Errorf("it left %d messages and %d paces", len(ledger.Fresh()), len(ledger.Paces()))
	}
}

func TestAKeyWhoseWordsAreGoneTakesWhateverComesWithIt(t *testing.T) {
	g := ground()
	d := draft(ada, "anything", "k")
	tombstone := &message.Message{ID: messageID(5), Sequence: 3}
	g.Known[message.Name{Author: ada.User, Key: d.Key}] = message.Known{Message: tombstone}
	if said, replayed, err := message.NewLedger(g).Decide(d); err != nil || !replayed || said != tombstone {
		t.Errorf("%v, replayed %t, %v; want the tombstone", said, replayed, err)
	}
}

func TestARefusalLeavesNothingInTheBatch(t *testing.T) {
	elsewhere := draft(ada, "hello", "")
	elsewhere.ReplyTo = messageID(8)
	nowhere := draft(ada, "hello", "")
	nowhere.Room = roomID(9)
	stranger := ada
	stranger.Session = cleo.Session
	for name, c := range map[string]struct {
		draft message.Draft
		want  error
	}{
		"not in the room":           {draft(cleo, "hello", "k"), policy.ErrNotThere},
		"no such room":              {nowhere, policy.ErrNotThere},
		"a reply to another room":   {elsewhere, message.ErrReplyTo},
		"somebody else's session":   {draft(stranger, "hello", "k"), identity.ErrSessionEnded},
		"a session that is unknown": {draft(someone(4), "hello", "k"), identity.ErrSessionEnded},
	} {
		ledger := message.NewLedger(ground())
		if said, _, err := ledger.Decide(c.draft); said != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, said, err, c.want)
		}
		if len(ledger.Fresh()) != 0 || len(ledger.Paces()) != 0 {
			t.Errorf("%s: it left %d messages and %d paces", name, len(ledger.Fresh()), len(ledger.Paces()))
		}
		said, replayed, err := ledger.Decide(draft(ada, "next", "k"))
		if err != nil || replayed || said.Sequence != 42 {
			t.Errorf("%s: the next one is %v, replayed %t, %v; want number 42", name, said, replayed, err)
		}
	}
}

// Each case would be refused for two reasons; the one that is named comes first,
// so that nobody learns what is behind it.
func TestTheOrderOfTheDecisions(t *testing.T) {
	used := draft(cleo, "hello", "k")
	signedOut := func(g *message.Ground) {
		g.Sessions[cleo.Session] = identity.Session{ID: cleo.Session, User: cleo.User, EndedAt: noon}
	}
	keyUsed := func(g *message.Ground) {
		g.Known[message.Name{Author: cleo.User, Key: used.Key}] = message.Known{Message: &message.Message{}, Print: message.Print{1}}
	}
	inside := func(g *message.Ground) {
		g.Seats[message.Seat{Room: kitchen, User: cleo.User}] = message.Occupant{Standing: policy.Member}
	}
	tooFast := func(g *message.Ground) { g.Paces[cleo.User] = noon.Add(time.Hour) }
	roomGone := func(g *message.Ground) { delete(g.Rooms, kitchen) }
	type change = func(*message.Ground)
	for name, c := range map[string]struct {
		changes []change
		want    error
	}{
		"session before standing": {[]change{signedOut}, identity.ErrSessionEnded},
		"standing before key":     {[]change{keyUsed}, policy.ErrNotThere},
		"a room that is gone":     {[]change{inside, roomGone}, policy.ErrNotThere},
		"key before pace":         {[]change{inside, keyUsed, tooFast}, message.ErrKeyUsed},
		"pace last":               {[]change{inside, tooFast}, message.ErrTooFast},
	} {
		g := ground()
		for _, change := range c.changes {
			change(&g)
		}
		if _, _, err := message.NewLedger(g).Decide(used); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
