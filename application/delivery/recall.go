package delivery

// recall remembers answers, within a limit: those that were asked for last, in two
// halves. When the younger half is full, the older one is forgotten.
type recall[K comparable, V any] struct {
	half         int // in bytes
	size         int // of the younger half
	weigh        func(K, V) int
	young, older map[K]V
}

// remembered is about how many bytes remembering an answer takes beside its key's
// text.
const remembered = 100

func newRecall[K comparable, V any](limit int, weigh func(K, V) int) recall[K, V] {
	return recall[K, V]{half: max(limit/2, 1), weigh: weigh, young: make(map[K]V)}
}

func (r *recall[K, V]) get(key K) (answer V, known bool) {
	if answer, known = r.young[key]; known {
		return answer, true
	}
	if answer, known = r.older[key]; known {
		r.put(key, answer)
	}
	return answer, known
}

func (r *recall[K, V]) put(key K, answer V) {
	if before, known := r.young[key]; known {
		r.size -= r.weigh(key, before)
	}
	weight := r.weigh(key, answer)
	if r.size+weight > r.half {
		r.older, r.young, r.size = r.young, make(map[K]V), 0
	}
	r.young[key] = answer
	r.size += weight
}
