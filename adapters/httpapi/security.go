package httpapi

import (
	"context"
	"log/slog"

	"parley/domain/fault"
	"parley/domain/identity"
)

// Security writes down what somebody who looks after the program has to know of
// who gets in and who is kept out: one line for each event, all of the same shape.
// In them are numbers, codes and addresses, and nothing that people have said,
// typed or shown.
type Security struct{ Log *slog.Logger }

// The events.
const (
	signedIn        = "signed-in"
	signInFailed    = "sign-in-failed"
	refreshReused   = "refresh-reused" // its session ends with it, which is an event of its own
	sessionEnded    = "session-ended"
	passwordChanged = "password-changed"
	passwordWrong   = "password-wrong" // when it was to be changed
	refused         = "refused"        // by rights
	limited         = "limited"
)

// SessionEnded notes that somebody has ended a session.
func (s Security) SessionEnded(ctx context.Context, who identity.Caller) {
	s.note(ctx, slog.LevelInfo, sessionEnded, who, "")
}

// Limited notes that somebody was turned away because it was too much.
func (s Security) Limited(ctx context.Context, who identity.Caller, code string) {
	s.note(ctx, slog.LevelWarn, limited, who, code)
}

// refusal notes a refusal that is an event whatever was asked for.
func (s Security) refusal(ctx context.Context, refusal *fault.Fault) {
	switch {
	case refusal.Kind() == fault.Denied || refusal.Hides():
		s.note(ctx, slog.LevelWarn, refused, caller(ctx), refusal.Code())
	case refusal.Kind() == fault.Limited:
		s.Limited(ctx, caller(ctx), refusal.Code())
	}
}

func (s Security) note(ctx context.Context, level slog.Level, event string, who identity.Caller, code string) {
	attrs := []any{slog.String("event", event)}
	if !who.User.IsZero() {
		attrs = append(attrs, slog.Int64("user", who.User.Int64()))
	}
	if !who.Session.IsZero() {
		attrs = append(attrs, slog.Int64("session", who.Session.Int64()))
	}
	if code != "" {
		attrs = append(attrs, slog.String("code", code))
	}
	if visit := VisitOf(ctx); visit != (Visit{}) {
		attrs = append(attrs, slog.String("from", visit.From.String()), slog.String("request", visit.ID))
	}
	s.Log.LogAttrs(ctx, level, "security", slog.Group("security", attrs...))
}

// security is where the server's events go.
func (s Server) security() Security { return Security{s.Log} }
