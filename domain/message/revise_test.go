package message_test

import (
	"errors"
	"testing"
	"time"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/sequence"
)

var whatever sequence.Expected

// aCase is of a message that its author wrote in a group.
func aCase(t *testing.T, bend ...func(*message.Case)) message.Case {
	t.Helper()
	author, err := identity.UserIDFrom(1)
	if err != nil {
		t.Fatal(err)
	}
	c := message.Case{
		Message: message.Message{Author: identity.Person{ID: author}, Content: content(t, "as it was"), Version: 3},
		Kind:    policy.Group, By: author, Asks: policy.Member,
		At: time.Unix(1000, 0), Pace: message.Pace{PerMinute: 60, Burst: 1},
	}
	for _, b := range bend {
		b(&c)
	}
	return c
}

func content(t *testing.T, text string) message.Content {
	t.Helper()
	parsed, err := message.ParseContent(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func somebodyElse(c *message.Case) { c.By = identity.UserID{} }
func admin(c *message.Case)        { c.Asks = policy.Admin }
func out(c *message.Case)          { c.Asks = policy.Outsider }
func direct(c *message.Case)       { c.Kind = policy.Direct }
func withdrawn(c *message.Case) {
	c.Message.DeletedAt, c.Message.Content = time.Unix(1, 0), message.Content{}
}
func tooFast(c *message.Case) { c.Paced = c.At.Add(time.Second) }

type bends = []func(*message.Case)

func TestWhoMayEditAMessage(t *testing.T) {
	for says, c := range map[string]struct {
		bend     bends
		expected sequence.Expected
		want     error
	}{
		"the author":                                  {nil, whatever, nil},
		"the author, of the version that it has":      {nil, sequence.Expect(2, 3), nil},
		"the author, of another version":              {nil, sequence.Expect(2), sequence.ErrChanged},
		"the author, of no version":                   {nil, sequence.Expect(), sequence.ErrChanged},
		"a member":                                    {bends{somebodyElse}, whatever, policy.ErrNotAllowed},
		"an admin":                                    {bends{somebodyElse, admin}, whatever, policy.ErrNotAllowed},
		"the author who is out":                       {bends{out}, whatever, message.ErrNotThere},
		"an outsider, of what was withdrawn":          {bends{somebodyElse, out, withdrawn}, whatever, message.ErrNotThere},
		"a member, of what was withdrawn":             {bends{somebodyElse, withdrawn}, whatever, policy.ErrNotAllowed},
		"the author, of what was withdrawn":           {bends{withdrawn, tooFast}, sequence.Expect(2), message.ErrWithdrawn},
		"the author, too fast":                        {bends{tooFast}, whatever, message.ErrTooFast},
		"the author, too fast and of another version": {bends{tooFast}, sequence.Expect(2), message.ErrTooFast},
	} {
		if _, err := aCase(t, c.bend...).Edit(content(t, "as it is"), c.expected); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", says, err, c.want)
		}
	}
}

func TestAnEditIsAMessageToThePace(t *testing.T) {
	c := aCase(t)
	change, err := c.Edit(content(t, "as it is"), whatever)
	if want := (message.Edited{To: content(t, "as it is"), Paced: c.At.Add(time.Second)}); change != want || err != nil {
		t.Errorf("got %+v, %v, want %+v", change, err, want)
	}
	if change, err := c.Edit(c.Message.Content, whatever); change != nil || err != nil {
		t.Errorf("the same words: got %+v, %v, want that nothing changes", change, err)
	}
}

func TestWhoMayDeleteAMessage(t *testing.T) {
	for says, c := range map[string]struct {
		bend     bends
		expected sequence.Expected
		want     message.Change
		err      error
	}{
		"the author":                         {nil, whatever, message.Deleted{}, nil},
		"the author, however fast":           {bends{tooFast}, whatever, message.Deleted{}, nil},
		"the author, in a direct room":       {bends{direct}, whatever, message.Deleted{}, nil},
		"the author, of the right version":   {nil, sequence.Expect(3), message.Deleted{}, nil},
		"the author, of another version":     {nil, sequence.Expect(2), nil, sequence.ErrChanged},
		"the author, once more":              {bends{withdrawn}, sequence.Expect(2), nil, nil},
		"the author who is out":              {bends{out}, whatever, nil, message.ErrNotThere},
		"an admin":                           {bends{somebodyElse, admin}, whatever, message.Deleted{}, nil},
		"an admin, once more":                {bends{somebodyElse, admin, withdrawn}, whatever, nil, nil},
		"a member":                           {bends{somebodyElse}, whatever, nil, policy.ErrNotAllowed},
		"a member, of what was withdrawn":    {bends{somebodyElse, withdrawn}, whatever, nil, policy.ErrNotAllowed},
		"the other one of a direct room":     {bends{somebodyElse, direct}, whatever, nil, policy.ErrNotAllowed},
		"an outsider, of another version":    {bends{somebodyElse, out}, sequence.Expect(2), nil, message.ErrNotThere},
		"an outsider, of what was withdrawn": {bends{somebodyElse, out, withdrawn}, whatever, nil, message.ErrNotThere},
	} {
		change, err := aCase(t, c.bend...).Delete(c.expected)
		if change != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: got %+v, %v, want %+v, %v", says, change, err, c.want, c.err)
		}
	}
}
