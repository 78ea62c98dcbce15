// Package application is what Parley does: a field of [App] for each use case.
package application

import (
	"parley/application/accounts"
	"parley/application/delivery"
	"parley/application/messages"
	"parley/application/retention"
	"parley/application/rooms"
	"parley/application/updates"
)

// App is everything that one can do. Transports take it whole.
type App struct {
	Register      accounts.Register
	SignIn        accounts.SignIn
	Profile       accounts.Profile
	ChangeProfile accounts.ChangeProfile
	FindPeople    accounts.FindPeople

	Refresh        accounts.Refresh
	SignOut        accounts.SignOut
	MySessions     accounts.MySessions
	EndSession     accounts.EndSession
	ChangePassword accounts.ChangePassword

	OpenRoom     rooms.Open
	ShowRoom     rooms.Show
	MyRooms      rooms.Mine
	RoomsAmong   rooms.Among
	Directory    rooms.Directory
	JoinRoom     rooms.Join
	Participants rooms.Participants
	Add          rooms.Add
	Remove       rooms.Remove
	ChangeRole   rooms.ChangeRole

	Send         messages.Send
	ShowMessage  messages.Show
	MessagesPage messages.Page

	EditMessage   messages.Edit
	DeleteMessage messages.Delete
	RenameRoom    rooms.Rename
	DeleteRoom    rooms.Delete
	ReadRoom      rooms.Read
	SweepRooms    rooms.Sweep

	Publish updates.Publish

	Prune        retention.Prune // the log
	PruneUpdates retention.Prune

	Follow delivery.Follow
	Admit  delivery.Admit
}
