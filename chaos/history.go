package chaos

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// History is what is written down, as lines of JSON and in memory.
type History struct {
	began time.Time
	mu    sync.Mutex
	lines *json.Encoder
	all   []Record

	broken error // why the lines are not all
}

// NewHistory begins a history that is also written to lines.
func NewHistory(lines io.Writer) *History {
	return &History{began: time.Now(), lines: json.NewEncoder(lines)}
}

// Add writes a record down, with the time that it is now, which it returns.
func (h *History) Add(r Record) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.At = time.Since(h.began)
	h.all = append(h.all, r)
	if err := h.lines.Encode(r); err != nil {
		h.broken = err // the judge has it in memory
	}
	return r.At
}

// Err says why the lines are not all of the history; nil if they are.
func (h *History) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.broken
}

// Records returns all that was written down.
func (h *History) Records() []Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Record(nil), h.all...)
}
