package features_test

// step is something that a feature file can say, and what then happens.
type step struct {
	says string
	does any
}

// steps is everything that a feature file can say.
func (w *world) steps() []step {
	return []step{
		// Rooms.
		{`^(\w+) has opened the (group|public room) "([^"]*)"(?: with (.+))?$`, w.opens},
		{`^(\w+) (?:has started|starts) a direct conversation with (\w+)$`, w.startsDirect},
		{`^(\w+) tries to start a direct conversation with (\w+)$`, w.triesToStartDirect},
		{`^(\w+) and (\w+) start a direct conversation at the same moment$`, w.startDirectTogether},
		{`^both are in the same conversation$`, w.areInTheSame},
		{`^(\w+) (?:joins|has joined)$`, w.joins},
		{`^(\w+) tries to join$`, w.triesToJoin},
		{`^(\w+) (?:leaves|has left)$`, w.leaves},
		{`^(\w+) tries to leave$`, w.triesToLeave},
		{`^(\w+) (?:adds|has added) (\w+)$`, w.adds},
		{`^(\w+) tries to add (\w+)$`, w.triesToAdd},
		{`^(\w+) tries to add somebody who does not exist$`, w.triesToAddNobody},
		{`^(\w+) (?:removes|has removed) (\w+)$`, w.removes},
		{`^(\w+) tries to remove (\w+)$`, w.triesToRemove},
		{`^(\w+) removes (\w+) while (\w+) says (\d+) things$`, w.removesWhile},
		{`^(\w+) (?:makes|has made) (\w+) (an admin|a member)$`, w.makes},
		{`^(\w+) tries to make (\w+) (an admin|a member)$`, w.triesToMake},
		{`^(\w+) is (an admin|a member)$`, w.isA},
		{`^"([^"]*)" is( not)? among the rooms of (.+)$`, w.isAmongTheRooms},
		{`^(\w+) (finds|does not find) "([^"]*)" in the directory(?: by "([^"]*)")?$`, w.finds},
		{`^(\w+) tries to see who is in the room$`, w.triesToSeeWho},

		// Saying.
		{`^(\w+) (?:says|has said) "([^"]*)"(?: in "([^"]*)")?$`, w.says},
		{`^(\w+) says:$`, w.saysLines},
		{`^(\w+) says (\d+) characters$`, w.saysCharacters},
		{`^(\w+) tries to say "([^"]*)"$`, w.triesToSay},
		{`^(\w+) tries to say (nothing|nothing but spaces|a bell|4001 characters)$`, w.triesToSayWhatIsNoMessage},
		{`^(\w+) has said (\d+) things$`, w.hasSaidThings},
		{`^(\w+) and (\w+) each say (\d+) things at the same moment$`, w.eachSay},
		{`^(\w+) talks without a pause until (?:he|she) is refused$`, w.talksUntilRefused},
		{`^(\w+) waits as long as (?:he|she) was told$`, w.waits},
		{`^(\w+) (?:sends|has sent) the draft "([^"]*)"( from (?:her|his) phone)?$`, w.sendsDraft},
		{`^(\w+) sends the draft "([^"]*)" (\d+) times, one after another$`, w.sendsDraftAgainAndAgain},
		{`^(\w+) sends the draft "([^"]*)" (\d+) times at the same moment$`, w.sendsDraftAtOnce},
		{`^(\w+) tries to send the draft "([^"]*)" again$`, w.triesToSendDraftAgain},
		{`^(\w+) tries to send "([^"]*)" as that draft$`, w.triesToSendAsThatDraft},
		{`^all of them are message (\d+)$`, w.allAreMessage},

		// Revising.
		{`^(\w+) (?:corrects|has corrected) "([^"]*)" to "([^"]*)"$`, w.corrects},
		{`^(\w+) tries to correct "([^"]*)" to "([^"]*)"(, having seen the one before)?$`, w.triesToCorrect},
		{`^(\w+) corrects "([^"]*)" without a pause until (?:he|she) is refused$`, w.correctsUntilRefused},
		{`^(\w+) (?:withdraws|has withdrawn) "([^"]*)"$`, w.withdraws},
		{`^(\w+) tries to withdraw "([^"]*)"$`, w.triesToWithdraw},
		{`^(\w+) (?:renames|has renamed) the room to "([^"]*)"$`, w.renames},
		{`^(\w+) tries to rename the room to "([^"]*)"$`, w.triesToRename},
		{`^(\w+) (?:ends|has ended) the room$`, w.deletes},
		{`^(\w+) tries to end the room$`, w.triesToDelete},
		{`^(\w+) (?:reads|has read) up to message (\d+)( on (?:his|her) phone)?$`, w.readsUpTo},
		{`^(\w+) has (\d+) unread messages?$`, w.hasUnread},

		// Being refused.
		{`^(\w+) is refused as "([^"]*)"$`, w.isRefused},
		{`^(\w+) is refused as "([^"]*)", because of the (\w+)$`, w.isRefusedBecauseOf},
		{`^(\w+) is refused until (?:he|she) signs in again$`, w.isRefusedUntilSignIn},
		{`^(\w+) is refused as "([^"]*)", for (\d+) second at most$`, w.isRefusedFor},
		{`^(\w+) has had the same answer twice, "([^"]*)"$`, w.hasHadTheSameAnswer},

		// Listening.
		{`^(\w+) (?:also )?listens( on (?:her|his) phone)?$`, w.listens},
		{`^(\w+) listens to "([^"]*)" alone( on (?:her|his) phone)?$`, w.listensToOne},
		{`^(\w+) loses the connection$`, w.losesTheConnection},
		{`^(\w+) comes back$`, w.comesBack},
		{`^(\w+) comes back too late$`, w.comesBackTooLate},
		{`^(\w+) comes back while (\w+) says (\d+) things$`, w.comesBackWhile},
		{`^(\w+) comes back with a place from elsewhere$`, w.comesBackFromElsewhere},
		{`^(\w+) is told to start afresh$`, w.isToldToStartAfresh},
		{`^(\w+) says (\d+) things, and (\w+)'s connection breaks after each that (?:he|she) hears$`, w.breaksAfterEach},

		{`^a month has passed$`, w.aMonthHasPassed},
		{`^the service is restarted while (\w+) and (\w+) each say (\d+) things and listen$`, w.restartsWhile},

		// What has been heard.
		{`^(\w+)(?:'s (phone))? has heard:$`, w.hasHeard},
		{`^(\w+)(?:'s (phone))? has heard, across all rooms:$`, w.hasHeardAcrossRooms},
		{`^(\w+) has heard these lines from (\w+):$`, w.hasHeardLines},
		{`^(\w+)(?:'s (phone))? has heard (\d+) messages?$`, w.hasHeardMany},
		{`^(\w+)(?:'s (phone))? has heard that (.+)$`, w.hasHeardThat},
		{`^(\w+) has heard nothing$`, w.hasHeardNothing},
		{`^(\w+) has heard nothing since but that (.+)$`, w.hasHeardNothingSinceBut},
		{`^(\w+) has heard what (\w+) heard until (?:he|she) was removed, and nothing after$`, w.hasHeardUntilRemoved},
		{`^(\w+) and (\w+) have heard the same (\d+) messages, numbered 1 to \d+$`, w.haveHeardTheSame},
		{`^(\w+) has heard all that was said, and nothing else$`, w.hasHeardAll},
		{`^(\w+) has been heard at least (\d+) times$`, w.hasBeenHeard},
		{`^nobody has heard "([^"]*)"$`, w.nobodyHasHeard},

		// Reading.
		{`^(\w+) reads in the room:$`, w.reads},
		{`^(\w+) can read the room from message (\d+) on$`, w.canReadFrom},
		{`^(\w+) tries to read the room$`, w.triesToRead},
		{`^(\w+) tries to read a room that never was$`, w.triesToReadNowhere},
		{`^(\w+) reads back to the beginning, (\d+) at a time, while (\w+) goes on talking$`, w.readsBackWhile},
		{`^(\w+) reads on from the beginning, (\d+) at a time, while (\w+) goes on talking$`, w.readsOnWhile},
		{`^(\w+) has read each message up to (\d+) once, in order$`, w.hasReadEach},
		{`^(\w+) opens the room on (?:his|her) phone while (\w+) says (\d+) things$`, w.opensTheRoomWhile},
		{`^(\w+)'s phone has each message up to (\d+) once, read or heard$`, w.hasEachOnce},

		// Signing in and out.
		{`^(\w+) (?:signs|has signed) out( on (?:her|his) phone)?$`, w.signsOut},
		{`^(\w+) signs out everywhere$`, w.signsOutEverywhere},
		{`^(\w+) signs out (?:her|his) phone from (?:her|his) desk$`, w.signsOutThePhone},
		{`^(\w+) tries to sign out (\w+)'s phone$`, w.triesToSignOutThePhoneOf},
		{`^(\w+) changes (?:her|his) password$`, w.changesPassword},
		{`^(\w+) tries to change (?:her|his) password without knowing it$`, w.triesToChangePassword},
		{`^(\w+) guesses at (\w+)'s password until (?:he|she) is refused$`, w.guesses},
		{`^(\w+) guesses at the password of somebody who does not exist until (?:he|she) is refused$`, w.guessesAtNobodys},
		{`^(\w+) signs in on (?:her|his) phone$`, w.signsInOnPhone},
		{`^(\w+) signs in again on (?:her|his) phone$`, w.signsInAgainOnPhone},
		{`^(\w+) is signed in on (\d+) devices?$`, w.isSignedInOn},
		{`^(\w+) tries to say "([^"]*)" on (?:her|his) phone$`, w.triesToSayOnPhone},
		{`^(\w+) tries to read the room on (?:her|his) phone$`, w.triesToReadOnPhone},
		{`^(\w+) tries to listen( on (?:her|his) phone)?$`, w.triesToListen},
		{`^(\w+) (?:goes|has gone) on with (?:her|his) session (\d+) times?( on (?:her|his) phone)?$`, w.goesOn},
		{`^(\w+) goes on with (?:her|his) session( on (?:her|his) phone)? and loses the answer$`, w.goesOnInVain},
		{`^(\w+) goes on as (?:she|he) did the last time( on (?:her|his) phone)?$`, w.goesOnAsBefore},
		{`^(\w+) tries to go on with (?:her|his) session( on (?:her|his) phone)?$`, w.triesToGoOn},
		{`^(\w+) tries to go on as (?:she|he) did the first time( on (?:her|his) phone)?$`, w.triesToGoOnAsTheFirstTime},
		{`^(\w+) tries to go on with something like what (\w+)'s phone has$`, w.triesSomethingLike},
		{`^(\w+) was answered the same twice$`, w.wasAnsweredTheSame},
		{`^(\w+)'s session has expired$`, w.sessionHasExpired},
		{`^(\w+) signs in again and comes back$`, w.signsInAndComesBack},
		{`^(\w+)(?:'s (phone))? is asked to sign in again$`, w.isAskedToSignIn},
		{`^within a second (\w+) is asked to sign in again on all (?:her|his) devices$`, w.isAskedEverywhere},
		{`^the service is restarted$`, w.restarts},

		// Third parties.
		{`^the (\w+)(?: and the (\w+))? speaks? Mercure (0\.x|1\.0)$`, w.speak},
		{`^the (\w+) may publish on (.+)$`, w.mayPublish},
		{`^the (\w+) may hear (.+)$`, w.mayHear},
		{`^the (\w+) may see who listens$`, w.maySeeWhoListens},
		{`^the (\w+) (?:publishes|has published) "([^"]*)" on (.+)$`, w.publishes},
		{`^the (\w+) (?:privately publishes|has privately published) "([^"]*)" on (.+)$`, w.publishesPrivately},
		{`^the (\w+) tries to publish "([^"]*)" on (.+)$`, w.triesToPublish},
		{`^the (\w+) listens to (.+)$`, w.partyListens},
		{`^the (\w+) loses the connection$`, w.partyLosesTheConnection},
		{`^the (\w+) comes back$`, w.partyComesBack},
		{`^the (\w+) has heard:$`, w.partyHasHeard},
		{`^the (\w+) has heard nothing$`, w.partyHasHeardNothing},
		{`^the (\w+) sees (\d+) listeners? of (.+)$`, w.seesListeners},
		{`^the (\w+) tries to see who listens$`, w.triesToSeeListeners},
		{`^the (\w+) is refused as "([^"]*)"$`, w.partyIsRefused},
		{`^(\w+) listens to (?:her|his) rooms and to (.+)$`, w.listensToTopics},
		{`^(\w+) has heard in turn:$`, w.hasHeardInTurn},
	}
}
