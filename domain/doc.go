// Package domain is what Parley is about, free of every technology: no context,
// no I/O, no clock, no randomness and no third party.
//
// The words, as the whole project uses them:
//
//   - User: somebody with an account. Person: a user as others see them.
//   - Session: one signed-in device of a user. Renewal: what that device keeps to
//     go on with its session; each use of it gives the next one.
//   - Room: a conversation. It is direct (exactly two people, fixed), group
//     (private, run by admins) or public (listed, anyone may join).
//   - Participant: a user in a room, as a member or an admin.
//   - Standing: what a user is to a room: outsider, barred, member or admin.
//   - Message: what somebody said in a room.
//   - Sequence: a message's number in its room: 1, 2, 3 … without a gap.
//   - Log: one durable list of all that happened, in the order of the commits.
//   - Position: an entry's number in the log, without a gap. Mark: 32 random
//     bits drawn when the entry was appended. Place: both together, so that a
//     position which is given again after a restore is not the same place.
//   - Third party: whoever publishes to the hub by the Mercure protocol. Update:
//     what they publish. Topic: where it is heard.
//   - Grant: what the claims of a Mercure token allow. Guest: who listens without
//     being a user, with such a token or, being nobody in particular, without one.
//   - Subscription: something that a guest's stream asks for, while it is open.
//   - Fault: a "no" with a reason, as opposed to something that broke.
package domain
