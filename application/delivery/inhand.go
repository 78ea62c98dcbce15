package delivery

import "sync/atomic"

// inHand is what there is room for of rounds that were read and are yet to be
// written. A listener that takes its time would have a whole round for as long as
// it likes, and thousands of them more than there is memory.
type inHand struct {
	limit int64 // in bytes
	size  atomic.Int64
}

// hold lets a reader have a round until release is called; or, if there is no room
// for it, the first batch of it alone. The reader then reads the rest again.
func (h *inHand) hold(n *round) (release func()) {
	size := int64(n.size)
	if h.size.Add(size) <= h.limit {
		return func() { h.size.Add(-size) }
	}
	h.size.Add(-size)
	n.end(fit(n.events))
	return func() {}
}
