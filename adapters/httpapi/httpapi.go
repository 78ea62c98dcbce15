// Package httpapi is the public HTTP API: what it is called, what it takes and
// what it answers. It is the one place that knows statuses.
//
// Each operation says in one place what the OpenAPI document tells of it and
// what it does; package wire has what it answers with.
package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"parley/adapters/wire"
	"parley/application"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
)

// Server is what the API needs.
type Server struct {
	App application.App

	Verify  func(token string) (identity.Proof, error)
	Mint    func(who identity.Caller, end time.Time) (token string, proof identity.Proof, err error)
	Admit   func(context.Context, identity.Caller) error // whether the session lasts, at each use
	Cursors *wire.Cursors
	JWKS    func() []byte
	Ready   func() error // nil while requests are welcome

	// SessionEnd is when a session ends by itself; zero: never.
	SessionEnd func(context.Context, identity.Caller) (time.Time, error)

	PublicURL   string   // where clients reach the program, without a slash at the end
	HubURL      string   // where clients reach the stream
	Loopback    bool     // whether this is development on one machine
	CORSOrigins []string // of pages that may call, exact
	Limits      Limits
	Pace        message.Pace // told to whoever is too fast

	Log *slog.Logger
	Now func() time.Time

	Subscriptions bool // whether the hub tells of active subscriptions

	// MintForHub makes the token for the hub of somebody else; nil: the stream is
	// served by this program, and takes the tokens of Mint.
	MintForHub func(who identity.Caller, rooms []room.ID, end time.Time) (token string, proof identity.Proof, err error)

	// Poll answers one poll for events; what it returns is a refusal, and nothing
	// has been written then.
	Poll func(http.ResponseWriter, *http.Request, identity.Proof) error
}

// Limits is how large the bodies of requests may be, in bytes; 0 stands for the
// default.
type Limits struct {
	Body int64 // 64 KiB
	Auth int64 // under /api/auth; 4 KiB
}

const (
	defaultBody = 64 << 10
	defaultAuth = 4 << 10
)

// FeedPath is where the stream is.
const FeedPath = "/.well-known/mercure"

// Handler returns the whole of the program's HTTP: the API, and the stream that
// feed serves. An error means that one of the settings is not possible.
func (s Server) Handler(feed http.Handler) (http.Handler, error) {
	crossOrigin, err := s.crossOrigin()
	if err != nil {
		return nil, fmt.Errorf("CORS origins: %w", err)
	}
	ownPages, err := s.ownPages()
	if err != nil {
		return nil, fmt.Errorf("trusted origins: %w", err)
	}
	mux := http.NewServeMux()
	for _, method := range hubMethods {
		mux.Handle(method+" "+FeedPath, feed)
	}
	api := s.register(mux)
	if err := s.serveDocument(mux, api); err != nil {
		return nil, err
	}
	mux.HandleFunc("GET /problems/{slug}", s.explain)
	return s.progress(s.survive(secure(crossOrigin(ownPages(s.subscriptions(feed, s.route(mux))))))), nil
}

// api is the API while its operations are registered.
type api struct {
	Server
	huma huma.API
}

// register puts every operation on mux.
func (s Server) register(mux *http.ServeMux) huma.API {
	setHuma()
	a := &api{Server: s, huma: humago.New(mux, config())}
	a.huma.UseMiddleware(a.authenticate, a.checkMediaType)
	a.accounts()
	a.sessions()
	a.rooms()
	a.participants()
	a.messages()
	a.stream()
	a.hubMetadata()
	a.operations()
	a.polls(mux)
	a.revising()
	a.finish()
	return a.huma
}

func (s Server) maxBody(path string) int64 {
	limit, fallback := s.Limits.Body, int64(defaultBody)
	if isAuth(path) {
		limit, fallback = s.Limits.Auth, defaultAuth
	}
	if limit <= 0 {
		limit = fallback
	}
	return limit
}
