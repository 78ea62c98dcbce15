package variant

// Points are the places at which a program built with [Crashing] can be struck
// (see package crash), with what is so about each of them.
var Points = map[string]string{
	"before-lock":                "nothing of a batch is begun",
	"after-lock":                 "the log's lock is held, and nothing is read",
	"after-insert":               "a batch is written, and not committed",
	"before-commit":              "all is done but the commit",
	"after-commit-before-answer": "a batch is kept, and neither rung nor answered",
	"after-answer-before-fanout": "somebody knows that they said it, and nobody on this node has heard it",
	"mid-frame":                  "half a frame is on its way",
	"rights-read":                "a stream's rights are read, and not brought up to the log",
	"page-read":                  "older entries are read, and not handed out",
}

const (
	transaction = "adapters/bunstore/transaction.go"
	sends       = "application/appending/send.go"
	tail        = "application/delivery/tail.go"
	opening     = "application/delivery/opening.go"
	catchUp     = "application/delivery/catch_up.go"
	frames      = "adapters/ssefeed/stream.go"
	requests    = "cmd/compose/access.go"
)

// Crashing is the program with all points. Unless it is told to, it does what
// the program does that ships.
var Crashing = Variant{Name: "crashing", Edits: []Edit{
	imports(transaction), imports(sends), imports(tail), imports(opening), imports(catchUp), imports(frames), imports(requests),

	before(transaction, "\tif t.tx, err = s.store.engine.begin(ctx); err != nil {", `crash.At("before-lock")`),
	before(transaction, "\th, err := readHead(", `crash.At("after-lock")`),
	before(sends, "\tfor i := range answers {\n", `crash.At("after-insert")`),
	before(transaction, "\twatch := time.AfterFunc(", `crash.At("before-commit")`),
	before(transaction, "\tif t.gone {", `crash.At("after-commit-before-answer")`),

	before(tail, "\t\tif err := t.apply(entries, started); err != nil {", `for _, e := range entries[1:] {
			if e.Kind == port.MessageCreated && e.Message != nil {
				crash.Hold("after-answer-before-fanout", e.Message.ID.Int64())
			}
		}`),
	before(requests, "\treturn http.HandlerFunc(", `next = crash.Answers("after-answer-before-fanout", next)`),

	before(frames, "\tif _, err := s.to.Write(frames); err != nil {", `if crash.Due("mid-frame") {
		_, _ = s.to.Write(frames[:len(frames)/2])
		_ = s.control.Flush()
		crash.Now()
	}`),

	after(opening, "\t\t\theld, err = t.Log.Rights(ctx, r.who)\n", `crash.At("rights-read")`),
	after(catchUp, "\t\tnext, err = r.round(ctx)\n", `crash.At("page-read")`),
}}

func imports(file string) Edit {
	return Edit{File: file, From: "import (\n", To: "import (\n\t\"parley/chaos/crash\"\n"}
}

func before(file, from, what string) Edit {
	return Edit{File: file, From: from, To: "\t" + what + "\n" + from}
}

func after(file, from, what string) Edit {
	return Edit{File: file, From: from, To: from + "\t" + what + "\n"}
}
