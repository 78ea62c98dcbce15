package main_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// The URLs that are percent-encoded in these paths reach the hub as they are.
//
// Mercure: N2, N6, L2.
func TestWhoListensIsShownByTheProgram(t *testing.T) {
	folder := t.TempDir()
	s := serve(t, folder, "PARLEY_CORS_ORIGINS=https://page.example.org")
	code, minted, complaint := run(t, folder, []string{"PARLEY_PUBLIC_URL=" + s.url}, "token", "-subscribe", "*", "-dialect", "0.x")
	if code != 0 {
		t.Fatalf("no token: %s", complaint)
	}
	get := func(path string) *http.Response {
		request, err := http.NewRequestWithContext(within(t), http.MethodGet, s.url+feedPath+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(minted))
		request.Header.Set("Origin", "https://page.example.org")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = answer.Body.Close() })
		return answer
	}
	get("?match=https://example.com/secret-book/1") // stays open
	answer := get("/subscriptions/exact/https%3A%2F%2Fexample.com%2Fsecret-book%2F1")
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), `"active":true`) {
		t.Errorf("answered %d %s, %v", answer.StatusCode, body, err)
	}
	if exposed := strings.ToLower(answer.Header.Get("Access-Control-Expose-Headers")); !strings.Contains(exposed, "link") || answer.Header.Get("Link") == "" {
		t.Errorf("a page is shown %q", exposed)
	}
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodDelete, s.url+feedPath+"/subscriptions", nil)
	if err != nil {
		t.Fatal(err)
	}
	refused, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = refused.Body.Close() }()
	if refused.StatusCode != http.StatusMethodNotAllowed || refused.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("a DELETE is answered %d, Allow: %s", refused.StatusCode, refused.Header.Get("Allow"))
	}
	if logged := s.err.String(); strings.Contains(logged, "secret-book") {
		t.Errorf("the log tells who listens for what: %s", logged)
	}
}
