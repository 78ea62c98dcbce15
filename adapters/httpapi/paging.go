package httpapi

import (
	"parley/adapters/wire"
	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
)

// errPage is the answer to a page token that is none of the list's.
var errPage = fault.Of("page", fault.Invalid, "invalid-cursor", "This page token is not of this list.")

// PageQuery is what a list is asked for. (Huma fills no embedded struct that is
// not exported.)
type PageQuery struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most."`
	Page  string `query:"page" maxLength:"100" doc:"The nextPage of the page before; none for the first page."`
}

// after is where the page that is asked for begins; the zero Page is the first.
func (a *api) after(list wire.List, in PageQuery) (wire.Page, error) {
	if in.Page == "" {
		return wire.Page{}, nil
	}
	page, ok := a.Cursors.OpenPage(list, in.Page)
	if !ok {
		return wire.Page{}, errPage
	}
	return page, nil
}

// paged cuts items, of which there is one more than the limit if there is
// another page, and returns them on the wire with the token of that page.
func paged[From, To any](a *api, items []From, limit int, convert func(From) To, place func(From) wire.Page) (on []To, next *string) {
	if len(items) > limit {
		items = items[:limit]
		token := a.Cursors.SealPage(place(items[limit-1]))
		next = &token
	}
	on = make([]To, len(items))
	for i, item := range items {
		on[i] = convert(item)
	}
	return on, next
}

// An ID in a path that is no integer, or too large, is that of something that is
// not there: the greatest ID, which is never given. So it is answered like one.
const nowhere = 1<<53 - 1

func roomID(text string) room.ID {
	id, err := room.ParseID(text)
	if err != nil {
		id, _ = room.IDFrom(nowhere)
	}
	return id
}

func userID(text string) identity.UserID {
	id, err := identity.ParseUserID(text)
	if err != nil {
		id, _ = identity.UserIDFrom(nowhere)
	}
	return id
}

func messageID(text string) message.ID {
	id, err := message.ParseID(text)
	if err != nil {
		id, _ = message.IDFrom(nowhere)
	}
	return id
}

// numbered is the ID of a number that has been checked against the schema.
func numbered[ID any](number int64, from func(int64) (ID, error)) ID {
	id, err := from(number)
	if err != nil {
		id, _ = from(nowhere)
	}
	return id
}
