package httpapi

import (
	"context"
	"net/http"

	"parley/adapters/wire"
	"parley/application/rooms"
	"parley/domain/identity"
	"parley/domain/room"
)

// ParticipantRequest is who is to be in a room.
type ParticipantRequest struct {
	UserID int64   `json:"userId" minimum:"1" maximum:"9007199254740991" example:"8"`
	Role   *string `json:"role,omitempty" nullable:"true" enum:"admin,member" example:"member" doc:"Without it, member."`
}

// ParticipantPatch is what changes of a participant.
type ParticipantPatch struct {
	Role string `json:"role" enum:"admin,member" example:"admin"`
}

// ParticipantList is a page of a room's people.
type ParticipantList struct {
	Items    []wire.Participant `json:"items"`
	NextPage *string            `json:"nextPage" nullable:"true" doc:"The page after this one; null at the end."`
}

// ParticipantPath names a participant in a path.
type ParticipantPath struct {
	RoomPath
	UserID string `path:"userId" example:"8"`
}

type (
	participantsInput struct {
		RoomPath
		PageQuery
	}
	addInput struct {
		RoomPath
		Body ParticipantRequest
	}
	changeRoleInput struct {
		ParticipantPath
		Body ParticipantPatch
	}
	removeInput        struct{ ParticipantPath }
	participantsOutput struct{ Body ParticipantList }
	addOutput          struct {
		Status int
		Body   wire.Participant
	}
	participantOutput struct{ Body wire.Participant }
)

func (a *api) participants() {
	const path = "/api/rooms/{roomId}/participants"
	register(a, operation{
		method: http.MethodGet, path: path, id: "listParticipants", tag: roomsTag,
		summary:  "Who is in a room",
		answers:  map[int]string{http.StatusOK: "The participants, by ascending user id."},
		refusals: []string{"room-not-found", "invalid-cursor"},
	}, a.listParticipants)
	register(a, operation{
		method: http.MethodPost, path: path, id: "addParticipant", tag: roomsTag,
		summary:     "Put somebody into a room",
		description: "For admins. Somebody who is in already keeps their role.",
		answers:     map[int]string{http.StatusCreated: "The new participant.", http.StatusOK: "The participant who was in already."},
		refusals:    []string{"room-not-found", "not-allowed", "direct-room-is-fixed", "user-not-found"},
	}, a.add)
	register(a, operation{
		method: http.MethodPatch, path: path + "/{userId}", id: "changeParticipant", tag: roomsTag,
		summary:     "Give a participant another role",
		description: "For admins. The only admin stays one.",
		answers:     map[int]string{http.StatusOK: "The participant as they are now."},
		refusals:    []string{"room-not-found", "not-allowed", "direct-room-is-fixed", "participant-not-found"},
	}, a.changeRole)
	register(a, operation{
		method: http.MethodDelete, path: path + "/{userId}", id: "removeParticipant", tag: roomsTag,
		summary:     "Take somebody out of a room, or leave it",
		description: "Admins remove others, everybody may leave. The last admin who leaves hands over to who has been in the room longest; a group that nobody is left in ends.",
		answers:     map[int]string{http.StatusNoContent: "They are out."},
		refusals:    []string{"room-not-found", "not-allowed", "direct-room-is-fixed", "participant-not-found"},
	}, a.remove)
	register(a, operation{
		method: http.MethodPost, path: "/api/rooms/{roomId}/join", id: "joinRoom", tag: roomsTag,
		summary:     "Join a public room",
		description: "Joining again changes nothing. Whom an admin has removed joins again only when an admin adds them.",
		answers:     map[int]string{http.StatusOK: "Oneself as a participant."},
		refusals:    []string{"room-not-found", "not-allowed", "direct-room-is-fixed"},
	}, a.join)
}

func (a *api) listParticipants(ctx context.Context, in *participantsInput) (*participantsOutput, error) {
	page, err := a.after(wire.Participants, in.PageQuery)
	if err != nil {
		return nil, err
	}
	list := rooms.ParticipantsQuery{Who: caller(ctx), Room: roomID(in.RoomID), Limit: in.Limit + 1}
	if page.ID != 0 {
		list.After = numbered(page.ID, identity.UserIDFrom)
	}
	people, err := a.App.Participants.Handle(ctx, list)
	if err != nil {
		return nil, err
	}
	items, next := paged(a, people, in.Limit, wire.ParticipantOf, func(p room.Participant) wire.Page {
		return wire.Page{Of: wire.Participants, ID: p.Person.ID.Int64()}
	})
	return &participantsOutput{Body: ParticipantList{Items: items, NextPage: next}}, nil
}

func (a *api) add(ctx context.Context, in *addInput) (*addOutput, error) {
	role := room.Member
	if in.Body.Role != nil {
		role, _ = wire.ParseRole(*in.Body.Role) // the schema knows the roles
	}
	added, err := a.App.Add.Handle(ctx, rooms.AddCommand{
		Who: caller(ctx), Room: roomID(in.RoomID), Whom: numbered(in.Body.UserID, identity.UserIDFrom), Role: role,
	})
	if err != nil {
		return nil, err
	}
	out := &addOutput{Status: http.StatusOK, Body: wire.ParticipantOf(added.Participant)}
	if added.New {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (a *api) changeRole(ctx context.Context, in *changeRoleInput) (*participantOutput, error) {
	role, _ := wire.ParseRole(in.Body.Role) // the schema knows the roles
	changed, err := a.App.ChangeRole.Handle(ctx, rooms.ChangeRoleCommand{
		Who: caller(ctx), Room: roomID(in.RoomID), Whom: userID(in.UserID), Role: role,
	})
	if err != nil {
		return nil, err
	}
	return &participantOutput{Body: wire.ParticipantOf(changed)}, nil
}

func (a *api) remove(ctx context.Context, in *removeInput) (*nothing, error) {
	err := a.App.Remove.Handle(ctx, rooms.RemoveCommand{Who: caller(ctx), Room: roomID(in.RoomID), Whom: userID(in.UserID)})
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

func (a *api) join(ctx context.Context, in *roomInput) (*participantOutput, error) {
	joined, err := a.App.JoinRoom.Handle(ctx, rooms.JoinCommand{Who: caller(ctx), Room: roomID(in.RoomID)})
	if err != nil {
		return nil, err
	}
	return &participantOutput{Body: wire.ParticipantOf(joined)}, nil
}
