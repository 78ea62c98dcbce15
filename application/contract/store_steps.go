package contract

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

// awkward is what breaks stores that quote, fold, trim or count bytes.
const awkward = " it's ? ?? \\n 'quoted' \"double\" %s ;--\n\ttab \u200d 👩‍👩‍👧 ñ ñ \U0010FFFD end "

func comesBackAsStored(ctx context.Context, s StoreSubject) error {
	var made identity.User
	var session identity.Session
	err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		email, err := identity.ParseEmail("O'Hara+x@Example.ORG")
		if err != nil {
			return err
		}
		name, err := identity.ParseDisplayName("Ada ? O'Hara \\ 👩‍👧")
		if err != nil {
			return err
		}
		made, err = scope.Keeping.AddUser(ctx, identity.User{Email: email, Name: name, PresenceHidden: true, CreatedAt: scope.At}, "ha?sh'")
		if err != nil {
			return err
		}
		session, err = scope.Keeping.AddSession(ctx, identity.Session{User: made.ID, UserAgent: "Agent/1.0 ('?)", CreatedAt: scope.At})
		return err
	})
	if err != nil {
		return err
	}
	if made.Email.String() != "O'Hara+x@Example.ORG" || made.CreatedAt.IsZero() {
		return fmt.Errorf("a new user: got %+v", made)
	}
	err = s.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		user, err := v.Users.Get(ctx, made.ID)
		if err != nil {
			return err
		}
		byEmail, hash, err := v.Users.ByEmail(ctx, made.Email)
		if err != nil {
			return err
		}
		stored, err := v.Users.Session(ctx, session.ID)
		if err != nil {
			return err
		}
		return first(
			func() error { return expect("the user", user, made) },
			func() error { return expect("the user by address", byEmail, made) },
			func() error { return expect("the hash", hash, "ha?sh'") },
			func() error { return expect("the session", stored, session) },
		)
	})
	if err != nil {
		return err
	}
	return roomAndMessageComeBack(ctx, s, identity.Caller{User: made.ID, Session: session.ID})
}

func roomAndMessageComeBack(ctx context.Context, s StoreSubject, who identity.Caller) error {
	const name = "Überraum ? 'q' \\ \U0001F9E1"
	in, err := s.open(ctx, policy.Group, name, who)
	if err != nil {
		return err
	}
	sent, err := s.say(ctx, who, in, awkward, "key-?'\\")
	if err != nil {
		return err
	}
	seen, err := s.seen(ctx, in, who)
	if err != nil {
		return err
	}
	got, err := view(ctx, s, func(ctx context.Context, v port.View) (message.Message, error) {
		return v.Messages.Get(ctx, sent.Message.ID)
	})
	if err != nil {
		return err
	}
	last := message.Message{}
	if seen.LastMessage != nil {
		last = *seen.LastMessage
	}
	return first(
		func() error { return expect("the room's name", seen.Room.Name.String(), name) },
		func() error { return expect("the room's kind", seen.Room.Kind, policy.Group) },
		func() error { return expect("the room's version", seen.Room.Version, 1) },
		func() error { return expect("the room's people", seen.Room.People, 1) },
		func() error { return expect("the room's last number", seen.Room.LastSequence, 1) },
		func() error { return expect("the opener's standing", seen.Standing, policy.Admin) },
		func() error { return expect("when the room was changed", seen.Room.UpdatedAt, seen.Room.CreatedAt) },
		func() error { return expect("the words", sent.Message.Content.String(), awkward) },
		func() error { return expect("the key", sent.Message.Key.String(), "key-?'\\") },
		func() error { return expect("the version", sent.Message.Version, 1) },
		func() error { return expect("the message, read again", got, sent.Message) },
		func() error { return expect("the room's last message", last, sent.Message) },
		func() error { return expect("when the room was active", seen.ActiveAt, sent.Message.CreatedAt) },
	)
}

func unknownIsMissing(ctx context.Context, s StoreSubject) error {
	user, _ := identity.UserIDFrom(4711)
	session, _ := identity.SessionIDFrom(4711)
	in, _ := room.IDFrom(4711)
	said, _ := message.IDFrom(4711)
	email, err := identity.ParseEmail("nobody@example.org")
	if err != nil {
		return err
	}
	err = s.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		_, noUser := v.Users.Get(ctx, user)
		_, _, noEmail := v.Users.ByEmail(ctx, email)
		_, noSession := v.Users.Session(ctx, session)
		_, noRoom := v.Rooms.Get(ctx, in, user)
		_, _, noStanding := v.People.Standing(ctx, in, user)
		_, noCircle := v.People.Circle(ctx, in, user, user)
		_, noParticipant := v.People.Get(ctx, in, user)
		_, noMessage := v.Messages.Get(ctx, said)
		missing, err := v.Users.Missing(ctx, []identity.UserID{user})
		if err != nil {
			return err
		}
		direct, err := v.Rooms.Direct(ctx, user, user)
		if err != nil {
			return err
		}
		start, end, err := v.Messages.Bounds(ctx, in)
		if err != nil {
			return err
		}
		return first(
			func() error { return refused("an unknown user", noUser, identity.ErrUnknownUser) },
			func() error { return refused("an unknown address", noEmail, identity.ErrUnknownUser) },
			func() error { return refused("an unknown session", noSession, identity.ErrSessionEnded) },
			func() error { return refused("an unknown room", noRoom, policy.ErrNotThere) },
			func() error { return refused("standing in an unknown room", noStanding, policy.ErrNotThere) },
			func() error { return refused("the circle of an unknown room", noCircle, policy.ErrNotThere) },
			func() error { return refused("an unknown participant", noParticipant, room.ErrNotParticipant) },
			func() error { return refused("an unknown message", noMessage, message.ErrNotThere) },
			func() error { return expect("those of the unknown who are missing", missing, []identity.UserID{user}) },
			func() error { return expect("an unknown direct room", direct, room.ID{}) },
			func() error { return expect("the first number of an empty room", start, 1) },
			func() error { return expect("the last number of an empty room", end, 0) },
		)
	})
	if err != nil {
		return err
	}
	_, err = s.say(ctx, identity.Caller{User: user, Session: session}, in, "hello", "")
	return refused("a message of nobody", err, identity.ErrSessionEnded)
}

func addressIsTakenOnce(ctx context.Context, s StoreSubject) error {
	add := func(address string) error {
		return s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
			u := identity.User{CreatedAt: scope.At}
			var err error
			if u.Name, err = identity.ParseDisplayName(ada); err != nil {
				return err
			}
			if address != "" {
				if u.Email, err = identity.ParseEmail(address); err != nil {
					return err
				}
			}
			_, err = scope.Keeping.AddUser(ctx, u, "")
			return err
		})
	}
	return first(
		func() error { return add("straße@Example.org") },
		func() error {
			return refused("the same address in other letters", add("STRAßE@example.ORG"), identity.ErrEmailTaken)
		},
		func() error { return add("") },
		func() error { return add("") }, // nobody's address is taken by nobody
	)
}
