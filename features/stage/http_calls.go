package stage

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// The words of the API for kinds of rooms and for roles.
var (
	kindWords = map[policy.Kind]string{policy.Direct: "direct", policy.Group: "group", policy.Public: "public"}
	roleWords = map[room.Role]string{room.Member: "member", room.Admin: "admin"}
	rolesOf   = map[string]room.Role{"member": room.Member, "admin": room.Admin}
)

// Open opens a room.
func (c browser) Open(ctx context.Context, kind policy.Kind, name string, others ...identity.UserID) (room.ID, error) {
	ids := make([]int64, 0, len(others))
	for _, other := range others {
		ids = append(ids, other.Int64())
	}
	in := map[string]any{"type": kindWords[kind], "participantIds": ids}
	if kind != policy.Direct {
		in["name"] = name
	}
	var opened struct{ ID int64 }
	if err := c.do(ctx, http.MethodPost, "/api/rooms", in, &opened); err != nil {
		return room.ID{}, err
	}
	return room.IDFrom(opened.ID)
}

func roomPath(in room.ID, rest string) string { return "/api/rooms/" + in.String() + rest }

// Join enters a public room.
func (c browser) Join(ctx context.Context, in room.ID) error {
	return c.do(ctx, http.MethodPost, roomPath(in, "/join"), nil, nil)
}

// Add puts somebody into a room.
func (c browser) Add(ctx context.Context, in room.ID, who identity.UserID) error {
	return c.do(ctx, http.MethodPost, roomPath(in, "/participants"), map[string]any{"userId": who.Int64()}, nil)
}

// Remove takes somebody, or oneself, out of a room.
func (c browser) Remove(ctx context.Context, in room.ID, who identity.UserID) error {
	return c.do(ctx, http.MethodDelete, roomPath(in, "/participants/"+who.String()), nil, nil)
}

// ChangeRole gives somebody another role.
func (c browser) ChangeRole(ctx context.Context, in room.ID, who identity.UserID, role room.Role) error {
	return c.do(ctx, http.MethodPatch, roomPath(in, "/participants/"+who.String()), map[string]any{"role": roleWords[role]}, nil)
}

type namedRoom struct {
	ID   int64
	Name *string
}

// Rooms has the names of the rooms that one is in.
func (c browser) Rooms(ctx context.Context) (map[room.ID]string, error) {
	listed, err := all[namedRoom](ctx, c, "/api/rooms", url.Values{})
	if err != nil {
		return nil, err
	}
	return names(listed)
}

// Directory has the names of the public rooms that the query finds.
func (c browser) Directory(ctx context.Context, query string) (map[room.ID]string, error) {
	listed, err := all[namedRoom](ctx, c, "/api/rooms/directory", url.Values{"query": {query}})
	if err != nil {
		return nil, err
	}
	return names(listed)
}

func names(listed []namedRoom) (map[room.ID]string, error) {
	names := make(map[room.ID]string)
	for _, one := range listed {
		id, err := room.IDFrom(one.ID)
		if err != nil {
			return nil, err
		}
		names[id] = ""
		if one.Name != nil {
			names[id] = *one.Name
		}
	}
	return names, nil
}

// People has the roles of those who are in a room.
func (c browser) People(ctx context.Context, in room.ID) (map[identity.UserID]room.Role, error) {
	type participant struct {
		UserID int64
		Role   string
	}
	listed, err := all[participant](ctx, c, roomPath(in, "/participants"), url.Values{})
	roles := make(map[identity.UserID]room.Role)
	for _, one := range listed {
		id, err := identity.UserIDFrom(one.UserID)
		if err != nil {
			return nil, err
		}
		roles[id] = rolesOf[one.Role]
	}
	return roles, err
}

// shown is a message as the API shows it.
type shown struct {
	ID         int64
	ChatRoomID int64
	Sequence   int64
	Author     struct{ DisplayName string }
	Content    *string
	EditedAt   *string
	DeletedAt  *string
	Version    int
}

func (s shown) message() (Message, error) {
	in, err := room.IDFrom(s.ChatRoomID)
	if err != nil || (s.Content == nil) != (s.DeletedAt != nil) {
		return Message{}, fmt.Errorf("no message of a room: %+v", s)
	}
	id, err := message.IDFrom(s.ID)
	m := Message{
		ID: id, Room: in, Number: sequence.Number(s.Sequence), Who: s.Author.DisplayName,
		Version: s.Version, Corrected: s.EditedAt != nil, Withdrawn: s.DeletedAt != nil,
	}
	if s.Content != nil {
		m.Text = *s.Content
	}
	return m, err
}

// Say says something.
func (c browser) Say(ctx context.Context, in room.ID, text, key string) (Message, error) {
	body := map[string]any{"chatRoomId": in.Int64(), "content": text}
	if key != "" {
		body["clientMessageId"] = key
	}
	var answer shown
	if err := c.do(ctx, http.MethodPost, "/api/messages", body, &answer); err != nil {
		return Message{}, err
	}
	c.stage.Visits.speaks(c.name, c.node())
	return answer.message()
}

// Read returns a part of a room's messages.
func (c browser) Read(ctx context.Context, in room.ID, part Part) (Page, error) {
	query := url.Values{"chatRoom": {in.String()}, "limit": {strconv.Itoa(part.Limit)}}
	if part.Before > 0 {
		query.Set("before", strconv.FormatInt(int64(part.Before), 10))
	}
	if part.After != nil {
		query.Set("after", strconv.FormatInt(int64(*part.After), 10))
	}
	var answer struct {
		Items               []shown
		FirstAvailable      int64
		HasBefore, HasAfter bool
		Cursor              string
	}
	if err := c.do(ctx, http.MethodGet, "/api/messages?"+query.Encode(), nil, &answer); err != nil {
		return Page{}, err
	}
	page := Page{First: sequence.Number(answer.FirstAvailable), More: answer.HasBefore, Place: Place(answer.Cursor)}
	if part.After != nil {
		page.More = answer.HasAfter
	}
	for _, item := range answer.Items {
		m, err := item.message()
		if err != nil {
			return Page{}, err
		}
		page.Messages = append(page.Messages, m)
	}
	return page, nil
}
