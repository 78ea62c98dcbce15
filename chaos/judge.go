package chaos

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Kind says in what way a promise was broken.
type Kind string

// The kinds.
const (
	Loss      Kind = "lost"
	Doubling  Kind = "doubled"
	Disorder  Kind = "misordered"
	Leak      Kind = "leaked"
	Delay     Kind = "late"
	Falsehood Kind = "untrue" // what is there or was told is not so
	Growth    Kind = "grown"  // what is held when there is no reason to
)

// Breach is what breaks an invariant, and when it came to light.
type Breach struct {
	At   time.Duration
	Kind Kind
	What string
}

func breach(at time.Duration, kind Kind, format string, values ...any) Breach {
	return Breach{at, kind, fmt.Sprintf(format, values...)}
}

// Violation is a broken promise.
type Violation struct {
	Invariant string
	Breach
}

func (v Violation) String() string {
	return fmt.Sprintf("%s, %s at %v: %s", v.Invariant, v.Kind, v.At.Round(time.Millisecond), v.What)
}

// Invariant is something that must hold of every history.
type Invariant struct {
	Name  string
	Says  string
	Judge func(h []Record, final Final) []Breach
}

// Invariants is what must hold, whatever broke.
var Invariants = []Invariant{
	{"I1", "what was acknowledged is there, as it was sent or last changed", acknowledgedIsThere},
	{"I2", "what is there was sent, once, and was not refused", thereWasSent},
	{"I2e", "what a message says, its author has put into it, knowing what it said before", saidByItsAuthor},
	{"I2r", "who is in a room all the time is never refused", neverRefused},
	{"I2w", "nobody is told of an error of the program", neverWrong},
	{"I3", "who is in a room hears all of it, once", heardAllOnce},
	{"I3c", "nobody hears an entry twice, whatever it is about", heardNothingTwice},
	{"I3b", "who is put in again hears all that is said from then on", heardSinceBack},
	{"I4", "a line hears a room's messages in the order of their numbers", heardInOrder},
	{"I4e", "all who are in a room hear the same entries in the same order", heardAlike},
	{"I5", "all see the same message at the same number, and the same words at the same version", allSeeTheSame},
	{"I6", "what was acknowledged before another was begun comes before it", realTime},
	{"I6p", "the sends of a room are appends to one list, and the reads of it see that list", linearizable},
	{"I7", "a page and the line from its cursor have neither a gap nor a repeat between them", pagesJoin},
	{"I8", "who is out of a room hears nothing of it, and says nothing in it", outHearsNothing},
	{"I8s", "a session that has ended hears nothing that came after, and is good for nothing", endedHearsNothing},
	{"I9", "what was heard adds up to what is there", heardAddsUp},
	{"I9d", "the words of what was deleted are gone", deletedIsGone},
	{"I10", "after a fault everybody has caught up in time", recoveredInTime},
	{"G6", "no line is reset that could be resumed", neverReset},
}

// Judge returns everything that breaks a promise.
func Judge(h []Record, final Final) []Violation { return JudgeBy(Invariants, h, final) }

// JudgeBy returns everything that breaks one of these invariants.
func JudgeBy(invariants []Invariant, h []Record, final Final) []Violation {
	var found []Violation
	for _, invariant := range invariants {
		broken := invariant.Judge(h, final)
		slices.SortFunc(broken, func(a, b Breach) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.What, b.What)) })
		for _, b := range broken {
			found = append(found, Violation{invariant.Name, b})
		}
	}
	return found
}

// Few are some of each invariant's violations, for people to read.
func Few(found []Violation) (some []Violation) {
	const most = 5
	many := make(map[string]int)
	for _, v := range found {
		if many[v.Invariant]++; many[v.Invariant] <= most {
			some = append(some, v)
		}
	}
	for name, n := range many {
		if n > most {
			some = append(some, Violation{name, breach(0, "more", "and %d more", n-most)})
		}
	}
	return some
}

func neverReset(h []Record, _ Final) (broken []Breach) {
	for r := range Those(h, Reset, Noted) {
		broken = append(broken, breach(r.At, Loss, "%s was reset, coming from %s", r.Client, r.Cursor))
	}
	return broken
}

func neverWrong(h []Record, _ Final) (broken []Breach) {
	for r := range Those(h, Blame, Noted) {
		broken = append(broken, breach(r.At, Falsehood, "%s was answered %s", r.Client, r.Note))
	}
	return broken
}
