package delivery

import (
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"parley/application/port"
	"parley/domain/sequence"
)

const (
	// pageLimit is how many entries a page has at most.
	pageLimit = 256
	// updatesLimit is how many a page has that may have updates of third parties,
	// which may be large.
	updatesLimit = 64
	// pageTime is how long reading a page may take.
	pageTime = 5 * time.Second
)

// page is a part of a strand that covers everything behind the place where it was
// asked for and up to upto. It is unfiltered: whoever reads it judges each
// entry when it is handed out.
type page struct {
	events []*Event
	upto   sequence.Place
}

// pages reads pages, each once however many ask for it, and holds the last ones
// within a limit.
type pages struct {
	log     port.Log
	updates port.Updates
	revised *revisions
	limit   int // in bytes

	mu    sync.Mutex
	size  int
	held  map[pageKey]*list.Element // of *heldPage
	order *list.List                // the last used one first
}

// pageKey says which page it is, and of which of the logs that there were: one
// that was asked for in the last moments of another log is none of this one.
type pageKey struct {
	of      strand
	after   sequence.Position
	history int64
}

type heldPage struct {
	key    pageKey
	page   page
	err    error
	loaded chan struct{} // closed once page or err is there
	weight int
}

func newPages(log port.Log, updates port.Updates, revised *revisions, limit int) *pages {
	return &pages{log: log, updates: updates, revised: revised, limit: limit, held: make(map[pageKey]*list.Element), order: list.New()}
}

// get returns the page of a strand behind a position. It reaches to upto at most,
// and at least to the strand's next entry. A page that cannot be brought up to date
// is read again.
func (p *pages) get(ctx context.Context, key pageKey, upto sequence.Place) (page, error) {
	for {
		h, mine := p.find(key)
		if mine {
			p.load(ctx, h, upto)
		}
		select {
		case <-h.loaded:
		case <-ctx.Done():
			return page{}, ctx.Err()
		}
		if h.err != nil || h.page.settled() {
			return h.page, h.err
		}
		p.forget(h)
	}
}

// settled brings the page up to date, and reports whether that can be done.
func (p page) settled() bool {
	for _, e := range p.events {
		if !e.settled() {
			return false
		}
	}
	return true
}

// find returns the page as it is held; mine says that the caller is to load it.
func (p *pages) find(key pageKey) (h *heldPage, mine bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if element, ok := p.held[key]; ok {
		p.order.MoveToFront(element)
		return element.Value.(*heldPage), false //nolint:forcetypeassert // the list has nothing else
	}
	h = &heldPage{key: key, loaded: make(chan struct{})}
	p.held[key] = p.order.PushFront(h)
	return h, true
}

// load reads a page for all who wait for it, whether the first of them still
// does or not.
func (p *pages) load(ctx context.Context, h *heldPage, upto sequence.Place) {
	defer close(h.loaded)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageTime)
	defer cancel()
	read := p.revised.upto() // before it is read: what was done later, it may have or not
	limit := h.key.of.limit()
	entries, err := p.read(ctx, h.key.of, port.Span{After: h.key.after, Upto: upto.Position, Limit: limit})
	h.page, h.err = newPage(entries, limit, upto, p.revised, read), err
	p.keep(h)
}

// read returns the entries of a strand within a span.
func (p *pages) read(ctx context.Context, of strand, s port.Span) ([]port.Entry, error) {
	switch of.kind {
	case ofRoom:
		return p.log.Room(ctx, of.room, s)
	case ofUpdates:
		return p.updates.Published(ctx, s)
	case ofAll:
		entries, err := p.log.From(ctx, s.After.Next(), s.Limit)
		return slices.DeleteFunc(entries, func(e port.Entry) bool { return e.Place.Position > s.Upto }), err
	default:
		return nil, nil
	}
}

// newPage is a page of entries that have all that was edited or deleted as of a
// position.
func newPage(entries []port.Entry, limit int, upto sequence.Place, revised *revisions, read asOf) page {
	if !port.Whole(entries, limit) {
		upto = entries[len(entries)-1].Place
	}
	events := make([]*Event, len(entries))
	for i, entry := range entries {
		events[i] = &Event{Entry: entry, revised: revised, asOf: read}
	}
	return page{events, upto}
}

// keep counts a loaded page, and lets go of those that were not used for longest
// where there is no room for it. What could not be read is not held.
func (p *pages) keep(h *heldPage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	element, held := p.held[h.key]
	if !held || element.Value != any(h) {
		return
	}
	if h.err != nil {
		p.remove(element)
		return
	}
	for _, e := range h.page.events {
		h.weight += footprint(e)
	}
	p.size += h.weight
	for oldest := p.order.Back(); p.size > p.limit && oldest != nil; oldest = p.order.Back() {
		p.remove(oldest)
	}
}

// forget lets go of a page, if it is still held.
func (p *pages) forget(h *heldPage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if element, held := p.held[h.key]; held && element.Value == any(h) {
		p.remove(element)
	}
}

func (p *pages) remove(element *list.Element) {
	h := p.order.Remove(element).(*heldPage) //nolint:forcetypeassert // the list has nothing else
	delete(p.held, h.key)
	p.size -= h.weight
}

// drop lets go of everything.
func (p *pages) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held, p.size = make(map[pageKey]*list.Element), 0
	p.order.Init()
}
