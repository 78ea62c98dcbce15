// Package mercurefeed publishes the log to a Mercure hub of somebody else's, of
// either version of the protocol, and finds out whether one fits its settings.
//
// What goes there is the same as on a stream of Parley's own hub: the same topics,
// types and data, the cursor as id, and all of it private. Who may hear it is that
// hub's to see to, by the tokens of those who listen; it looks at them when a
// line opens.
package mercurefeed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/application/relaying"
)

// What a hub has to grant to Parley: the topics of all rooms and of all users.
const (
	RoomTopics = "/chat/room/{id}"
	UserTopics = "/chat/user/{id}"
)

const (
	// answerTime is how long a hub may take to answer.
	answerTime = 5 * time.Second
	// tokenTime is how long a token is used, less than it lives: clocks differ.
	tokenTime = 20 * time.Second
	// topicLimit is how many topics one update has. Hubs take no more than a
	// thousand.
	topicLimit = 500
)

// Mint makes a token that lives a minute and grants these topics, each a name or
// a URI Template.
type Mint func(topics ...string) (string, error)

// Hub is somebody else's hub. It is safe for concurrent use.
type Hub struct {
	URL       string
	Publisher Mint // makes tokens to publish with
	Cursors   *wire.Cursors
	Client    *http.Client // that follows no redirects: see [Client]
	Now       func() time.Time

	mu     sync.Mutex
	token  string
	minted time.Time
}

// Client returns what a hub is asked with. It follows nobody anywhere: what it
// carries is for one hub.
func Client() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Refused is the answer of a hub that does not do as it was asked: one with any
// status but 2xx.
type Refused struct {
	Status int
	Says   string // the beginning of what it says
}

func (r *Refused) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the hub answered %d %s", r.Status, r.Says))
}

// Publish publishes an entry, and returns nil once the hub has answered that it
// has taken it, within five seconds for each 500 topics. An answer that breaks off
// is none. The error wraps relaying.ErrEntry if the hub does not take this entry,
// and [Refused] if it said so.
func (h *Hub) Publish(ctx context.Context, item relaying.Item) error {
	form, err := h.form(item)
	if err != nil {
		return fmt.Errorf("%w: %w", relaying.ErrEntry, err)
	}
	topics := topicsOf(item)
	for len(topics) > 0 {
		some := topics[:min(len(topics), topicLimit)]
		form["topic"], topics = some, topics[len(some):]
		if err := h.send(ctx, form); err != nil {
			return err
		}
	}
	return nil
}

// form is an update without its topics.
func (h *Hub) form(item relaying.Item) (url.Values, error) {
	encode := wire.EncodeEvent
	if item.Withheld {
		encode = wire.EncodeWithheld
	}
	name, data, err := encode(item.Entry)
	if err != nil {
		return nil, err
	}
	form := url.Values{
		"data":    {string(data)},
		"private": {"on"},
		"id":      {h.Cursors.Seal(item.Entry.Place)},
	}
	if name != wire.DefaultEvent { // messages come without a name, so that the simplest of pages hears them
		form.Set("type", name)
	}
	return form, nil
}

// topicsOf names the room first, then everybody whom the entry concerns
// themselves: whoever has several of them hears it once.
func topicsOf(item relaying.Item) []string {
	topics := []string{delivery.RoomTopic(item.Entry.Room).String()}
	for _, who := range item.Users {
		topics = append(topics, delivery.UserTopic(who).String())
	}
	return topics
}

// send sends one update with a token that is still good for a while.
func (h *Hub) send(ctx context.Context, form url.Values) error {
	token, err := h.tokenNow()
	if err != nil {
		return err
	}
	err = post(ctx, h.Client, h.URL, token, form)
	if no := new(Refused); errors.As(err, &no) && isOfTheEntry(no.Status) {
		return fmt.Errorf("%w: %w", relaying.ErrEntry, err)
	}
	return err
}

// isOfTheEntry reports whether a hub answers so to what it will not take later
// either. The others speak of the token, of the address, or of the moment.
func isOfTheEntry(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusMisdirectedRequest,
		http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	default:
		return status >= http.StatusBadRequest && status < http.StatusInternalServerError
	}
}

func (h *Hub) tokenNow() (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.Now(); h.token == "" || now.Sub(h.minted) > tokenTime || now.Before(h.minted) {
		token, err := h.Publisher(RoomTopics, UserTopics)
		if err != nil {
			return "", fmt.Errorf("make a publisher's token: %w", err)
		}
		h.token, h.minted = token, now
	}
	return h.token, nil
}

// post publishes one update.
func post(ctx context.Context, client *http.Client, hub, token string, form url.Values) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hub, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return refused(response)
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)); err != nil {
		return fmt.Errorf("the hub's answer broke off: %w", err)
	}
	return nil
}

// refused is what a hub says that does not do as it was asked, in one short line.
func refused(response *http.Response) *Refused {
	body, _ := io.ReadAll(io.LimitReader(response.Body, 200))
	return &Refused{Status: response.StatusCode, Says: strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "")), " ")}
}
