package contract

import "testing"

// Store checks a store. Open returns one that is empty, has this package's
// [Pace], and that t cleans up.
func Store(t *testing.T, open func(*testing.T) StoreSubject, exempt ...Exempt) {
	t.Helper()
	run(t, StorePromises, open, exempt)
}

// StorePromises is what every store promises. They are checked one by one, each
// on a store of its own.
var StorePromises = []Promise[StoreSubject]{
	{
		Says: "what is stored comes back as it was stored",
		Why:  "somebody would read other words than were said",
		Keep: comesBackAsStored,
	},
	{
		Says: "what is unknown is missing, not broken",
		Why:  "a wrong address would look like an outage",
		Keep: unknownIsMissing,
	},
	{
		Says: "an address is taken once, however it is written",
		Why:  "two people would share one sign-in",
		Keep: addressIsTakenOnce,
	},
	{
		Says: "a failed step leaves nothing behind",
		Why:  "participants would hear of what was never accepted",
		Keep: failedStepLeavesNothing,
	},
	{
		Says: "a step that panics leaves nothing and stops nobody",
		Why:  "one mistake would silence everybody",
		Keep: panickingStepLeavesNothing,
	},
	{
		Says: "a look sees one moment",
		Why:  "a page would show a message that its cursor has yet to bring, or miss one that it has passed",
		Keep: lookSeesOneMoment,
	},
	{
		Says: "people talking at once are all heard, in one order",
		Why:  "two messages would get the same number, or one would be lost",
		Keep: talkingAtOnce,
	},
	{
		Says: "changes at the same time happen one after another",
		Why:  "two people would each decide on what the other has just changed",
		Keep: changesTakeTurns,
	},
	{
		Says: "the same key is one message, however often it is sent",
		Why:  "pressing send twice would say it twice",
		Keep: sameKeyIsOneMessage,
	},
	{
		Says: "the same key fifty times at once is one message",
		Why:  "an impatient client would say it fifty times, or leave holes in the numbering",
		Keep: sameKeyAtOnce,
	},
	{
		Says: "a key stands for what was first sent with it",
		Why:  "a message would be taken for another and never be said",
		Keep: keyStandsForTheFirst,
	},
	{
		Says: "who was removed says nothing more",
		Why:  "somebody who was put out would go on talking",
		Keep: removedSaysNothing,
	},
	{
		Says: "a refusal names the first reason: session, standing, key, pace",
		Why:  "somebody who is out would learn what became of a room",
		Keep: refusalsInOrder,
	},
	{
		Says: "nobody talks faster than the pace",
		Why:  "one person could drown out all others",
		Keep: nobodyTalksFaster,
	},
	{
		Says: "one that is refused touches no other",
		Why:  "a stranger's mistake would silence those who share a commit with it",
		Keep: refusedTouchesNoOther,
	},
	{
		Says: "a reply goes to a message of the same room",
		Why:  "a reply would point into a room that one may not see",
		Keep: replyStaysInTheRoom,
	},
	{
		Says: "writing and joining move one's read mark to the end",
		Why:  "people would have unread messages that they wrote, or that came before them",
		Keep: readMarks,
	},
	{
		Says: "a room knows who is in it, who runs it and who was put out",
		Why:  "a room would be left without an admin, or somebody put out would come back",
		Keep: roomKnowsItsPeople,
	},
	{
		Says: "a room that was deleted is there for nobody",
		Why:  "people would go on seeing what its admins have ended",
		Keep: deletedRoomIsGone,
	},
	{
		Says: "two people have one direct room, whoever asks",
		Why:  "a conversation would be torn into two halves",
		Keep: oneDirectRoom,
	},
	{
		Says: "one's rooms come most recently active first, page by page",
		Why:  "a room would be shown twice or not at all",
		Keep: myRoomsInOrder,
	},
	{
		Says: "people and public rooms are found by the beginning of any word",
		Why:  "people would not find each other, or find whom they should not",
		Keep: foundByAnyWord,
	},
	{
		Says: "messages are read by their numbers, from either end",
		Why:  "paging back would skip or repeat a message",
		Keep: readByNumber,
	},
	{
		Says: "a session that has ended is refused from then on, and its end is logged once",
		Why:  "who was signed out would go on talking and listening",
		Keep: endedIsRefused,
	},
	{
		Says: "the sessions of a user that last come the longest unused first",
		Why:  "somebody could not see where they are signed in, or would be signed out where they are",
		Keep: livingSessions,
	},
	{
		Says: "a session is renewed as it was decided, and no other is",
		Why:  "what renewed it before would renew it again, in anybody's hands",
		Keep: renewalIsKept,
	},
	{
		Says: "a new password takes the place of the old one",
		Why:  "who has learned the old one would still get in",
		Keep: newPasswordCounts,
	},
	{
		Says: "an edited message keeps all but its words",
		Why:  "a correction would lose its place, its key or its author",
		Keep: editsStay,
	},
	{
		Says: "what is deleted has no words any more, wherever it is read",
		Why:  "people would read what somebody took back",
		Keep: deletedWordsAreGone,
	},
	{
		Says: "a decision about a message rests on what there is",
		Why:  "strangers would edit, or edits would flood a room",
		Keep: casesSayWhatThereIs,
	},
	{
		Says: "a room is found by the name that it has now",
		Why:  "people would look for a room in vain, or find it by a name that it has lost",
		Keep: renamedRoomIsFound,
	},
	{
		Says: "a read mark is its reader's own, and no event",
		Why:  "one person's reading would clear another's badge, or fill the log",
		Keep: readMarksAreKept,
	},
	{
		Says: "what was said in a deleted room is swept away, slice by slice",
		Why:  "what has ended for everybody would be kept for ever, or its end would stop all others",
		Keep: deletedRoomsAreSwept,
	},
	{
		Says: "what is too old is pruned from the beginning, slice by slice, and nothing else is",
		Why:  "somebody would find holes in a conversation, or what should have been gone",
		Keep: oldestGoesFirst,
	},
	{
		Says: "numbers and IDs go on, whatever was pruned",
		Why:  "a message would be taken for one that was there before it, by whoever has read that",
		Keep: numbersGoOn,
	},
	{
		Says: "a key stands for its message for as long as that is kept",
		Why:  "what is sent again would be answered with a message that nobody can see, or said twice while it stands",
		Keep: keysGoWithTheirMessages,
	},
	{
		Says: "who was put out of a public room stays out, however long ago that was",
		Why:  "whoever is patient enough would come back",
		Keep: barsOutlastWhatWasPruned,
	},
	{
		Says: "pruning at many places at once takes nothing that is young",
		Why:  "people would lose what they have just said",
		Keep: youngOutlastsPruning,
	},
}
