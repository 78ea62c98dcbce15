package chaos

import "time"

// Recovery is how long it took after a fault until everybody was back.
type Recovery struct {
	Fault    string
	At       time.Duration // when the fault was mended
	Took     time.Duration
	Within   time.Duration // how long it may take
	Measured bool          // false: the next fault struck before everybody was back
}

// Recoveries measures each fault: from when it was mended until the first message
// that was begun after that was acknowledged, and everybody who is in its room all
// the time has heard it, and so all before it. Who naps is waited for from when
// they wake.
func Recoveries(h []Record) (all []Recovery) {
	if len(h) == 0 {
		return nil
	}
	sends, naps := sendsOf(h), napsOf(h)
	listeners := make(map[int64][]string)
	for _, on := range alwaysIn(h) {
		listeners[on.room] = append(listeners[on.room], on.client)
	}
	for i, r := range h {
		if r.Op != Strike || r.Phase != OK {
			continue
		}
		next := h[len(h)-1].At
		for _, later := range h[i:] {
			if later.Op == Strike && later.Phase == Invoked {
				next = later.At
				break
			}
		}
		took, done := caughtUp(h[i:], r.At, sends, naps, listeners)
		if !done || r.At+took > next {
			took, done = next-r.At, false
		}
		all = append(all, Recovery{Fault: r.Note, At: r.At, Took: took, Within: r.Within, Measured: done})
	}
	return all
}

// caughtUp is how long it took from a time on, if it came to an end.
func caughtUp(h []Record, from time.Duration, sends map[string]sending, naps map[string][]sending, listeners map[int64][]string) (took time.Duration, done bool) {
	var target Record
	missing := make(map[string]bool)
	for _, r := range h {
		switch {
		case target.Op == "" && r.Op == Send && r.Phase == OK && sends[r.Key].begun > from:
			target = r
			took = r.At - from
			for _, client := range listeners[r.Room] {
				missing[client] = true
			}
			for key := range heardAlready(h, r) {
				delete(missing, key)
			}
		case target.Op != "" && r.Op == Hear && r.Room == target.Room && r.Seq >= target.Seq && missing[r.Client]:
			delete(missing, r.Client)
			took = max(took, r.At-awake(naps[r.Client], from, r.At))
		}
		if target.Op != "" && len(missing) == 0 {
			return took, true
		}
	}
	return took, false
}

// heardAlready is who had heard a message when it was acknowledged.
func heardAlready(h []Record, said Record) map[string]bool {
	heard := make(map[string]bool)
	for _, r := range h {
		if r.At >= said.At {
			break
		}
		if r.Op == Hear && r.Room == said.Room && r.Seq >= said.Seq {
			heard[r.Client] = true
		}
	}
	return heard
}

// napsOf is when each client slept.
func napsOf(h []Record) map[string][]sending {
	naps := make(map[string][]sending)
	for _, r := range h {
		if r.Op != Nap {
			continue
		}
		if r.Phase == Invoked {
			naps[r.Client] = append(naps[r.Client], sending{r.At, never})
		} else if n := len(naps[r.Client]); n > 0 {
			naps[r.Client][n-1].done = r.At
		}
	}
	return naps
}

// awake is from when on somebody is waited for.
func awake(naps []sending, from, to time.Duration) time.Duration {
	for _, nap := range naps {
		if nap.begun < to && nap.done > from {
			from = min(nap.done, to)
		}
	}
	return from
}

func recoveredInTime(h []Record, _ Final) (broken []Breach) {
	for _, r := range Recoveries(h) {
		if r.Within > 0 && r.Took > r.Within {
			broken = append(broken, breach(r.At, Delay, "after %q it took %v until everybody had caught up; it may take %v", r.Fault, r.Took.Round(time.Millisecond), r.Within))
		}
	}
	return broken
}
