package ssefeed

import (
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"parley/adapters/wire"
	"parley/application/subscriptions"
	"parley/domain/hub"
)

// The media types of both dialects.
const (
	modernType = "application/json"
	legacyType = "application/ld+json"
)

// list answers with what is asked for.
func (f *Feed) list(w http.ResponseWriter, r *http.Request, what asked) error {
	page := f.Registry.List(what.take, what.page)
	if what.single && len(page.Items) == 0 {
		return ErrNothingThere
	}
	bare, err := wire.Encode(document(what, page, ""))
	if err != nil {
		return err
	}
	cursor := f.cursor()
	header := w.Header()
	addLinks(header, what, cursor, page.Next)
	header.Set("Cache-Control", "private, no-cache")
	header.Add("Vary", "Accept, Authorization, Cookie")
	tag := tagOf(what.in, append(bare, page.Next...))
	header.Set("ETag", tag)
	if isKnown(r.Header, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	body, err := wire.Encode(document(what, page, cursor))
	if err != nil {
		return err
	}
	header.Set("Content-Type", mediaType(what.in))
	header.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) //nolint:gosec // it is JSON, and said to be; whom it does not reach will ask again
	return nil
}

// cursor is where a stream goes on from what is listed here.
func (f *Feed) cursor() string {
	if at := f.Place(); at.Position > 0 {
		return f.Cursors.Seal(at)
	}
	return hub.Earliest // there was nothing yet
}

func mediaType(in hub.Dialect) string {
	if in == hub.Legacy {
		return legacyType
	}
	return modernType
}

// addLinks tells where to hear of changes, and where the list goes on.
func addLinks(header http.Header, what asked, cursor, next string) {
	link := `<` + hub.Path + `>; rel="mercure"; last-event-id="` + cursor + `"`
	if what.in == hub.Modern {
		link += `; type="mercure"`
	}
	header.Add("Link", link+`; content-type="`+mediaType(what.in)+`"`)
	if next != "" {
		header.Add("Link", `<`+what.id+`?page=`+url.QueryEscape(next)+`>; rel="next"`)
	}
}

// document is a page, or the one subscription that is asked for. The cursor is in
// the documents of 0.x alone.
func document(what asked, page subscriptions.Page, cursor string) any {
	switch {
	case what.in == hub.Legacy && what.single:
		one := wire.LegacySubscriptionOf(page.Items[0])
		one.LastEventID = cursor
		return one
	case what.in == hub.Legacy:
		return legacyList(what.id, page, cursor)
	case what.single:
		return wire.SubscriptionOf(page.Items[0])
	}
	all := wire.Subscriptions{ID: what.id, Type: "subscriptions", Subscriptions: []wire.Subscription{}}
	for _, s := range page.Items {
		all.Subscriptions = append(all.Subscriptions, wire.SubscriptionOf(s))
	}
	return all
}

// legacyList has once what 0.x calls the same.
func legacyList(id string, page subscriptions.Page, cursor string) wire.LegacySubscriptions {
	all := wire.LegacySubscriptions{Context: wire.LegacyContext, ID: id, Type: "Subscriptions", LastEventID: cursor, Subscriptions: []wire.LegacySubscription{}}
	seen := make(map[string]bool, len(page.Items))
	for _, s := range page.Items {
		one := wire.LegacySubscriptionOf(s)
		one.Context = ""
		if !seen[one.ID] {
			seen[one.ID] = true
			all.Subscriptions = append(all.Subscriptions, one)
		}
	}
	return all
}

// tagOf is the tag of a document, whatever cursor comes with it; so it is a weak
// one where the document has that in it.
func tagOf(in hub.Dialect, document []byte) string {
	sum := sha256.Sum256(document)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	if in == hub.Legacy {
		return "W/" + tag
	}
	return tag
}

// isKnown reports whether the client has what the tag is of.
func isKnown(header http.Header, tag string) bool {
	for _, line := range header.Values("If-None-Match") {
		for known := range strings.SplitSeq(line, ",") {
			known = strings.TrimPrefix(strings.TrimSpace(known), "W/")
			if known == "*" || known == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}

// ofAccepted is the dialect whose documents a client likes best: 1.0, if it does not
// say.
func ofAccepted(header http.Header) hub.Dialect {
	modern, legacy := 0.0, 0.0
	for _, line := range header.Values("Accept") {
		for accepted := range strings.SplitSeq(line, ",") {
			media, parameters, err := mime.ParseMediaType(accepted)
			if err != nil {
				continue
			}
			weight, err := strconv.ParseFloat(parameters["q"], 64)
			if err != nil {
				weight = 1
			}
			switch media {
			case legacyType:
				legacy = max(legacy, weight)
			case modernType:
				modern = max(modern, weight)
			}
		}
	}
	if legacy > modern {
		return hub.Legacy
	}
	return hub.Modern
}
