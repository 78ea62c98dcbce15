package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const hubPath = "/.well-known/mercure"

// updateType is what updates are called by whoever publishes them here, so that a
// page can tell them from what happens in the chat.
const updateType = "update"

// program is a third party of an [HTTP] stage.
type program struct {
	stage   HTTP
	name    string
	version Version
	token   string
}

// Party makes a token for a program. Who may do nothing has none.
func (s HTTP) Party(name string, granted Grant) (Party, error) {
	p := program{stage: s, name: name, version: granted.Version}
	if len(granted.Publish)+len(granted.Hear) == 0 {
		return p, nil
	}
	var err error
	p.token, err = s.Grant(granted)
	return p, err
}

// node is where a program's requests go; whoever comes back does so on the next.
func (p program) node(back int) string {
	return p.stage.URLs[(int(p.name[0])+back)%len(p.stage.URLs)] + hubPath
}

// Publish posts a form.
func (p program) Publish(ctx context.Context, u Update) error {
	form := url.Values{"topic": u.Topics, "data": {u.Text}, "type": {updateType}}
	if u.Private {
		form.Set("private", "on")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.node(0), strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err = p.send(request)
	return err
}

// Listen opens a stream, with the parameters of the version that is spoken.
func (p program) Listen(ctx context.Context, topics []Topic, after Place) (Wire, error) {
	exact, pattern, below, last := "match", "match_urlpattern", ":any", "last_event_id"
	if p.version == Mercure0 {
		exact, pattern, below, last = "topic", "topic", "{any}", "lastEventID"
	}
	query, back := url.Values{}, 0
	for _, topic := range topics {
		if topic.Below {
			query.Add(pattern, topic.Name+below)
		} else {
			query.Add(exact, topic.Name)
		}
	}
	if after != "" {
		query.Set(last, string(after))
		back = 1
	}
	stream, err := p.stage.Dial(ctx, p.node(back)+"?"+query.Encode(), p.token, "")
	if err != nil {
		return nil, err
	}
	return wire{stream}, nil
}

// Listeners asks who listens, and counts.
func (p program) Listeners(ctx context.Context, topic string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.node(0)+"/subscriptions", nil)
	if err != nil {
		return 0, err
	}
	if p.version == Mercure0 {
		request.Header.Set("Accept", "application/ld+json")
	}
	answer, err := p.send(request)
	if err != nil {
		return 0, err
	}
	var listed struct {
		Subscriptions []struct {
			Match, Topic string
			Active       bool
		}
	}
	if err := json.Unmarshal(answer, &listed); err != nil {
		return 0, err
	}
	n := 0
	for _, one := range listed.Subscriptions {
		named := one.Match
		if p.version == Mercure0 {
			named = one.Topic
		}
		if one.Active && named == topic {
			n++
		}
	}
	return n, nil
}

func (p program) send(request *http.Request) ([]byte, error) {
	if p.token != "" {
		request.Header.Set("Authorization", "Bearer "+p.token)
	}
	response, err := p.stage.Client.Do(request) //nolint:gosec // to the nodes that the stage was given
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = Problem(request.Method+" "+request.URL.Path, response.StatusCode, response.Header, answer)
	}
	return answer, err
}

// wire is an event stream, as a third party hears it.
type wire struct{ Stream }

func (w wire) Next(ctx context.Context) (Received, error) {
	event, err := w.Stream.Next(ctx)
	if err != nil || event.Name == updateType {
		return Received{Text: event.Data, Place: Place(event.ID)}, err
	}
	var said struct {
		Type    string
		Content *string
	}
	if err := json.Unmarshal([]byte(event.Data), &said); err != nil || said.Type != "message.created" || said.Content == nil {
		return Received{}, fmt.Errorf("nobody knows what this is: %s %s", event.Name, event.Data)
	}
	return Received{Text: *said.Content, Place: Place(event.ID)}, nil
}
