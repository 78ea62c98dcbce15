package chaos

import "fmt"

// What the nemesis notes when it does more than strike: what was logged between
// the two never happened.
const (
	BackedUp = "back everything up"
	Restored = "restore the backup"
)

// goneIsTold judges who comes back to a history that is not theirs any more:
// from a place that the program gave between a backup and its restore.
func goneIsTold(h []Record, _ Final) (broken []string) {
	given := make(map[string]bool) // places that the program gave before the backup
	later := make(map[string]bool) // those that it gave since
	lost := make(map[string]bool)  // those of a history that is gone
	type stream struct {
		client string
		conn   int
	}
	owed := make(map[stream]string) // streams that are to be told
	for _, r := range h {
		on := stream{r.Client, r.Conn}
		switch {
		case r.Op == Strike && r.Phase == OK && r.Note == BackedUp:
			for place := range later {
				given[place] = true
			}
			clear(later)
		case r.Op == Strike && r.Phase == Invoked && r.Note == Restored:
			for place := range later {
				lost[place] = true
			}
			clear(later)
		case r.Op == Open && r.Phase == Noted:
			if lost[r.Cursor] {
				owed[on] = r.Cursor
			}
		case r.Op == Reset:
			delete(owed, on)
		case r.Conn > 0 && owed[on] != "":
			broken = append(broken, fmt.Sprintf("%s came from %s, which is gone, and stream %d began as if nothing had been", r.Client, owed[on], r.Conn))
			delete(owed, on)
		case r.Conn > 0 && r.Cursor != "" && !given[r.Cursor]:
			later[r.Cursor] = true
		}
	}
	return broken
}
