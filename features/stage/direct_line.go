package stage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/room"
	"parley/domain/sequence"
)

// directLine is a line of a [Direct] stage: a sink of the delivery, which hands
// over one thing after another as they are asked for.
type directLine struct {
	hang   context.CancelFunc
	opened chan delivery.Opened
	heard  chan Heard
	ended  chan error // gets one error when the line has ended

	afresh bool
	began  Place
}

// Listen opens a line.
func (c direct) Listen(ctx context.Context, ask Ask) (Line, error) {
	if len(ask.Topics) > 0 {
		return nil, errors.New("third parties are heard through the API alone")
	}
	ctx, hang := context.WithCancel(ctx)
	l := &directLine{hang: hang, opened: make(chan delivery.Opened, 1), heard: make(chan Heard), ended: make(chan error, 1)}
	query := delivery.FollowQuery{Who: c.who, What: selection(c, ask), From: start(ask.After), Until: c.until}
	go func() {
		err := c.app.Follow.Handle(ctx, query, sink{l, ctx.Done()})
		if err == nil {
			err = errors.New("the line has ended")
		}
		l.ended <- err
	}()
	select {
	case opened := <-l.opened:
		l.afresh, l.began = opened.Mode == delivery.Reset, place(opened.Place)
		return l, nil
	case err := <-l.ended:
		hang()
		return nil, refused(err)
	}
}

func selection(c direct, ask Ask) delivery.Selection {
	var what delivery.Selection
	what.Topic(delivery.UserTopic(c.who.User).String())
	for _, in := range ask.Rooms {
		what.Topic(delivery.RoomTopic(in).String())
	}
	if len(ask.Rooms) == 0 {
		what.Pattern("/chat/room/{id}")
	}
	return what
}

func (l *directLine) Afresh() bool { return l.afresh }

func (l *directLine) Place() Place { return l.began }

func (l *directLine) Next(ctx context.Context) (Heard, error) {
	select {
	case h := <-l.heard:
		return h, nil
	case err := <-l.ended:
		l.ended <- err
		return Heard{}, err
	case <-ctx.Done():
		return Heard{}, ctx.Err()
	}
}

// Close hangs up, and returns when the program has noticed.
func (l *directLine) Close() error {
	l.hang()
	err := <-l.ended
	l.ended <- err
	return nil
}

// sink is how the delivery sees a line.
type sink struct {
	line *directLine
	gone <-chan struct{}
}

func (s sink) Opened(o delivery.Opened) error {
	s.line.opened <- o
	return nil
}

func (s sink) Hand(batch []delivery.Delivered) error {
	for _, one := range batch {
		entry, err := one.Event.Now()
		if err != nil {
			return err
		}
		h, err := hear(entry)
		if err != nil {
			return err
		}
		select {
		case s.line.heard <- h:
		case <-s.gone:
			return context.Canceled
		}
	}
	return nil
}

func (sink) Passed(sequence.Place) error { return nil }

func (sink) Quiet() error { return nil }

func (sink) Signal([]*delivery.Signal, sequence.Place) error { return nil }

func (sink) Closing(c delivery.Closing) error { return closed(c) }

func hear(e port.Entry) (Heard, error) {
	h := Heard{Message: Message{Room: e.Room, Who: e.Subject.Name.String()}, Role: e.Role, Place: place(e.Place)}
	switch e.Kind {
	case port.MessageCreated:
		h.What, h.Message, h.Role = Said, said(*e.Message), 0
	case port.MessageEdited:
		h.What, h.Message, h.Role = Corrected, said(*e.Message), 0
	case port.MessageDeleted:
		h.What, h.Role = Withdrawn, 0
		h.Message = Message{ID: e.Message.ID, Room: e.Room, Number: e.Message.Sequence, Version: e.Message.Version, Withdrawn: true}
	case port.RoomChanged:
		h.What, h.Name = RoomRenamed, e.About.Name.String()
	case port.ParticipantJoined:
		h.What = Came
	case port.ParticipantLeft:
		h.What = Left
		if e.Reason == room.WasRemoved {
			h.What = Removed
		}
	case port.ParticipantChanged:
		h.What = RoleChanged
	case port.RoomCreated:
		h.What = RoomOpened
	case port.RoomDeleted:
		h.What = RoomGone
	case port.Genesis, port.SessionEnded, port.UpdatePublished:
		return Heard{}, fmt.Errorf("an entry of kind %d was handed out", e.Kind)
	default:
		return Heard{}, fmt.Errorf("an entry of unknown kind %d was handed out", e.Kind)
	}
	return h, nil
}

// place writes a place of the log down. A direct client could read it; the steps
// do not.
func place(p sequence.Place) Place { return Place(fmt.Sprintf("%d:%d", p.Position, p.Mark)) }

func start(after Place) delivery.Start {
	if after == "" {
		return delivery.Start{}
	}
	var p sequence.Place
	if _, err := fmt.Fscanf(strings.NewReader(string(after)), "%d:%d", &p.Position, &p.Mark); err != nil {
		return delivery.FromUnreadable()
	}
	return delivery.FromPlace(p)
}
