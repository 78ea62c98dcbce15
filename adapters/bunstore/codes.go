package bunstore

import (
	"fmt"
	"strings"

	"parley/application/port"
	"parley/domain/policy"
	"parley/domain/room"
)

// What the domain counts as constants is written in words and codes of the
// database's own, which stay what they are when the constants move.

const (
	directType = "direct"
	groupType  = "group"
	publicType = "public"

	memberRole = "member"
	adminRole  = "admin"

	byThemselves = "left"
	wasRemoved   = "removed"
)

type kindCode int16

// The kinds of entry. Numbers between them are for their relatives.
const (
	genesisCode            kindCode = 1
	messageCreatedCode     kindCode = 10
	participantJoinedCode  kindCode = 20
	participantLeftCode    kindCode = 21
	participantChangedCode kindCode = 22
	roomCreatedCode        kindCode = 30
	roomDeletedCode        kindCode = 32
	sessionEndedCode       kindCode = 40
	messageEditedCode      kindCode = 11
	messageDeletedCode     kindCode = 12
	roomChangedCode        kindCode = 31
	updatePublishedCode    kindCode = 50
)

var kinds = map[kindCode]port.EntryKind{
	genesisCode:            port.Genesis,
	messageCreatedCode:     port.MessageCreated,
	participantJoinedCode:  port.ParticipantJoined,
	participantLeftCode:    port.ParticipantLeft,
	participantChangedCode: port.ParticipantChanged,
	roomCreatedCode:        port.RoomCreated,
	roomDeletedCode:        port.RoomDeleted,
	sessionEndedCode:       port.SessionEnded,
	messageEditedCode:      port.MessageEdited,
	messageDeletedCode:     port.MessageDeleted,
	roomChangedCode:        port.RoomChanged,
	updatePublishedCode:    port.UpdatePublished,
}

func typeOf(k policy.Kind) string {
	switch k {
	case policy.Direct:
		return directType
	case policy.Group:
		return groupType
	case policy.Public:
		return publicType
	default:
		return ""
	}
}

func kindOf(roomType string) (policy.Kind, error) {
	switch roomType {
	case directType:
		return policy.Direct, nil
	case groupType:
		return policy.Group, nil
	case publicType:
		return policy.Public, nil
	default:
		return 0, fmt.Errorf("stored room type %q is none", roomType)
	}
}

func wordOf(r room.Role) string {
	if r == room.Admin {
		return adminRole
	}
	return memberRole
}

func roleOf(word string) (room.Role, error) {
	switch word {
	case memberRole:
		return room.Member, nil
	case adminRole:
		return room.Admin, nil
	default:
		return 0, fmt.Errorf("stored role %q is none", word)
	}
}

// leftDetail is the detail of participant.left: the role they had, and why.
func leftDetail(l room.Left) string {
	reason := byThemselves
	if l.Reason == room.WasRemoved {
		reason = wasRemoved
	}
	return wordOf(l.Role) + " " + reason
}

func leftOf(detail string) (role room.Role, reason room.Reason, err error) {
	word, why, _ := strings.Cut(detail, " ")
	if role, err = roleOf(word); err != nil {
		return 0, 0, err
	}
	switch why {
	case byThemselves:
		return role, room.ByThemselves, nil
	case wasRemoved:
		return role, room.WasRemoved, nil
	default:
		return 0, 0, fmt.Errorf("stored reason %q is none", why)
	}
}

// standing is what a row makes of somebody; the zero row, of an outsider.
func (p participantRow) standing() (policy.Standing, error) {
	switch {
	case p.RoomID == 0:
		return policy.Outsider, nil
	case p.EndedPosition != 0 && p.Removed:
		return policy.Barred, nil
	case p.EndedPosition != 0:
		return policy.Outsider, nil
	}
	role, err := roleOf(p.Role)
	if err != nil {
		return policy.Outsider, err
	}
	return role.Standing(), nil
}
