package hubtest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
)

// Environ are the settings of a program that hands its log on to this hub.
func (h *Hub) Environ() []string {
	return []string{"MERCURE_URL=" + h.URL, "MERCURE_PUBLISHER_JWT_KEY=" + PublisherKey, "MERCURE_SUBSCRIBER_JWT_KEY=" + SubscriberKey}
}

// Program is the way of somebody who has signed in to a program, at a node of it.
func Program(client *http.Client, node, accessToken string, topics []string, every time.Duration) Way {
	query := url.Values{"topic": topics}.Encode()
	return Way{
		Every: every,
		Poll:  polltest.Request{URL: node + "/api/events?" + query, Token: accessToken, Client: client},
		Subscribe: func(ctx context.Context) (ssetest.Request, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, node+"/api/mercure/token", nil)
			if err != nil {
				return ssetest.Request{}, err
			}
			request.Header.Set("Authorization", "Bearer "+accessToken)
			response, err := client.Do(request)
			if err != nil {
				return ssetest.Request{}, err
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				return ssetest.Request{}, err
			}
			if response.StatusCode != http.StatusOK {
				return ssetest.Request{}, &polltest.Refused{Status: response.StatusCode, Header: response.Header, Body: body}
			}
			var granted struct{ Token, HubURL string }
			err = json.Unmarshal(body, &granted)
			return ssetest.Request{URL: granted.HubURL + "?" + query, Token: granted.Token, Client: client}, err
		},
	}
}
