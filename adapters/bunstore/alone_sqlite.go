package bunstore

import (
	"context"
	"errors"
	"sync"
)

// holds is what is held alone within the one process that has the file.
type holds struct {
	mu    sync.Mutex
	names map[string]*held
}

type held struct {
	of   *holds
	name string
}

func (f *sqliteFile) alone(_ context.Context, name string) (_ hold, had bool, err error) {
	f.holds.mu.Lock()
	defer f.holds.mu.Unlock()
	if f.holds.names[name] != nil {
		return nil, false, nil
	}
	if f.holds.names == nil {
		f.holds.names = make(map[string]*held)
	}
	one := &held{of: &f.holds, name: name}
	f.holds.names[name] = one
	return one, true, nil
}

var errReleased = errors.New("it was given back")

func (h *held) lasts(context.Context) error {
	h.of.mu.Lock()
	defer h.of.mu.Unlock()
	if h.of.names[h.name] != h {
		return errReleased
	}
	return nil
}

func (h *held) release() {
	h.of.mu.Lock()
	defer h.of.mu.Unlock()
	if h.of.names[h.name] == h {
		delete(h.of.names, h.name)
	}
}
