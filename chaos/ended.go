package chaos

import (
	"fmt"
	"time"
)

// The operations of those who sign out and try all the same.
const (
	SignOut Op = "sign out" // OK once it is answered
	Use     Op = "use"      // a session, for anything but a send; OK if it was let
)

// endedDoesNothing judges those who have signed out. A session is a client here:
// who signs in again is another. What was logged before the end may arrive late;
// what was begun after it may not.
func endedDoesNothing(h []Record, _ Final) (broken []string) {
	ended := make(map[string]time.Duration)
	for r := range Those(h, SignOut, OK) {
		ended[r.Client] = r.At
	}
	begun := make(map[string]time.Duration) // when the send of a key was begun
	used := make(map[string]time.Duration)  // when a client last began to use its session
	for _, r := range h {
		end, has := ended[r.Client]
		has = has && r.At > end
		switch {
		case r.Op == Send && r.Phase == Invoked:
			begun[r.Key] = r.At
		case r.Op == Use && r.Phase == Invoked:
			used[r.Client] = r.At
		case has && r.Op == Send && r.Phase == OK && begun[r.Key] > end:
			broken = append(broken, fmt.Sprintf("%s signed out at %v and sent %s at %v", r.Client, end, r.Key, r.At))
		case has && r.Op == Hear && begun[r.Key] > end:
			broken = append(broken, fmt.Sprintf("%s signed out at %v and heard %s at %v", r.Client, end, r.Key, r.At))
		case has && r.Op == Use && r.Phase == OK && used[r.Client] > end:
			broken = append(broken, fmt.Sprintf("%s signed out at %v and was let use its session at %v: %s", r.Client, end, r.At, r.Note))
		}
	}
	return broken
}
