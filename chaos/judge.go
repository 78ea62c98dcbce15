package chaos

import (
	"cmp"
	"fmt"
	"slices"
)

// Final is what the program has in the end: the messages of each room in the
// order of their numbers.
type Final map[int64][]Kept

// Kept is a message that the program has.
type Kept struct {
	Seq, ID   int64
	Key, Hash string
}

// Violation is a broken promise.
type Violation struct {
	Invariant string
	What      string
}

func (v Violation) String() string { return v.Invariant + ": " + v.What }

// Invariant is something that must hold of every history.
type Invariant struct {
	Name  string
	Says  string
	Judge func(h []Record, final Final) []string // what breaks it
}

// Invariants is what must hold, whatever broke.
var Invariants = []Invariant{
	{"I1", "what was acknowledged is there, as it was sent", acknowledgedIsThere},
	{"I2", "what is there was sent, once, and was not refused", thereWasSent},
	{"I3", "who is in a room hears all of it, once", heardAllOnce},
	{"I4", "a stream hears a room's messages in the order of their numbers", heardInOrder},
	{"I5", "all see the same message at the same number", allSeeTheSame},
	{"I6", "what was acknowledged before another was begun comes before it", realTime},
	{"I6p", "the sends of a room are appends to one list", linearizable},
	{"I8", "who is out of a room hears nothing of it", outHearsNothing},
	{"G6", "no stream is reset that could be resumed", neverReset},
}

// Judge returns everything that breaks a promise, at most a few of each kind.
func Judge(h []Record, final Final) []Violation {
	const most = 5
	var found []Violation
	for _, invariant := range Invariants {
		broken := invariant.Judge(h, final)
		for i, what := range broken {
			if i == most {
				what = fmt.Sprintf("and %d more", len(broken)-most)
			}
			found = append(found, Violation{invariant.Name, what})
			if i == most {
				break
			}
		}
	}
	return found
}

// Sends counts the sends that were acknowledged.
func Sends(h []Record) (acknowledged int) {
	for range Those(h, Send, OK) {
		acknowledged++
	}
	return acknowledged
}

// Those yields the records of an operation in a phase.
func Those(h []Record, op Op, phase Phase) func(yield func(Record) bool) {
	return func(yield func(Record) bool) {
		for _, r := range h {
			if r.Op == op && r.Phase == phase && !yield(r) {
				return
			}
		}
	}
}

func acknowledgedIsThere(h []Record, final Final) (broken []string) {
	byKey := final.byKey()
	for r := range Those(h, Send, OK) {
		kept := byKey[r.Key]
		switch {
		case len(kept) == 0:
			broken = append(broken, fmt.Sprintf("%s sent %s to room %d and had it acknowledged at %v; it is lost", r.Client, r.Key, r.Room, r.At))
		case kept[0].ID != r.ID || kept[0].Seq != r.Seq || kept[0].Hash != r.Hash:
			broken = append(broken, fmt.Sprintf("%s was acknowledged as %d/%d and is there as %d/%d, or with other words", r.Key, r.ID, r.Seq, kept[0].ID, kept[0].Seq))
		}
	}
	return broken
}

func (f Final) byKey() map[string][]Kept {
	byKey := make(map[string][]Kept)
	for _, room := range f {
		for _, kept := range room {
			byKey[kept.Key] = append(byKey[kept.Key], kept)
		}
	}
	return byKey
}

func thereWasSent(h []Record, final Final) (broken []string) {
	sent, refused := make(map[string]bool), make(map[string]bool)
	for r := range Those(h, Send, Invoked) {
		sent[r.Key] = true
	}
	for r := range Those(h, Send, Failed) {
		refused[r.Key] = true
	}
	for key, kept := range final.byKey() {
		switch {
		case !sent[key]:
			broken = append(broken, fmt.Sprintf("%s is there, and nobody sent it", key))
		case refused[key]:
			broken = append(broken, fmt.Sprintf("%s is there, and was refused", key))
		case len(kept) > 1:
			broken = append(broken, fmt.Sprintf("%s is there %d times", key, len(kept)))
		}
	}
	for in, room := range final {
		for i, kept := range room {
			if kept.Seq != int64(i)+1 {
				broken = append(broken, fmt.Sprintf("room %d has number %d in place %d", in, kept.Seq, i+1))
			}
		}
	}
	for r := range Those(h, Hear, Noted) {
		if !sent[r.Key] {
			broken = append(broken, fmt.Sprintf("%s heard %s, which nobody sent", r.Client, r.Key))
		}
	}
	slices.Sort(broken)
	return broken
}

