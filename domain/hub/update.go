// Package hub has what the hub knows beside the chat: updates that third parties
// publish on topics of their own, and what the claims of a token allow. The terms
// are those of the Mercure protocol.
package hub

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/domain/fault"
)

// Update is what a third party publishes.
type Update struct {
	Topics  []string // the canonical one first; it is heard by whoever asks for any of them
	Data    string   // UTF-8, else opaque
	Private bool     // only for those whose token grants one of the topics
	ID      string   // that its publisher gave it; empty: none
	Type    string   // of the event; empty: the default
	Retry   uint64   // when a listener that loses its line comes again, in milliseconds; 0: as it likes
}

// How much an update may be: MaxTopics topics, MaxData bytes of data, and MaxField
// bytes in each topic, id and type. What is beyond is ErrTooLarge. The protocol
// wants such limits and leaves the numbers open (Mercure draft 08, publication).
const (
	MaxTopics = 1000
	MaxData   = 1 << 20 // bytes
	MaxField  = 4096    // bytes of a topic, an id or a type
)

// Everything is what stands for all topics, where one asks for some. So it is no
// topic that can be published on.
const Everything = "*"

// Earliest is the id that stands for the time before the first update (Mercure
// drafts 07 and 08, reconnection). So no update can be called that.
const Earliest = "earliest"

// What begins with these is the program's own.
const (
	ownIDs   = "parley:"
	ownTypes = "stream."
)

// What is refused of a publisher, and why (Mercure draft 08, publication).
var (
	ErrNoTopic  = fault.New(fault.Malformed, "invalid-request", "An update has at least one topic.")
	ErrTopic    = fault.New(fault.Malformed, "invalid-request", "A topic is valid UTF-8 without control or format characters, and not *.")
	ErrReserved = fault.New(fault.Malformed, "invalid-request", "This topic is the hub's own.")
	ErrID       = fault.New(fault.Malformed, "invalid-request", "An id is valid UTF-8 without control or format characters, begins with neither # nor parley:, and is not earliest.")
	ErrType     = fault.New(fault.Malformed, "invalid-request", "A type is valid UTF-8 without control or format characters, does not begin with stream., and is not mercure.")
	ErrData     = fault.New(fault.Malformed, "invalid-request", "The data is valid UTF-8.")
	ErrTooLarge = fault.New(fault.Malformed, "too-large", "This is more than the hub takes.")
	ErrScope    = fault.New(fault.Denied, "not-allowed", "The token does not grant this.")
)

// What is refused of anybody who comes to the hub, before anything else is looked
// at.
var (
	ErrPresented = fault.New(fault.Malformed, "invalid-request", "The Authorization header is sent once, and has the word Bearer and one token.")
	ErrOrigin    = fault.New(fault.Malformed, "invalid-request", "A cookie publishes only from a page that may: its origin, in Origin or else Referer, is Parley's own or one that is allowed.")
)

// Size is how many bytes its topics and its data have together.
func (u Update) Size() int {
	size := len(u.Data)
	for _, topic := range u.Topics {
		size += len(topic)
	}
	return size
}

// Check returns nil if the update may be published, else why not: ErrTooLarge,
// ErrNoTopic, ErrData, ErrID, ErrType or ErrTopic, the first that applies. Which
// topics are the hub's own is not looked at: that takes resolving them.
func (u Update) Check() error {
	if err := u.checkSize(); err != nil {
		return err
	}
	switch {
	case len(u.Topics) == 0:
		return ErrNoTopic
	case !utf8.ValidString(u.Data):
		return ErrData
	case u.ID != "" && !IsID(u.ID):
		return ErrID
	case !IsPlain(u.Type) || u.Type == "mercure" || strings.HasPrefix(u.Type, ownTypes):
		return ErrType
	}
	for _, topic := range u.Topics {
		if !IsPlain(topic) || topic == Everything {
			return ErrTopic
		}
	}
	return nil
}

func (u Update) checkSize() error {
	if len(u.Topics) > MaxTopics || len(u.Data) > MaxData || len(u.ID) > MaxField || len(u.Type) > MaxField {
		return ErrTooLarge
	}
	for _, topic := range u.Topics {
		if len(topic) > MaxField {
			return ErrTooLarge
		}
	}
	return nil
}

// IsID reports whether a publisher may call an update so: with 1 to MaxField bytes
// of plain text that is not Earliest and begins with neither "#" (Mercure draft 08,
// publication) nor "parley:", as our own ids do.
func IsID(text string) bool {
	return IsPlain(text) && text != "" && len(text) <= MaxField && text != Earliest &&
		!strings.HasPrefix(text, "#") && !strings.HasPrefix(text, ownIDs)
}

// IsPlain reports whether text is valid UTF-8 without control and format
// characters (Unicode Cc and Cf), as topics, ids, types and matchers have to be
// (Mercure draft 08). The empty text is plain.
func IsPlain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) })
}
