package chaos_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/chaos"
)

// tale is a history that is told, a millisecond a record.
type tale struct {
	h     []chaos.Record
	final chaos.Final
}

func (s *tale) add(r chaos.Record) {
	r.At = time.Duration(len(s.h)+1) * time.Millisecond
	if r.Phase == "" {
		r.Phase = chaos.Noted
	}
	if r.Room == 0 && !slices.Contains([]chaos.Op{chaos.SignIn, chaos.End, chaos.Use, chaos.Nap, chaos.Strike, chaos.Open, chaos.Opened, chaos.Closed, chaos.Revoked, chaos.Blame}, r.Op) {
		r.Room = 1
	}
	s.h = append(s.h, r)
}

// does begins something and ends it.
func (s *tale) does(r chaos.Record, became chaos.Phase) {
	begun := r
	begun.Phase = chaos.Invoked
	if r.Op == chaos.Send || r.Op == chaos.Read {
		begun.ID, begun.Seq, begun.Rev, begun.Items = 0, 0, 0, nil
	}
	s.add(begun)
	r.Phase = became
	s.add(r)
}

func key(seq int64) string { return fmt.Sprintf("k%d", seq) }

func (s *tale) say(client string, seq int64, became chaos.Phase) {
	s.does(chaos.Record{Client: client, Op: chaos.Send, Key: key(seq), ID: 100 + seq, Seq: seq, Rev: 1, Hash: "#" + key(seq)}, became)
	s.final[1] = append(s.final[1], chaos.Kept{Seq: seq, ID: 100 + seq, Rev: 1, Key: key(seq), Hash: "#" + key(seq)})
}

func (s *tale) open(client string, conn, session int) {
	s.add(chaos.Record{Client: client, Op: chaos.Open, Conn: conn, Session: session})
	s.add(chaos.Record{Client: client, Op: chaos.Opened, Conn: conn, Session: session})
}

func (s *tale) hear(client string, conn int, seq int64) {
	s.add(chaos.Record{Client: client, Op: chaos.Hear, Conn: conn, Seq: seq, ID: 100 + seq, Rev: 1, Key: key(seq), Hash: "#" + key(seq), Cursor: fmt.Sprintf("c%d", seq), Transport: "sse"})
}

// story is a history in which all is well. Ada and Ben are in the room all the
// time; Cleo is out of it for a while; Dan visits. A message is edited and one is
// deleted, the room gets another name, a session ends, and of one send nobody
// knows what became.
func story() ([]chaos.Record, chaos.Final) {
	s := &tale{final: chaos.Final{1: nil}}
	for n, who := range []string{"ada", "ben", "cleo", "dan"} {
		s.add(chaos.Record{Client: who, Op: chaos.SignIn, Phase: chaos.OK, User: int64(n + 1), Session: 1})
	}
	s.add(chaos.Record{Client: "ada", Op: chaos.Is, Note: "Room", Rev: 1, People: []int64{1, 2, 3, 4}})
	for _, who := range []string{"ada", "ben", "cleo"} {
		s.add(chaos.Record{Client: who, Op: chaos.In})
		s.open(who, 1, 1)
	}
	s.say("ada", 1, chaos.OK)
	s.say("ben", 2, chaos.OK)
	for _, who := range []string{"ada", "ben", "cleo"} {
		s.hear(who, 1, 1)
		s.hear(who, 1, 2)
	}
	s.leaveAndVisit()
	s.change()
	s.endSession()
	s.add(chaos.Record{Client: "ada", Op: chaos.Is, Note: "Hall", Rev: 2, People: []int64{1, 2, 3, 4}})
	return s.h, s.final
}

func (s *tale) leaveAndVisit() {
	s.does(chaos.Record{Client: "ada", Op: chaos.Remove, User: 3}, chaos.OK)
	s.add(chaos.Record{Client: "cleo", Op: chaos.Out, Conn: 1, User: 3, Cursor: "out"})
	for _, who := range []string{"ada", "ben"} {
		s.add(chaos.Record{Client: who, Op: chaos.Left, Conn: 1, User: 3, Cursor: "out"})
	}
	s.say("ada", 3, chaos.Unknown)
	s.say("ada", 4, chaos.OK)
	s.hear("ada", 1, 3)
	s.hear("ben", 1, 3)
	s.does(chaos.Record{Client: "dan+visit", Op: chaos.Read, Seq: 4, Items: slices.Clone(s.final[1][2:])}, chaos.OK)
	s.hear("ada", 1, 4)
	s.hear("ben", 1, 4)
	s.does(chaos.Record{Client: "ada", Op: chaos.Add, User: 3}, chaos.OK)
	for _, who := range []string{"ada", "ben"} {
		s.add(chaos.Record{Client: who, Op: chaos.Joined, Conn: 1, User: 3, Cursor: "in"})
	}
	s.add(chaos.Record{Client: "cleo", Op: chaos.In, Conn: 1, User: 3, Cursor: "in"})
	s.does(chaos.Record{Client: "nemesis", Op: chaos.Strike, Note: "storm", Within: 20 * time.Millisecond}, chaos.OK)
	s.open("dan+visit", 1, 1)
	s.open("ada", 2, 1)
	s.say("ben", 5, chaos.OK)
	s.hear("ada", 2, 5)
	for _, who := range []string{"ben", "cleo", "dan+visit"} {
		s.hear(who, 1, 5)
	}
}

