package matching

import "sync"

// recent keeps what was used of late: what was used since it was last half full,
// and what had been used in the half before. So it forgets nothing that is in use,
// and never holds more than twice its bound.
type recent[V any] struct {
	bound int // of each half

	mu         sync.Mutex
	young, old map[string]weighed[V]
	weight     int // of all in young
}

type weighed[V any] struct {
	value  V
	weight int
}

func newRecent[V any](bound int) *recent[V] {
	return &recent[V]{bound: bound, young: make(map[string]weighed[V])}
}

func (r *recent[V]) get(key string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.young[key]
	if !ok {
		if found, ok = r.old[key]; ok {
			r.add(key, found)
		}
	}
	return found.value, ok
}

// put adds a value. One that is heavier than a half is not kept.
func (r *recent[V]) put(key string, value V, weight int) {
	if weight > r.bound {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.young[key]; !ok {
		r.add(key, weighed[V]{value, weight})
	}
}

func (r *recent[V]) add(key string, entry weighed[V]) {
	if r.weight+entry.weight > r.bound {
		r.old, r.young, r.weight = r.young, make(map[string]weighed[V]), 0
	}
	r.young[key] = entry
	r.weight += entry.weight
}
