package chaos

import (
	"fmt"
	"time"
)

// The operations of an admin, noted as of the one whom they are about.
const (
	TakeOut Op = "take out"
	PutIn   Op = "put in"
)

// outHearsNothing judges those who were taken out of a room. Who is in it again
// may read all of its history, and whoever comes back then hears what was said
// while they were out, too. So there are two ways to be sure that somebody hears
// what they may not.
func outHearsNothing(h []Record, _ Final) []string {
	return append(hearsWhileOut(h), hearsBehindOut(h)...)
}

// hearsWhileOut finds what was both said and heard while somebody was out: after
// they were taken out for certain, and before anybody asked to put them in.
func hearsWhileOut(h []Record) (broken []string) {
	out := make(map[heard]time.Duration) // since when
	begun := make(map[string]time.Duration)
	for _, r := range h {
		who := heard{r.Client, r.Room}
		switch {
		case r.Op == TakeOut && r.Phase == OK:
			out[who] = r.At
		case r.Op == PutIn:
			delete(out, who)
		case r.Op == Send && r.Phase == Invoked:
			begun[r.Key] = r.At
		case r.Op == Hear:
			if since, is := out[who]; is && begun[r.Key] > since {
				broken = append(broken, fmt.Sprintf("%s heard number %d of room %d, said and heard while they were out of it", r.Client, r.Seq, r.Room))
			}
		}
	}
	return broken
}

// hearsBehindOut finds what a stream told after it had told that its user is out:
// one that was open before anybody asked to take them out.
func hearsBehindOut(h []Record) (broken []string) {
	type stream struct {
		heard
		conn int
	}
	opened := make(map[stream]time.Duration) // of no room
	asked := make(map[heard]time.Duration)
	out := make(map[stream]bool)
	for _, r := range h {
		who := heard{r.Client, r.Room}
		on, line := stream{who, r.Conn}, stream{heard{client: r.Client}, r.Conn}
		switch {
		case r.Op == Open && r.Phase == OK, r.Op == Reset:
			opened[line] = r.At
		case r.Op == TakeOut && r.Phase == Invoked:
			asked[who] = r.At
		case r.Op == Out:
			since, known := asked[who]
			at, is := opened[line]
			out[on] = !known || is && at < since
		case r.Op == In:
			out[on] = false
		case r.Op == Hear && out[on]:
			broken = append(broken, fmt.Sprintf("%s heard number %d of room %d on stream %d, being out of it", r.Client, r.Seq, r.Room, r.Conn))
		}
	}
	return broken
}
