package chaos

import (
	"maps"
	"slices"
	"time"
)

// The notes of the strikes of a run in which old backups take the place of what
// there was. From the beginning of the one to the end of the other, everything may
// be lost; but whoever knows some of it has to be told.
const (
	BackUp  = "take a backup"
	Restore = "restore the backup"
)

// Restored is what must hold of such a run. Everybody in it is in every room from
// the beginning to the end, and fetches all pages after a reset.
var Restored = []Invariant{
	{"I1", "what was acknowledged before a backup or after its restoring is there", forgiving(acknowledgedIsThere)},
	{"I2", "what is there was sent, once, and was not refused", thereWasSent},
	{"I2w", "nobody is told of an error of the program", neverWrong},
	{"I4", "a line hears a room's messages in the order of their numbers", heardInOrder},
	{"I6", "of what is kept, what was acknowledged before another was begun comes before it", forgiving(realTime)},
	{"I6p", "the sends of a room that are kept are appends to one list", forgiving(linearizable)},
	{"G13", "who has heard what is lost is told so before anything else", lostIsTold},
	{"G13k", "who has heard nothing since the backup is resumed", keptIsResumed},
	{"G13s", "what a client knows in the end is what is there", knowsWhatIsThere},
}

// atRisk follows a history and reports whether what happens at a record may be
// lost.
func atRisk() func(Record) bool {
	risk := false
	return func(r Record) bool {
		switch {
		case r.Op == Strike && r.Note == BackUp && r.Phase == Invoked:
			risk = true
		case restored(r):
			risk = false
		}
		return risk
	}
}

func restored(r Record) bool { return r.Op == Strike && r.Note == Restore && r.Phase == OK }

// forgiving judges as if nobody knew what became of what was acknowledged while it
// might be lost.
func forgiving(judge func([]Record, Final) []Breach) func([]Record, Final) []Breach {
	return func(h []Record, final Final) []Breach {
		h, risky := slices.Clone(h), atRisk()
		for i, r := range h {
			if risky(r) && r.Op == Send && r.Phase == OK {
				h[i].Phase = Unknown
			}
		}
		return judge(h, final)
	}
}

// Lost counts the sends that were acknowledged and are not there.
func Lost(h []Record, final Final) int { return len(acknowledgedIsThere(h, final)) }

// Misled are those who knew something that is not there when a backup was restored
// last.
func Misled(h []Record, final Final) (misled map[string]bool) {
	knows := make(map[string]bool)
	for _, r := range h {
		final.misleads(r, knows)
		if r.Op == Strike && r.Note == Restore && r.Phase == Invoked {
			misled = maps.Clone(knows)
		}
	}
	return misled
}

// misleads keeps account of who knows something that is not there.
func (f Final) misleads(r Record, knows map[string]bool) {
	switch {
	case r.Op == Reset:
		delete(knows, r.Client)
	case r.Op == Hear && !f.has(r):
		knows[r.Client] = true
	}
}

func (f Final) has(r Record) bool {
	room := f[r.Room]
	return r.Seq >= 1 && r.Seq <= int64(len(room)) && room[r.Seq-1] == keptOf(r)
}

func lostIsTold(h []Record, final Final) (broken []Breach) {
	knows, owed := make(map[string]bool), make(map[string]time.Duration) // since when
	for _, r := range h {
		since, is := owed[r.Client]
		switch {
		case restored(r):
			for client := range knows {
				owed[client] = r.At
			}
		case is && r.Op == Reset:
			delete(owed, r.Client)
		case is && (r.Op == Hear || r.Op == Load):
			delete(owed, r.Client) // once is enough
			broken = append(broken, breach(r.At, Loss, "%s has heard what was lost at %v, and goes on with number %d of room %d", r.Client, since, r.Seq, r.Room))
		}
		final.misleads(r, knows)
	}
	for client, since := range owed {
		broken = append(broken, breach(since, Loss, "%s has heard what is lost, and never hears of it", client))
	}
	return broken
}

func keptIsResumed(h []Record, _ Final) (broken []Breach) {
	risky, since := atRisk(), make(map[string]bool)
	for _, r := range h {
		risk := risky(r)
		switch {
		case r.Op == Strike && r.Note == BackUp && r.Phase == Invoked:
			clear(since)
		case r.Op == Hear && risk:
			since[r.Client] = true
		case r.Op == Reset && !since[r.Client]:
			broken = append(broken, breach(r.At, Loss, "%s was reset, coming from a place that is kept", r.Client))
		}
	}
	return broken
}

// knowsWhatIsThere follows what each client knows: what it was told last, from the
// last reset on.
func knowsWhatIsThere(h []Record, final Final) (broken []Breach) {
	type numbered struct{ room, seq int64 }
	clients := make(map[string]map[numbered]Kept)
	for _, r := range h {
		switch r.Op { //nolint:exhaustive // the others tell nothing of what is there
		case In, Reset:
			if r.Op == Reset || clients[r.Client] == nil {
				clients[r.Client] = make(map[numbered]Kept)
			}
		case Hear, Load:
			at := numbered{r.Room, r.Seq}
			if known, is := clients[r.Client][at]; is && known != keptOf(r) {
				broken = append(broken, breach(r.At, Loss, "%s hears %s as number %d of room %d, knows %s there, and was not reset", r.Client, r.Key, r.Seq, r.Room, known.Key))
			}
			clients[r.Client][at] = keptOf(r)
		}
	}
	for client, knows := range clients {
		there := 0
		for in, room := range final {
			for _, kept := range room {
				there++
				if knows[numbered{in, kept.Seq}] != kept {
					broken = append(broken, breach(0, Loss, "%s does not know number %d of room %d (%s)", client, kept.Seq, in, kept.Key))
				}
			}
		}
		if len(knows) > there {
			broken = append(broken, breach(0, Falsehood, "%s knows %d messages, where there are %d", client, len(knows), there))
		}
	}
	return broken
}
