package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/httpapi"
	"parley/adapters/keyring"
	"parley/application"
	"parley/application/accounts"
	"parley/application/messages"
	"parley/application/rooms"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/sequence"
)

// world is the API on the real use cases and the real embedded store.
type world struct {
	*client
	settings httpapi.Server
}

func open(t *testing.T, pace message.Pace) *world {
	t.Helper()
	return on(t, bunstoretest.SQLite(t, func(o *bunstore.Options) { o.Pace = pace }), pace)
}

func on(t *testing.T, store *bunstore.Store, pace message.Pace) *world {
	t.Helper()
	s := settings()
	s.App = useCases(store)
	s.Admit = func(ctx context.Context, who identity.Caller) error {
		_, err := accounts.Admit{Work: store}.Handle(ctx, who)
		return err
	}
	s.Pace = pace
	return &world{client: serve(t, s, noFeed), settings: s}
}

func useCases(store *bunstore.Store) application.App {
	hash := func(_ context.Context, p identity.Password) (string, error) { return "hash of " + p.Secret(), nil }
	verify := func(_ context.Context, p identity.Password, hash string) (bool, error) {
		return hash == "hash of "+p.Secret(), nil
	}
	never := func(string) bool { return false }
	terms := accounts.Terms{
		Life:    identity.Life{Idle: time.Hour, Max: time.Hour},
		NewSeed: func() identity.Seed { return identity.Seed{1} },
		Issue:   ring.Issue, Genuine: ring.Genuine,
		Ended: func(context.Context, identity.Caller) {},
	}
	attempts := &accounts.Attempts{Now: time.Now}
	return application.App{
		Register:       accounts.Register{Work: store, Hash: hash},
		SignIn:         accounts.SignIn{Work: store, Terms: terms, Attempts: attempts, Verify: verify, Weak: never, Hash: hash},
		Refresh:        accounts.Refresh{Work: store, Terms: terms},
		SignOut:        accounts.SignOut{Work: store, Terms: terms},
		MySessions:     accounts.MySessions{Work: store, Life: terms.Life, Now: time.Now},
		EndSession:     accounts.EndSession{Work: store, Terms: terms},
		ChangePassword: accounts.ChangePassword{Work: store, Terms: terms, Attempts: attempts, Verify: verify, Hash: hash},
		Profile:        accounts.Profile{Work: store},
		ChangeProfile:  accounts.ChangeProfile{Work: store},
		FindPeople:     accounts.FindPeople{Work: store},
		OpenRoom:       rooms.Open{Work: store},
		ShowRoom:       rooms.Show{Work: store},
		RoomsAmong:     rooms.Among{Work: store},
		MyRooms:        rooms.Mine{Work: store},
		Directory:      rooms.Directory{Work: store},
		JoinRoom:       rooms.Join{Work: store},
		Participants:   rooms.Participants{Work: store},
		Add:            rooms.Add{Work: store},
		Remove:         rooms.Remove{Work: store},
		ChangeRole:     rooms.ChangeRole{Work: store},
		Send:           messages.Send{Sends: store, Print: fingerprint},
		ShowMessage:    messages.Show{Work: store},
		MessagesPage:   messages.Page{Work: store},
		EditMessage:    messages.Edit{Work: store, Applied: at},
		DeleteMessage:  messages.Delete{Work: store, Applied: at},
		RenameRoom:     rooms.Rename{Work: store},
		DeleteRoom:     rooms.Delete{Work: store},
		ReadRoom:       rooms.Read{Work: store},
	}
}

var ring = &keyring.Ring{Refresh: [32]byte{1}}

// at waits for nothing: nobody follows the log here.
func at() func(context.Context, sequence.Position) error {
	return func(context.Context, sequence.Position) error { return nil }
}

// fingerprint tells drafts apart, which is all that is asked of it here.
func fingerprint(d message.Draft) message.Print {
	var p message.Print
	copy(p[:], fmt.Sprint(d.Room, " ", d.ReplyTo, " ", d.Content))
	return p
}

const password = "correct horse battery staple"

// person is somebody who has signed in.
type person struct {
	*client
	id int64
}

// person registers somebody and signs them in.
func (w *world) person(name string) person {
	w.t.Helper()
	address := strings.ReplaceAll(name, " ", ".") + "@example.org"
	id := w.post("/api/auth/register", map[string]any{"email": address, "password": password, "displayName": name}).want(w.t, http.StatusCreated).id(w.t, "id")
	login := w.post("/api/auth/login", map[string]any{"email": address, "password": password}).want(w.t, http.StatusOK)
	return person{client: w.as(login.text(w.t, "accessToken")), id: id}
}

// room opens a group or a public room of this person with others.
func (p person) room(kind string, others ...person) int64 {
	p.t.Helper()
	ids := []int64{}
	for _, other := range others {
		ids = append(ids, other.id)
	}
	return p.post("/api/rooms", map[string]any{"type": kind, "name": "Engine room", "participantIds": ids}).want(p.t, http.StatusCreated).id(p.t, "id")
}

// say sends a message.
func (p person) say(room int64, content string) answer {
	p.t.Helper()
	return p.post("/api/messages", map[string]any{"chatRoomId": room, "content": content})
}

func path(format string, parts ...any) string { return fmt.Sprintf(format, parts...) }
