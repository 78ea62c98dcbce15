package httpapi

import (
	"context"
	"net/http"

	"parley/adapters/wire"
	"parley/application/port"
	"parley/application/rooms"
	"parley/domain/identity"
	"parley/domain/room"
)

// RoomRequest is the room that somebody wants.
type RoomRequest struct {
	Type           string  `json:"type" enum:"direct,group,public" example:"group"`
	Name           *string `json:"name,omitempty" nullable:"true" minLength:"1" maxLength:"255" example:"Engine room" doc:"Not in a direct room, needed in others."`
	ParticipantIDs []int64 `json:"participantIds,omitempty" nullable:"true" minimum:"1" maximum:"9007199254740991" maxItems:"100" example:"[8]" doc:"Who is in it from the beginning beside oneself; exactly one in a direct room."`
}

// RoomList is a page of rooms with the place in the log that it shows.
type RoomList struct {
	Items    []wire.Room `json:"items"`
	NextPage *string     `json:"nextPage" nullable:"true" doc:"The page after this one; null at the end."`
	Cursor   string      `json:"cursor" example:"parley:8KcTzWnUyAq0cXn6mJmVdQ" doc:"A stream from here tells of everything that this page does not show."`
}

// ListedRoomList is a page of the directory.
type ListedRoomList struct {
	Items    []wire.ListedRoom `json:"items"`
	NextPage *string           `json:"nextPage" nullable:"true" doc:"The page after this one; null at the end."`
}

type (
	openInput  struct{ Body RoomRequest }
	roomInput  struct{ RoomPath }
	roomsInput struct{ PageQuery }

	directoryInput struct {
		Query string `query:"query" maxLength:"100" example:"town" doc:"The beginning of any word of the name; without it, all public rooms."`
		PageQuery
	}
	openOutput struct {
		Status   int
		Location string `header:"Location" example:"/api/rooms/3"`
		ETag     string `header:"ETag" example:"\"1\"" doc:"The room's version."`
		Body     wire.Room
	}
	roomOutput struct {
		ETag string `header:"ETag" example:"\"1\"" doc:"The room's version, for If-Match. What is the reader's own changes without it."`
		Body wire.Room
	}
	shownRoomOutput struct {
		ETag string   `header:"ETag" example:"\"1\"" doc:"The room's version, for If-Match. What is the reader's own changes without it."`
		Link []string `header:"Link" doc:"rel=\"mercure\": the stream, with its last-event-id. rel=\"self\": the room's topic there."`
		Body wire.Room
	}
	roomsOutput struct {
		Link []string `header:"Link" doc:"rel=\"mercure\": the stream, with its last-event-id."`
		Body RoomList
	}
	directoryOutput struct{ Body ListedRoomList }
)

// RoomPath names a room in a path.
type RoomPath struct {
	RoomID string `path:"roomId" example:"3"`
}

func (a *api) rooms() {
	register(a, operation{
		method: http.MethodPost, path: "/api/rooms", id: "openRoom", tag: roomsTag,
		summary:     "Open a room",
		description: "Who opens a group or a public room is its admin. Two people have one direct room: opening it again answers with it.",
		answers:     map[int]string{http.StatusCreated: "The new room.", http.StatusOK: "The direct room that was there already."},
		refusals:    []string{"user-not-found"},
	}, a.openRoom)
	register(a, operation{
		method: http.MethodGet, path: "/api/rooms", id: "listRooms", tag: roomsTag,
		summary:     "One's own rooms",
		description: "Most recently active first: a room's activity is its last message, else its creation.",
		answers:     map[int]string{http.StatusOK: "The rooms, with the cursor to stream from."},
		refusals:    []string{"invalid-cursor"},
	}, a.myRooms)
	register(a, operation{
		method: http.MethodGet, path: "/api/rooms/directory", id: "listDirectory", tag: roomsTag,
		summary:  "Public rooms that one can join",
		answers:  map[int]string{http.StatusOK: "Public rooms, by ascending id."},
		refusals: []string{"invalid-cursor"},
	}, a.directory)
	register(a, operation{
		method: http.MethodGet, path: "/api/rooms/{roomId}", id: "getRoom", tag: roomsTag,
		summary:  "A room that one is in",
		answers:  map[int]string{http.StatusOK: "The room."},
		refusals: []string{"room-not-found"},
	}, a.showRoom)
}

