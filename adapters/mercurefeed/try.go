package mercurefeed

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What may be wrong with a hub. The errors that wrap these say the rest.
var (
	ErrUnreachable = errors.New("the hub cannot be reached")
	ErrNoHub       = errors.New("what answers is no Mercure hub")
	ErrPublisher   = errors.New("the hub does not take our publisher's token")
	ErrSubscriber  = errors.New("the hub does not take our subscribers' tokens")
	ErrSilent      = errors.New("the hub takes what is published and does not hand it out")
)

const (
	// handTime is how long a hub may take to hand out what it has taken.
	handTime = 5 * time.Second
	// earliest asks for everything that a hub has kept.
	earliest = "earliest"
)

// probe is something that nobody but us listens to.
type probe struct{ topic string }

func newProbe() probe { return probe{"urn:parley:probe:" + rand.Text()} }

// Accepts publishes something that nobody listens to. It returns nil if the hub
// takes it, and with that our token. Where the hub is to blame, the error wraps
// ErrPublisher, ErrNoHub or ErrUnreachable.
func (h *Hub) Accepts(ctx context.Context) error { return h.publish(ctx, newProbe(), "accepts") }

// Try finds out whether a hub takes what is published and hands it out, to whom
// subscriber makes tokens for; and whether it keeps a history, in which words would
// stay that have been deleted here. Nobody else hears what it publishes. It takes
// five seconds at most for each step. Where the hub is to blame, the error wraps one
// of those above.
func (h *Hub) Try(ctx context.Context, subscriber Mint) (keepsHistory bool, err error) {
	p := newProbe()
	line, err := h.listen(ctx, p, subscriber, "")
	if err != nil {
		return false, err
	}
	defer line.close()
	if err := h.publish(ctx, p, "first"); err != nil {
		return false, err
	}
	if _, err := line.next(); err != nil {
		return false, fmt.Errorf("%w (%w)", ErrSilent, err)
	}
	again, err := h.listen(ctx, p, subscriber, earliest)
	if err != nil {
		return false, err
	}
	defer again.close()
	if err := h.publish(ctx, p, "second"); err != nil { // so that nothing has to be waited for in vain
		return false, err
	}
	heard, err := again.next()
	if err != nil {
		return false, fmt.Errorf("%w (%w)", ErrSilent, err)
	}
	return heard == "first", nil
}

func (h *Hub) publish(ctx context.Context, p probe, data string) error {
	token, err := h.Publisher(p.topic)
	if err != nil {
		return fmt.Errorf("make a publisher's token: %w", err)
	}
	err = post(ctx, h.Client, h.URL, token, url.Values{"topic": {p.topic}, "data": {data}, "private": {"on"}})
	return sorted(err, ErrPublisher)
}

// sorted says which of the things it is that may be wrong, where the hub did not
// take a token for what whose says.
func sorted(err, whose error) error {
	no := new(Refused)
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &no):
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	case no.Status == http.StatusUnauthorized, no.Status == http.StatusForbidden:
		return fmt.Errorf("%w: %w", whose, err)
	case no.Status >= http.StatusInternalServerError, no.Status == http.StatusTooManyRequests:
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	default:
		return fmt.Errorf("%w: %w", ErrNoHub, err)
	}
}

// ear hears what is said on one line.
type ear struct {
	lines *bufio.Scanner
	close func()
}

// listen opens a line, in the way of Mercure 0.x and, if the hub does not know
// that, of 1.0.
func (h *Hub) listen(ctx context.Context, p probe, subscriber Mint, after string) (*ear, error) {
	token, err := subscriber(p.topic)
	if err != nil {
		return nil, fmt.Errorf("make a subscriber's token: %w", err)
	}
	var no *Refused
	for _, parameter := range []string{"topic", "match"} {
		var line *ear
		line, err = h.open(ctx, url.Values{parameter: {p.topic}}, token, after)
		if err == nil {
			return line, nil
		}
		if !errors.As(err, &no) || no.Status != http.StatusBadRequest {
			break
		}
	}
	return nil, sorted(err, ErrSubscriber)
}

func (h *Hub) open(ctx context.Context, asked url.Values, token, after string) (*ear, error) {
	address, err := url.Parse(h.URL)
	if err != nil {
		return nil, err
	}
	query := address.Query()
	for name, values := range asked {
		query[name] = values
	}
	address.RawQuery = query.Encode()
	ctx, hangUp := context.WithTimeout(ctx, handTime)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		hangUp()
		return nil, err
	}
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Authorization", "Bearer "+token)
	if after != "" {
		request.Header.Set("Last-Event-ID", after)
	}
	response, err := h.Client.Do(request) //nolint:bodyclose // the ear closes it
	if err != nil {
		hangUp()
		return nil, err
	}
	e := &ear{lines: bufio.NewScanner(response.Body), close: func() { hangUp(); _ = response.Body.Close() }}
	if response.StatusCode != http.StatusOK {
		defer e.close()
		return nil, refused(response)
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "text/event-stream" {
		defer e.close()
		return nil, &Refused{Status: response.StatusCode, Says: "without an event stream"}
	}
	return e, nil
}

// next waits for the next data. Nothing that we publish for a probe has more than
// one line.
func (e *ear) next() (string, error) {
	for e.lines.Scan() {
		if data, is := strings.CutPrefix(e.lines.Text(), "data:"); is {
			return strings.TrimPrefix(data, " "), nil
		}
	}
	if err := e.lines.Err(); err != nil {
		return "", fmt.Errorf("nothing within %v: %w", handTime, err)
	}
	return "", errors.New("the line has ended")
}
