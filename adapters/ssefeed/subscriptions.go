package ssefeed

import (
	"net/http"
	"net/url"
	"strings"

	"parley/application/subscriptions"
	"parley/domain/fault"
	"parley/domain/hub"
)

// What is refused of who asks for subscriptions, and why.
var (
	ErrNothingThere = fault.New(fault.Missing, "not-found", "There is no such subscription.")
	ErrPage         = fault.New(fault.Malformed, "invalid-request", "There is no such page.")
)

// isBelow reports whether a request is for subscriptions. The path is looked at as
// it was sent: what is percent-encoded in it belongs to a part of it, and ends
// none.
func isBelow(r *http.Request) bool {
	path := r.URL.EscapedPath()
	return path == hub.SubscriptionsPath || strings.HasPrefix(path, hub.SubscriptionsPath+"/")
}

// asked is which subscriptions are asked for.
type asked struct {
	id      string // where they are, in our spelling
	in      hub.Dialect
	take    subscriptions.Filter
	single  bool
	missing bool // there can be none
	page    string
}

// subscriptions answers with the subscriptions that are active, to whoever is
// granted to subscribe to where they are found.
func (f *Feed) subscriptions(w http.ResponseWriter, r *http.Request) {
	if err := f.showSubscriptions(w, r); err != nil {
		f.Refuse(w, r, err)
	}
}

// showSubscriptions returns an error where nothing was written.
func (f *Feed) showSubscriptions(w http.ResponseWriter, r *http.Request) error {
	sent, err := readFields(w, r)
	if err != nil {
		return err
	}
	shown, err := f.present(r, sent.query)
	if err != nil {
		return err
	}
	granted, err := f.granted(r, shown, f.Subscriber)
	if err != nil {
		return err
	}
	what := askedOf(r)
	what.page, _ = first(sent.query, "page")
	switch {
	case !granted.MaySubscribe(r.URL.EscapedPath()) && !granted.MaySubscribe(what.id):
		return hub.ErrScope
	case what.missing || f.Registry == nil:
		return ErrNothingThere
	case len(what.page) > hub.MaxField:
		return ErrPage
	default:
		return f.list(w, r, what)
	}
}

// askedOf reads a path. Where both dialects could have written it, it is of 1.0 if
// it begins with one of its types.
func askedOf(r *http.Request) asked {
	a := asked{id: hub.SubscriptionsPath, in: ofAccepted(r.Header)}
	rest, more := strings.CutPrefix(strings.TrimPrefix(r.URL.EscapedPath(), hub.SubscriptionsPath), "/")
	if !more {
		return a
	}
	var parts []string
	for part := range strings.SplitSeq(rest, "/") {
		text, err := url.PathUnescape(part)
		if err != nil {
			text = part
		}
		parts = append(parts, text)
		a.id += "/" + hub.EncodeSegment(text)
	}
	by := typeOf(parts[0])
	switch {
	case len(parts) == 1:
		a.in, a.take = hub.Legacy, subscriptions.Filter{Text: &parts[0]}
	case len(parts) == 2 && (by == hub.Exact || by == hub.URLPattern):
		a.in, a.take = hub.Modern, subscriptions.Filter{Type: by, Text: &parts[1]}
	case len(parts) == 2:
		a.in, a.take, a.single = hub.Legacy, subscriptions.Filter{Text: &parts[0], Only: parts[1]}, true
	case len(parts) == 3 && by != 0:
		a.in, a.take, a.single = hub.Modern, subscriptions.Filter{Type: by, Text: &parts[1], Only: parts[2]}, true
	default:
		a.missing = true
	}
	a.missing = a.missing || a.single && a.take.Only == ""
	return a
}

// typeOf is the type of this name; 0 if there is none.
func typeOf(name string) hub.MatchType {
	for _, by := range []hub.MatchType{hub.Exact, hub.URLPattern, hub.Topic} {
		if name == by.Name() {
			return by
		}
	}
	return 0
}
