package features_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"parley/domain/room"
	"parley/domain/sequence"
	"parley/features/stage"
)

// ear is somebody who listens on one of their devices, through all the lines
// that they open there one after another.
type ear struct {
	name   string // of who listens
	client stage.Client
	ask    stage.Ask
	line   stage.Line    // nil while they are away
	closed *stage.Closed // why the last line was ended, if it was by the program
	told   bool          // a step says so
	place  stage.Place

	heard []stage.Heard // without fences
	since int           // how much of that was heard when the line was opened
	law   law
}

// listen opens a line: from now on, or from where the one before was cut.
func (e *ear) listen(ctx context.Context) error {
	e.hangUp()
	e.ask.After = e.place
	line, err := e.client.Listen(ctx, e.ask)
	if err != nil {
		return fmt.Errorf("%s opens a line: %w", e.name, err)
	}
	if e.place == "" || line.Afresh() {
		e.law = newLaw()
	}
	e.line, e.place, e.since, e.closed = line, line.Place(), len(e.heard), nil
	return nil
}

// comeBack opens a line from where the one before was cut, which has to be a place
// that is known.
func (e *ear) comeBack(ctx context.Context) error {
	if err := e.listen(ctx); err != nil {
		return err
	}
	return e.goesOn()
}

// goesOn: the line that was opened last begins where the one before was cut.
func (e *ear) goesOn() error {
	if e.line.Afresh() {
		return fmt.Errorf("%s has to start afresh", e.name)
	}
	return nil
}

// wants reports whether a room was asked for.
func (e *ear) wants(in room.ID) bool {
	return len(e.ask.Rooms) == 0 || slices.Contains(e.ask.Rooms, in)
}

func (e *ear) hangUp() {
	if e.line != nil {
		_ = e.line.Close()
		e.line = nil
	}
}

// hearUntil takes in what comes until the fence. Nothing comes to who is away.
func (e *ear) hearUntil(ctx context.Context, fence room.ID) error {
	if e.line == nil {
		return nil
	}
	for {
		h, err := e.hear(ctx)
		switch {
		case e.closed != nil:
			return nil //nolint:nilerr // which a step must tell of
		case err != nil:
			return err
		}
		if h.What == stage.RoomOpened && h.Message.Room == fence {
			return nil
		}
	}
}

// errUnlawful is no trouble with a line, but with what is heard on it.
var errUnlawful = errors.New("hears what cannot be")

// hear takes in the next thing. It breaks no law of hearing.
func (e *ear) hear(ctx context.Context) (stage.Heard, error) {
	h, err := e.line.Next(ctx)
	if errors.As(err, &e.closed) {
		e.told = false
		e.hangUp()
	}
	if err != nil {
		return h, fmt.Errorf("%s waits to hear: %w", e.name, err)
	}
	if err := e.law.take(e.name, h); err != nil {
		return h, fmt.Errorf("%s %w: %w", e.name, errUnlawful, err)
	}
	e.place = h.Place
	if h.What != stage.RoomOpened {
		e.heard = append(e.heard, h)
	}
	return h, nil
}

// isClosed takes in what comes until the program ends the line, for this reason.
func (e *ear) isClosed(ctx context.Context, reason string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for e.closed == nil {
		if e.line == nil {
			return fmt.Errorf("%s is not listening", e.name)
		}
		if _, err := e.hear(ctx); err != nil && e.closed == nil {
			return err
		}
	}
	if *e.closed != (stage.Closed{Reason: reason, Advice: "reauthenticate"}) {
		return fmt.Errorf("%s: %w", e.name, e.closed)
	}
	e.told = true
	return nil
}

// listenAnewAfterEach hangs up after each thing that it hears, and goes on from
// there, until it has heard n messages.
func (e *ear) listenAnewAfterEach(ctx context.Context, n int) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for len(e.messages(room.ID{})) < n {
		if _, err := e.hear(soon); err != nil {
			return err
		}
		if err := e.listen(ctx); err != nil {
			return err
		}
	}
	return nil
}

// stayOn listens until n messages have been heard, whatever becomes of its lines:
// it comes back as often as it takes.
func (e *ear) stayOn(ctx context.Context, n int) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for len(e.messages(room.ID{})) < n {
		_, err := e.hear(soon)
		if errors.Is(err, errUnlawful) || soon.Err() != nil {
			return err
		}
		if err == nil {
			continue
		}
		if err := await(soon, func() error { return e.listen(ctx) }); err != nil {
			return err
		}
		if err := e.goesOn(); err != nil {
			return err
		}
	}
	return nil
}

// messages returns what was said, in one room or, for the zero room, in all.
func (e *ear) messages(in room.ID) []stage.Message {
	var all []stage.Message
	for _, h := range e.heard {
		if h.What == stage.Said && (in.IsZero() || h.Message.Room == in) {
			all = append(all, h.Message)
		}
	}
	return all
}

// known is what somebody knows of a room's messages by what they have heard.
func (e *ear) known(in room.ID) map[sequence.Number]stage.Message {
	all := make(map[sequence.Number]stage.Message)
	for _, h := range e.heard {
		n := h.Message.Number
		m, known := all[n]
		switch {
		case h.Message.Room != in:
		case h.What == stage.Said, h.What == stage.Corrected && known:
			all[n] = h.Message
		case h.What == stage.Withdrawn && known:
			m.Text, m.Version, m.Withdrawn = "", h.Message.Version, true
			all[n] = m
		}
	}
	return all
}

// events returns what else happened in a room.
func (e *ear) events(in room.ID) []string {
	var all []string
	for _, h := range e.heard {
		if h.What != stage.Said && h.Message.Room == in {
			all = append(all, inWords(h))
		}
	}
	return all
}

func inWords(h stage.Heard) string {
	who := h.Message.Who
	switch h.What {
	case stage.Said:
		return fmt.Sprintf("%s said %q", who, h.Message.Text)
	case stage.Came:
		return who + " came"
	case stage.Left:
		return who + " left"
	case stage.Removed:
		return who + " was removed"
	case stage.RoleChanged:
		return who + " became " + map[room.Role]string{room.Admin: "an admin", room.Member: "a member"}[h.Role]
	case stage.RoomOpened:
		return "there is a room"
	case stage.RoomGone:
		return "the room is gone"
	case stage.Corrected:
		return fmt.Sprintf("message %d reads %q", h.Message.Number, h.Message.Text)
	case stage.Withdrawn:
		return fmt.Sprintf("message %d was withdrawn", h.Message.Number)
	case stage.RoomRenamed:
		return fmt.Sprintf("the room is called %q", h.Name)
	case stage.Updated:
		return fmt.Sprintf("a third party published %q", h.Message.Text)
	default:
		return fmt.Sprintf("%+v", h)
	}
}
