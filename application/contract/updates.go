package contract

import "testing"

// Updates checks what a store does with updates of third parties. Open is as for
// [Store].
func Updates(t *testing.T, open func(*testing.T) StoreSubject, exempt ...Exempt) {
	t.Helper()
	run(t, UpdatesPromises, open, exempt)
}

// UpdatesPromises is what every store promises those who publish by the Mercure
// protocol, and those who listen to them.
var UpdatesPromises = []Promise[StoreSubject]{
	{
		Says: "what is published comes back as it was published, to the byte",
		Why:  "whoever listens would be told other than what was published, or by another name",
		Keep: comesBackAsPublished,
	},
	{
		Says: "what is no update is refused, and nothing of it is kept",
		Why:  "a line of somebody's choosing would be written into everybody's stream",
		Keep: noUpdateLeavesNothing,
	},
	{
		Says: "those who publish and those who talk at once are all kept, in one order",
		Why:  "an update or a message would be lost, or be at a place that was told to somebody else",
		Keep: publishingAndTalking,
	},
	{
		Says: "an ID stands for the earliest update that has it",
		Why:  "who comes back with an ID that was given twice would miss what came between",
		Keep: idStandsForTheEarliest,
	},
	{
		Says: "a page of updates has all within the span, in order, and nothing else",
		Why:  "who was away would miss an update, or be read what was said in rooms",
		Keep: pagesOfUpdates,
	},
	{
		Says: "a reading ends where it has plenty of bytes, and one after another have all",
		Why:  "a few large updates would fill a node's memory, or some would never be read",
		Keep: readingsHaveAnEnd,
	},
	{
		Says: "updates that are too old say nothing any more, slice by slice, and all else stays",
		Why:  "what should be gone would be handed out, or a node would take the log for a damaged one",
		Keep: oldUpdatesSayNothing,
	},
	{
		Says: "updates go with the beginning of the log, and never begin before it",
		Why:  "words would be kept that nobody can come to, or who missed some would not be told",
		Keep: updatesGoWithTheLog,
	},
	{
		Says: "pruning at many places at once takes no update that is young",
		Why:  "people would lose what was published just now",
		Keep: youngUpdatesOutlastPruning,
	},
}
