package chaos_test

import (
	"maps"
	"slices"
	"time"

	"parley/chaos"
)

// enters notes that somebody is in a room, and waits to hear all of it.
func enters(b *bot, room int64, h *chaos.History) {
	b.reaches(room, 0)
	h.Add(chaos.Record{Client: b.name, Op: chaos.In, Phase: chaos.Noted, Room: room})
}

// awaitAll waits until everybody has heard the end of every room. Who does not
// in time is left to the judge.
func awaitAll(people []*bot, final chaos.Final, patient time.Duration) {
	awaitEars(earsOf(people), final, patient)
}

func earsOf(people []*bot) (ears []*ear) {
	for _, b := range people {
		ears = append(ears, b.ear)
	}
	return ears
}

// awaitEars: who listens to some rooms alone is waited for there.
func awaitEars(ears []*ear, final chaos.Final, patient time.Duration) {
	for deadline := time.Now().Add(patient); !caughtUp(ears, final) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
}

// caughtUp reports whether all of these have heard the end of every room.
func caughtUp(ears []*ear, final chaos.Final) bool {
	for _, e := range ears {
		for _, in := range e.rooms() {
			if room := final[in]; len(room) > 0 && e.reached(in) < room[len(room)-1].Seq {
				return false
			}
		}
	}
	return true
}

// rooms are those that an ear waits to hear.
func (e *ear) rooms() []int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Sorted(maps.Keys(e.heard))
}

// reached is the last number of a room that was heard.
func (e *ear) reached(in int64) int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard[in]
}

func (e *ear) reaches(in, number int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard[in] = number
}
