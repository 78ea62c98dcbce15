package ssefeed

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"parley/adapters/form"
	"parley/domain/fault"
	"parley/domain/hub"
)

// errRetry refuses a time to come again that is none.
var errRetry = fault.New(fault.Malformed, "invalid-request", "The retry is a number of milliseconds, in digits.")

// publish takes one update of a third party, and answers with its id.
func (f *Feed) publish(w http.ResponseWriter, r *http.Request) {
	id, byURL, err := f.take(w, r)
	if err != nil {
		f.Refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if byURL {
		w.Header().Set("Cache-Control", "private, no-store")
	}
	_, _ = io.WriteString(w, id) //nolint:gosec // it is plain text; whom it does not reach publishes again, or not
}

func (f *Feed) take(w http.ResponseWriter, r *http.Request) (id string, byURL bool, err error) {
	sent, err := readSending(w, r)
	if err != nil {
		return "", false, tooManyIsTooLarge(err)
	}
	update, wrong := f.read(sent.body)
	if errors.Is(wrong, hub.ErrReserved) { // whatever the token says, and wherever it stands
		return "", false, wrong
	}
	shown, grant, err := f.publishes(r, sent.query)
	if err != nil {
		return "", false, err
	}
	if sent.rest != nil {
		done, err := f.readRest(r, &sent, grant)
		if err != nil {
			return "", false, tooManyIsTooLarge(err)
		}
		defer done()
		update, wrong = f.read(sent.body)
	}
	if wrong != nil {
		return "", false, wrong
	}
	at, err := f.Publish(r.Context(), grant, update)
	if err != nil {
		return "", false, err
	}
	if update.ID == "" {
		update.ID = f.Cursors.Seal(at)
	}
	return update.ID, shown.in == inURL, nil
}

// publishes returns the token of whoever publishes, and what it grants.
func (f *Feed) publishes(r *http.Request, query []form.Pair) (presented, hub.Grant, error) {
	shown, err := f.present(r, query)
	if err != nil {
		return presented{}, hub.Grant{}, err
	}
	if shown.in == inCookie && !f.comesFromOwnPage(r.Header) {
		return presented{}, hub.Grant{}, hub.ErrOrigin
	}
	grant, err := f.granted(r, shown, f.Publisher)
	return shown, grant, err
}

// tooManyIsTooLarge: what has more fields than a form has been given room for is too
// large an update, as one of too many bytes is.
func tooManyIsTooLarge(err error) error {
	if errors.Is(err, form.ErrTooMany) {
		return hub.ErrTooLarge
	}
	return err
}

// read makes an update of the fields. Those that nobody knows are not looked at.
func (f *Feed) read(body []form.Pair) (u hub.Update, err error) {
	for _, pair := range body {
		if pair.Name != "topic" {
			continue
		}
		if len(u.Topics) == hub.MaxTopics || len(pair.Value) > hub.MaxField {
			return hub.Update{}, hub.ErrTooLarge
		}
		if f.Reserved(pair.Value) {
			return hub.Update{}, hub.ErrReserved
		}
		u.Topics = append(u.Topics, pair.Value)
	}
	u.Data, _ = first(body, "data")
	u.ID, _ = first(body, "id")
	u.Type, _ = first(body, "type")
	_, u.Private = first(body, "private")
	retry, _ := first(body, "retry")
	u.Retry, err = parseRetry(retry)
	return u, err
}

func parseRetry(text string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	number, err := strconv.ParseUint(text, 10, 64) // takes digits alone
	if err != nil {
		return 0, errRetry
	}
	return number, nil
}

// comesFromOwnPage reports whether a page that may publish by a cookie has sent the
// request: any page can make a browser send one, with the cookie.
func (f *Feed) comesFromOwnPage(header http.Header) bool {
	if origins, sent := header["Origin"]; sent {
		return len(origins) == 1 && slices.Contains(f.Origins, origins[0])
	}
	page, err := url.Parse(header.Get("Referer"))
	return err == nil && page.Host != "" && slices.Contains(f.Origins, page.Scheme+"://"+page.Host)
}
