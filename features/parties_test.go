package features_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/features/stage"
)

// party is a program of somebody else's. Of an actor it has how it is refused.
type party struct {
	actor
	grant  stage.Grant
	topics []stage.Topic

	line  stage.Wire // nil while it is away
	place stage.Place
	heard []string // without fences
	seen  map[stage.Place]bool
}

func (w *world) party(name string) *party {
	p, known := w.parties[name]
	if !known {
		p = &party{actor: actor{name: name}, seen: make(map[stage.Place]bool)}
		w.parties[name] = p
	}
	return p
}

// program is a third party with what it is granted now.
func (w *world) program(p *party) (stage.Party, error) {
	of, there := w.stage.(stage.Parties)
	if !there {
		return nil, errors.New("there are no third parties on this stage")
	}
	return of.Party(p.name, p.grant)
}

// everywhere is what all topics of third parties are below.
const everywhere = "https://topics.example.org/"

// fenceTopic is what every third party listens to as well.
const fenceTopic = "https://fence.example.org/"

// named are topics as a feature names them.
func (w *world) named(what string) []stage.Topic {
	var all []stage.Topic
	for one := range strings.SplitSeq(what, " and ") {
		topic := stage.Topic{Name: everywhere + strings.Trim(one, `"`)}
		switch one {
		case "every topic":
			topic = stage.Topic{Name: everywhere, Below: true}
		case "the room":
			topic = stage.Topic{Name: "/chat/room/" + w.here.String()}
		}
		all = append(all, topic)
	}
	return all
}

// granted are topics as a grant has them.
func (w *world) granted(what string) []string {
	var all []string
	for _, topic := range w.named(what) {
		if topic.Below {
			topic.Name = "*"
		}
		all = append(all, topic.Name)
	}
	return all
}

func (w *world) speak(one, other, version string) {
	for name := range strings.FieldsSeq(one + " " + other) {
		w.party(name).grant.Version = map[string]stage.Version{"0.x": stage.Mercure0, "1.0": stage.Mercure1}[version]
	}
}

func (w *world) mayPublish(name, what string) { w.party(name).grant.Publish = w.granted(what) }

func (w *world) mayHear(name, what string) { w.party(name).grant.Hear = w.granted(what) }

func (w *world) maySeeWhoListens(name string) {
	w.party(name).grant.Hear = []string{"/.well-known/mercure/subscriptions"}
}

func (w *world) publish(ctx context.Context, name, text, what string, private bool) error {
	program, err := w.program(w.party(name))
	if err != nil {
		return err
	}
	return program.Publish(ctx, stage.Update{Topics: w.granted(what), Text: text, Private: private})
}

func (w *world) publishes(ctx context.Context, name, text, what string) error {
	return w.publish(ctx, name, text, what, false)
}

func (w *world) publishesPrivately(ctx context.Context, name, text, what string) error {
	return w.publish(ctx, name, text, what, true)
}

func (w *world) triesToPublish(ctx context.Context, name, text, what string) error {
	return w.party(name).tries(w.publish(ctx, name, text, what, false))
}

func (w *world) partyListens(ctx context.Context, name, what string) error {
	p := w.party(name)
	p.topics = append(w.named(what), stage.Topic{Name: fenceTopic})
	return w.connect(ctx, p)
}

// connect opens the line of a third party, from where it was.
func (w *world) connect(ctx context.Context, p *party) error {
	program, err := w.program(p)
	if err != nil {
		return err
	}
	p.line, err = program.Listen(ctx, p.topics, p.place)
	return err
}

// partyLosesTheConnection: until then it hears all that there is.
func (w *world) partyLosesTheConnection(ctx context.Context, name string) error {
	err := w.partiesHearAll(ctx)
	w.party(name).hangUp()
	return err
}

func (w *world) partyComesBack(ctx context.Context, name string) error {
	return w.connect(ctx, w.party(name))
}

func (p *party) hangUp() {
	if p.line != nil {
		_ = p.line.Close()
		p.line = nil
	}
}

func (w *world) partyIsRefused(name, as string) error {
	return w.party(name).claims(as, func(*stage.Refusal) bool { return true })
}

func (w *world) listensToTopics(ctx context.Context, name, what string) error {
	return w.listen(ctx, name, false, stage.Ask{Topics: w.granted(what)})
}

// seesListeners waits, as it takes a moment until the program has noticed who has
// gone.
func (w *world) seesListeners(ctx context.Context, name string, want int, topic string) error {
	return await(ctx, func() error {
		got, err := w.listeners(ctx, name, topic)
		if err == nil && got != want {
			return fmt.Errorf("the %s sees %d listeners, want %d", name, got, want)
		}
		return err
	})
}

func (w *world) triesToSeeListeners(ctx context.Context, name string) error {
	_, err := w.listeners(ctx, name, "every topic")
	return w.party(name).tries(err)
}

func (w *world) listeners(ctx context.Context, name, topic string) (int, error) {
	program, err := w.program(w.party(name))
	if err != nil {
		return 0, err
	}
	return program.Listeners(ctx, w.named(topic)[0].Name)
}
