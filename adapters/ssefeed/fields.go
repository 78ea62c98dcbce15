package ssefeed

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"parley/adapters/form"
	"parley/domain/fault"
	"parley/domain/hub"
)

// maxAsking is how large a body may be that asks for something, in bytes: no less
// than the program takes of it in a URL.
const maxAsking = 256 << 10

// errMediaType refuses a body that is something else than a form.
var errMediaType = fault.New(fault.Malformed, "unsupported-media-type", "What is sent to the hub is application/x-www-form-urlencoded, without a content encoding.")

// fields are what a request sends, in the URL and in its body.
type fields struct{ query, body []form.Pair }

// all are those of both: what is asked for in one place is added to the other.
func (f fields) all() []form.Pair { return append(f.query[:len(f.query):len(f.query)], f.body...) }

// readFields reads the URL, and the body if there is one, of at most maxAsking bytes.
func readFields(w http.ResponseWriter, r *http.Request) (sent fields, err error) {
	if sent.query, err = form.Parse(r.URL.RawQuery); err != nil {
		return fields{}, err
	}
	if r.Method != QUERY {
		return sent, nil
	}
	body, err := formOf(w, r, maxAsking)
	if err != nil {
		return fields{}, err
	}
	text, err := readBody(body)
	if err != nil {
		return fields{}, err
	}
	sent.body, err = form.Parse(string(text))
	return sent, err
}

// formOf is the body of a request, of at most limit bytes, if it is a form.
func formOf(w http.ResponseWriter, r *http.Request, limit int64) (io.Reader, error) {
	if r.ContentLength != 0 && !isForm(r.Header) {
		return nil, errMediaType
	}
	return http.MaxBytesReader(w, r.Body, limit), nil
}

func readBody(from io.Reader) ([]byte, error) {
	body, err := io.ReadAll(from)
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, hub.ErrTooLarge
	}
	if err != nil {
		return nil, errBrokenOff
	}
	return body, nil
}

// errBrokenOff refuses a body that did not arrive to its end.
var errBrokenOff = fault.New(fault.Malformed, "malformed-body", "The body broke off.")

// isForm reports whether a body is a form as it is, of whatever charset it says:
// the standard knows UTF-8 alone.
func isForm(header http.Header) bool {
	if coding := header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return false
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && media == "application/x-www-form-urlencoded"
}

// first is the first value by a name, and whether there is one.
func first(pairs []form.Pair, name string) (value string, found bool) {
	for _, pair := range pairs {
		if pair.Name == name {
			return pair.Value, true
		}
	}
	return "", false
}
