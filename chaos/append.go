package chaos

import (
	"fmt"
	"math"
	"time"

	"github.com/anishathalye/porcupine"
)

// checking is how long the histories of all rooms may take to be checked.
const checking = 10 * time.Second

// appended is the answer to an append: the place in the list, or 0 if nobody
// knows whether it happened.
type appended int64

// list is a list that one can only append to, as a sequential program: its state
// is how many there are.
var list = porcupine.Model{
	Init: func() any { return int64(0) },
	Step: func(state, _, output any) (bool, any) {
		length, place := state.(int64), output.(appended) //nolint:forcetypeassert // operations has put them there
		if place == 0 {
			return true, length + 1
		}
		return int64(place) == length+1, length + 1
	},
}

// linearizable judges the sends of each room against a list. A send of which
// nobody knows what became, and that is not there, did not happen; one that is
// there happened at some time after it was begun.
func linearizable(h []Record, final Final) (broken []string) {
	kept := final.byKey()
	rooms := make(map[int64][]porcupine.Operation)
	begun := make(map[string]Record)
	done := make(map[string]bool)
	client := 0
	for _, r := range h {
		switch {
		case r.Op == Send && r.Phase == Invoked:
			begun[r.Key] = r
		case r.Op == Send && r.Phase == OK:
			done[r.Key] = true
			client++
			rooms[r.Room] = append(rooms[r.Room], porcupine.Operation{
				ClientId: client, Input: r.Key, Call: int64(begun[r.Key].At), Output: appended(r.Seq), Return: int64(r.At),
			})
		}
	}
	for key, r := range begun {
		if there := kept[key]; !done[key] && len(there) > 0 {
			client++
			rooms[r.Room] = append(rooms[r.Room], porcupine.Operation{
				ClientId: client, Input: key, Call: int64(r.At), Output: appended(there[0].Seq), Return: math.MaxInt64,
			})
		}
	}
	for in, operations := range rooms {
		switch porcupine.CheckOperationsTimeout(list, operations, checking) {
		case porcupine.Illegal:
			broken = append(broken, fmt.Sprintf("room %d: no order of its %d sends explains their numbers", in, len(operations)))
		case porcupine.Unknown:
			broken = append(broken, fmt.Sprintf("room %d: its %d sends could not be checked in %v", in, len(operations), checking))
		case porcupine.Ok:
		}
	}
	return broken
}
