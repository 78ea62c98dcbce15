package wire

import "parley/domain/identity"

// Session is one signed-in device, as its user sees it.
type Session struct {
	ID         int64  `json:"id" minimum:"1" maximum:"9007199254740991" example:"12" doc:"The sid of its access tokens."`
	CreatedAt  string `json:"createdAt" format:"date-time" example:"2026-11-23T09:30:00.000000Z"`
	LastUsedAt string `json:"lastUsedAt" format:"date-time" example:"2026-11-23T10:05:00.000000Z" doc:"When it was begun, or renewed last."`
	UserAgent  string `json:"userAgent" maxLength:"255" example:"Mozilla/5.0 (X11; Linux x86_64)" doc:"What the device called itself; empty if it did not."`
	Current    bool   `json:"current" example:"true" doc:"Whether it is the one that asks."`
}

// SessionOf is s on the wire, for whoever asks in the session current.
func SessionOf(s identity.Session, current identity.SessionID) Session {
	return Session{
		ID:         s.ID.Int64(),
		CreatedAt:  Time(s.CreatedAt),
		LastUsedAt: Time(s.LastUsedAt),
		UserAgent:  s.UserAgent,
		Current:    s.ID == current,
	}
}
