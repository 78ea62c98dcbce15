package chaos

import "time"

const (
	// refusing is for how long another node may take the token of a session that has
	// ended: that long it may be without sight of the log and not know.
	refusing = 1500 * time.Millisecond
	// closing is for how long a line of it may stay open, hearing nothing: that long
	// a node may be cut off before it ends its lines, and then be stopped.
	closing = 15 * time.Second
)

// session is one of an account's sign-ins.
type session struct {
	account string
	number  int
}

// endedHearsNothing: what was begun after the end was answered was logged after
// it, whoever did it.
func endedHearsNothing(h []Record, _ Final) (broken []Breach) {
	ended := endsOf(h)
	openings, sends := openingsOf(h), sendsOf(h)
	tried, revoked := make(map[session]Record), make(map[lineOf]bool)
	for _, r := range h {
		on := lineOf{r.Client, r.Conn}
		line := openings[on]
		at, over := ended[session{account(r.Client), line.Session}]
		switch {
		case r.Op == Use && r.Phase == Invoked:
			tried[session{account(r.Client), r.Session}] = r
		case r.Op == Use && r.Phase == OK:
			of := session{account(r.Client), r.Session}
			if end, over := ended[of]; over && tried[of].At > end+refusing {
				broken = append(broken, breach(r.At, Leak, "session %d of %s was good for something %v after its end", r.Session, r.Client, tried[of].At-end))
			}
		case r.Conn == 0 || r.Op == Open || r.Op == Closed:
		case r.Op == Revoked:
			revoked[on] = true
		case revoked[on]:
			broken = append(broken, breach(r.At, Leak, "%s heard %s on line %d, which had told them that their session has ended", r.Client, r.Op, r.Conn))
		case over && line.At > at:
			broken = append(broken, breach(r.At, Leak, "%s was let in (%s) on line %d with session %d, which had ended", r.Client, r.Op, r.Conn, line.Session))
		case over && r.Op == Hear && sends[r.Key].begun > at:
			broken = append(broken, breach(r.At, Leak, "%s heard number %d of room %d on line %d, said after the end of session %d", r.Client, r.Seq, r.Room, r.Conn, line.Session))
		}
	}
	return append(broken, endedStaysOpen(h, ended, openings)...)
}

// endsOf is when the end of each ended session was answered.
func endsOf(h []Record) map[session]time.Duration {
	ended := make(map[session]time.Duration)
	for r := range Those(h, End, OK) {
		of := session{account(r.Client), r.Session}
		if _, before := ended[of]; !before {
			ended[of] = r.At
		}
	}
	return ended
}

func endedStaysOpen(h []Record, ended map[session]time.Duration, openings map[lineOf]opening) (broken []Breach) {
	closed := make(map[lineOf]time.Duration)
	for r := range Those(h, Closed, Noted) {
		closed[lineOf{r.Client, r.Conn}] = r.At
	}
	for on, line := range openings {
		at, over := ended[session{account(on.client), line.Session}]
		end, isClosed := closed[on]
		if !isClosed {
			end = h[len(h)-1].At
		}
		if over && line.opened < at && end-at > closing {
			broken = append(broken, breach(at, Delay, "line %d of %s stayed open for %v after its session had ended", on.conn, on.client, end-at))
		}
	}
	return broken
}
