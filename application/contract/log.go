package contract

import "testing"

// Log checks the log of a store. Open is as for [Store].
func Log(t *testing.T, open func(*testing.T) StoreSubject, exempt ...Exempt) {
	t.Helper()
	run(t, LogPromises, open, exempt)
}

// LogPromises is what the log of every store promises.
var LogPromises = []Promise[StoreSubject]{
	{
		Says: "positions count from 0 without a hole, whatever fails",
		Why:  "a reader could not tell what is missing from what has never been",
		Keep: positionsWithoutHole,
	},
	{
		Says: "a position is seen only after all before it",
		Why:  "a reader that has passed it would never hear what comes to light behind",
		Keep: seenAfterAllBefore,
	},
	{
		Says: "an entry says what happened, to whom, and by whom",
		Why:  "people would be told other than what was done",
		Keep: entriesSayWhatHappened,
	},
	{
		Says: "an entry reads as what it names reads now",
		Why:  "people would be shown names that are no longer",
		Keep: entriesReadAsNow,
	},
	{
		Says: "time in a room moves on with each entry",
		Why:  "sorting by time and by place would give two different stories",
		Keep: timeMovesOn,
	},
	{
		Says: "an entry keeps its mark, and others have others",
		Why:  "a place in another history of the log would be taken for this one",
		Keep: marksTellApart,
	},
	{
		Says: "a page of a room has all its entries within the span, in order",
		Why:  "who was away would miss something, or hear of another room",
		Keep: pagesOfARoom,
	},
	{
		Says: "a page about a user has what concerns them, and nothing else",
		Why:  "somebody would not hear that they were let in, or hear of others' comings and goings",
		Keep: pagesAboutAUser,
	},
	{
		Says: "the latest entries tell which rooms have something new",
		Why:  "a reader of many rooms would miss one, or read all of them for nothing",
		Keep: latestOfRooms,
	},
	{
		Says: "rights are of the place that they come with",
		Why:  "a removal at just that moment would be missed for ever",
		Keep: rightsOfAPlace,
	},
	{
		Says: "edits, deletions and new names are told, and nothing of what was before",
		Why:  "a screen would go on showing what was corrected, or a replay what was deleted",
		Keep: revisionsAreEntries,
	},
	{
		Says: "of what was pruned the last place is kept, and none before it",
		Why:  "who has heard all of it would have to begin afresh, or who has not would never know",
		Keep: placeOfThePrunedIsKept,
	},
	{
		Says: "what is logged of a message that was pruned is for nobody",
		Why:  "people would be told of corrections to what is not there",
		Keep: nobodyHearsOfThePruned,
	},
}
