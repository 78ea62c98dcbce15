package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// problems are all codes that clients can rely on, with the status that each
// usually has.
var problems = map[string]struct {
	status int
	title  string
	means  string
}{
	"unauthenticated":        {401, "Sign-in needed", "Sign in first: send an access token as a bearer token."},
	"invalid-token":          {401, "Invalid token", "The access token is not valid, or is no longer: get a new one."},
	"session-revoked":        {401, "Session ended", "The session has ended: sign in again."},
	"invalid-credentials":    {401, "Invalid credentials", "The e-mail address or the password is wrong."},
	"token-in-url-refused":   {401, "Token in the URL", "A token does not belong in a URL, which is logged and remembered: send it in the Authorization header or the cookie."},
	"too-many-attempts":      {429, "Too many attempts", "Too many attempts have failed, or are under way: try again after the time in Retry-After."},
	"email-taken":            {409, "E-mail address taken", "There is an account with this e-mail address already."},
	"weak-password":          {422, "Weak password", "The password would be guessed: take a longer or a less common one."},
	"not-allowed":            {403, "Not allowed", "You may know of this, but may not do it."},
	"room-not-found":         {404, "Room not found", "There is no such room, or you are not in it; which of the two is not said."},
	"message-not-found":      {404, "Message not found", "There is no such message, or you are not in its room; which of the two is not said."},
	"user-not-found":         {404, "User not found", "There is no such user."},
	"participant-not-found":  {404, "Participant not found", "This user is not in the room."},
	"direct-room-is-fixed":   {409, "Direct room is fixed", "A direct conversation cannot be changed: its two people, its name and its existence."},
	"idempotency-key-reused": {422, "Key used before", "This key was used for another message already: take a new key for each message, and the same one only to send the same message again."},
	"invalid-cursor":         {422, "Invalid page", "This page token is not of this list: begin with the first page."},
	"invalid-request":        {422, "Invalid request", "The request is not as it should be; errors says where."},
	"malformed-body":         {400, "Malformed body", "The body is not JSON, or not JSON that means one thing."},
	"unsupported-media-type": {415, "Unsupported media type", "Bodies are JSON: send them as application/json; on the hub they are forms: application/x-www-form-urlencoded. Neither has a content encoding."},
	"too-large":              {413, "Too large", "This is more than the call takes."},
	"rate-limited":           {429, "Too fast", "That was too much in a short time: try again after the time in Retry-After."},
	"too-many-streams":       {429, "Too many streams", "Too many streams are open already: close one, or hear several rooms on one stream."},
	"changed-meanwhile":      {412, "Changed meanwhile", "It changed since you looked: look again, then decide."},
	"cross-origin":           {403, "Foreign origin", "A page of another origin may not do this."},
	"storage-unavailable":    {503, "Unavailable for now", "The service cannot take this now: try again after the time in Retry-After. A message that is sent again with its key is never there twice."},
	"not-found":              {404, "Not found", "There is nothing at this address."},
	"method-not-allowed":     {405, "Method not allowed", "This address does not take this method; Allow says which it takes."},
	"internal":               {500, "Internal error", "Something went wrong here, and has been logged."},
}

// statusOf is the status that a code has in an operation. What a body or a query
// names and is not there is an invalid request; so is a bad parameter of the
// stream, but there it is as the Mercure protocol has it.
func statusOf(op *huma.Operation, code string) int {
	switch {
	case code == "user-not-found" && op.RequestBody != nil:
		return http.StatusUnprocessableEntity
	case code == "invalid-request" && isHub(op.Path):
		return http.StatusBadRequest
	default:
		return problems[code].status
	}
}

// responseName names the response that the problems of a status and these codes
// share.
func responseName(status int, codes []string) string {
	var name strings.Builder
	for i, code := range codes {
		if i > 0 {
			name.WriteString("Or")
		}
		for word := range strings.SplitSeq(code, "-") {
			name.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	name.WriteString(strconv.Itoa(status))
	return name.String()
}

// problemResponse documents the response of these codes, an example for each.
func problemResponse(status int, codes []string) *huma.Response {
	response := &huma.Response{
		Description: http.StatusText(status) + ": " + strings.Join(codes, ", "),
		Content: map[string]*huma.MediaType{problemType: {
			Schema:   &huma.Schema{Ref: "#/components/schemas/Problem"},
			Examples: map[string]*huma.Example{},
		}},
	}
	for _, code := range codes {
		response.Content[problemType].Examples[code] = &huma.Example{Value: asMap(newProblem(code, status, "", "/api/messages"))}
	}
	if names := problemHeaders(status); len(names) > 0 {
		response.Headers = map[string]*huma.Param{}
		for _, name := range names {
			response.Headers[name] = &huma.Param{Ref: "#/components/headers/" + name}
		}
	}
	return response
}

// problemHeaders are the headers that problems of a status have.
func problemHeaders(status int) []string {
	switch status {
	case http.StatusUnauthorized:
		return []string{"WWW-Authenticate"}
	case http.StatusTooManyRequests:
		return []string{"Retry-After", "RateLimit", "RateLimit-Policy"}
	case http.StatusServiceUnavailable:
		return []string{"Retry-After"}
	case http.StatusInternalServerError:
		return []string{RequestID}
	default:
		return nil
	}
}

// asMap is v as the document's example of it.
func asMap(v any) map[string]any {
	text, err := json.Marshal(v)
	if err != nil {
		panic("httpapi: an example cannot be encoded: " + err.Error())
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		panic("httpapi: an example is no object: " + err.Error())
	}
	return fields
}

// codes are the codes of all problems, sorted.
func codes() []string { return slices.Sorted(maps.Keys(problems)) }

// explain answers with what a problem means, in a sentence for people.
func (s Server) explain(w http.ResponseWriter, r *http.Request) {
	known, ok := problems[r.PathValue("slug")]
	if !ok {
		newProblem("not-found", http.StatusNotFound, "", instanceOf(r)).write(w)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintf(w, "%s\n\n%s\n", known.title, known.means) // there is nobody to tell
}
