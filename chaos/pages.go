package chaos

// pagesJoin judges those who read a page and go on from its cursor: what they hear
// begins with the number after the page.
func pagesJoin(h []Record, _ Final) (broken []Breach) {
	next := make(map[ear]int64)
	for _, r := range h {
		on := ear{r.Client, r.Room}
		switch {
		case r.Op == Read && r.Phase == OK:
			for i, item := range r.Items {
				if item.Seq != r.Seq-int64(len(r.Items)-1-i) {
					broken = append(broken, breach(r.At, Loss, "the page of room %d that %s read up to number %d has number %d in place %d", r.Room, r.Client, r.Seq, item.Seq, i+1))
				}
			}
			next[on] = r.Seq + 1
		case r.Op == Hear && next[on] != 0:
			kind := Loss
			if r.Seq < next[on] {
				kind = Doubling
			}
			if r.Seq != next[on] {
				broken = append(broken, breach(r.At, kind, "%s, who has read a page of room %d, heard number %d where %d comes next", r.Client, r.Room, r.Seq, next[on]))
			}
			next[on] = r.Seq + 1
		}
	}
	return broken
}
