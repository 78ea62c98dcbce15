package features_test

import (
	"context"
	"fmt"

	"parley/domain/room"
	"parley/domain/sequence"
	"parley/features/stage"
)

// law holds for everything that somebody hears on one device: in each room the
// numbers have no gap, no repeat and never go back, from the first one that they
// hear; and nothing comes twice, or after they are out.
type law struct {
	last map[room.ID]sequence.Number
	out  map[room.ID]bool
	seen map[stage.Place]bool
}

func newLaw() law {
	return law{last: make(map[room.ID]sequence.Number), out: make(map[room.ID]bool), seen: make(map[stage.Place]bool)}
}

// begin says where a room stands when somebody begins to listen to it.
func (l law) begin(in room.ID, last []stage.Message) {
	l.last[in] = 0
	if len(last) > 0 {
		l.last[in] = last[len(last)-1].Number
	}
}

func (l law) take(me string, h stage.Heard) error {
	in := h.Message.Room
	if l.seen[h.Place] || h.Place == "" {
		return fmt.Errorf("heard twice, or without a place: %s", inWords(h))
	}
	l.seen[h.Place] = true
	if l.out[in] && !(h.What == stage.Came && h.Message.Who == me) {
		return fmt.Errorf("heard after being out of the room: %s", inWords(h))
	}
	switch h.What {
	case stage.Said:
		if last, known := l.last[in]; known && h.Message.Number != last.Next() {
			return fmt.Errorf("heard number %d after number %d: %s", h.Message.Number, last, inWords(h))
		}
		l.last[in] = h.Message.Number
	case stage.RoomOpened:
		l.last[in] = 0
	case stage.Came:
		if h.Message.Who == me { // what was said while they were out is for reading
			delete(l.last, in)
			delete(l.out, in)
		}
	case stage.Left, stage.Removed:
		l.out[in] = h.Message.Who == me
	case stage.RoomGone:
		l.out[in] = true
	case stage.RoleChanged, stage.Corrected, stage.Withdrawn, stage.RoomRenamed, stage.Updated:
	}
	return nil
}

// laws hold after every scenario. Everyone who listens has heard all there is;
// nobody was refused without a step that says so; and what was heard, what was
// answered and what can be read is one and the same.
func (w *world) laws(ctx context.Context) error {
	if err := w.hearAll(ctx); err != nil {
		return err
	}
	if err := w.partiesLaws(ctx); err != nil {
		return err
	}
	if w.holds != nil {
		if err := w.holds(); err != nil {
			return err
		}
	}
	for _, e := range w.ears() {
		if e.closed != nil && !e.told {
			return fmt.Errorf("%s was hung up on, and no step says so: %w", e.name, e.closed)
		}
	}
	for _, a := range w.cast {
		if len(a.refusals) > 0 {
			return fmt.Errorf("%s was refused, and no step says so: %v", a.name, a.refusals)
		}
		if err := w.lawsFor(ctx, a); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return nil
}

func (w *world) lawsFor(ctx context.Context, a *actor) error {
	client, err := a.present(ctx)
	if err != nil {
		return err
	}
	mine, err := client.Rooms(ctx)
	if err != nil {
		return err
	}
	for _, in := range w.rooms {
		if _, inside := mine[in]; !inside {
			continue
		}
		history, err := readAll(ctx, client, in)
		if err != nil {
			return err
		}
		if err := w.sameAsSaid(in, history); err != nil {
			return err
		}
		for _, e := range a.ears {
			if err := e.sameAsRead(in, history, w.aged[in]); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameAsSaid compares a room's history with what its authors were told, and is
// kept.
func (w *world) sameAsSaid(in room.ID, history []stage.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	aged := int(w.aged[in])
	if len(w.said[in]) != aged+len(history) {
		return fmt.Errorf("%d messages can be read, and %d were taken, %d of them long ago", len(history), len(w.said[in]), aged)
	}
	for i, m := range history {
		if m.Number != sequence.Number(aged+i+1) || w.said[in][m.Number] != m {
			return fmt.Errorf("at %d one reads %+v, and its author was told %+v", aged+i+1, m, w.said[in][m.Number])
		}
	}
	return nil
}

// sameAsRead compares what was heard with a room's history, which begins after
// what has aged, and whether whoever listens has come to its end.
func (e *ear) sameAsRead(in room.ID, history []stage.Message, aged sequence.Number) error {
	end := int(aged) + len(history)
	for _, m := range e.known(in) {
		if m.Number < 1 || int(m.Number) > end {
			return fmt.Errorf("one hears %+v, which cannot be read", m)
		}
		if m.Number <= aged {
			continue
		}
		if now := history[m.Number-aged-1]; now != m && (e.line != nil || now.Version <= m.Version) { // else it changed while they were away
			return fmt.Errorf("one hears %+v, and reads %+v", m, now)
		}
	}
	if last, known := e.law.last[in]; known && e.line != nil && e.wants(in) && int(last) != end {
		return fmt.Errorf("one has heard up to number %d of %d", last, end)
	}
	return nil
}

// readAll reads a whole room.
func readAll(ctx context.Context, by stage.Client, in room.ID) ([]stage.Message, error) {
	var all []stage.Message
	for after := sequence.Number(0); ; {
		page, err := by.Read(ctx, in, stage.After(after, 100))
		if err != nil {
			return nil, err
		}
		all = append(all, page.Messages...)
		if !page.More || len(page.Messages) == 0 {
			return all, nil
		}
		after = all[len(all)-1].Number
	}
}
