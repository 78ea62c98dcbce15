package features_test

import (
	"context"
	"io"
	"testing"

	"github.com/cucumber/godog"

	"parley/domain/identity"
	"parley/domain/room"
	"parley/features/stage"
)

// Features that a broken program plays as well as a sound one prove nothing. Each
// of these programs breaks one promise in one story; the sound one plays them all.
var brokenPrograms = []struct {
	says  string
	story string
	wrap  func(stage.Client) stage.Client
}{
	{"hands everything out twice", twoSay, func(c stage.Client) stage.Client {
		return badLine{c, func(l stage.Line) stage.Line { return &twice{Line: l} }}
	}},
	{"loses every second thing", twoSay, func(c stage.Client) stage.Client {
		return badLine{c, func(l stage.Line) stage.Line { return loses{l} }}
	}},
	{"hands things out in another order", twoSay, func(c stage.Client) stage.Client {
		return badLine{c, func(l stage.Line) stage.Line { return &swaps{Line: l} }}
	}},
	{"changes what was said on the way", twoSay, func(c stage.Client) stage.Client {
		return badLine{c, func(l stage.Line) stage.Line { return shouts{l} }}
	}},
	{"takes what it does not keep", "When Ada says \"One\"\nAnd Ada has said \"Two\"", func(c stage.Client) stage.Client { return forgets{c} }},
	{"says the same draft twice", "When Ada sends the draft \"One\" 2 times, one after another\nThen all of them are message 1",
		func(c stage.Client) stage.Client { return keyless{c} }},
	{"begins anew wherever one was", "Given Ben loses the connection\nAnd Ada says \"One\"\nWhen Ben comes back\nThen Ben has heard 1 message",
		func(c stage.Client) stage.Client { return placeless{c} }},
	{"goes on from a place that it does not know", "When Ben comes back with a place from elsewhere\nThen Ben is told to start afresh",
		func(c stage.Client) stage.Client {
			return badLine{c, func(l stage.Line) stage.Line { return neverAfresh{l} }}
		}},
	{"goes on from a place that is not kept", "Given Ben loses the connection\nAnd Ada has said \"One\"\nAnd a month has passed\n" +
		"When Ben comes back too late\nThen Ben is told to start afresh",
		func(c stage.Client) stage.Client {
			return badLine{c, func(l stage.Line) stage.Line { return neverAfresh{l} }}
		}},
	{"hides from where on a room can be read", "Given Ada has said \"One\"\nAnd a month has passed\nThen Ben can read the room from message 2 on",
		func(c stage.Client) stage.Client { return wholeRooms{c} }},
	{"lets those go on hearing who were removed", "When Ada removes Ben\nAnd Ada says \"One\"\nThen nobody has heard \"Ben\"\nAnd Ben has heard 0 messages",
		func(c stage.Client) stage.Client { return removesNobody{c} }},
	{"tells whom it removed nothing", "When Ada removes Ben\nThen Ben has heard that Ben was removed",
		func(c stage.Client) stage.Client { return removesNobody{c} }},
	{"signs nobody out", "Given Ben has signed out on his phone\nWhen Ben tries to read the room on his phone\nThen Ben is refused as \"session revoked\"",
		func(c stage.Client) stage.Client { return signsNobodyOut{c} }},
	{"takes again what was used up", "Given Ben has gone on with his session 2 times on his phone\n" +
		"When Ben tries to go on as he did the first time on his phone\nThen Ben is refused as \"session revoked\"",
		func(c stage.Client) stage.Client { return neverUsedUp{c} }},
	{"lets people guess passwords", "When Cleo guesses at Ben's password until she is refused\nThen Cleo is refused as \"too many attempts\"",
		func(c stage.Client) stage.Client { return letsGuess{c} }},
	{"keeps people out whose passwords are guessed", "Given Ben listens on his phone\nWhen Cleo guesses at Ben's password until she is refused\n" +
		"Then Cleo is refused as \"too many attempts\"\nWhen Ben signs in again on his phone",
		func(c stage.Client) stage.Client { return knowsNoDevice{c} }},
	{"breaks all lines and knows no place any more", "When the service is restarted while Ada and Ben each say 5 things and listen",
		func(c stage.Client) stage.Client {
			return badLine{c, func(l stage.Line) stage.Line { return &breaks{Line: l} }}
		}},
	{"keeps what was withdrawn", "When Ada says \"One\"\nAnd Ada withdraws \"One\"", func(c stage.Client) stage.Client { return keepsWords{c} }},
	{"tells nobody of corrections", "When Ada says \"One\"\nAnd nobody has heard \"Two\"\nAnd Ada corrects \"One\" to \"Two\"",
		func(c stage.Client) stage.Client {
			return badLine{c, func(l stage.Line) stage.Line { return uncorrected{l} }}
		}},
}

const twoSay = "When Ada says \"One\"\nAnd Ada says \"Two\""

func TestABrokenProgramFailsTheFeatures(t *testing.T) {
	for _, broken := range brokenPrograms {
		t.Run(broken.says, func(t *testing.T) {
			if play(t, broken.story, nil) != 0 {
				t.Error("the sound program fails, too")
			}
			if play(t, broken.story, broken.wrap) == 0 {
				t.Error("it passes")
			}
		})
	}
}

