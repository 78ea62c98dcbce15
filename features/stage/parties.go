package stage

import "context"

// Parties is a stage on which there are third parties, too: programs of somebody
// else's, which speak the Mercure protocol.
type Parties interface {
	// Party lets a program do what it was granted. The same name is the same program.
	Party(name string, granted Grant) (Party, error)
}

// Version is a version of the Mercure protocol.
type Version int

// The versions.
const (
	Mercure1 Version = iota // 1.0
	Mercure0                // 0.x
)

// Grant is what a third party may do, and the version that it speaks. What is not
// granted anything comes as a stranger.
type Grant struct {
	Version       Version
	Publish, Hear []string // topics; "*" is all of them
}

// Party is a third party. What the program refuses comes back as a *Refusal.
type Party interface {
	Publish(ctx context.Context, u Update) error
	// Listen opens a line on topics; empty, after is from now on. When it returns,
	// nothing that is published is missed.
	Listen(ctx context.Context, topics []Topic, after Place) (Wire, error)
	// Listeners counts the subscriptions to a topic.
	Listeners(ctx context.Context, topic string) (int, error)
}

// Update is what a third party publishes.
type Update struct {
	Topics  []string
	Text    string
	Private bool
}

// Topic is what is listened to: a topic, or each below one.
type Topic struct {
	Name  string
	Below bool
}

// Wire is an open line of a third party.
type Wire interface {
	Next(ctx context.Context) (Received, error)
	Close() error
}

// Received is what a third party has heard: an update, or what was said in a room.
type Received struct {
	Text  string
	Place Place // to come back to
}
