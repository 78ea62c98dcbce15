package delivery

// SignalForTest tells a signal.
func (t *Tail) SignalForTest(s *Signal) { t.signal(s) }

// Watchers is how many readers can hear of subscriptions.
func (t *Tail) Watchers() int {
	t.signals.mu.Lock()
	defer t.signals.mu.Unlock()
	return max(len(t.signals.watchers.of), len(t.signals.watchers.by))
}
