package contract

import (
	"context"
	"errors"
	"fmt"

	"parley/application/port"
	"parley/domain/room"
	"parley/domain/sequence"
)

func timeMovesOn(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	results := atOnce(12, func(n int) error {
		if n%2 == 0 {
			return s.keep(ctx, h.in, h.ada,
				room.RoleChanged{Who: h.ben.User, Role: room.Admin}, room.RoleChanged{Who: h.ben.User, Role: room.Member})
		}
		_, err := s.say(ctx, h.ben, h.in, "hello", "")
		return err
	})
	if err := errors.Join(results...); err != nil {
		return err
	}
	entries, err := s.Log.Room(ctx, h.in, port.Span{Upto: 1 << 40, Limit: 1000})
	if err != nil {
		return err
	}
	for n := 1; n < len(entries); n++ {
		if !entries[n].At.After(entries[n-1].At) {
			return fmt.Errorf("entry %d of a room is of %s, the one before it of %s", n, entries[n].At, entries[n-1].At)
		}
	}
	return expect("how many entries the room has", len(entries), 1+12+6)
}

func marksTellApart(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	for range 6 {
		if _, err := s.say(ctx, h.ada, h.in, "hello", ""); err != nil {
			return err
		}
	}
	once, err := s.all(ctx)
	if err != nil {
		return err
	}
	twice, err := s.all(ctx)
	if err != nil {
		return err
	}
	marks := make(map[sequence.Mark]bool)
	for n, e := range once {
		if err := expect("an entry's place, read again", twice[n].Place, e.Place); err != nil {
			return err
		}
		marks[e.Place.Mark] = true
	}
	return expect("how many different marks there are", len(marks), len(once))
}
