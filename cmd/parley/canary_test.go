package main_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// What people say, type or show stands in every place of every operation that the
// program's own document tells of; and none of it in the log.
func TestWhateverIsAskedForTheLogHasNothingOfWhatWasSentInIt(t *testing.T) {
	s := serve(t, t.TempDir(), "PARLEY_LOG_FORMAT=json", "PARLEY_LOG_LEVEL=debug", "PARLEY_RATE_MESSAGES=0")
	ada := join(t, s, "ada")
	room := ada.room(t)
	ada.say(t, room, canary+" in a message")
	birds := []string{canary, "ada@example.org", "a password of", ada.token}
	doc := s.call(t, call{method: "GET", path: "/openapi.json"}).body
	asked, fine := 0, 0
	for path, item := range object(doc["paths"]) {
		for method, operation := range object(item) {
			in := s.signIn(t, "ada") // some operations end their session
			birds = append(birds, in.token, in.cookie)
			for _, c := range calls(doc, strings.ToUpper(method), path, object(operation), in) {
				a := s.call(t, c)
				asked++
				if a.status < 400 {
					fine++
				}
				if a.status == http.StatusInternalServerError {
					t.Errorf("%s %s answered %v", c.method, c.path, a.body)
				}
			}
		}
	}
	if asked < 100 || fine < 20 {
		t.Errorf("only %d requests were made, %d of them in vain", asked, asked-fine)
	}
	settle(t, s)
	log := s.err.String()
	if found := sighted(log, birds); found != nil {
		t.Errorf("the log has %q", found)
	}
	for _, planted := range birds {
		if sighted(log+planted, birds) == nil {
			t.Errorf("%q would not be found", planted)
		}
	}
}

// canary is sent wherever something can be.
const canary = "c4nary"

// sighted are the lines with one of the birds.
func sighted(log string, birds []string) []string {
	var found []string
	for line := range strings.Lines(log) {
		if slices.ContainsFunc(birds, func(bird string) bool { return strings.Contains(line, bird) }) {
			found = append(found, line)
		}
	}
	return found
}

// calls are ways to call an operation: as it should be, and wrong in each of its
// places.
func calls(doc map[string]any, method, path string, operation map[string]any, in session) []call {
	query, header := url.Values{}, http.Header{"User-Agent": {canary}, "X-Request-Id": {canary}}
	for _, p := range list(operation["parameters"]) {
		parameter := object(p)
		name := fmt.Sprint(parameter["name"])
		switch parameter["in"] {
		case "query":
			query.Set(name, canary)
			if kind := object(parameter["schema"])["type"]; kind == "integer" {
				query.Set(name, "1")
			}
		case "header":
			header.Set(name, canary)
		}
	}
	query.Set("wait", "0")
	query.Set("topic", "/chat/room/"+canary)
	right := call{
		method: method, path: at(path, "1") + "?topic=/chat/room/1&wait=0&chatRoom=1&query=" + canary,
		token: in.token, cookie: in.cookie, header: http.Header{"User-Agent": {canary}},
	}
	wrong := right
	wrong.path, wrong.header = at(path, "1")+"?"+query.Encode(), header
	if content := object(object(operation["requestBody"])["content"]); content != nil {
		schema := resolve(doc, object(content["application/json"])["schema"])
		right.body, wrong.body = filled(doc, schema), map[string]any{canary: canary}
	}
	elsewhere, unread, badToken, noToken := right, right, right, right
	elsewhere.path = at(path, canary) + "/" + canary + "?" + canary
	unread.path, unread.body = at(path, canary), `{"`+canary
	badToken.token, badToken.cookie, noToken.token = canary, canary, ""
	return []call{noToken, badToken, wrong, unread, elsewhere, right}
}

// at is a path with this in the place of each parameter.
func at(path, parameter string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = parameter
		}
	}
	return strings.Join(parts, "/")
}

// filled is a body with something in each member, of the kind that its schema has.
func filled(doc map[string]any, schema map[string]any) map[string]any {
	body := map[string]any{}
	for name, member := range object(schema["properties"]) {
		of := resolve(doc, member)
		switch enum := list(of["enum"]); {
		case name == "email":
			body[name] = canary + "@example.org"
		case name == "participantIds" || name == "replyTo" || name == "rooms":
		case len(enum) > 0:
			body[name] = enum[len(enum)-1]
		case of["type"] == "integer":
			body[name] = 1
		case of["type"] == "boolean":
			body[name] = true
		default:
			body[name] = canary + " in " + name
		}
	}
	return body
}

func resolve(doc map[string]any, node any) map[string]any {
	reference, ok := object(node)["$ref"].(string)
	if !ok {
		return object(node)
	}
	found := doc
	for part := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
		found = object(found[part])
	}
	return found
}
