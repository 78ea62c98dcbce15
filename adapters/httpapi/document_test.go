package httpapi_test

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"parley/adapters/httpapi"
	"parley/openapi"
)

var update = flag.Bool("update", false, "write openapi/openapi.yaml anew")

func TestTheCommittedDocumentIsThatOfTheProgram(t *testing.T) {
	doc, err := httpapi.Document()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../../openapi/openapi.yaml", doc, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(doc, openapi.YAML) {
		t.Error("openapi/openapi.yaml is stale: run make openapi")
	}
	again, err := httpapi.Document()
	if err != nil || !bytes.Equal(doc, again) {
		t.Errorf("the document is another one each time, or %v", err)
	}
	served := serve(t, settings(), noFeed).get("/openapi.yaml").want(t, http.StatusOK)
	if !bytes.Equal(doc, served.body) {
		t.Error("the document that is served is another one")
	}
}

// A document that leaves out what clients need is as bad as a stale one.
func TestEveryOperationIsDocumentedInFull(t *testing.T) {
	c := serve(t, settings(), noFeed)
	if got := c.doc["openapi"]; got != "3.1.0" {
		t.Errorf("the document is OpenAPI %v", got)
	}
	if wrong := c.gaps(); len(wrong) > 0 {
		t.Error(strings.Join(wrong, "\n"))
	}
	paths := object(c.doc["paths"])
	delete(object(object(paths["/api/me"])["get"]), "summary")
	delete(object(object(object(paths["/api/rooms"])["post"])["responses"]), "500")
	message := c.resolve(map[string]any{"$ref": "#/components/schemas/Message"})
	delete(object(object(message["properties"])["id"]), "maximum")
	if wrong := c.gaps(); len(wrong) != 3 {
		t.Errorf("of three gaps, these are noticed: %q", wrong)
	}
}

// gaps are what is missing in the document.
func (c *client) gaps() (wrong []string) {
	for path, item := range object(c.doc["paths"]) {
		for method, node := range object(item) {
			wrong = append(wrong, c.operationGaps(method+" "+path, object(node))...)
		}
	}
	return append(wrong, endless("", c.doc)...)
}

func (c *client) operationGaps(at string, operation map[string]any) (wrong []string) {
	for _, name := range []string{"summary", "operationId", "tags", "security"} {
		if operation[name] == nil || operation[name] == "" {
			wrong = append(wrong, at+" has no "+name)
		}
	}
	responses := object(operation["responses"])
	if responses["500"] == nil || len(list(operation["security"])) > 0 && responses["401"] == nil {
		wrong = append(wrong, at+" has no problems")
	}
	for status, response := range responses {
		for media, body := range object(c.resolve(response)["content"]) {
			if object(body)["example"] == nil && object(body)["examples"] == nil {
				wrong = append(wrong, fmt.Sprintf("%s has no example of %s %s", at, status, media))
			}
		}
	}
	return wrong
}

// endless are the integers without a maximum.
func endless(at string, node any) (wrong []string) {
	switch node := node.(type) {
	case []any:
		for i, item := range node {
			wrong = append(wrong, endless(fmt.Sprintf("%s[%d]", at, i), item)...)
		}
	case map[string]any:
		if fmt.Sprint(node["type"]) == "integer" || fmt.Sprint(node["type"]) == "[integer null]" {
			if node["maximum"] == nil {
				wrong = append(wrong, at+" has no maximum")
			}
		}
		for name, item := range node {
			wrong = append(wrong, endless(at+"/"+name, item)...)
		}
	}
	return wrong
}

// The examples are what people copy.
func TestTheExamplesFitTheirSchemas(t *testing.T) {
	c := serve(t, settings(), noFeed)
	checked := 0
	var look func(at string, node any)
	look = func(at string, node any) {
		switch node := node.(type) {
		case []any:
			for _, item := range node {
				look(at, item)
			}
		case map[string]any:
			examples := []any{node["example"]}
			for _, example := range object(node["examples"]) {
				examples = append(examples, object(example)["value"])
			}
			for _, example := range examples {
				if _, text := example.(string); example != nil && node["schema"] != nil && !text {
					checked++
					for _, wrong := range c.fits(at, node["schema"], example) {
						t.Error(wrong)
					}
				}
			}
			for name, item := range node {
				look(at+"/"+name, item)
			}
		}
	}
	look("", c.doc)
	if checked < 40 {
		t.Errorf("found only %d examples", checked)
	}
}

func TestAnAnswerThatTheDocumentDoesNotTellOfIsNoticed(t *testing.T) {
	c := serve(t, settings(), noFeed)
	is := func(status int, media, body string) answer {
		return answer{status: status, header: http.Header{"Content-Type": {media}}, body: []byte(body)}
	}
	const user = `{"id":1,"email":null,"displayName":"A","presenceHidden":false,"createdAt":"2026-11-23T09:30:00.000000Z"`
	if wrong := c.against("GET", "/api/me", is(200, "application/json", user+"}")); len(wrong) > 0 {
		t.Errorf("a good answer is wrong: %q", wrong)
	}
	for _, bad := range []answer{
		is(418, "application/json", user+"}"),
		is(200, "text/html", user+"}"),
		is(200, "application/json", ""),
		is(200, "application/json", user+`,"more":1}`),
		is(200, "application/json", `{}`),
		is(200, "application/json", strings.Replace(user, `1`, `"1"`, 1)+"}"),
		is(404, "application/problem+json", `{}`),
		is(401, "application/problem+json", `{"type":"/problems/x","title":"x","status":401,"detail":"x","instance":"/","code":"email-taken"}`),
	} {
		if wrong := c.against("GET", "/api/me", bad); len(wrong) == 0 {
			t.Errorf("nothing is wrong with %d %s", bad.status, bad.body)
		}
	}
}
