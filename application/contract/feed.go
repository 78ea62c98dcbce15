package contract

import (
	"context"
	"testing"

	"parley/application/port"
	"parley/domain/identity"
)

// Feeding is a feed of a log, and how a client listens to it.
type Feeding struct {
	Work  port.Work
	Sends port.Sends

	// Listen opens a line on topics as clients name them, after a cursor that a
	// line has given; empty: from now on.
	Listen func(ctx context.Context, who identity.Caller, topics []string, after string) (Line, error)

	// Open counts the lines that are open on the feed's side.
	Open func() int

	// Restart ends all lines and lets the feed begin anew, on the same store and
	// with nothing else of what it held.
	Restart func() error
}

// Line is an open line of a client.
type Line interface {
	// Next waits for the next event; io.EOF says that the line has ended.
	Next(ctx context.Context) (Heard, error)
	Close() error
}

// Heard is an event as a client has it.
type Heard struct {
	Type   string
	Cursor string // empty if it has none
	Data   string // one line of JSON
}

// Feed checks a feed. Open returns one of an empty log, which t cleans up.
func Feed(t *testing.T, open func(*testing.T) Feeding, exempt ...Exempt) {
	t.Helper()
	run(t, FeedPromises, open, exempt)
}

// FeedPromises is what every feed promises.
var FeedPromises = []Promise[Feeding]{
	{
		Says: "what is said is heard once, in the order in which it was said",
		Why:  "a conversation would read differently on every screen",
		Keep: inScene(heardInOrder),
	},
	{
		Says: "who comes back hears what they missed, once, wherever they left off",
		Why:  "a short cut would lose messages or show them twice",
		Keep: inScene(heardAfterComingBack),
	},
	{
		Says: "who is not in a room hears nothing of it",
		Why:  "strangers would read along",
		Keep: inScene(strangersHearNothing),
	},
	{
		Says: "who does not listen holds up nobody",
		Why:  "one dead phone would silence the room",
		Keep: inScene(holdsUpNobody),
	},
	{
		Says: "who is removed hears of it, and no more",
		Why:  "who was shown out would read along",
		Keep: inScene(removedHearNoMore),
	},
	{
		Says: "who was removed while away hears of it, and no more",
		Why:  "coming back from an old place would be a way in again",
		Keep: inScene(removedWhileAway),
	},
	{
		Says: "who is removed while their line opens hears no more",
		Why:  "the rights of a new line would be those of a moment ago, for as long as it lasts",
		Keep: inScene(removedWhileOpening),
	},
	{
		Says: "who is added hears the room on the line that is open",
		Why:  "the newcomer would have to reload to take part",
		Keep: inScene(addedHearAtOnce),
	},
	{
		Says: "a place that is not there is said, not hidden",
		Why:  "messages would be missing and nobody would know",
		Keep: inScene(lostPlaceIsSaid),
	},
	{
		Says: "what is not kept any more is said, and only to whom it is missing",
		Why:  "a conversation would be shorter for whoever was away, and nobody would know",
		Keep: inScene(prunedIsSaid),
	},
	{
		Says: "a line that is closed is let go",
		Why:  "those who have gone would crowd out those who come",
		Keep: inScene(closedIsLetGo),
	},
	{
		Says: "who is signed out is told so on the open line, and hears no more",
		Why:  "a lost phone would listen to everything that is said from then on",
		Keep: inScene(signedOutHearNoMore),
	},
	{
		Says: "who is signed out while their line opens hears no more",
		Why:  "whoever is quick enough would keep a line of a session that has ended",
		Keep: inScene(signedOutWhileOpening),
	},
	{
		Says: "a session that has ended opens no line, not even after a restart",
		Why:  "a restart would give back to a thief what signing out took away",
		Keep: inScene(endedOpensNoLine),
	},
	{
		Says: "what is corrected or taken back is heard, and replayed as it reads then",
		Why:  "a screen would go on showing what is no longer said, or a replay what was deleted",
		Keep: inScene(revisionsAreHeard),
	},
}
