package chaos

import "fmt"

// Blame notes an answer that blames the program itself: an error of the server
// that is not "later".
const Blame Op = "blame"

func neverItsOwnFault(h []Record, _ Final) (broken []string) {
	for r := range Those(h, Blame, Noted) {
		broken = append(broken, fmt.Sprintf("%s was answered at %v: %s", r.Client, r.At, r.Note))
	}
	return broken
}
