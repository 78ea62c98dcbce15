package chaos

// acknowledgedIsThere: a message that was changed since has a higher version; what
// it must say then is for saidByItsAuthor and allSeeTheSame.
func acknowledgedIsThere(h []Record, final Final) (broken []Breach) {
	byKey, byID := final.byKey(), final.byID()
	for r := range Those(h, Send, OK) {
		kept := byKey[r.Key]
		switch {
		case len(kept) == 0:
			broken = append(broken, breach(r.At, Loss, "%s sent %s to room %d and had it acknowledged; it is lost", r.Client, r.Key, r.Room))
		case kept[0].ID != r.ID || kept[0].Seq != r.Seq:
			broken = append(broken, breach(r.At, Loss, "%s was acknowledged as %d/%d and is there as %d/%d", r.Key, r.ID, r.Seq, kept[0].ID, kept[0].Seq))
		case kept[0].Rev <= r.Rev && kept[0].Hash != r.Hash:
			broken = append(broken, breach(r.At, Loss, "%s was acknowledged as number %d and is there with other words", r.Key, r.Seq))
		}
	}
	for _, r := range h {
		if r.Phase != OK || r.Op != Edit && r.Op != Delete {
			continue
		}
		kept, there := byID[r.ID]
		if !there || kept.Rev < r.Rev || kept.Rev == r.Rev && kept.Hash != r.Hash || r.Op == Delete && kept.Hash != "" {
			broken = append(broken, breach(r.At, Loss, "the %s of message %d to version %d was acknowledged to %s; it is lost", r.Op, r.ID, r.Rev, r.Client))
		}
	}
	names := make(map[int64]Record)
	for r := range Those(h, Is, Noted) {
		names[r.Room] = r // the last one is what is there in the end
	}
	for r := range Those(h, Rename, OK) {
		if is, known := names[r.Room]; known && (is.Rev < r.Rev || is.Rev == r.Rev && is.Note != r.Note) {
			broken = append(broken, breach(r.At, Loss, "that room %d is called %q was acknowledged to %s; it is called %q", r.Room, r.Note, r.Client, is.Note))
		}
	}
	return broken
}

func (f Final) byKey() map[string][]Kept {
	byKey := make(map[string][]Kept)
	for _, room := range f {
		for _, kept := range room {
			byKey[kept.Key] = append(byKey[kept.Key], kept)
		}
	}
	return byKey
}

func (f Final) byID() map[int64]Kept {
	byID := make(map[int64]Kept)
	for _, room := range f {
		for _, kept := range room {
			byID[kept.ID] = kept
		}
	}
	return byID
}

func thereWasSent(h []Record, final Final) (broken []Breach) {
	sent, refused := make(map[string]Record), make(map[string]bool)
	for r := range Those(h, Send, Invoked) {
		sent[r.Key] = r
	}
	for r := range Those(h, Send, Failed) {
		refused[r.Key] = true
	}
	for key, kept := range final.byKey() {
		begun, known := sent[key]
		switch {
		case !known:
			broken = append(broken, breach(0, Falsehood, "%s is there, and nobody sent it", key))
		case refused[key]:
			broken = append(broken, breach(begun.At, Falsehood, "%s is there, and was refused", key))
		case len(kept) > 1:
			broken = append(broken, breach(begun.At, Doubling, "%s is there %d times", key, len(kept)))
		}
	}
	for in, room := range final {
		for i, kept := range room {
			if kept.Seq != int64(i)+1 {
				broken = append(broken, breach(sent[kept.Key].At, Loss, "room %d has number %d in place %d", in, kept.Seq, i+1))
			}
		}
	}
	for r := range Those(h, Hear, Noted) {
		if _, known := sent[r.Key]; !known {
			broken = append(broken, breach(r.At, Falsehood, "%s heard %s, which nobody sent", r.Client, r.Key))
		}
	}
	return broken
}

// neverRefused judges those who were never taken out of the room.
func neverRefused(h []Record, _ Final) (broken []Breach) {
	users, removed := make(map[string]int64), make(map[inRoom]bool)
	for r := range Those(h, SignIn, OK) {
		users[r.Client] = r.User
	}
	for r := range Those(h, Remove, Invoked) {
		removed[inRoom{r.User, r.Room}] = true
	}
	for _, r := range h {
		if r.Phase != Failed || removed[inRoom{users[account(r.Client)], r.Room}] {
			continue
		}
		if r.Op == Send || r.Op == Edit || r.Op == Delete || r.Op == Rename || r.Op == Read {
			broken = append(broken, breach(r.At, Loss, "the %s of %s in room %d was refused: %s", r.Op, r.Client, r.Room, r.Note))
		}
	}
	return broken
}

// inRoom is a user in a room.
type inRoom struct{ user, room int64 }