// heard is what one client heard of one room.
type heard struct {
	client string
	room   int64
}

// heardAllOnce judges those who were in a room from the beginning to the end.
func heardAllOnce(h []Record, final Final) (broken []string) {
	times, left := make(map[heard]map[int64]int), make(map[heard]bool)
	for _, r := range h {
		who := heard{r.Client, r.Room}
		switch r.Op {
		case In:
			if times[who] == nil {
				times[who] = make(map[int64]int)
			}
		case Out:
			left[who] = true
		case Hear:
			if times[who] == nil {
				times[who] = make(map[int64]int)
			}
			times[who][r.Seq]++
		case Send, Open, Reset, Load, Strike:
		}
	}
	for who, heard := range times {
		if left[who] {
			continue
		}
		for _, kept := range final[who.room] {
			if n := heard[kept.Seq]; n != 1 {
				broken = append(broken, fmt.Sprintf("%s heard number %d of room %d (%s) %d times", who.client, kept.Seq, who.room, kept.Key, n))
			}
		}
	}
	slices.Sort(broken)
	return broken
}

func heardInOrder(h []Record, _ Final) (broken []string) {
	type stream struct {
		heard
		conn int
	}
	last := make(map[stream]int64)
	for r := range Those(h, Hear, Noted) {
		on := stream{heard{r.Client, r.Room}, r.Conn}
		if r.Seq <= last[on] {
			broken = append(broken, fmt.Sprintf("%s heard number %d of room %d after %d on stream %d", r.Client, r.Seq, r.Room, last[on], r.Conn))
		}
		last[on] = r.Seq
	}
	return broken
}

func allSeeTheSame(h []Record, final Final) (broken []string) {
	for r := range Those(h, Hear, Noted) {
		room := final[r.Room]
		if r.Seq < 1 || r.Seq > int64(len(room)) {
			broken = append(broken, fmt.Sprintf("%s heard number %d of room %d, which has %d", r.Client, r.Seq, r.Room, len(room)))
			continue
		}
		if kept := room[r.Seq-1]; kept.ID != r.ID || kept.Key != r.Key || kept.Hash != r.Hash {
			broken = append(broken, fmt.Sprintf("%s heard %s as number %d of room %d, where %s is", r.Client, r.Key, r.Seq, r.Room, kept.Key))
		}
	}
	return broken
}

func realTime(h []Record, _ Final) (broken []string) {
	begun := make(map[string]Record)
	type sent struct{ begun, done Record }
	rooms := make(map[int64][]sent)
	for _, r := range h {
		switch {
		case r.Op == Send && r.Phase == Invoked:
			begun[r.Key] = r
		case r.Op == Send && r.Phase == OK:
			rooms[r.Room] = append(rooms[r.Room], sent{begun[r.Key], r})
		}
	}
	for in, sends := range rooms {
		slices.SortFunc(sends, func(a, b sent) int { return cmp.Compare(a.done.Seq, b.done.Seq) })
		var latest Record // of those with a lower number, the one that was begun last
		for _, s := range sends {
			if latest.At > s.done.At {
				broken = append(broken, fmt.Sprintf("room %d: %s was acknowledged before %s was begun, and has the higher number %d", in, s.done.Key, latest.Key, s.done.Seq))
			}
			if s.begun.At > latest.At {
				latest = s.begun
			}
		}
	}
	return broken
}

func outHearsNothing(h []Record, _ Final) (broken []string) {
	type stream struct {
		heard
		conn int
	}
	out := make(map[stream]bool)
	for _, r := range h {
		on := stream{heard{r.Client, r.Room}, r.Conn}
		switch r.Op {
		case Out:
			out[on] = true
		case In:
			out[on] = false
		case Hear:
			if out[on] {
				broken = append(broken, fmt.Sprintf("%s heard number %d of room %d on stream %d, being out of it", r.Client, r.Seq, r.Room, r.Conn))
			}
		case Send, Open, Reset, Load, Strike:
		}
	}
	return broken
}

func neverReset(h []Record, _ Final) (broken []string) {
	for r := range Those(h, Reset, Noted) {
		broken = append(broken, fmt.Sprintf("%s was reset at %v, coming from %s", r.Client, r.At, r.Cursor))
	}
	return broken
}
