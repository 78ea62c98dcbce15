package contract

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
)

func myRoomsInOrder(ctx context.Context, s StoreSubject) error {
	people, err := s.settleAll(ctx, ada, ben)
	if err != nil {
		return err
	}
	var rooms []room.ID
	for n := range 5 {
		in, err := s.open(ctx, policy.Group, fmt.Sprintf("Room %d", n), people...)
		if err != nil {
			return err
		}
		rooms = append(rooms, in)
	}
	if _, err := s.open(ctx, policy.Group, "Without Ada", people[1]); err != nil {
		return err
	}
	for _, in := range []room.ID{rooms[1], rooms[3]} {
		if _, err := s.say(ctx, people[1], in, "hello", ""); err != nil {
			return err
		}
	}
	if err := s.keep(ctx, rooms[2], people[0], room.Left{Who: people[0].User, Role: room.Admin, Reason: room.ByThemselves}); err != nil {
		return err
	}
	var listed []room.ID
	err = s.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		listed = nil
		for after := (port.Active{}); ; {
			page, err := v.Rooms.Mine(ctx, people[0].User, after, 2)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, seen := range page {
				one, err := v.Rooms.Get(ctx, seen.Room.ID, people[0].User)
				if err != nil {
					return err
				}
				if err := expect("a room, alone and in the list", one, seen); err != nil {
					return err
				}
				listed = append(listed, seen.Room.ID)
				after = port.Active{At: seen.ActiveAt, Room: seen.Room.ID}
			}
		}
	})
	if err != nil {
		return err
	}
	return expect("one's rooms", listed, []room.ID{rooms[3], rooms[1], rooms[4], rooms[0]})
}

func foundByAnyWord(ctx context.Context, s StoreSubject) error {
	names := []string{ada, "Adam Ant", "Élodie Ångström", "李 小龙", "Zoë 👩‍🚀 Ops", "\U0010FFFDedge"}
	people := make(map[string]identity.Caller)
	rooms := make(map[string]room.ID)
	for _, name := range names {
		who, err := s.settle(ctx, name)
		if err != nil {
			return err
		}
		people[name] = who
		if rooms[name], err = s.open(ctx, policy.Public, name, who); err != nil {
			return err
		}
		if _, err := s.open(ctx, policy.Group, name, who); err != nil { // which is listed nowhere
			return err
		}
	}
	for query, want := range map[string][]string{
		"ada": {ada, "Adam Ant"}, "ADA L": {ada}, "lOvE": {ada}, "lace": nil, "an": {"Adam Ant"},
		"élo": {"Élodie Ångström"}, "åNG": {"Élodie Ångström"}, "李": {"李 小龙"}, "小龙": {"李 小龙"}, "龙": nil,
		"👩": {"Zoë 👩‍🚀 Ops"}, "zoë": {"Zoë 👩‍🚀 Ops"}, "\U0010FFFD": {"\U0010FFFDedge"}, "%": nil, "_da": nil,
	} {
		q, err := identity.ParseQuery(query)
		if err != nil {
			return err
		}
		if err := found(ctx, s, q, query, want, people, rooms); err != nil {
			return err
		}
	}
	return foundByAddress(ctx, s)
}

func found(ctx context.Context, s StoreSubject, q identity.Query, query string, want []string, people map[string]identity.Caller, rooms map[string]room.ID) error {
	var wantPeople []identity.UserID
	var wantRooms []room.ID
	for _, name := range want {
		wantPeople = append(wantPeople, people[name].User)
		wantRooms = append(wantRooms, rooms[name])
	}
	return s.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		var gotPeople []identity.UserID
		for after := (identity.UserID{}); ; {
			page, err := v.Users.Find(ctx, q, after, 1)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			after = page[0].ID
			gotPeople = append(gotPeople, after)
		}
		var gotRooms []room.ID
		for after := (room.ID{}); ; {
			page, err := v.Rooms.Directory(ctx, people[ada].User, q, after, 1)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			after = page[0].ID
			gotRooms = append(gotRooms, after)
			if err := expect("whether Ada is in "+page[0].Name.String(), page[0].Joined, after == rooms[ada]); err != nil {
				return err
			}
			if err := expect("how many are in it", page[0].People, 1); err != nil {
				return err
			}
		}
		return first(
			func() error { return expect(fmt.Sprintf("people for %q", query), gotPeople, wantPeople) },
			func() error { return expect(fmt.Sprintf("rooms for %q", query), gotRooms, wantRooms) },
		)
	})
}

// foundByAddress: the whole address finds its user, a part of it nobody; and a
// name that was changed is found as it reads now.
func foundByAddress(ctx context.Context, s StoreSubject) error {
	var user identity.User
	err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		u := identity.User{CreatedAt: scope.At}
		var err error
		if u.Name, err = identity.ParseDisplayName("Former Name"); err != nil {
			return err
		}
		if u.Email, err = identity.ParseEmail("secret@example.org"); err != nil {
			return err
		}
		if user, err = scope.Keeping.AddUser(ctx, u, ""); err != nil {
			return err
		}
		if user.Name, err = identity.ParseDisplayName("Later Name"); err != nil {
			return err
		}
		return scope.Keeping.SaveUser(ctx, user)
	})
	if err != nil {
		return err
	}
	for query, want := range map[string]int{
		"SECRET@example.org": 1, "secret": 0, "secret@example.or": 0, "example": 0, "later": 1, "former": 0,
	} {
		q, err := identity.ParseQuery(query)
		if err != nil {
			return err
		}
		people, err := view(ctx, s, func(ctx context.Context, v port.View) ([]identity.Person, error) {
			return v.Users.Find(ctx, q, identity.UserID{}, 10)
		})
		if err != nil {
			return err
		}
		if err := expect(fmt.Sprintf("how many people are found by %q", query), len(people), want); err != nil {
			return err
		}
	}
	return nil
}
