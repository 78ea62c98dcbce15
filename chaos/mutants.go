package chaos

import (
	"errors"
	"fmt"
	"slices"

	"parley/chaos/variant"
)

// Mutant is the program with one mistake in it. A checker that does not catch it
// proves nothing when it finds nothing.
type Mutant struct {
	Name   string         // the mistake
	Why    string         // somebody might make it
	Edits  []variant.Edit // make it
	Under  string         // the scenario under which it shows
	Caught string         // the invariant that it breaks there
}

// Variant is the mutant with all points at which it can be struck.
func (m Mutant) Variant() variant.Variant {
	return variant.Variant{Name: m.Name, Edits: slices.Concat(variant.Crashing.Edits, m.Edits)}
}

// Check refuses a mutant that is none: whose edits do not fit the module at root
// or change nothing, or that no invariant is said to catch.
func (m Mutant) Check(root string) error {
	named := func(i Invariant) bool { return i.Name == m.Caught }
	switch {
	case m.Name == "" || m.Why == "" || m.Under == "":
		return fmt.Errorf("mutant %q: what it is, why and under what it shows is to be said", m.Name)
	case len(m.Edits) == 0:
		return fmt.Errorf("mutant %q: %w", m.Name, errNoMutant)
	case !slices.ContainsFunc(Invariants, named) && !slices.ContainsFunc(Restored, named):
		return fmt.Errorf("mutant %q: %w: %q", m.Name, errUncaught, m.Caught)
	}
	_, err := m.Variant().Files(root)
	return err
}

// Why a mutant is refused.
var (
	errNoMutant = errors.New("it is the program as it is")
	errUncaught = errors.New("no invariant catches it")
)

