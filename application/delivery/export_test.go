package delivery

// CatchingUp is how many readers read the store at the same moment.
const CatchingUp = catchingUp

// Remember makes a tail remember few edits and deletions beyond those that are in
// memory.
func Remember(t *Tail, most int) { t.revised.most = most }

// Footprint is how many bytes an event that is held is counted as.
var Footprint = footprint

// SignalForTest tells a signal.
func (t *Tail) SignalForTest(s *Signal) { t.signal(s) }

// IsHeld reports whether somebody holds the tail's lock.
func (t *Tail) IsHeld() bool {
	free := t.mu.TryLock()
	if free {
		t.mu.Unlock()
	}
	return !free
}

// Watchers is how many readers can hear of subscriptions.
func (t *Tail) Watchers() int {
	t.signals.mu.Lock()
	defer t.signals.mu.Unlock()
	readers := make(map[*reader]bool)
	for _, one := range t.signals.watchers.by {
		for r := range one.readers {
			readers[r] = true
		}
	}
	return max(len(readers), len(t.signals.watchers.by))
}

// Indexed counts what the index of readers holds.
func Indexed(t *Tail) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := &t.live
	return len(l.all) + len(l.users) + len(l.sessions) + len(l.rooms) + len(l.addresses) + len(l.asked.held) + len(l.granted.held) + len(l.asked.buckets) +
		len(l.public.all) + len(l.public.names) + len(l.public.patterns) + len(l.private.all) + len(l.private.names) + len(l.private.patterns)
}

// InHand is how many bytes of older entries readers have in hand.
func InHand(t *Tail) int { return int(t.inHand.size.Load()) }
