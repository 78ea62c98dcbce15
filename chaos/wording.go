package chaos

// version is a message as it was at one time.
type version struct{ id, rev int64 }

// wordings is what each version of each message may say. There may be several,
// for nobody knows what became of some edits.
type wordings struct {
	first map[string]string // by the key it was sent with
	later map[version]map[string]bool
}

func wordingsOf(h []Record) wordings {
	w := wordings{make(map[string]string), make(map[version]map[string]bool)}
	refused := make(map[version]map[string]bool)
	note := func(in map[version]map[string]bool, r Record) {
		of := version{r.ID, r.Rev}
		if in[of] == nil {
			in[of] = make(map[string]bool)
		}
		in[of][r.Hash] = true
	}
	for _, r := range h {
		switch {
		case r.Op == Send && r.Phase == Invoked:
			w.first[r.Key] = r.Hash
		case (r.Op == Edit || r.Op == Delete) && r.Phase == Invoked:
			note(w.later, r)
		case r.Op == Edit && r.Phase == Failed:
			note(refused, r)
		}
	}
	for of, hashes := range refused {
		for hash := range hashes {
			delete(w.later[of], hash)
		}
	}
	return w
}

// allow reports whether a version may say this.
func (w wordings) allow(k Kept) bool {
	return k.Rev <= 1 && k.Hash == w.first[k.Key] || w.later[version{k.ID, k.Rev}][k.Hash]
}

// told calls take for each message that anybody was told of: on a line, in a page,
// in the end.
func told(h []Record, final Final, take func(by Record, k Kept)) {
	for _, r := range h {
		if r.Op == Hear || r.Op == Edited || r.Op == Deleted {
			take(r, keptOf(r))
		}
		for _, k := range r.Items {
			take(r, k)
		}
	}
	for in, room := range final {
		for _, k := range room {
			take(Record{Client: "the end", Room: in, Op: Read}, k)
		}
	}
}

func saidByItsAuthor(h []Record, final Final) (broken []Breach) {
	w := wordingsOf(h)
	told(h, final, func(by Record, k Kept) {
		if by.Op != Deleted && !w.allow(k) {
			broken = append(broken, breach(by.At, Falsehood, "version %d of %s, as %s saw it, says what nobody has put into it", k.Rev, k.Key, by.Client))
		}
	})
	for r := range Those(h, Stale, OK) {
		broken = append(broken, breach(r.At, Loss, "%s has edited message %d without knowing its last version", r.Client, r.ID))
	}
	return broken
}

func allSeeTheSame(h []Record, final Final) (broken []Breach) {
	words := make(map[version]string)
	told(h, final, func(by Record, k Kept) {
		room := final[by.Room]
		if k.Seq < 1 || k.Seq > int64(len(room)) {
			broken = append(broken, breach(by.At, Falsehood, "%s saw number %d of room %d, which has %d", by.Client, k.Seq, by.Room, len(room)))
			return
		}
		last := room[k.Seq-1]
		first, known := words[version{k.ID, k.Rev}]
		switch {
		case last.ID != k.ID || by.Op != Deleted && last.Key != k.Key:
			broken = append(broken, breach(by.At, Falsehood, "%s saw %s as number %d of room %d, where %s is", by.Client, k.Key, k.Seq, by.Room, last.Key))
		case k.Rev > last.Rev:
			broken = append(broken, breach(by.At, Loss, "%s saw version %d of number %d of room %d, which ends with version %d", by.Client, k.Rev, k.Seq, by.Room, last.Rev))
		case known && first != k.Hash:
			broken = append(broken, breach(by.At, Falsehood, "%s saw other words than others at version %d of %s", by.Client, k.Rev, last.Key))
		}
		words[version{k.ID, k.Rev}] = k.Hash
	})
	return broken
}
