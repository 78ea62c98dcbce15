package wire

import (
	"fmt"
	"time"

	"parley/application/delivery"
	"parley/application/port"
)

// The names of the control events, which are their types.
const (
	NameOpened  = "stream.opened"
	NameClosing = "stream.closing"
)

// StreamOpened says how a stream begins.
type StreamOpened struct {
	Type        string   `json:"type" enum:"stream.opened" example:"stream.opened"`
	At          string   `json:"at" format:"date-time" example:"2026-11-23T09:30:00.123456Z"`
	Mode        string   `json:"mode" enum:"live,replay,reset" example:"replay" doc:"live: what comes from now on. replay: everything after the cursor that was sent. reset: that cursor cannot be resumed; load the pages anew, then go on from this one."`
	Cursor      string   `json:"cursor" example:"parley:8KcTzWnUyAq0cXn6mJmVdQ" doc:"Where the stream goes on from."`
	ResumedFrom *string  `json:"resumedFrom" nullable:"true" doc:"The cursor that was sent; null if none."`
	ExpiresAt   *string  `json:"expiresAt" nullable:"true" format:"date-time" example:"2026-11-23T09:35:00.000000Z" doc:"When the stream will end; null if it need not."`
	Topics      []string `json:"topics" example:"[\"/chat/room/3\"]" doc:"As asked for, readable or not."`
}

// EncodeOpened is the data of the stream.opened that o is: cursor is its place,
// resumedFrom what the client sent (nil: nothing), topics what it asked for.
func EncodeOpened(o delivery.Opened, cursor string, resumedFrom *string, topics []string, at time.Time) ([]byte, error) {
	mode := modeName(o.Mode)
	if mode == "" {
		return nil, fmt.Errorf("there is no mode %d", o.Mode)
	}
	if topics == nil {
		topics = []string{}
	}
	return Encode(StreamOpened{
		Type:        NameOpened,
		At:          Time(at),
		Mode:        mode,
		Cursor:      cursor,
		ResumedFrom: resumedFrom,
		ExpiresAt:   timeOrNull(o.Until),
		Topics:      topics,
	})
}

// StreamClosing says why a stream ends, and what to do then.
type StreamClosing struct {
	Type   string `json:"type" enum:"stream.closing" example:"stream.closing"`
	At     string `json:"at" format:"date-time" example:"2026-11-23T09:35:00.000000Z"`
	Reason string `json:"reason" enum:"drain,expired,revoked,slow,too-many" example:"expired"`
	Action string `json:"action" enum:"resume,reauthenticate,stop" example:"reauthenticate" doc:"resume: open again from the last id. reauthenticate: get a new token first. stop: do not open again."`
}

// EncodeClosing is the data of the stream.closing that c is.
func EncodeClosing(c delivery.Closing, at time.Time) ([]byte, error) {
	closing := StreamClosing{Type: NameClosing, At: Time(at), Reason: closingReason(c.Reason), Action: advice(c.Advice)}
	if closing.Reason == "" || closing.Action == "" {
		return nil, fmt.Errorf("there is no reason %d, or no advice %d", c.Reason, c.Advice)
	}
	return Encode(closing)
}

func modeName(m delivery.Mode) string {
	switch m {
	case delivery.Live:
		return "live"
	case delivery.Replay:
		return "replay"
	case delivery.Reset:
		return "reset"
	default:
		return ""
	}
}

func closingReason(r delivery.Reason) string {
	switch r {
	case delivery.Drain:
		return "drain"
	case delivery.Expired:
		return "expired"
	case delivery.Revoked:
		return "revoked"
	case delivery.Slow:
		return "slow"
	case delivery.TooMany:
		return "too-many"
	default:
		return ""
	}
}

func advice(a delivery.Advice) string {
	switch a {
	case delivery.Resume:
		return "resume"
	case delivery.Reauthenticate:
		return "reauthenticate"
	case delivery.Stop:
		return "stop"
	default:
		return ""
	}
}

// NameWithheld is the name of what comes in place of an event that somebody
// else's hub does not take.
const NameWithheld = "stream.withheld"

// StreamWithheld comes from a hub of somebody else's in place of an event that it
// does not take, with the event's id: it is to be fetched from GET /api/events.
type StreamWithheld struct {
	Type string `json:"type" enum:"stream.withheld" example:"stream.withheld"`
	At   string `json:"at" format:"date-time" example:"2026-11-23T09:35:00.000000Z"`
}

// EncodeWithheld returns the name and the data of what comes in place of an
// entry's event, as [EncodeEvent] does.
func EncodeWithheld(e port.Entry) (name string, data []byte, err error) {
	data, err = Encode(StreamWithheld{Type: NameWithheld, At: Time(e.At)})
	return NameWithheld, data, err
}
