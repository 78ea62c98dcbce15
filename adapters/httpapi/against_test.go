package httpapi_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// against says in what the answer is not as the document has it.
func (c *client) against(method, path string, a answer) []string {
	operation := c.operation(strings.ToLower(method), path)
	if operation == nil {
		return nil // nothing that the document tells of
	}
	response := c.resolve(object(operation["responses"])[fmt.Sprint(a.status)])
	if response == nil {
		return []string{"the document does not tell of this status"}
	}
	content := object(response["content"])
	if content["text/event-stream"] != nil {
		return nil // the stream's own tests look at it
	}
	if len(a.body) == 0 || len(content) == 0 {
		if len(a.body) != 0 || len(content) != 0 {
			return []string{"the document and the answer do not both have a body"}
		}
		return nil
	}
	media := object(content[a.header.Get("Content-Type")])
	if media == nil {
		return []string{"the document does not tell of media type " + a.header.Get("Content-Type")}
	}
	var body any
	if err := json.Unmarshal(a.body, &body); err != nil {
		return []string{err.Error()}
	}
	wrong := c.fits("body", media["schema"], body)
	if a.status >= 400 {
		if _, told := object(media["examples"])[fmt.Sprint(object(body)["code"])]; !told {
			wrong = append(wrong, "the document does not tell of this code")
		}
	}
	return wrong
}

// operation is what the document has of a call; nil if nothing.
func (c *client) operation(method, path string) map[string]any {
	asked := strings.Split(path, "/")
	paths := object(c.doc["paths"])
	for template, item := range paths {
		parts := strings.Split(template, "/")
		if len(parts) != len(asked) || paths[path] != nil && template != path {
			continue
		}
		matches := true
		for i, part := range parts {
			matches = matches && (part == asked[i] || strings.HasPrefix(part, "{"))
		}
		if operation := object(object(item)[method]); operation != nil && matches {
			return operation
		}
	}
	return nil
}

// object is a node as a JSON object; nil if it is none.
func object(node any) map[string]any {
	fields, _ := node.(map[string]any)
	return fields
}

// list is a node as a JSON array; nil if it is none.
func list(node any) []any {
	items, _ := node.([]any)
	return items
}

// resolve follows references within the document.
func (c *client) resolve(node any) map[string]any {
	reference, ok := object(node)["$ref"].(string)
	if !ok {
		return object(node)
	}
	found := c.doc
	for part := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
		found = object(found[part])
	}
	return c.resolve(found)
}

// fits says in what a value is not as its schema has it, as far as the
// document's schemas go.
func (c *client) fits(at string, node, value any) []string {
	schema := c.resolve(node)
	if choices := list(schema["oneOf"]); choices != nil {
		for _, choice := range choices {
			if len(c.fits(at, choice, value)) == 0 {
				return nil
			}
		}
		return []string{at + " fits none of its schemas"}
	}
	types := list(schema["type"])
	if types == nil {
		types = []any{schema["type"]}
	}
	if !slices.Contains(types, typeOf(value)) {
		return []string{fmt.Sprintf("%s is %v, want %v", at, typeOf(value), types)}
	}
	if enum := list(schema["enum"]); enum != nil && value != nil && !slices.Contains(enum, value) {
		return []string{at + " is none of its enum"}
	}
	var wrong []string
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			wrong = append(wrong, c.fits(fmt.Sprintf("%s[%d]", at, i), schema["items"], item)...)
		}
	case map[string]any:
		wrong = c.fieldsFit(at, schema, value)
	}
	return wrong
}

func (c *client) fieldsFit(at string, schema, fields map[string]any) (wrong []string) {
	properties := object(schema["properties"])
	if schema["additionalProperties"] == true {
		return nil
	}
	for name, value := range fields {
		if properties[name] == nil {
			wrong = append(wrong, at+"."+name+" is not in the document")
			continue
		}
		wrong = append(wrong, c.fits(at+"."+name, properties[name], value)...)
	}
	for _, required := range list(schema["required"]) {
		if _, ok := fields[fmt.Sprint(required)]; !ok {
			wrong = append(wrong, fmt.Sprint(at, ".", required, " is not there"))
		}
	}
	return wrong
}

func typeOf(value any) any {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case float64:
		if value == float64(int64(value)) {
			return "integer"
		}
		return "number"
	default:
		return "object"
	}
}
