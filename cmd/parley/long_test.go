package main_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A list of a thousand resources, each by its own address, and a token that names
// hundreds of them fit into the one request that a browser can make of them.
//
// Mercure: B1, B8, H10.
func TestALongListOfAddressesIsListenedTo(t *testing.T) {
	t.Parallel() // most of it is waiting
	const asked, granted = 1000, 500
	s := serve(t, t.TempDir(), thirdParties...)
	topics := make(url.Values)
	flags := []string{"-dialect", "0.x"}
	for i := range asked {
		topic := fmt.Sprintf("https://api.example.org/books/0192f3c4-7c1a-7b3e-9d2f-%012d", i)
		topics.Add("topic", topic)
		if i < granted {
			flags = append(flags, "-subscribe", topic)
		}
	}
	line := s.hubLine(t, mint(t, flags...), topics.Encode(), "")
	publisher := mint(t, "-dialect", "0.x", "-publish", "*")
	for i, want := range map[int]string{granted - 1: "granted by name", asked - 1: "public"} {
		update := url.Values{"topic": {topics["topic"][i]}, "data": {want}}
		if i < granted {
			update.Set("private", "on")
		}
		s.mustPublish(t, publisher, update)
		if heard, err := line.Next(within(t)); err != nil || heard.Data != want {
			t.Errorf("heard %q, %v; want %q", heard.Data, err, want)
		}
	}
	r, err := http.NewRequestWithContext(within(t), "QUERY", s.url+"/.well-known/mercure", strings.NewReader(topics.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _ = answer.Body.Close(); answer.StatusCode != http.StatusOK {
		t.Errorf("in a body: %s", answer.Status)
	}
}
