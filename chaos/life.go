package chaos

import (
	"fmt"
	"slices"
)

// Wants is what has to happen in a run, for its verdict to mean anything.
type Wants struct {
	Faults []string // each of which has to strike
	Sends  int      // that have to be acknowledged
	Done   []Op     // each of which has to succeed
	Ends   []string // ways in which a session has to end
	Lines  []string // transports that have to bring messages
	Visits bool     // whether somebody has to go on from a page
}

// Lifeless says what did not happen. Every client has to come back at least once.
func Lifeless(h []Record, wants Wants) (missing []string) {
	struck, done, ends, lines := make(map[string]int), make(map[Op]int), make(map[string]int), make(map[string]int)
	opened, read, visited := make(map[string]int), make(map[string]bool), false
	for _, r := range h {
		switch {
		case r.Op == Open:
			opened[r.Client]++
		case r.Op == Hear:
			lines[r.Transport]++
			visited = visited || read[r.Client]
		case r.Phase != OK:
		case r.Op == Strike:
			struck[r.Note]++
		case r.Op == End:
			ends[r.Note]++
		case r.Op == Read:
			read[r.Client] = true
		}
		if r.Phase == OK {
			done[r.Op]++
		}
	}
	missing = append(missing, none("%s never struck", struck, wants.Faults)...)
	missing = append(missing, none("no %s succeeded", done, wants.Done)...)
	missing = append(missing, none("no session ended by %s", ends, wants.Ends)...)
	missing = append(missing, none("nothing was heard over %s", lines, wants.Lines)...)
	if done[Send] < wants.Sends {
		missing = append(missing, fmt.Sprintf("only %d sends were acknowledged, and %d are needed", done[Send], wants.Sends))
	}
	if wants.Visits && !visited {
		missing = append(missing, "nobody has gone on from a page")
	}
	for client, times := range opened {
		if times < 2 && !read[client] {
			missing = append(missing, client+" never came back")
		}
	}
	slices.Sort(missing)
	return missing
}

// none names those that never happened.
func none[K ~string](says string, times map[K]int, wanted []K) (missing []string) {
	for _, want := range wanted {
		if times[want] == 0 {
			missing = append(missing, fmt.Sprintf(says, want))
		}
	}
	return missing
}
