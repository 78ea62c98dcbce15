package chaos

import (
	"fmt"
	"slices"
	"time"
)

// The notes of the strikes of a run in which an old backup takes the place of
// what there was. From the beginning of the one to the end of the other,
// everything may be lost; but whoever knows some of it has to be told.
const (
	BackUp  = "take a backup"
	Restore = "restore the backup"
)

// Restored is what must hold of such a run. Everybody in it is in every room from
// the beginning to the end, and fetches all pages after a reset.
var Restored = []Invariant{
	{"I1", "what was acknowledged before the backup or after the restoring is there", forgiving(acknowledgedIsThere)},
	{"I2", "what is there was sent, once, and was not refused", forgiving(thereWasSent)},
	{"I4", "a stream hears a room's messages in the order of their numbers", heardInOrder},
	{"I6", "of what is kept, what was acknowledged before another was begun comes before it", forgiving(realTime)},
	{"I6p", "the sends of a room that are kept are appends to one list", forgiving(linearizable)},
	{"R1", "who has heard what is lost is told so before anything else", lostIsTold},
	{"R2", "who has heard nothing since the backup is resumed", keptIsResumed},
	{"R3", "what a client knows in the end is what is there", knowsWhatIsThere},
}

// span is the time of which everything may be lost.
type span struct{ backup, restored time.Duration }

func (s span) has(at time.Duration) bool { return s.backup <= at && at <= s.restored }

func lostSpan(h []Record) (s span) {
	for _, r := range h {
		switch {
		case r.Op == Strike && r.Note == BackUp && r.Phase == Invoked:
			s.backup = r.At
		case r.Op == Strike && r.Note == Restore && r.Phase == OK:
			s.restored = r.At
		}
	}
	return s
}

// forgiving judges as if nobody knew what became of what was acknowledged in the
// time that may be lost.
func forgiving(judge func([]Record, Final) []string) func([]Record, Final) []string {
	return func(h []Record, final Final) []string {
		lost := lostSpan(h)
		h = slices.Clone(h)
		for i, r := range h {
			if r.Op == Send && r.Phase == OK && lost.has(r.At) {
				h[i].Phase = Unknown
			}
		}
		return judge(h, final)
	}
}

// Lost counts the sends that were acknowledged and are not there.
func Lost(h []Record, final Final) int { return len(acknowledgedIsThere(h, final)) }

// Misled are those who have heard, before the restoring, what is not there.
func Misled(h []Record, final Final) map[string]bool {
	lost, misled := lostSpan(h), make(map[string]bool)
	for r := range Those(h, Hear, Noted) {
		if r.At <= lost.restored && !final.has(r) {
			misled[r.Client] = true
		}
	}
	return misled
}

func (f Final) has(r Record) bool {
	room := f[r.Room]
	return r.Seq >= 1 && r.Seq <= int64(len(room)) && room[r.Seq-1] == Kept{Seq: r.Seq, ID: r.ID, Key: r.Key, Hash: r.Hash}
}

func lostIsTold(h []Record, final Final) (broken []string) {
	lost, told := lostSpan(h), make(map[string]bool)
	misled := Misled(h, final)
	for _, r := range h {
		if !misled[r.Client] || told[r.Client] || r.At <= lost.restored {
			continue
		}
		switch {
		case r.Op == Reset:
			told[r.Client] = true
		case r.Op == Hear || r.Op == Load:
			told[r.Client] = true // once is enough
			broken = append(broken, fmt.Sprintf("%s has heard what is lost, and goes on with number %d of room %d", r.Client, r.Seq, r.Room))
		}
	}
	for client := range misled {
		if !told[client] {
			broken = append(broken, client+" has heard what is lost, and never hears of it")
		}
	}
	slices.Sort(broken)
	return broken
}

func keptIsResumed(h []Record, _ Final) (broken []string) {
	lost, since := lostSpan(h), make(map[string]bool)
	for _, r := range h {
		switch {
		case r.Op == Hear && lost.has(r.At):
			since[r.Client] = true
		case r.Op == Reset && (r.At < lost.backup || !since[r.Client]):
			broken = append(broken, fmt.Sprintf("%s was reset at %v, coming from a place that is kept", r.Client, r.At))
		}
	}
	return broken
}

// knowsWhatIsThere follows what each client knows: what it was told last, from
// the last reset on.
func knowsWhatIsThere(h []Record, final Final) (broken []string) {
	type numbered struct {
		room, seq int64
	}
	clients := make(map[string]map[numbered]Kept)
	for _, r := range h {
		switch r.Op {
		case In, Reset:
			if r.Op == Reset || clients[r.Client] == nil {
				clients[r.Client] = make(map[numbered]Kept)
			}
		case Hear, Load:
			at, heard := numbered{r.Room, r.Seq}, Kept{Seq: r.Seq, ID: r.ID, Key: r.Key, Hash: r.Hash}
			if known, is := clients[r.Client][at]; is && known != heard {
				broken = append(broken, fmt.Sprintf("%s hears %s as number %d of room %d, knows %s there, and was not reset", r.Client, r.Key, r.Seq, r.Room, known.Key))
			}
			clients[r.Client][at] = heard
		case Send, Open, Out, Strike:
		}
	}
	for client, knows := range clients {
		there := 0
		for in, room := range final {
			for _, kept := range room {
				there++
				if knows[numbered{in, kept.Seq}] != kept {
					broken = append(broken, fmt.Sprintf("%s does not know number %d of room %d (%s)", client, kept.Seq, in, kept.Key))
				}
			}
		}
		if len(knows) > there {
			broken = append(broken, fmt.Sprintf("%s knows %d messages, where there are %d", client, len(knows), there))
		}
	}
	slices.Sort(broken)
	return broken
}
