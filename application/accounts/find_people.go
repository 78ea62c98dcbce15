package accounts

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// FindPeople finds people to talk to.
type FindPeople struct{ Work port.Work }

// FindPeopleQuery says who is looked for.
type FindPeopleQuery struct {
	Query identity.Query
	After identity.UserID // the last one of the page before; zero for the first page
	Limit int
}

// Handle returns people by ascending ID.
func (uc FindPeople) Handle(ctx context.Context, q FindPeopleQuery) ([]identity.Person, error) {
	var people []identity.Person
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		people, err = v.Users.Find(ctx, q.Query, q.After, q.Limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return people, nil
}
