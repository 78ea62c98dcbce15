package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"parley/domain/fault"
)

// Problem is every refusal: an RFC 9457 problem document. It never contains
// what was sent.
type Problem struct {
	Type     string      `json:"type" format:"uri-reference" example:"/problems/invalid-request" doc:"Explains the code to people."`
	Title    string      `json:"title" example:"Invalid request"`
	Status   int         `json:"status" minimum:"400" maximum:"599" example:"422"`
	Detail   string      `json:"detail" example:"A message has 1 to 4000 characters."`
	Instance string      `json:"instance" format:"uri-reference" example:"/api/messages" doc:"What was asked for, without the ids that were sent."`
	Code     string      `json:"code" example:"invalid-request" doc:"What to rely on in programs."`
	Errors   []Violation `json:"errors,omitempty" doc:"What exactly is wrong with the request, where that can be said."`

	headers http.Header
}

// Violation is one thing that is wrong with a request.
type Violation struct {
	Location string `json:"location" example:"body.content"`
	Message  string `json:"message" example:"A message has 1 to 4000 characters."`
}

// problemType is the media type of problems.
const problemType = "application/problem+json"

// Error makes a problem an error, so that Huma takes it.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus tells Huma the status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders tells Huma the headers that go with the problem.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType tells Huma the media type.
func (p *Problem) ContentType(string) string { return problemType }

// write answers with the problem, where Huma does not do it.
func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	body, err := json.Marshal(p)
	if err != nil {
		panic("httpapi: encode a problem: " + err.Error()) // it is text and numbers
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // there is nobody to tell
}

// newProblem is the problem of this code, with its own explanation unless there
// is a better detail.
func newProblem(code string, status int, detail, instance string) *Problem {
	known := problems[code]
	if detail == "" {
		detail = known.means
	}
	return &Problem{
		Type:     "/problems/" + code,
		Title:    known.title,
		Status:   status,
		Detail:   detail,
		Instance: instance,
		Code:     code,
		headers:  http.Header{},
	}
}

// status is what a kind of refusal is in HTTP.
func status(kind fault.Kind) int {
	switch kind {
	case fault.Malformed:
		return http.StatusBadRequest
	case fault.Unproven:
		return http.StatusUnauthorized
	case fault.Denied:
		return http.StatusForbidden
	case fault.Missing:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Stale:
		return http.StatusPreconditionFailed
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// refusalStatus is the status of a refusal of this kind and code: HTTP tells some
// ways apart in which what was sent cannot be read.
func refusalStatus(kind fault.Kind, code string) int {
	if kind == fault.Malformed && (code == "too-large" || code == "unsupported-media-type") {
		return problems[code].status
	}
	return status(kind)
}

// problem is the answer to an error. What is no refusal is logged, and never
// shown.
func (s Server) problem(ctx context.Context, err error, at where) *Problem {
	refusal := new(fault.Fault)
	switch {
	case errors.As(err, &refusal):
		s.security().refusal(ctx, refusal)
		return s.refusal(refusal, err, at)
	case ctx.Err() != nil:
		return s.refusal(errGone, errGone, at)
	default:
		s.Log.ErrorContext(ctx, "something unexpected happened", "request", VisitOf(ctx).ID, "at", at.instance, "error", err)
		return internal(ctx, at.instance)
	}
}

// internal is the answer where something went wrong here. It says where in the log
// to look for it.
func internal(ctx context.Context, instance string) *Problem {
	p := newProblem("internal", http.StatusInternalServerError, "", instance)
	if id := VisitOf(ctx).ID; id != "" {
		p.headers.Set(RequestID, id)
	}
	return p
}

// errGone is the answer to a client that has not waited for it.
var errGone = fault.New(fault.Unavailable, "storage-unavailable", "The request was given up.")

func (s Server) refusal(refusal *fault.Fault, err error, at where) *Problem {
	p := newProblem(refusal.Code(), refusalStatus(refusal.Kind(), refusal.Code()), refusal.Error(), at.instance)
	p.Errors = violations(err, at)
	switch refusal.Kind() {
	case fault.Unproven:
		p.headers.Set("WWW-Authenticate", "Bearer")
	case fault.Limited:
		p.headers.Set("Retry-After", seconds(refusal.Wait()))
		s.addPace(p, refusal.Wait())
	case fault.Unavailable:
		p.headers.Set("Retry-After", seconds(refusal.Wait()))
	case fault.Malformed, fault.Denied, fault.Missing, fault.Conflict, fault.Stale, fault.Invalid:
	}
	return p
}

// addPace tells whoever sends too fast how fast is fast enough
// (draft-ietf-httpapi-ratelimit-headers-10).
func (s Server) addPace(p *Problem, wait time.Duration) {
	if p.Code != "rate-limited" || s.Pace.PerMinute <= 0 {
		return
	}
	burst := max(s.Pace.Burst, 1)
	refill := int(math.Ceil(60 * float64(burst) / float64(s.Pace.PerMinute)))
	p.headers["RateLimit-Policy"] = []string{fmt.Sprintf(`"minute";q=%d;w=60, "burst";q=%d;w=%d`, s.Pace.PerMinute, burst, refill)}
	p.headers["RateLimit"] = []string{fmt.Sprintf(`"burst";r=0;t=%s`, seconds(wait))}
}

// seconds is a wait in whole seconds, and at least one.
func seconds(wait time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
}

// violations says which fields the faults in err are about.
func violations(err error, at where) []Violation {
	var elsewhere *located
	if errors.As(err, &elsewhere) {
		return []Violation{{Location: elsewhere.location, Message: elsewhere.Fault.Error()}}
	}
	var found []Violation
	for _, refusal := range faults(err) {
		if refusal.Field() == "" {
			continue
		}
		in := "body."
		if slices.Contains(at.queries, refusal.Field()) {
			in = "query."
		}
		found = append(found, Violation{Location: in + refusal.Field(), Message: refusal.Error()})
	}
	return found
}

// faults are the faults that err wraps or joins.
func faults(err error) []*fault.Fault {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*fault.Fault
		for _, one := range joined.Unwrap() {
			all = append(all, faults(one)...)
		}
		return all
	}
	refusal := new(fault.Fault)
	if errors.As(err, &refusal) {
		return []*fault.Fault{refusal}
	}
	return nil
}

// located is a fault about something that is not where its field usually is.
type located struct {
	*fault.Fault
	location string
}

// Unwrap makes the fault found.
func (l *located) Unwrap() error { return l.Fault }

// instanceOf is the path that was asked for, where it is none of the API's.
func instanceOf(r *http.Request) string {
	const longest = 200
	path := r.URL.EscapedPath()
	return path[:min(len(path), longest)]
}
