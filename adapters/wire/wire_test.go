package wire_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 120000, time.FixedZone("CET", 3600))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func ada() identity.Person {
	return identity.Person{ID: must(identity.UserIDFrom(7)), Name: must(identity.ParseDisplayName("Ada <&>"))}
}

func aMessage() message.Message {
	return message.Message{
		ID: must(message.IDFrom(42)), Room: must(room.IDFrom(3)), Sequence: 17, Author: ada(),
		Content: must(message.ParseContent("a\nb \u2028 <ü> \"c\"")), Key: must(message.ParseKey("k-1")),
		ReplyTo: must(message.IDFrom(41)), CreatedAt: noon, Version: 1,
	}
}

func aRoom() room.Room {
	return room.Room{
		ID: must(room.IDFrom(3)), Kind: policy.Group, Name: must(room.ParseName("Engine room")),
		CreatedAt: noon, UpdatedAt: noon, Version: 1, People: 2, LastSequence: 17,
	}
}

func TestTimesHaveSixDigitsInUTC(t *testing.T) {
	if got, want := wire.Time(noon), "2026-11-23T11:00:00.000120Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := wire.Time(noon.Truncate(time.Second)), "2026-11-23T11:00:00.000000Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestResourcesAreWrittenInFull(t *testing.T) {
	tombstone := aMessage()
	tombstone.Content, tombstone.Key, tombstone.ReplyTo, tombstone.DeletedAt = message.Content{}, message.Key{}, message.ID{}, noon
	last := aMessage()
	direct := room.Room{ID: must(room.IDFrom(4)), Kind: policy.Direct, CreatedAt: noon, UpdatedAt: noon, Version: 1, People: 2}
	for _, c := range []struct {
		is   string
		what any
		want string
	}{
		{"a message", wire.MessageOf(aMessage()), `{"id":42,"chatRoomId":3,"sequence":17,"author":{"id":7,"displayName":"Ada <&>"},"content":"a\nb \u2028 <ü> \"c\"","clientMessageId":"k-1","replyTo":41,"createdAt":"2026-11-23T11:00:00.000120Z","editedAt":null,"deletedAt":null,"version":1}`},
		{"a tombstone", wire.MessageOf(tombstone), `{"id":42,"chatRoomId":3,"sequence":17,"author":{"id":7,"displayName":"Ada <&>"},"content":null,"clientMessageId":null,"replyTo":null,"createdAt":"2026-11-23T11:00:00.000120Z","editedAt":null,"deletedAt":"2026-11-23T11:00:00.000120Z","version":1}`},
		{"a user", wire.UserOf(identity.User{ID: ada().ID, Email: must(identity.ParseEmail("a@b.c")), Name: ada().Name, CreatedAt: noon}), `{"id":7,"email":"a@b.c","displayName":"Ada <&>","presenceHidden":false,"createdAt":"2026-11-23T11:00:00.000120Z"}`},
		{"a user without an address", wire.UserOf(identity.User{ID: ada().ID, Name: ada().Name, CreatedAt: noon, PresenceHidden: true}), `{"id":7,"email":null,"displayName":"Ada <&>","presenceHidden":true,"createdAt":"2026-11-23T11:00:00.000120Z"}`},
		{"a group", wire.RoomOf(port.Seen{Room: aRoom(), Standing: policy.Admin, ReadSequence: 15, LastMessage: &last, ActiveAt: noon}), `{"id":3,"type":"group","name":"Engine room","createdAt":"2026-11-23T11:00:00.000120Z","updatedAt":"2026-11-23T11:00:00.000120Z","version":1,"participantCount":2,"lastSequence":17,"peer":null,"lastMessage":` + string(must(wire.Encode(wire.MessageOf(last)))) + `,"role":"admin","readSequence":15,"unreadCount":2}`},
		{"a direct room", wire.RoomOf(port.Seen{Room: direct, Standing: policy.Member, Peer: ada()}), `{"id":4,"type":"direct","name":null,"createdAt":"2026-11-23T11:00:00.000120Z","updatedAt":"2026-11-23T11:00:00.000120Z","version":1,"participantCount":2,"lastSequence":0,"peer":{"id":7,"displayName":"Ada <&>"},"lastMessage":null,"role":"member","readSequence":0,"unreadCount":0}`},
		{"a participant", wire.ParticipantOf(room.Participant{Person: ada(), Role: room.Member, JoinedAt: noon}), `{"userId":7,"displayName":"Ada <&>","role":"member","joinedAt":"2026-11-23T11:00:00.000120Z"}`},
		{"a listed room", wire.ListedRoomOf(port.Listed{ID: aRoom().ID, Name: aRoom().Name, People: 2, Joined: true}), `{"id":3,"name":"Engine room","participantCount":2,"joined":true}`},
	} {
		if got := string(must(wire.Encode(c.what))); got != c.want {
			t.Errorf("%s is\n%s\nwant\n%s", c.is, got, c.want)
		}
	}
}

// Mercure: E3, E7.
func TestEveryEventIsOneLineNamedByItsType(t *testing.T) {
	said, opened := aMessage(), aRoom()
	entry := func(k port.EntryKind) port.Entry {
		return port.Entry{
			Place: sequence.Place{Position: 9}, At: noon, Kind: k, Room: opened.ID, Message: &said, About: &opened,
			Subject: ada(), Role: room.Admin, Reason: room.WasRemoved,
		}
	}
	message := string(must(wire.Encode(wire.MessageOf(said))))[1:]
	facts := `"chatRoomId":3,"at":"2026-11-23T11:00:00.000120Z","userId":7,"displayName":"Ada <&>","role":"admin"`
	for _, c := range []struct {
		kind       port.EntryKind
		name, want string
	}{
		{port.MessageCreated, "message.created", `{"type":"message.created","at":"2026-11-23T11:00:00.000120Z",` + message},
		{port.MessageEdited, "message.edited", `{"type":"message.edited","at":"2026-11-23T11:00:00.000120Z",` + message},
		{port.RoomChanged, "room.changed", `{"type":"room.changed","chatRoomId":3,"at":"2026-11-23T11:00:00.000120Z","room":{"id":3,"type":"group","name":"Engine room","createdAt":"2026-11-23T11:00:00.000120Z","updatedAt":"2026-11-23T11:00:00.000120Z","version":1,"participantCount":2,"lastSequence":17}}`},
		{port.ParticipantJoined, "participant.joined", `{"type":"participant.joined",` + facts + `}`},
		{port.ParticipantChanged, "participant.changed", `{"type":"participant.changed",` + facts + `}`},
		{port.ParticipantLeft, "participant.left", `{"type":"participant.left",` + facts + `,"reason":"removed"}`},
		{port.RoomCreated, "room.created", `{"type":"room.created","chatRoomId":3,"at":"2026-11-23T11:00:00.000120Z","room":{"id":3,"type":"group","name":"Engine room","createdAt":"2026-11-23T11:00:00.000120Z","updatedAt":"2026-11-23T11:00:00.000120Z","version":1,"participantCount":2,"lastSequence":17}}`},
		{port.RoomDeleted, "room.deleted", `{"type":"room.deleted","chatRoomId":3,"at":"2026-11-23T11:00:00.000120Z"}`},
	} {
		name, data, err := wire.EncodeEvent(entry(c.kind))
		if err != nil || name != c.name || string(data) != c.want {
			t.Errorf("kind %d is %q, %v:\n%s\nwant %q:\n%s", c.kind, name, err, data, c.name, c.want)
		}
		if bytes.ContainsAny(data, "\r\n") || !json.Valid(data) {
			t.Errorf("%s is not one line of JSON: %q", name, data)
		}
	}
}

func TestADeletionSaysNothingOfTheWords(t *testing.T) {
	gone := aMessage()
	gone.Content, gone.DeletedAt, gone.Version = message.Content{}, noon, 2
	name, data, err := wire.EncodeEvent(port.Entry{At: noon, Kind: port.MessageDeleted, Room: gone.Room, Message: &gone})
	const want = `{"type":"message.deleted","chatRoomId":3,"at":"2026-11-23T11:00:00.000120Z","id":42,"sequence":17,"deletedAt":"2026-11-23T11:00:00.000120Z","version":2}`
	if err != nil || name != "message.deleted" || string(data) != want {
		t.Errorf("it is %q, %v:\n%s\nwant:\n%s", name, err, data, want)
	}
}

func TestWhatNobodyHearsOfIsNotEncoded(t *testing.T) {
	gone := aMessage()
	for _, e := range []port.Entry{
		{Kind: port.Genesis}, {Kind: port.SessionEnded}, {}, {Kind: 99},
		{Kind: port.MessageCreated}, {Kind: port.MessageEdited}, {Kind: port.MessageDeleted}, {Kind: port.RoomCreated}, {Kind: port.RoomChanged}, {Kind: port.MessageCreated, Message: &gone, Gone: true},
	} {
		if name, data, err := wire.EncodeEvent(e); err == nil {
			t.Errorf("%+v was encoded as %q %s", e, name, data)
		}
	}
}

func TestControlEventsSayAllThatTheyHaveToSay(t *testing.T) {
	sent := "parley:x"
	for _, c := range []struct {
		is   string
		got  []byte
		want string
	}{
		{
			"a live stream", must(wire.EncodeOpened(delivery.Opened{Mode: delivery.Live}, "parley:c", nil, nil, noon)),
			`{"type":"stream.opened","at":"2026-11-23T11:00:00.000120Z","mode":"live","cursor":"parley:c","resumedFrom":null,"expiresAt":null,"topics":[]}`,
		},
		{
			"a reset one", must(wire.EncodeOpened(delivery.Opened{Mode: delivery.Reset, Until: noon}, "parley:c", &sent, []string{"/chat/room/{id}"}, noon)),
			`{"type":"stream.opened","at":"2026-11-23T11:00:00.000120Z","mode":"reset","cursor":"parley:c","resumedFrom":"parley:x","expiresAt":"2026-11-23T11:00:00.000120Z","topics":["/chat/room/{id}"]}`,
		},
		{
			"an ending one", must(wire.EncodeClosing(delivery.Closing{Reason: delivery.TooMany, Advice: delivery.Stop}, noon)),
			`{"type":"stream.closing","at":"2026-11-23T11:00:00.000120Z","reason":"too-many","action":"stop"}`,
		},
	} {
		if string(c.got) != c.want {
			t.Errorf("%s is\n%s\nwant\n%s", c.is, c.got, c.want)
		}
	}
	if data, err := wire.EncodeOpened(delivery.Opened{}, "", nil, nil, noon); err == nil {
		t.Errorf("no mode was encoded as %s", data)
	}
	if data, err := wire.EncodeClosing(delivery.Closing{Reason: delivery.Slow}, noon); err == nil {
		t.Errorf("no advice was encoded as %s", data)
	}
}

func TestNamesOfKindsAndRolesAreReadAsTheyAreWritten(t *testing.T) {
	for _, k := range []policy.Kind{policy.Direct, policy.Group, policy.Public} {
		if got, ok := wire.ParseKind(wire.Kind(k)); !ok || got != k {
			t.Errorf("kind %d is read as %d, %v", k, got, ok)
		}
	}
	for _, r := range []room.Role{room.Member, room.Admin} {
		if got, ok := wire.ParseRole(wire.Role(r)); !ok || got != r {
			t.Errorf("role %d is read as %d, %v", r, got, ok)
		}
	}
	if k, ok := wire.ParseKind(""); ok {
		t.Errorf("nothing is read as kind %d", k)
	}
	if r, ok := wire.ParseRole("owner"); ok {
		t.Errorf("an owner is read as role %d", r)
	}
}
