package chaos

import (
	"math"
	"time"

	"github.com/anishathalye/porcupine"
)

// checking is how long the histories of all rooms may take to be checked.
const checking = 10 * time.Second

// answer is what an append is answered with, the place in the list, or 0 if nobody
// knows whether it happened; or a read: the length of the list.
type answer struct {
	place int64
	read  bool
}

// list is a list that one can only append to, as a sequential program: its state
// is how many there are.
var list = porcupine.Model{
	Init: func() any { return int64(0) },
	Step: func(state, _, output any) (bool, any) {
		length, got := state.(int64), output.(answer) //nolint:forcetypeassert // operations has put them there
		switch {
		case got.read:
			return got.place == length, length
		case got.place == 0:
			return true, length + 1
		default:
			return got.place == length+1, length + 1
		}
	},
}

// linearizable judges the sends and the reads of each room against a list.
func linearizable(h []Record, final Final) (broken []Breach) {
	for in, operations := range operationsOf(h, final) {
		switch porcupine.CheckOperationsTimeout(list, operations, checking) {
		case porcupine.Illegal:
			broken = append(broken, breach(0, Disorder, "room %d: no order of its %d sends and reads explains their numbers", in, len(operations)))
		case porcupine.Unknown:
			broken = append(broken, breach(0, Disorder, "room %d: its %d sends and reads could not be checked in %v", in, len(operations), checking))
		case porcupine.Ok:
		}
	}
	return broken
}

// operationsOf are the sends and reads of each room. A send of which nobody knows
// what became, and that is not there, did not happen; one that is there happened
// at some time after it was begun.
func operationsOf(h []Record, final Final) map[int64][]porcupine.Operation {
	kept := final.byKey()
	rooms := make(map[int64][]porcupine.Operation)
	begun := make(map[string]Record)
	reading := make(map[string]Record)
	done := make(map[string]bool)
	client := 0
	add := func(in int64, what string, from, to int64, got answer) {
		client++
		rooms[in] = append(rooms[in], porcupine.Operation{ClientId: client, Input: what, Call: from, Output: got, Return: to})
	}
	for _, r := range h {
		switch {
		case r.Op == Send && r.Phase == Invoked:
			begun[r.Key] = r
		case r.Op == Send && r.Phase == OK:
			done[r.Key] = true
			add(r.Room, r.Key, int64(begun[r.Key].At), int64(r.At), answer{place: r.Seq})
		case r.Op == Read && r.Phase == Invoked:
			reading[r.Client] = r
		case r.Op == Read && r.Phase == OK:
			add(r.Room, "read", int64(reading[r.Client].At), int64(r.At), answer{place: r.Seq, read: true})
		}
	}
	for key, r := range begun {
		if there := kept[key]; !done[key] && len(there) > 0 {
			add(r.Room, key, int64(r.At), math.MaxInt64, answer{place: there[0].Seq})
		}
	}
	return rooms
}
