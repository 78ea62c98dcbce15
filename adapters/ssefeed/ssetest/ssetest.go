// Package ssetest is a client of event streams for tests. It reads as the HTML
// standard says (section 9.2.6), independently of what the program writes, and
// strictly: what a browser would pass over in silence is an error here.
package ssetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Request says what stream to open.
type Request struct {
	URL    string // with its topics
	Token  string // goes into the header; empty: none
	Cookie *http.Cookie
	Cursor string       // goes into the header; empty: none
	Client *http.Client // nil: the default one
}

// Refused is the answer of a server that opens no stream.
type Refused struct {
	Status int
	Header http.Header
	Body   []byte
}

func (r *Refused) Error() string { return fmt.Sprintf("refused with status %d: %s", r.Status, r.Body) }

// Event is an event as it is dispatched to a page.
type Event struct {
	Name string // "message" if the stream names none
	Data string
	ID   string // the last one that the stream has set
}

// Line is an open stream.
type Line struct {
	Header   http.Header
	Comments int           // that have come
	Retry    time.Duration // that came last
	LastID   string        // that a browser would send when it comes again

	body io.ReadCloser
	from *bufio.Reader
}

// Dial opens a stream. It is closed when ctx ends.
func Dial(ctx context.Context, ask Request) (*Line, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, ask.URL, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/event-stream")
	if ask.Token != "" {
		request.Header.Set("Authorization", "Bearer "+ask.Token)
	}
	if ask.Cursor != "" {
		request.Header.Set("Last-Event-ID", ask.Cursor)
	}
	if ask.Cookie != nil {
		request.AddCookie(ask.Cookie)
	}
	return Ask(request, ask.Client)
}

// Ask opens the stream that a request asks for. Without a client it is the default
// one that does so.
func Ask(request *http.Request, client *http.Client) (*Line, error) {
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		defer func() { _ = response.Body.Close() }()
		body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
		return nil, &Refused{response.StatusCode, response.Header, body}
	}
	return &Line{Header: response.Header, LastID: request.Header.Get("Last-Event-ID"), body: response.Body, from: bufio.NewReader(response.Body)}, nil
}

// Close hangs up.
func (l *Line) Close() error { return l.body.Close() }

// Next waits for the next event. It returns io.EOF when the stream has ended. If
// ctx ends first, the line is closed.
func (l *Line) Next(ctx context.Context) (Event, error) {
	stop := context.AfterFunc(ctx, func() { _ = l.body.Close() })
	defer stop()
	event, err := l.next()
	if err != nil && ctx.Err() != nil {
		return Event{}, ctx.Err()
	}
	return event, err
}

func (l *Line) next() (Event, error) {
	var name string
	var data []string
	id := l.LastID
	for {
		line, err := l.line()
		if err != nil {
			return Event{}, err // what was cut off in the middle is no event
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			l.LastID = id
			if data != nil {
				return Event{Name: orMessage(name), Data: strings.Join(data, "\n"), ID: id}, nil
			}
			name = ""
		case field == "":
			l.Comments++
		case field == "event":
			name = value
		case field == "data":
			data = append(data, value)
		case field == "id" && !strings.Contains(value, "\x00"):
			id = value
		case field == "retry":
			if l.Retry, err = retry(value); err != nil {
				return Event{}, err
			}
		default:
			return Event{}, fmt.Errorf("the stream has a line that a browser would pass over: %q", line)
		}
	}
}

// line returns the next line without its end.
func (l *Line) line() (string, error) {
	line, err := l.from.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\n")
	if strings.Contains(line, "\r") {
		return "", fmt.Errorf("the stream has a carriage return: %q", line)
	}
	return line, nil
}

func orMessage(name string) string {
	if name == "" {
		return "message"
	}
	return name
}

func retry(value string) (time.Duration, error) {
	milliseconds, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("the stream has a retry that is no number: %q", value)
	}
	return time.Duration(milliseconds) * time.Millisecond, nil
}
