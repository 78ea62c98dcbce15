package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/adapters/wire"
	"parley/application/messages"
	"parley/domain/room"
	domain "parley/domain/sequence"
)

// sequence is a query parameter that may be missing, which 0 is not.
type sequence struct {
	number int64
	given  bool
}

// Schema tells Huma what it is in the document.
func (sequence) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
}

// Receiver tells Huma where to put it.
func (s *sequence) Receiver() reflect.Value { return reflect.ValueOf(&s.number).Elem() }

// OnParamSet tells whether it was there.
func (s *sequence) OnParamSet(given bool, _ any) { s.given = given }

// which is the part of the room that is asked for.
func (in *pageInput) which() (messages.Which, error) {
	which, given := messages.Last(), 0
	for _, asked := range []struct {
		sequence
		means func(domain.Number) messages.Which
	}{
		{in.Before, messages.Before}, {in.After, messages.After}, {in.Around, messages.Around},
	} {
		if asked.given {
			which = asked.means(domain.Number(asked.number))
			given++
		}
	}
	if given > 1 {
		return messages.Which{}, errTwoWindows
	}
	return which, nil
}

// neighbours are the links to the messages before and after a page.
func neighbours(in *pageInput, page MessagePage) []string {
	var links []string
	first, last := page.FirstSequence, page.LastSequence
	if len(page.Items) == 0 { // beside the room's messages: its nearest one is the neighbour
		first, last = max(in.After.number, in.Around.number)+1, max(in.Before.number, in.Around.number)-1
	}
	link := func(rel, name string, at int64) {
		links = append(links, fmt.Sprintf(`</api/messages?chatRoom=%d&limit=%d&%s=%d>; rel="%s"`, in.ChatRoom, in.Limit, name, max(at, 0), rel))
	}
	if page.HasBefore {
		link("prev", "before", first)
	}
	if page.HasAfter {
		link("next", "after", last)
	}
	return links
}

// streamLink leads to the stream of what the answer does not show.
func (a *api) streamLink(cursor string, topics ...string) string {
	query := url.Values{"topic": topics}.Encode()
	return fmt.Sprintf(`<%s?%s>; rel="mercure"; last-event-id="%s"`, a.HubURL, query, cursor)
}

// topicLinks lead to the stream of a room, and say what its topic is called there.
func (a *api) topicLinks(at domain.Place, of room.ID) []string {
	topic := "/chat/room/" + of.String()
	return []string{a.streamLink(a.Cursors.Seal(at), topic), fmt.Sprintf(`<%s>; rel="self"`, topic)}
}

// versionTag is the ETag of something that counts its changes.
func versionTag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// contentTag is the ETag of what has no version.
func contentTag(v any) (string, error) {
	line, err := wire.Encode(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(line)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`, nil
}

// has reports whether an If-None-Match header names the tag (RFC 9110, section
// 13.1.2). None of our tags has a comma in it.
func has(header, tag string) bool {
	for known := range strings.SplitSeq(header, ",") {
		known = strings.TrimSpace(known)
		if known == "*" || strings.TrimPrefix(known, "W/") == tag {
			return true
		}
	}
	return false
}
