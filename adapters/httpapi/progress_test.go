package httpapi_test

import (
	"errors"
	"net"
	"net/url"
	"os"
	"testing"
	"time"
)

// Whoever does not read what they are answered is cut off. The program's clock is
// half a minute behind here, or it would take as long.
func TestWhoDoesNotReadTheirAnswersIsCutOff(t *testing.T) {
	s := settings()
	s.Now = func() time.Time { return time.Now().Add(-29 * time.Second) }
	c := serve(t, s, noFeed)
	address, err := url.Parse(c.base)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := net.Dial("tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = connection.Write([]byte("GET /openapi.json HTTP/1.1\r\nHost: chat\r\n\r\n"))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the program still waits for its answers to be read")
	}
}
