package compose_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client that is slow, or sends too much, costs a connection for some seconds.
func TestThereIsAnEndToWhatAClientCanHold(t *testing.T) {
	program, on, parts := assemble(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- program.Run(ctx, on) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, parts.Close()); err != nil {
			t.Error(err)
		}
	})
	awaitReady(t, parts.Settings.PublicURL)
	for says, c := range map[string]struct {
		sent   string
		status int // 0: none
		most   time.Duration
	}{
		"headers that do not come": {"GET /healthz HTTP/1.1\r\nHost: chat\r\nX-Slow: 1", 0, 8 * time.Second},
		"headers that are too large": {
			"GET /healthz HTTP/1.1\r\nHost: chat\r\nX-Large: " + strings.Repeat("x", 300<<10) + "\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge, 4 * time.Second,
		},
		"a body that does not come": {
			"POST /api/auth/login HTTP/1.1\r\nHost: chat\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", http.StatusBadRequest, 8 * time.Second,
		},
		"a body that nobody reads": {"GET /healthz HTTP/1.1\r\nHost: chat\r\nContent-Length: 100\r\n\r\n{", http.StatusOK, 8 * time.Second},
		"a body that nobody reads, with a poll": {
			"GET /api/events HTTP/1.1\r\nHost: chat\r\nContent-Length: 100\r\n\r\n{", http.StatusUnauthorized, 8 * time.Second,
		},
		"a body without an end": {
			"POST /api/auth/logout HTTP/1.1\r\nHost: chat\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", http.StatusUnauthorized, 8 * time.Second,
		},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			status, took := hold(t, on.Addr().String(), c.sent)
			if status != c.status || took > c.most {
				t.Errorf("answered %d and held for %v, want %d and %v at most", status, took, c.status, c.most)
			}
		})
	}
}

// hold sends something and no more, and returns what is answered, and after what
// time the program closes the connection.
func hold(t *testing.T, address, sent string) (status int, took time.Duration) {
	t.Helper()
	began := time.Now()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(began.Add(15 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, sent); err != nil {
		t.Fatal(err)
	}
	from := bufio.NewReader(connection)
	if response, err := http.ReadResponse(from, nil); err == nil {
		status = response.StatusCode
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	_, _ = io.Copy(io.Discard, from)
	return status, time.Since(began)
}
