package room_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
)

func user(n int64) identity.UserID {
	id, _ := identity.UserIDFrom(n)
	return id
}

func users(ns ...int64) []identity.UserID {
	var ids []identity.UserID
	for _, n := range ns {
		ids = append(ids, user(n))
	}
	return ids
}

func name(t *testing.T, text string) room.Name {
	t.Helper()
	n, err := room.ParseName(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheLengthOfAName(t *testing.T) {
	for length, good := range map[int]bool{0: false, 1: true, room.MaxName: true, room.MaxName + 1: false} {
		if _, err := room.ParseName(strings.Repeat("ß", length)); (err == nil) != good {
			t.Errorf("%d characters: %v", length, err)
		}
	}
}

func TestAPlanNamesEverybodyOnce(t *testing.T) {
	plan, err := room.Design(policy.Group, name(t, "Tea"), user(1), users(2, 1, 3, 2, 1))
	if err != nil || !slices.Equal(plan.Crowd(), users(1, 2, 3)) {
		t.Errorf("%v, %v; want 1, 2 and 3", plan.Crowd(), err)
	}
}

func TestWhoOpensARoomRunsItUnlessItIsDirect(t *testing.T) {
	for kind, want := range map[policy.Kind]room.Role{policy.Direct: room.Member, policy.Group: room.Admin, policy.Public: room.Admin} {
		plan := room.Plan{Kind: kind, By: user(1), Others: users(2)}
		if got := plan.RoleOf(user(1)); got != want {
			t.Errorf("kind %d: who opens it has role %d, want %d", kind, got, want)
		}
		if got := plan.RoleOf(user(2)); got != room.Member {
			t.Errorf("kind %d: the other one has role %d, want member", kind, got)
		}
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	crowd := make([]identity.UserID, room.MaxOthers+1)
	for i := range crowd {
		crowd[i] = user(int64(i + 2))
	}
	tea := name(t, "Tea")
	for says, c := range map[string]struct {
		kind   policy.Kind
		name   room.Name
		others []identity.UserID
		want   error
	}{
		"a direct one with a name":            {policy.Direct, tea, users(2), room.ErrDirectName},
		"a direct one with nobody":            {policy.Direct, room.Name{}, nil, room.ErrDirectPeople},
		"a direct one with oneself":           {policy.Direct, room.Name{}, users(1), room.ErrDirectPeople},
		"a direct one with two others":        {policy.Direct, room.Name{}, users(2, 3), room.ErrDirectPeople},
		"a direct one with oneself and one":   {policy.Direct, room.Name{}, users(1, 2), room.ErrDirectPeople},
		"a group without a name":              {policy.Group, room.Name{}, users(2), room.ErrName},
		"a public room without a name":        {policy.Public, room.Name{}, nil, room.ErrName},
		"a group of more than can be named":   {policy.Group, tea, crowd, room.ErrTooManyPeople},
		"a direct one of more than can be so": {policy.Direct, room.Name{}, crowd, room.ErrTooManyPeople},
	} {
		if _, err := room.Design(c.kind, c.name, user(1), c.others); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", says, err, c.want)
		}
	}
	if _, err := room.Design(policy.Group, tea, user(1), crowd[:room.MaxOthers]); err != nil {
		t.Errorf("a group of as many as can be named: %v", err)
	}
}
