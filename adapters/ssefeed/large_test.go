package ssefeed_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"parley/domain/hub"
	"parley/domain/identity"
)

// counted counts what is read of it.
type counted struct {
	io.Reader
	bytes int
}

func (c *counted) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	c.bytes += n
	return n, err
}

// put publishes without a socket between, and returns what is said.
func (s server) put(body io.Reader, as func(*http.Request)) (status int, said string) {
	r := httptest.NewRequest(http.MethodPost, "http://chat.example.org/.well-known/mercure", body)
	form(r)
	as(r)
	w := httptest.NewRecorder()
	s.feed.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func nobody(*http.Request) {}

// Whoever may not publish makes the hub read no more than a small update.
//
// Mercure: D4, D13.
func TestOfALargeUpdateLittleIsReadBeforeTheToken(t *testing.T) {
	const kib = 1 << 10
	s, log := publishing(t)
	for name, c := range map[string]struct {
		begins string
		bytes  int
		as     func(*http.Request)
		read   int // KiB at most
		says   string
	}{
		"by nobody":                       {"topic=granted", 900 * kib, nobody, 65, identity.ErrUnauthenticated.Error()},
		"by a token that is none":         {"topic=granted", 900 * kib, bearer("bad"), 65, identity.ErrInvalidToken.Error()},
		"by a user":                       {"topic=granted", 900 * kib, bearer("good"), 65, hub.ErrScope.Error()},
		"on a topic of the hub's":         {"topic=own", 900 * kib, nobody, 65, hub.ErrReserved.Error()},
		"too large, by nobody":            {"topic=granted", 1200 * kib, nobody, 65, identity.ErrUnauthenticated.Error()},
		"too large, by a publisher":       {"topic=granted", 1200 * kib, bearer("0.x"), 1025, hub.ErrTooLarge.Error()},
		"on a topic that is behind it":    {"topic=granted", 900 * kib, bearer("0.x"), 1025, hub.ErrReserved.Error()},
		"as large as may be":              {"topic=granted", 900 * kib, bearer("0.x"), 1025, ""},
		"with a topic that is read twice": {"x=" + strings.Repeat("x", 64*kib-10) + "&topic=granted", 100 * kib, bearer("0.x"), 1025, ""},
	} {
		log.got = nil
		text := c.begins + "&data=" + strings.Repeat("x", c.bytes)
		if strings.Contains(name, "behind") {
			text += "&topic=own"
		}
		body := &counted{Reader: strings.NewReader(text)}
		status, said := s.put(body, c.as)
		switch {
		case c.says == "" && (status != http.StatusOK || len(log.got) != 1 || len(log.got[0].Data) != c.bytes):
			t.Errorf("%s: got %d %s", name, status, said)
		case c.says != "" && said != c.says:
			t.Errorf("%s: got %q, want %q", name, said, c.says)
		}
		if body.bytes > c.read*kib {
			t.Errorf("%s: %d bytes were read, want %d KiB at most", name, body.bytes, c.read)
		}
	}
}

// held is a body of which the rest comes when it is let go.
type held struct {
	begin io.Reader
	rest  chan struct{}
}

func (h held) Read(into []byte) (int, error) {
	if n, err := h.begin.Read(into); err == nil {
		return n, nil
	}
	<-h.rest
	return 0, io.EOF
}

// Thirty-two large updates may arrive at the same moment. The next one waits a
// little, and small ones do not.
//
// Mercure: D13.
func TestNoMoreLargeUpdatesArriveThanThereIsRoomFor(t *testing.T) {
	feed, log := publishing(t)
	synctest.Test(t, func(t *testing.T) {
		large := func() held {
			return held{strings.NewReader("topic=granted&data=" + strings.Repeat("x", 100<<10)), make(chan struct{})}
		}
		var arriving []held
		answers := make(chan int, 32)
		for range 32 {
			one := large()
			arriving = append(arriving, one)
			go func() {
				status, _ := feed.put(one, bearer("0.x"))
				answers <- status
			}()
			synctest.Wait()
		}
		if status, said := feed.put(large(), bearer("0.x")); status == http.StatusOK || !strings.HasPrefix(said, "Many large updates") {
			t.Errorf("one more: got %d %s", status, said)
		}
		if status, said := feed.put(strings.NewReader("topic=granted"), bearer("0.x")); status != http.StatusOK {
			t.Errorf("a small one: got %d %s", status, said)
		}
		last := large()
		go func() {
			status, _ := feed.put(last, bearer("0.x"))
			answers <- status
		}()
		close(last.rest)
		for _, one := range arriving {
			close(one.rest)
			synctest.Wait()
		}
		for range 33 {
			if status := <-answers; status != http.StatusOK {
				t.Errorf("one that waited for its turn, or its rest: got %d", status)
			}
		}
		if got := len(log.got); got != 34 {
			t.Errorf("took %d updates, want 34", got)
		}
	})
}