// A scenario can be broken, too.
func TestABrokenScenarioFails(t *testing.T) {
	for says, story := range map[string]string{
		"a refusal that no step claims":             "When Cleo tries to say \"Hello\"",
		"a refusal that did not happen":             "When Ada tries to say \"Hello\"\nThen Ada is refused as \"not allowed\"",
		"another refusal than happened":             "When Cleo tries to say \"Hello\"\nThen Cleo is refused as \"not allowed\"",
		"a refusal where none is expected":          "When Cleo says \"Hello\"",
		"a step that nobody knows":                  "When Ada whistles",
		"something said that was not heard":         "When Ada says \"One\"\nThen nobody has heard \"One\"",
		"silence where nobody listens":              "Then Cleo has heard nothing",
		"a line that is ended, and no step says so": "When Ben signs out",
		"a message more than was said":              "Then Ada has heard 1 message",
		"one who is said to be what they are not":   "Then Ben is an admin",
	} {
		t.Run(says, func(t *testing.T) {
			if play(t, story, nil) == 0 {
				t.Error("it passes")
			}
		})
	}
}

const opening = "Feature: F\nExample: E\nGiven Ada has opened the group \"Kitchen\" with Ben\nAnd Ada listens\nAnd Ben listens\n"

// play plays a story after an opening, on a program that wrap breaks.
func play(t *testing.T, story string, wrap func(stage.Client) stage.Client) int {
	t.Helper()
	return godog.TestSuite{
		ScenarioInitializer: scenarios(bad(t, wrap), nil),
		Options: &godog.Options{
			FeatureContents: []godog.Feature{{Name: "f.feature", Contents: []byte(opening + story)}},
			Format:          "progress", Output: io.Discard, Strict: true,
		},
	}.Run()
}

// bad is the program as wrap breaks it.
func bad(t *testing.T, wrap func(stage.Client) stage.Client) build {
	t.Helper()
	sound := useCases(false)(t)
	return func(changed ...string) (production, error) {
		p, err := sound(append(changed, keepsAMonth)...)
		p.stage = badStage{p.stage, wrap}
		p.restart = func(context.Context) error { return nil } // what breaks is up to wrap
		return p, err
	}
}

type badStage struct {
	stage.Stage
	wrap func(stage.Client) stage.Client
}

func (s badStage) Enter(ctx context.Context, name string) (stage.Client, error) {
	c, err := s.Stage.Enter(ctx, name)
	if err != nil || s.wrap == nil {
		return c, err
	}
	return s.wrap(c), nil
}

// wholeRooms shows every room as if nothing had ever gone.
type wholeRooms struct{ stage.Client }

func (c wholeRooms) Read(ctx context.Context, in room.ID, part stage.Part) (stage.Page, error) {
	page, err := c.Client.Read(ctx, in, part)
	page.First = 1
	return page, err
}

// forgets answers as if it had kept what was said.
type forgets struct{ stage.Client }

func (forgets) Say(_ context.Context, in room.ID, text, _ string) (stage.Message, error) {
	return stage.Message{Room: in, Number: 1, Who: "Ada", Text: text}, nil
}

// keyless does not know a draft again.
type keyless struct{ stage.Client }

func (c keyless) Say(ctx context.Context, in room.ID, text, _ string) (stage.Message, error) {
	return c.Client.Say(ctx, in, text, "")
}

// placeless always begins now.
type placeless struct{ stage.Client }

func (c placeless) Listen(ctx context.Context, ask stage.Ask) (stage.Line, error) {
	ask.After = ""
	return c.Client.Listen(ctx, ask)
}

// keepsWords withdraws nothing.
type keepsWords struct{ stage.Client }

func (keepsWords) Withdraw(context.Context, stage.Message) error { return nil }

type removesNobody struct{ stage.Client }

func (removesNobody) Remove(context.Context, room.ID, identity.UserID) error { return nil }

// signsNobodyOut answers as if it had; also on other devices.
type signsNobodyOut struct{ stage.Client }

func (signsNobodyOut) SignOut(context.Context) error { return nil }

func (c signsNobodyOut) Again(ctx context.Context) (stage.Client, error) {
	again, err := c.Client.Again(ctx)
	return signsNobodyOut{again}, err
}

// letsGuess minds no guess.
type letsGuess struct{ stage.Client }

func (letsGuess) Guess(context.Context, string) error {
	return &stage.Refusal{Code: "invalid-credentials"}
}

// knowsNoDevice takes each device for a new one.
type knowsNoDevice struct{ stage.Client }

func (c knowsNoDevice) SignInAgain(ctx context.Context) (stage.Client, error) { return c.Again(ctx) }

func (c knowsNoDevice) Again(ctx context.Context) (stage.Client, error) {
	again, err := c.Client.Again(ctx)
	return knowsNoDevice{again}, err
}

// neverUsedUp goes on with whatever it is shown.
type neverUsedUp struct{ stage.Client }

func (c neverUsedUp) GoOn(context.Context, string) (stage.Client, error) { return c, nil }

func (c neverUsedUp) Again(ctx context.Context) (stage.Client, error) {
	again, err := c.Client.Again(ctx)
	return neverUsedUp{again}, err
}
