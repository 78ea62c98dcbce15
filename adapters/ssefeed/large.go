package ssefeed

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"parley/adapters/form"
	"parley/domain/fault"
	"parley/domain/hub"
)

const (
	// maxPublishing is how large the body of an update may be, in bytes.
	maxPublishing = 1 << 20
	// smallPublishing is how much of it is read whoever sends it. The rest of a larger
	// one is read of whoever may publish at all.
	smallPublishing = 64 << 10
	// manyLarge is how many larger ones are read at the same moment, and largeTime how
	// long one waits for its turn.
	manyLarge = 32
	largeTime = 2 * time.Second
)

// errManyLarge turns away an update for now.
var errManyLarge = fault.New(fault.Unavailable, "storage-unavailable", "Many large updates are under way; try again.")

// sending is an update that arrives: its fields, as far as they are read, and what
// the rest of it is read from, if there is more.
type sending struct {
	fields
	text []byte
	rest io.Reader
}

// readSending reads the URL, and the body as far as it is small. A field that it has
// in part alone is none of its fields yet.
func readSending(w http.ResponseWriter, r *http.Request) (s sending, err error) {
	if s.query, err = form.Parse(r.URL.RawQuery); err != nil {
		return sending{}, err
	}
	body, err := formOf(w, r, maxPublishing)
	if err != nil {
		return sending{}, err
	}
	if s.text, err = readBody(io.LimitReader(body, smallPublishing+1)); err != nil {
		return sending{}, err
	}
	text := s.text
	if len(text) > smallPublishing {
		s.rest, text = body, text[:bytes.LastIndexByte(text, '&')+1]
	}
	s.body, err = form.Parse(string(text))
	return s, err
}

// readRest reads what more there is, when it is its turn. done is to be called when
// the update has been taken.
func (f *Feed) readRest(r *http.Request, s *sending, grant hub.Grant) (done func(), err error) {
	if len(grant.Publish) == 0 {
		return nil, hub.ErrScope
	}
	ctx, cancel := context.WithTimeout(r.Context(), largeTime)
	defer cancel()
	select {
	case f.large <- struct{}{}:
	case <-ctx.Done():
		return nil, errManyLarge
	}
	text, err := readBody(io.MultiReader(bytes.NewReader(s.text), s.rest))
	if err == nil {
		s.body, err = form.Parse(string(text))
	}
	if err != nil {
		<-f.large
		return nil, err
	}
	return func() { <-f.large }, nil
}
