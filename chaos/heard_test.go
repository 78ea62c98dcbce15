package chaos_test

import "parley/chaos"

// sendsBroken is of what becomes of what is sent.
var sendsBroken = map[string]breaking{
	"an acknowledged message is lost": {"I1", chaos.Loss, func(b *bent) { b.final[1] = b.final[1][:6] }},
	"it has another number":           {"I1", chaos.Loss, func(b *bent) { b.final[1][0].Seq = 9 }},
	"its words are others":            {"I1", chaos.Loss, func(b *bent) { b.final[1][0].Hash = "#" }},
	"a message is there twice": {"I2", chaos.Doubling, func(b *bent) {
		b.final[1] = append(b.final[1], chaos.Kept{Seq: 8, ID: 108, Rev: 1, Key: "k1", Hash: "#k1"})
	}},
	"a message is there that nobody sent": {"I2", chaos.Falsehood, func(b *bent) {
		b.final[1] = append(b.final[1], chaos.Kept{Seq: 8, ID: 108, Rev: 1, Key: "k8"})
	}},
	"a message is heard that nobody sent": {"I2", chaos.Falsehood, func(b *bent) { b.heard("ada", 2).Key = "k8" }},
	"a refused message is there":          {"I2", chaos.Falsehood, func(b *bent) { b.of("ada", chaos.Send, chaos.Unknown, 3).Phase = chaos.Failed }},
	"there is a hole in the numbers":      {"I2", chaos.Loss, func(b *bent) { b.final[1][6].Seq = 8 }},
	"who is in the room is refused":       {"I2r", chaos.Loss, func(b *bent) { b.of("ben", chaos.Send, chaos.OK, 2).Phase = chaos.Failed }},
}

// changesBroken is of what becomes of edits, deletions and names.
var changesBroken = map[string]breaking{
	"an acknowledged edit is lost":     {"I1", chaos.Loss, func(b *bent) { b.final[1][4].Rev, b.final[1][4].Hash = 1, "#k5" }},
	"an acknowledged deletion is lost": {"I1", chaos.Loss, func(b *bent) { b.final[1][3].Rev, b.final[1][3].Hash = 1, "#k4" }},
	"deleted words are there again":    {"I1", chaos.Loss, func(b *bent) { b.final[1][3].Rev, b.final[1][3].Hash = 3, "#k4" }},
	"an acknowledged name is lost":     {"I1", chaos.Loss, func(b *bent) { b.h[len(b.h)-1].Rev, b.h[len(b.h)-1].Note = 1, "Room" }},
	"words are there that nobody sent": {"I2e", chaos.Falsehood, func(b *bent) { b.final[1][4].Hash = "#other" }},
	"words are heard that were refused": {"I2e", chaos.Falsehood, func(b *bent) {
		b.of("ben", chaos.Edit, chaos.OK, 5).Phase = chaos.Failed
	}},
	"somebody edits what they do not know": {"I2e", chaos.Loss, func(b *bent) { b.of("ben", chaos.Stale, chaos.Failed, 5).Phase = chaos.OK }},
	"two see other words at one version":   {"I5", chaos.Falsehood, func(b *bent) { b.of("ada", chaos.Edited, chaos.Noted, 5).Hash = "#other" }},
	"a version is heard that is not there": {"I5", chaos.Loss, func(b *bent) { b.of("ada", chaos.Edited, chaos.Noted, 5).Rev = 3 }},
	"an edit is not heard":                 {"I9", chaos.Loss, func(b *bent) { b.without(b.of("ben", chaos.Edited, chaos.Noted, 5)) }},
	"a deletion is not heard":              {"I9", chaos.Loss, func(b *bent) { b.without(b.of("dan+visit", chaos.Deleted, chaos.Noted, 4)) }},
	"who was out does not hear an edit":    {"I9", chaos.Loss, func(b *bent) { b.without(b.of("cleo", chaos.Edited, chaos.Noted, 5)) }},
	"another edit is heard":                {"I9", chaos.Falsehood, func(b *bent) { b.of("ben", chaos.Edited, chaos.Noted, 5).Hash = "#other" }},
	"a name is not heard":                  {"I9", chaos.Loss, func(b *bent) { b.without(b.of("ada", chaos.Renamed, chaos.Noted, 0)) }},
	"that somebody is back is not heard":   {"I9", chaos.Loss, func(b *bent) { b.without(b.of("ada", chaos.Joined, chaos.Noted, 0)) }},
}

// hearingBroken is of what is heard too seldom or too often.
var hearingBroken = map[string]breaking{
	"a message is not heard": {"I3", chaos.Loss, func(b *bent) { b.without(b.heard("ada", 2)) }},
	"a message is heard twice": {"I3", chaos.Doubling, func(b *bent) {
		again := *b.heard("ada", 2)
		again.Conn = 2
		b.after(b.heard("ada", 5), again)
	}},
	"an edit is heard twice": {"I3c", chaos.Doubling, func(b *bent) {
		b.after(b.heard("ada", 6), *b.of("ada", chaos.Edited, chaos.Noted, 5))
	}},
	"who is back misses something": {"I3b", chaos.Loss, func(b *bent) { b.without(b.heard("cleo", 5)) }},
}

// orderBroken is of what is in another order for somebody.
var orderBroken = map[string]breaking{
	"messages are heard in another order": {"I4", chaos.Disorder, func(b *bent) {
		one, other := b.heard("ada", 3), b.heard("ada", 4)
		*one, *other = *other, *one
	}},
	"entries are heard in another order": {"I4e", chaos.Disorder, func(b *bent) {
		one, other := b.of("ada", chaos.Edited, chaos.Noted, 5), b.of("ada", chaos.Renamed, chaos.Noted, 0)
		one.Cursor, other.Cursor = other.Cursor, one.Cursor
	}},
	"an entry is not heard": {"I4e", chaos.Loss, func(b *bent) { b.without(b.of("ben", chaos.Renamed, chaos.Noted, 0)) }},
	"two see another message at one number": {"I5", chaos.Falsehood, func(b *bent) {
		b.heard("ben", 4).Key = "k2"
	}},
	"a number is heard beyond the end": {"I5", chaos.Falsehood, func(b *bent) { b.heard("ben", 7).Seq = 8 }},
	"a later message has a lower number": {"I6", chaos.Disorder, func(b *bent) {
		one, other := b.of("ada", chaos.Send, chaos.OK, 1), b.of("ben", chaos.Send, chaos.OK, 2)
		one.Seq, other.Seq = other.Seq, one.Seq
	}},
	"no order of appends explains the numbers": {"I6p", chaos.Disorder, func(b *bent) { b.of("ada", chaos.Send, chaos.OK, 4).Seq = 6 }},
	"a page does not have what was acknowledged": {"I6p", chaos.Disorder, func(b *bent) {
		page := b.of("dan+visit", chaos.Read, chaos.OK, 0)
		page.Seq, page.Items = 3, page.Items[:1]
	}},
}
