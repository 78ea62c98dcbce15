package stage

import (
	"context"
	"errors"
	"time"

	"parley/application"
	"parley/application/accounts"
	"parley/application/messages"
	"parley/application/port"
	"parley/application/rooms"
	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Direct calls the use cases. What holds on it is in the application, and not in
// a transport.
type Direct struct{ App application.App }

// direct is a client of a [Direct] stage.
type direct struct {
	app  application.App
	name string
	who  identity.Caller

	renewal identity.Renewal
	until   time.Time // the session ends by itself; zero: never
}

// Enter makes an account and signs in.
func (s Direct) Enter(ctx context.Context, name string) (Client, error) {
	email, err := identity.ParseEmail(address(name))
	if err != nil {
		return nil, err
	}
	shown, err := identity.ParseDisplayName(name)
	if err != nil {
		return nil, err
	}
	_, err = s.App.Register.Handle(ctx, accounts.RegisterCommand{Email: email, Password: password, Name: shown})
	if err != nil {
		return nil, refused(err)
	}
	return direct{app: s.App, name: name}.Again(ctx)
}

// Again signs the same person in on another device.
func (c direct) Again(ctx context.Context) (Client, error) {
	in, err := c.app.SignIn.Handle(ctx, accounts.SignInCommand{Email: address(c.name), Password: password})
	return c.in(in), refused(err)
}

// Me is who this is.
func (c direct) Me() identity.UserID { return c.who.User }

// Open opens a room.
func (c direct) Open(ctx context.Context, kind policy.Kind, name string, others ...identity.UserID) (room.ID, error) {
	cmd := rooms.OpenCommand{Who: c.who, Kind: kind, Others: others}
	if kind != policy.Direct {
		parsed, err := room.ParseName(name)
		if err != nil {
			return room.ID{}, refused(err)
		}
		cmd.Name = parsed
	}
	opened, err := c.app.OpenRoom.Handle(ctx, cmd)
	return opened.Seen.Room.ID, refused(err)
}

// Join enters a public room.
func (c direct) Join(ctx context.Context, in room.ID) error {
	_, err := c.app.JoinRoom.Handle(ctx, rooms.JoinCommand{Who: c.who, Room: in})
	return refused(err)
}

// Add puts somebody into a room.
func (c direct) Add(ctx context.Context, in room.ID, who identity.UserID) error {
	_, err := c.app.Add.Handle(ctx, rooms.AddCommand{Who: c.who, Room: in, Whom: who, Role: room.Member})
	return refused(err)
}

// Remove takes somebody, or oneself, out of a room.
func (c direct) Remove(ctx context.Context, in room.ID, who identity.UserID) error {
	return refused(c.app.Remove.Handle(ctx, rooms.RemoveCommand{Who: c.who, Room: in, Whom: who}))
}

// ChangeRole gives somebody another role.
func (c direct) ChangeRole(ctx context.Context, in room.ID, who identity.UserID, role room.Role) error {
	_, err := c.app.ChangeRole.Handle(ctx, rooms.ChangeRoleCommand{Who: c.who, Room: in, Whom: who, Role: role})
	return refused(err)
}

// most is how many things of a list are asked for at once.
const most = 100

// Rooms has the names of the rooms that one is in.
func (c direct) Rooms(ctx context.Context) (map[room.ID]string, error) {
	if err := c.admit(ctx); err != nil {
		return nil, err
	}
	names := make(map[room.ID]string)
	var after port.Active
	for {
		page, err := c.app.MyRooms.Handle(ctx, rooms.MineQuery{Who: c.who, After: after, Limit: most})
		if err != nil {
			return nil, refused(err)
		}
		for _, seen := range page.Rooms {
			names[seen.Room.ID] = seen.Room.Name.String()
			after = port.Active{At: seen.ActiveAt, Room: seen.Room.ID}
		}
		if len(page.Rooms) < most {
			return names, nil
		}
	}
}

// Directory has the names of the public rooms that the query finds.
func (c direct) Directory(ctx context.Context, query string) (map[room.ID]string, error) {
	parsed, err := identity.ParseQuery(query)
	if err != nil {
		return nil, refused(err)
	}
	listed, err := c.app.Directory.Handle(ctx, rooms.DirectoryQuery{Who: c.who, Query: parsed, Limit: most})
	names := make(map[room.ID]string)
	for _, one := range listed {
		names[one.ID] = one.Name.String()
	}
	return names, refused(err)
}

// People has the roles of those who are in a room.
func (c direct) People(ctx context.Context, in room.ID) (map[identity.UserID]room.Role, error) {
	people, err := c.app.Participants.Handle(ctx, rooms.ParticipantsQuery{Who: c.who, Room: in, Limit: most})
	roles := make(map[identity.UserID]room.Role)
	for _, one := range people {
		roles[one.Person.ID] = one.Role
	}
	return roles, refused(err)
}

// Say says something.
func (c direct) Say(ctx context.Context, in room.ID, text, key string) (Message, error) {
	content, err := message.ParseContent(text)
	if err != nil {
		return Message{}, refused(err)
	}
	cmd := messages.SendCommand{Who: c.who, Room: in, Content: content}
	if key != "" {
		if cmd.Key, err = message.ParseKey(key); err != nil {
			return Message{}, refused(err)
		}
	}
	sent, err := c.app.Send.Handle(ctx, cmd)
	return said(sent.Message), refused(err)
}

// Read returns a part of a room's messages.
func (c direct) Read(ctx context.Context, in room.ID, part Part) (Page, error) {
	if err := c.admit(ctx); err != nil {
		return Page{}, err
	}
	which := messages.Last()
	switch {
	case part.Before > 0:
		which = messages.Before(part.Before)
	case part.After != nil:
		which = messages.After(*part.After)
	}
	read, err := c.app.MessagesPage.Handle(ctx, messages.PageQuery{Who: c.who, Room: in, Which: which, Limit: part.Limit})
	page := Page{First: read.FirstAvailable, More: read.HasBefore, Place: place(read.Place)}
	if part.After != nil {
		page.More = read.HasAfter
	}
	for _, m := range read.Items {
		page.Messages = append(page.Messages, said(m))
	}
	return page, refused(err)
}

func said(m message.Message) Message {
	return Message{
		ID: m.ID, Room: m.Room, Number: m.Sequence, Who: m.Author.Name.String(), Text: m.Content.String(),
		Version: m.Version, Corrected: !m.EditedAt.IsZero(), Withdrawn: !m.DeletedAt.IsZero(),
	}
}

// refused makes a *Refusal of a fault, and leaves other errors as they are.
func refused(err error) error {
	if no := new(fault.Fault); errors.As(err, &no) {
		return &Refusal{Code: no.Code(), Field: no.Field(), Wait: no.Wait()}
	}
	return err
}

// After is the part after a message.
func After(n sequence.Number, limit int) Part { return Part{After: &n, Limit: limit} }