func (a *api) openRoom(ctx context.Context, in *openInput) (*openOutput, error) {
	open := rooms.OpenCommand{Who: caller(ctx)}
	open.Kind, _ = wire.ParseKind(in.Body.Type) // the schema knows the kinds
	if in.Body.Name != nil {
		name, err := room.ParseName(*in.Body.Name)
		if err != nil {
			return nil, err
		}
		open.Name = name
	}
	for _, id := range in.Body.ParticipantIDs {
		open.Others = append(open.Others, numbered(id, identity.UserIDFrom))
	}
	opened, err := a.App.OpenRoom.Handle(ctx, open)
	if err != nil {
		return nil, err
	}
	out := &openOutput{
		Status:   http.StatusOK,
		Location: "/api/rooms/" + opened.Seen.Room.ID.String(),
		ETag:     versionTag(opened.Seen.Room.Version),
		Body:     wire.RoomOf(opened.Seen),
	}
	if opened.New {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (a *api) myRooms(ctx context.Context, in *roomsInput) (*roomsOutput, error) {
	page, err := a.after(wire.MyRooms, in.PageQuery)
	if err != nil {
		return nil, err
	}
	mine := rooms.MineQuery{Who: caller(ctx), Limit: in.Limit + 1}
	if page.ID != 0 {
		mine.After = port.Active{At: page.At, Room: numbered(page.ID, room.IDFrom)}
	}
	found, err := a.App.MyRooms.Handle(ctx, mine)
	if err != nil {
		return nil, err
	}
	items, next := paged(a, found.Rooms, in.Limit, wire.RoomOf, func(seen port.Seen) wire.Page {
		return wire.Page{Of: wire.MyRooms, At: seen.ActiveAt, ID: seen.Room.ID.Int64()}
	})
	cursor := a.Cursors.Seal(found.Place)
	return &roomsOutput{
		Link: []string{a.streamLink(cursor, "/chat/room/{id}", "/chat/user/{id}")},
		Body: RoomList{Items: items, NextPage: next, Cursor: cursor},
	}, nil
}

func (a *api) directory(ctx context.Context, in *directoryInput) (*directoryOutput, error) {
	page, err := a.after(wire.Directory, in.PageQuery)
	if err != nil {
		return nil, err
	}
	list := rooms.DirectoryQuery{Who: caller(ctx), Limit: in.Limit + 1}
	if in.Query != "" {
		if list.Query, err = identity.ParseQuery(in.Query); err != nil {
			return nil, err
		}
	}
	if page.ID != 0 {
		list.After = numbered(page.ID, room.IDFrom)
	}
	found, err := a.App.Directory.Handle(ctx, list)
	if err != nil {
		return nil, err
	}
	items, next := paged(a, found, in.Limit, wire.ListedRoomOf, func(l port.Listed) wire.Page {
		return wire.Page{Of: wire.Directory, ID: l.ID.Int64()}
	})
	return &directoryOutput{Body: ListedRoomList{Items: items, NextPage: next}}, nil
}

func (a *api) showRoom(ctx context.Context, in *roomInput) (*shownRoomOutput, error) {
	seen, err := a.App.ShowRoom.Handle(ctx, rooms.ShowQuery{Who: caller(ctx), Room: roomID(in.RoomID)})
	if err != nil {
		return nil, err
	}
	return &shownRoomOutput{
		ETag: versionTag(seen.Room.Version),
		Link: a.topicLinks(seen.Place, seen.Room.ID),
		Body: wire.RoomOf(seen.Seen),
	}, nil
}