func (s *tale) change() {
	everybody := func(r chaos.Record) {
		for _, who := range []string{"ada", "ben", "cleo", "dan+visit"} {
			r.Client, r.Conn = who, 1
			if who == "ada" {
				r.Conn = 2
			}
			s.add(r)
		}
	}
	s.does(chaos.Record{Client: "ben", Op: chaos.Edit, ID: 105, Seq: 5, Rev: 2, Key: "k5", Hash: "#edited"}, chaos.OK)
	s.final[1][4].Rev, s.final[1][4].Hash = 2, "#edited"
	everybody(chaos.Record{Op: chaos.Edited, ID: 105, Seq: 5, Rev: 2, Key: "k5", Hash: "#edited", Cursor: "edited"})
	s.does(chaos.Record{Client: "ben", Op: chaos.Stale, ID: 105, Seq: 5, Rev: 3, Hash: "#stale"}, chaos.Failed)
	s.does(chaos.Record{Client: "ada", Op: chaos.Delete, ID: 104, Seq: 4, Rev: 2, Key: "k4"}, chaos.OK)
	s.final[1][3].Rev, s.final[1][3].Hash = 2, ""
	everybody(chaos.Record{Op: chaos.Deleted, ID: 104, Seq: 4, Rev: 2, Cursor: "deleted"})
	s.does(chaos.Record{Client: "ada", Op: chaos.Rename, Rev: 2, Note: "Hall"}, chaos.OK)
	everybody(chaos.Record{Op: chaos.Renamed, Rev: 2, Note: "Hall", Cursor: "renamed"})
	s.open("ben", 2, 2)
	s.say("ada", 6, chaos.OK)
	s.hear("ada", 2, 6)
	s.hear("ben", 2, 6)
	s.hear("cleo", 1, 6)
	s.hear("dan+visit", 1, 6)
}

// endSession ends the first session of Ben, whose second one goes on.
func (s *tale) endSession() {
	s.does(chaos.Record{Client: "ben", Op: chaos.End, Session: 1, Note: "signing out"}, chaos.OK)
	s.add(chaos.Record{Client: "ben", Op: chaos.Revoked, Conn: 1})
	s.add(chaos.Record{Client: "ben", Op: chaos.Closed, Conn: 1})
	s.does(chaos.Record{Client: "ben", Op: chaos.Use, Session: 1}, chaos.Failed)
	s.does(chaos.Record{Client: "dan", Op: chaos.Nap}, chaos.OK)
	s.say("ada", 7, chaos.OK)
	s.hear("ada", 2, 7)
	s.hear("ben", 2, 7)
	s.hear("cleo", 1, 7)
	s.hear("dan+visit", 1, 7)
}

// bent is a story that is told otherwise.
type bent struct {
	t     *testing.T
	h     []chaos.Record
	final chaos.Final
}

// find returns the place of the first record that is so.
func (b *bent) find(is func(chaos.Record) bool) int {
	b.t.Helper()
	i := slices.IndexFunc(b.h, is)
	if i < 0 {
		b.t.Fatal("the story has no such record")
	}
	return i
}

// of finds something that somebody did or that happened to them.
func (b *bent) of(client string, op chaos.Op, phase chaos.Phase, seq int64) *chaos.Record {
	b.t.Helper()
	return &b.h[b.find(func(r chaos.Record) bool {
		return r.Client == client && r.Op == op && r.Phase == phase && (seq == 0 || r.Seq == seq || r.Key == key(seq))
	})]
}

func (b *bent) heard(client string, seq int64) *chaos.Record {
	b.t.Helper()
	return b.of(client, chaos.Hear, chaos.Noted, seq)
}

// at is the first record of a time.
func (b *bent) at(at time.Duration) *chaos.Record {
	b.t.Helper()
	return &b.h[b.find(func(r chaos.Record) bool { return r.At == at })]
}

// without leaves a record out.
func (b *bent) without(r *chaos.Record) {
	b.t.Helper()
	at := r.At
	b.h = slices.Delete(b.h, b.find(func(r chaos.Record) bool { return r.At == at }), b.find(func(r chaos.Record) bool { return r.At == at })+1)
}

// after puts a record behind another, at the same time.
func (b *bent) after(where *chaos.Record, r chaos.Record) {
	b.t.Helper()
	at := where.At
	r.At = at
	b.h = slices.Insert(b.h, b.find(func(r chaos.Record) bool { return r.At == at })+1, r)
}

// later lets everything from a record on happen later.
func (b *bent) later(from *chaos.Record, by time.Duration) {
	at := from.At
	for i := range b.h {
		if b.h[i].At >= at {
			b.h[i].At += by
		}
	}
}
