package stage_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/domain/room"
	"parley/features/stage"
)

// anything answers whatever is asked as well as a program might.
func anything(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "parley_refresh", Value: "x", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		answer := `{"accessToken":"x","user":{"id":1}}`
		if strings.HasPrefix(r.URL.Path, "/api/messages") {
			answer = `{"id":1,"chatRoomId":1,"sequence":1,"content":"x"}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// silent is a stream that only begins.
type silent struct{}

func (silent) Next(context.Context) (stage.Event, error) {
	return stage.Event{ID: "1", Data: `{"type":"stream.opened","mode":"live","cursor":"1"}`}, nil
}

func (silent) Close() error { return nil }

func TestAdaAndBenAreOnDifferentNodes(t *testing.T) {
	one, other := anything(t), anything(t)
	for says, c := range map[string]struct {
		urls       []string
		speaks     string
		met, apart bool
	}{
		"on two nodes": {[]string{one, other}, "Ada", true, true},
		"on one":       {[]string{one}, "Ada", true, false},
		"Ben alone":    {[]string{one, other}, "Ben", false, false},
		"Dan and Ben":  {[]string{one, other}, "Dan", false, false},
	} {
		t.Run(says, func(t *testing.T) {
			visits := new(stage.Visits)
			reached := stage.HTTP{URLs: c.urls, Client: http.DefaultClient, Visits: visits,
				Dial: func(context.Context, string, string, string) (stage.Stream, error) { return silent{}, nil }}
			say(t, enter(t, reached, c.speaks))
			if _, err := enter(t, reached, "Ben").Listen(t.Context(), stage.Ask{}); err != nil {
				t.Fatal(err)
			}
			if met, apart := visits.Apart("Ada", "Ben"); met != c.met || apart != c.apart {
				t.Errorf("met %t and apart %t, want %t and %t", met, apart, c.met, c.apart)
			}
		})
	}
}

// A device that comes back does so on another node.
func TestLinesGoFromNodeToNode(t *testing.T) {
	urls := []string{anything(t), anything(t)}
	var dialled []string
	reached := stage.HTTP{URLs: urls, Client: http.DefaultClient,
		Dial: func(_ context.Context, address, _, _ string) (stage.Stream, error) {
			node, _, _ := strings.Cut(address, "/.well-known")
			dialled = append(dialled, node)
			return silent{}, nil
		}}
	desk := enter(t, reached, "Ada")
	phone, err := desk.Again(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, device := range []stage.Client{desk, desk, phone, phone} {
		if _, err := device.Listen(t.Context(), stage.Ask{}); err != nil {
			t.Fatal(err)
		}
	}
	if dialled[0] == dialled[1] || dialled[2] == dialled[3] || dialled[0] != dialled[2] {
		t.Errorf("of the nodes %q, the lines are on %q", urls, dialled)
	}
}

func enter(t *testing.T, s stage.HTTP, name string) stage.Client {
	t.Helper()
	client, err := s.Enter(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func say(t *testing.T, by stage.Client) {
	t.Helper()
	in, err := room.IDFrom(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := by.Say(t.Context(), in, "x", ""); err != nil {
		t.Fatal(err)
	}
}
