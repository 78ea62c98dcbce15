package clients_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// Applications that use symfony/mercure send this, byte for byte, and take any
// answer but a success for an error, and the body of a success for the id.
const (
	symfonyPublishes = "POST /.well-known/mercure HTTP/1.1\r\n" +
		"Host: %s\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\n" +
		"Authorization: Bearer %s\r\n" +
		"Accept: */*\r\n" +
		"User-Agent: Symfony HttpClient (Curl)\r\n" +
		"Accept-Encoding: gzip\r\n" +
		"Content-Length: %d\r\n\r\n%s"

	// A page that such an application has made subscribes with what it was told and
	// the cookie that came with it.
	symfonySubscribes = "GET /.well-known/mercure?%s HTTP/1.1\r\n" +
		"Host: %s\r\n" +
		"Accept: text/event-stream\r\n" +
		"Cache-Control: no-cache\r\n" +
		"Cookie: mercureAuthorization=%s\r\n\r\n"

	aBook   = "topic=https%3A%2F%2Fexample.com%2Fbooks%2F1"
	anyBook = "topic=https%3A%2F%2Fexample.com%2Fbooks%2F%7Bid%7D"
)

// An application that has used another hub so far publishes here, and its pages
// listen and come back.
//
// Mercure: A1, B1, C5, D1, D2, D7, D8, D9, D10, D12, D14, E1, F1, F2, F3, G1, G2, H9, M1, S2, S3.
func TestAnApplicationWithSymfonyMercureFindsTheHubThatItExpects(t *testing.T) {
	t.Parallel()
	h := serve(t, shipped, "MERCURE_JWT_SECRET="+hubSecret, "MERCURE_ANONYMOUS=true")
	publisher := grants(t, []string{"https://example.com/books/{id}", "https://example.com/users/dunglas"}, nil)
	reader := grants(t, nil, []string{"https://example.com/books/{id}"})

	granted := h.symfonyListens(t, anyBook, reader)
	stranger := h.symfonyListens(t, anyBook, "")

	made := h.symfonyPublished(t, publisher, aBook+"&data=%7B%22title%22%3A%221984+%7E+%C3%A9%22%7D")
	own := h.symfonyPublished(t, publisher, aBook+"&topic=https%3A%2F%2Fexample.com%2Fusers%2Fdunglas&data=line+1%0Aline+2"+
		"&private=on&id=urn%3Auuid%3A5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb&type=changed&retry=2500")
	last := h.symfonyPublished(t, publisher, aBook+"&data=")
	if own != "urn:uuid:5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb" || made == "" || last == "" || made == last {
		t.Errorf("the ids are %q, %q and %q", made, own, last)
	}

	first := "data: {\"title\":\"1984 ~ é\"}\nid: " + made + "\n\n"
	second := "event: changed\nretry: 2500\ndata: line 1\ndata: line 2\nid: " + own + "\n\n"
	third := "data: \nid: " + last + "\n\n"
	hears(t, "who is granted it", granted, first, second, third)
	hears(t, "a stranger", stranger, first, third)

	// Who comes back says where from, by two names at once.
	for from, want := range map[string][]string{made: {second, third}, own: {third}} {
		id := strings.ReplaceAll(from, ":", "%3A")
		again := h.symfonyListens(t, anyBook+"&lastEventID="+id+"&Last-Event-ID="+id, reader)
		hears(t, "who comes back", again, want...)
	}
}

// What is refused has a status that such an application takes for an error.
//
// Mercure: D14, J1, S8, S11.
func TestAnApplicationWithSymfonyMercureIsToldWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	h := serve(t, shipped, "MERCURE_JWT_SECRET="+hubSecret)
	books := grants(t, []string{"https://example.com/books/{id}"}, nil)
	for name, c := range map[string]struct {
		token, body string
		want        int
	}{
		"no topic":                     {books, "data=x", http.StatusBadRequest},
		"a topic that is not granted":  {books, "topic=https%3A%2F%2Fexample.com%2Fusers%2F1&data=x", http.StatusForbidden},
		"one of two":                   {books, aBook + "&topic=https%3A%2F%2Fexample.com%2Fusers%2F1&data=x", http.StatusForbidden},
		"a token that only subscribes": {grants(t, nil, []string{"*"}), aBook + "&data=x", http.StatusForbidden},
		"a token that is changed":      {strings.Replace(books, ".", ".e", 1), aBook + "&data=x", http.StatusUnauthorized},
	} {
		status, header, body := h.raw(t, h.symfonyPublishes(c.token, c.body))
		if status != c.want {
			t.Errorf("%s: got %d %s, want %d", name, status, body, c.want)
		}
		if challenged := header.Get("WWW-Authenticate") != ""; challenged != (c.want != http.StatusBadRequest) {
			t.Errorf("%s: the challenge is %q", name, header.Get("WWW-Authenticate"))
		}
	}
}

func (h *hub) host() string { return strings.TrimPrefix(h.url, "http://") }

func (h *hub) symfonyPublishes(token, body string) string {
	return fmt.Sprintf(symfonyPublishes, h.host(), token, len(body), body)
}

// symfonyPublished publishes, and returns the id.
func (h *hub) symfonyPublished(t *testing.T, token, body string) string {
	t.Helper()
	status, _, id := h.raw(t, h.symfonyPublishes(token, body))
	if status != http.StatusOK {
		t.Fatalf("%s is answered %d %s", body, status, id)
	}
	return id
}

// raw sends a request as it is, and returns the answer.
func (h *hub) raw(t *testing.T, request string) (status int, header http.Header, body string) {
	t.Helper()
	response := h.send(t, request)
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(text)
}

func (h *hub) send(t *testing.T, request string) *http.Response {
	t.Helper()
	line, err := net.Dial("tcp", h.host())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = line.Close() })
	if err := line.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(line, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(line), nil)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// symfonyListens opens a stream by the cookie, which is left out where there is no
// token, and reads to the end of its first block: that it is open.
func (h *hub) symfonyListens(t *testing.T, query, token string) io.Reader {
	t.Helper()
	request := fmt.Sprintf(symfonySubscribes, query, h.host(), token)
	if token == "" {
		request = strings.Replace(request, "Cookie: mercureAuthorization=\r\n", "", 1)
	}
	response := h.send(t, request)
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%s is answered %d %v", query, response.StatusCode, response.Header)
	}
	if _, err := until(response.Body, "\n\n"); err != nil {
		t.Fatal(err)
	}
	return response.Body
}

// hears compares the next blocks of a stream, without its comments, with those that
// are to come.
func hears(t *testing.T, who string, from io.Reader, want ...string) {
	t.Helper()
	for _, block := range want {
		text, err := until(from, "\n\n")
		if err != nil {
			t.Fatalf("%s: %v", who, err)
		}
		lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(line string) bool { return line == ":\n" })
		if heard := strings.Join(lines, ""); heard != block {
			t.Errorf("%s heard %q, want %q", who, heard, block)
		}
	}
}
