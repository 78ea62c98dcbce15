package httpapi_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/adapters/httpapi"
	"parley/domain/identity"
)

func TestWhereSomethingGoesWrongTheAnswerSaysWhereInTheLogToLook(t *testing.T) {
	for says, fail := range map[string]func(context.Context, identity.Caller) error{
		"a panic":  func(context.Context, identity.Caller) error { panic("of some kind") },
		"an error": func(context.Context, identity.Caller) error { return errors.New("of some kind") },
	} {
		s := settings()
		var log strings.Builder
		s.Admit, s.Log = fail, slog.New(slog.NewTextHandler(&log, nil))
		handler, err := s.Handler(noFeed)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(httpapi.Visited(nil, handler))
		t.Cleanup(server.Close)
		c := dial(t, server.URL)
		got := c.as(someone).get("/api/me").refused(t, http.StatusInternalServerError, "internal")
		id := got.header.Get(httpapi.RequestID)
		if len(id) < 16 || !strings.Contains(log.String(), "request="+id) || !strings.Contains(log.String(), "of some kind") {
			t.Errorf("%s: the answer names %q, the log has %s", says, id, log.String())
		}
		if other := c.as(someone).get("/api/me").header.Get(httpapi.RequestID); other == id {
			t.Errorf("two requests are called %s", id)
		}
		if named := c.get("/api/me").header.Get(httpapi.RequestID); named != "" {
			t.Errorf("a refusal is called %s, and so differs from others like it", named)
		}
		c.get("/healthz").want(t, http.StatusOK) // it lives
	}
}
