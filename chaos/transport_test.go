package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// transport is a way to hear: one implementation for each protocol that the
// program speaks. All else of a client is the same on each of them.
type transport interface {
	name() string
	open(ctx context.Context, want want) (line, error)
}

// line is what is heard on, until it ends.
type line interface {
	// next waits for what comes next. errComeBack is an end after which one comes
	// back at once; after any other, a little later.
	next(ctx context.Context) (event, error)
	close()
}

// want says what line to open.
type want struct {
	base   string // of the node
	topics string // as a query
	token  string
	cursor string // where to go on; empty: from now on
	client *http.Client
}

// event is what comes on a line.
type event struct {
	id   string // what is sent back after it was processed; empty: what was before
	data string // empty: only the place has moved on
}

// errComeBack ends a line that was whole: there may be more already.
var errComeBack = errors.New("that was all for now")

// refused is the status of an answer that opens no line.
type refused int

func (r refused) Error() string { return fmt.Sprintf("refused with status %d", int(r)) }

// transports are all that there are.
var transports = []transport{sse{}, polling{}}

// silence is how long a line may bring nothing before a client gives it up, as one
// does that cannot know whether the other end is there.
const silence = 15 * time.Second
