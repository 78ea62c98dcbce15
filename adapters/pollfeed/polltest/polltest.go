// Package polltest polls as an application does. It is for tests: of the feed's
// own contract, and of the features.
package polltest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Event is an event of a poll.
type Event struct {
	Cursor string
	Topic  *string
	Data   json.RawMessage
}

// Type is the type of the event, as its data says.
func (e Event) Type() (string, error) {
	var data struct{ Type string }
	err := json.Unmarshal(e.Data, &data)
	return data.Type, err
}

// Answer is what a poll is answered with.
type Answer struct {
	Events []Event
	Cursor string
}

// Refused is an answer that is none.
type Refused struct {
	Status int
	Header http.Header
	Body   []byte
}

func (r *Refused) Error() string { return fmt.Sprintf("refused with status %d: %s", r.Status, r.Body) }

// Request says what to poll for.
type Request struct {
	URL    string // with its topics
	Token  string // empty: none
	After  string // empty: none
	Wait   int    // in seconds
	Client *http.Client
}

// Poll polls once.
func Poll(ctx context.Context, ask Request) (Answer, error) {
	address, err := url.Parse(ask.URL)
	if err != nil {
		return Answer{}, err
	}
	query := address.Query()
	query.Set("wait", strconv.Itoa(ask.Wait))
	if ask.After != "" {
		query.Set("after", ask.After)
	}
	address.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return Answer{}, err
	}
	if ask.Token != "" {
		request.Header.Set("Authorization", "Bearer "+ask.Token)
	}
	response, err := ask.Client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, err
	}
	if response.StatusCode != http.StatusOK {
		return Answer{}, &Refused{response.StatusCode, response.Header, body}
	}
	var answer Answer
	if err := json.Unmarshal(body, &answer); err != nil {
		return Answer{}, fmt.Errorf("%w: %s", err, body)
	}
	return answer, nil
}