// Mutants are the mistakes that must be caught.
var Mutants = []Mutant{
	{
		Name: "skip the lock",
		Why:  "the positions are unique in any case",
		Edits: []variant.Edit{{
			File: "adapters/bunstore/postgres.go",
			From: `fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(logLock))`,
			To:   `fmt.Sprintf("SELECT %d", int64(logLock))`,
		}},
		Under: "two nodes that do not ring", Caught: "I2w",
	},
	{
		Name: "acknowledge before the commit",
		Why:  "the answer is known by then, and a commit takes long",
		Edits: []variant.Edit{
			{
				File: "application/appending/appender.go",
				From: "\tdefault:\n\t\treturn answers, a.commit(t, limit)\n",
				To:   "\tcase batch[0].isStep():\n\t\treturn answers, a.commit(t, limit)\n\tdefault:\n\t\tfor i, it := range batch {\n\t\t\tit.answer(answers[i])\n\t\t}\n\t\treturn nil, a.commit(t, limit)\n",
			},
			{
				File: "application/appending/appender.go",
				From: "\tfor i, it := range batch {\n\t\tit.answer(answers[i])\n\t}\n\treturn nil\n",
				To:   "\tfor i := range answers {\n\t\tbatch[i].answer(answers[i])\n\t}\n\treturn nil\n",
			},
		},
		Under: "crashes before the commit", Caught: "I1",
	},
	{
		Name: "begin one entry behind the cursor",
		Why:  "what stands at the cursor has been processed, so one goes on behind it",
		Edits: []variant.Edit{{
			File: "application/delivery/opening.go",
			From: "\t\tr.place = start\n",
			To:   "\t\tr.place = sequence.Place{Position: start.Position.Next(), Mark: start.Mark}\n",
		}},
		Under: "coming back again and again", Caught: "I3",
	},
	{
		Name: "load rights beside the fold",
		Why:  "they were read just now",
		Edits: []variant.Edit{{
			File: "application/delivery/opening.go",
			From: "if isAbout(event.Entry, r.who.User, &brought) {",
			To:   "if false && isAbout(event.Entry, r.who.User, &brought) {",
		}},
		Under: "coming and going while streams open", Caught: "I8",
	},
	{
		Name: "remember for a while who is in which room",
		Why:  "it is read at each opening of a stream and seldom changes",
		Edits: []variant.Edit{
			{File: "adapters/bunstore/log.go", From: "import (\n", To: "import (\n\t\"sync\"\n\t\"time\"\n"},
			{
				File: "adapters/bunstore/log.go",
				From: "rights.Rooms, err = mine.of(ctx, who.User)",
				To: `if held, ok := remembered.Load(who.User); ok && time.Since(held.(roomsAt).at) < 500*time.Millisecond {
			rights.Rooms = held.(roomsAt).rooms
			return nil
		}
		rights.Rooms, err = mine.of(ctx, who.User)
		remembered.Store(who.User, roomsAt{rights.Rooms, time.Now()})`,
			},
			{
				File: "adapters/bunstore/log.go",
				From: "// of returns the rooms that somebody is in.\n",
				To:   "type roomsAt struct {\n\trooms []room.ID\n\tat time.Time\n}\n\nvar remembered sync.Map\n\n// of returns the rooms that somebody is in.\n",
			},
		},
		Under: "coming and going while streams open", Caught: "I8",
	},
	{
		Name: "jump to the head after a short page",
		Why:  "a page that is not full was the last one",
		Edits: []variant.Edit{{
			File: "application/delivery/catch_up.go",
			From: "\tr.moveTo(next.upto)\n\tif next.upto.Position",
			To:   "\tif len(next.events) < pageLimit {\n\t\tnext.upto = t.memory.end\n\t}\n\tr.moveTo(next.upto)\n\tif next.upto.Position",
		}},
		Under: "coming back again and again", Caught: "I3",
	},
	{
		Name: "drop what does not fit",
		Why:  "who is that far behind is lost anyway",
		Edits: []variant.Edit{{
			File: "application/delivery/gather.go",
			From: "\tevents, cut := r.recent()\n",
			To:   "\tevents, _ = r.recent()\n\tcut := false\n",
		}},
		Under: "much at once", Caught: "I3",
	},
	{
		Name: "forget which key a message has",
		Why:  "an index less to write, and who tries again waits a moment",
		Edits: []variant.Edit{
			{
				File: "adapters/bunstore/ground.go",
				From: "m.client_key = draft.client_key`",
				To:   "m.client_key = draft.client_key AND FALSE`",
			},
			{
				File: "migrations/sqlite/00001_first_conversation.sql",
				From: "CREATE UNIQUE INDEX message_client_key",
				To:   "CREATE INDEX message_client_key",
			},
		},
		Under: "answers that are lost", Caught: "I2",
	},
	{
		Name: "believe the ring",
		Why:  "nothing was rung, so nothing was logged",
		Edits: []variant.Edit{{
			File: "application/delivery/tail.go",
			From: "\t\tcase <-poll.C:\n\t\t}\n",
			To:   "\t\tcase <-poll.C:\n\t\t\tif _, started := t.place(); started {\n\t\t\t\tt.confirm(t.Now())\n\t\t\t\tpoll.Reset(t.Poll)\n\t\t\t\tcontinue\n\t\t\t}\n\t\t}\n",
		}},
		Under: "two nodes that do not ring", Caught: "I3",
	},
	{
		Name: "compare no marks",
		Why:  "the position says it all",
		Edits: []variant.Edit{
			{File: "application/delivery/opening.go", From: "entries[0].Place == p, nil", To: "entries[0].Place.Position == p.Position, nil"},
		},
		Under: "a backup that is restored", Caught: "G13",
	},
	{
		Name: "forget over a restart who signed out",
		Why:  "the token is signed, and the log tells of sessions that end",
		Edits: []variant.Edit{{
			File: "application/delivery/admission.go",
			From: "\tif err := uc.Look(ctx, who); err != nil {",
			To:   "\tif err := error(nil); err != nil {",
		}},
		Under: "signing out before a restart", Caught: "I8s",
	},
}
