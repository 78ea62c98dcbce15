package features_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"parley/features/stage"
)

// Each of these hubs breaks a promise to third parties, and fails the scenarios
// that tell of it.
var brokenHubs = []struct {
	says  string
	fails []string
	with  faulty
}{
	{"hands everything out twice", []string{"Once, even if they asked for both of its topics"},
		faulty{line: func(w stage.Wire) stage.Wire { return &wireTwice{Wire: w} }}},
	{"takes patterns for names", []string{"Whoever asks for every topic hears them all"}, faulty{listen: func(a *asking) {
		for i := range a.topics {
			a.topics[i].Below = false
		}
	}}},
	{"grants everybody everything", []string{
		"Asking for the topic is not enough", "Who was granted nothing hears what is public", "A program that was granted the room hears what is said",
		"Not on topics that were granted to others", "Others are refused",
	}, faulty{grant: func(_ string, g stage.Grant) stage.Grant {
		g.Publish, g.Hear = []string{"*"}, []string{"*"}
		return g
	}}},
	{"tells nobody what is private", []string{"Asking for the topic is not enough"}, faulty{grant: func(_ string, g stage.Grant) stage.Grant {
		g.Hear = nil
		return g
	}}},
	{"lets those hear what was missed who could then", []string{"What was missed is heard by what is granted now"}, faulty{grant: firstGrants()}},
	{"begins anew wherever one was", []string{"After a short cut", "After a restart of the service, too", "What was said while the program was away, too"},
		faulty{listen: func(a *asking) { a.after = "" }}},
	{"hears no rooms", []string{"A program that was granted the room hears what is said", "What was said while the program was away, too"},
		faulty{listen: func(a *asking) {
			a.topics = slices.DeleteFunc(a.topics, func(t stage.Topic) bool { return t.Name[0] == '/' })
		}}},
	{"takes whatever is published", []string{"Not as if it were said in a room", "Not on topics that were granted to others"},
		faulty{publish: func(stage.Party, stage.Update) error { return nil }}},
	{"makes everything public", []string{"Asking for the topic is not enough", "What is private is not for people"},
		faulty{publish: func(p stage.Party, u stage.Update) error {
			u.Private = false
			return p.Publish(context.Background(), u)
		}}},
	{"tells people of the chat alone", []string{"On the same line, in the order in which it happened"},
		faulty{person: func(ask *stage.Ask) { ask.Topics = nil }}},
	{"begins anew for people", []string{"And after coming back"}, faulty{person: func(ask *stage.Ask) { ask.After = "" }}},
	{"shows those who have gone", []string{"It sees them as long as they listen"}, faulty{listeners: 1, within: 3 * time.Second}},
}

func TestABrokenHubFailsTheFeatures(t *testing.T) {
	lines, told := scenarioLines(t), make(map[string]bool)
	for _, broken := range brokenHubs {
		for _, name := range broken.fails {
			told[name] = true
			t.Run(broken.says+"/"+name, func(t *testing.T) {
				t.Parallel() // most of it is waiting
				if playParties(t, lines[name], broken.with) == 0 {
					t.Error("it passes")
				}
			})
		}
	}
	for name := range lines {
		if !told[name] {
			t.Errorf("no broken hub fails %q", name)
		}
	}
	if playParties(t, lines["Asking for the topic is not enough"], faulty{}) != 0 {
		t.Error("a sound hub fails, too")
	}
}

// scenarioLines is where the scenarios are found that have third parties.
func scenarioLines(t *testing.T) map[string]string {
	t.Helper()
	features, err := godog.TestSuite{Options: options(thirdParties)}.RetrieveFeatures()
	if err != nil {
		t.Fatal(err)
	}
	lines := make(map[string]string)
	for _, f := range features {
		for _, pickle := range f.Pickles {
			lines[pickle.Name] = f.Uri + ":" + fmt.Sprint(f.FindScenario(pickle.AstNodeIds[0]).Location.Line)
		}
	}
	return lines
}

// playParties plays a scenario on a hub that is broken.
func playParties(t *testing.T, at string, with faulty) int {
	t.Helper()
	sound := overHTTP(1, dial, func(testing.TB) string { return "" })(t)
	broken := func(changed ...string) (production, error) {
		p, err := sound(changed...)
		whole, _ := p.stage.(stage.HTTP)
		p.stage = badHub{badStage{whole, func(c stage.Client) stage.Client { return badPerson{c, with} }}, whole, with}
		return p, err
	}
	o := options("")
	o.Paths, o.Randomize, o.Concurrency = []string{at}, 0, 1
	if with.within > 0 {
		ctx, cancel := context.WithTimeout(t.Context(), with.within)
		defer cancel()
		o.DefaultContext = ctx
	}
	return godog.TestSuite{ScenarioInitializer: scenarios(broken, nil), Options: o}.Run()
}

// faulty is what is wrong with a hub; what is nil or zero is not.
type faulty struct {
	grant     func(name string, g stage.Grant) stage.Grant
	listen    func(*asking)
	line      func(stage.Wire) stage.Wire
	publish   func(stage.Party, stage.Update) error
	person    func(*stage.Ask)
	listeners int           // that there are at least
	within    time.Duration // a scenario must pass, if it would wait for longer
}

// asking is what somebody listens to.
type asking struct {
	topics []stage.Topic
	after  stage.Place
}

// badHub is a stage whose hub is broken.
type badHub struct {
	badStage
	whole stage.Parties
	with  faulty
}

func (h badHub) Party(name string, granted stage.Grant) (stage.Party, error) {
	if h.with.grant != nil && name != "crier" && name != "bakery" {
		granted = h.with.grant(name, granted)
	}
	p, err := h.whole.Party(name, granted)
	if name == "crier" {
		return p, err
	}
	return badParty{p, h.with}, err
}

type badParty struct {
	stage.Party
	with faulty
}

func (p badParty) Publish(ctx context.Context, u stage.Update) error {
	if p.with.publish != nil {
		return p.with.publish(p.Party, u)
	}
	return p.Party.Publish(ctx, u)
}

func (p badParty) Listen(ctx context.Context, topics []stage.Topic, after stage.Place) (stage.Wire, error) {
	ask := asking{slices.Clone(topics), after}
	if p.with.listen != nil {
		p.with.listen(&ask)
	}
	l, err := p.Party.Listen(ctx, ask.topics, ask.after)
	if err == nil && p.with.line != nil {
		l = p.with.line(l)
	}
	return l, err
}

func (p badParty) Listeners(ctx context.Context, topic string) (int, error) {
	n, err := p.Party.Listeners(ctx, topic)
	return max(n, p.with.listeners), err
}

// badPerson asks for something else than they were told to.
type badPerson struct {
	stage.Client
	with faulty
}

func (c badPerson) Listen(ctx context.Context, ask stage.Ask) (stage.Line, error) {
	if c.with.person != nil {
		c.with.person(&ask)
	}
	return c.Client.Listen(ctx, ask)
}

// wireTwice hands everything out twice.
type wireTwice struct {
	stage.Wire
	held *stage.Received
}

func (l *wireTwice) Next(ctx context.Context) (stage.Received, error) {
	if held := l.held; held != nil {
		l.held = nil
		return *held, nil
	}
	got, err := l.Wire.Next(ctx)
	l.held = &got
	return got, err
}

// firstGrants lets everybody have what they were granted first, for ever.
func firstGrants() func(string, stage.Grant) stage.Grant {
	first := make(map[string]stage.Grant)
	return func(name string, g stage.Grant) stage.Grant {
		if _, known := first[name]; !known {
			first[name] = g
		}
		return first[name]
	}
}
