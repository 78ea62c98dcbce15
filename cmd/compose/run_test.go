package compose_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/application/accounts"
	"parley/cmd/compose"
	"parley/domain/identity"
)

func TestNothingIsLeftRunning(t *testing.T) {
	defer goleak.VerifyNone(t)
	program, on, parts := assemble(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- program.Run(ctx, on) }()
	awaitReady(t, parts.Settings.PublicURL)
	stream := listen(t, program, parts.Settings.PublicURL)
	cancel()
	if said, err := io.ReadAll(stream); err != nil || !bytes.Contains(said, []byte("event: stream.closing")) {
		t.Errorf("the open stream has %q (%v), want it to be closed", said, err)
	}
	_ = stream.Close()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if err := parts.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

// A listener that fails ends the program, with the reason, and everything with it.
func TestAProgramThatCannotServeSaysWhy(t *testing.T) {
	defer goleak.VerifyNone(t)
	program, on, parts := assemble(t)
	if err := on.Close(); err != nil {
		t.Fatal(err)
	}
	if err := program.Run(t.Context(), on); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want %v", err, net.ErrClosed)
	}
	if err := parts.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// What is still under way when the time is over is cut off, and waited for.
func TestAHandlerThatDoesNotEndIsCutOff(t *testing.T) {
	program, on, parts := assemble(t)
	defer func() { _ = parts.Close() }()
	busy, gone := make(chan struct{}), make(chan struct{})
	program.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(busy)
		<-r.Context().Done()
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- program.Run(ctx, on) }()
	go func() {
		if response, err := http.Get(parts.Settings.PublicURL); err == nil {
			_ = response.Body.Close()
		}
	}()
	<-busy
	began := time.Now()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the end took %v", took)
	}
	select {
	case <-gone:
	default:
		t.Error("the program has ended before its handler")
	}
}

func TestAProgramNeedsKeysAndAnAddress(t *testing.T) {
	_, on, parts := assemble(t)
	defer func() { _ = errors.Join(on.Close(), parts.Close()) }()
	parts.Settings.PublicURL = ""
	if _, err := compose.New(parts); err == nil {
		t.Error("a program without a public URL was put together")
	}
}

func assemble(t *testing.T) (*compose.Program, net.Listener, *compose.Parts) {
	t.Helper()
	s, _, err := compose.Read([]string{"PARLEY_LISTEN=127.0.0.1:0", "PARLEY_DATA_DIR=" + t.TempDir(), "DATABASE_URL=sqlite::memory:"})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := compose.Assemble(t.Context(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	on, err := net.Listen("tcp", s.Listen)
	if err != nil {
		t.Fatal(err)
	}
	parts.Settings = s.At(on.Addr().String())
	program, err := compose.New(parts)
	if err != nil {
		t.Fatal(err)
	}
	return program, on, parts
}

// listen opens a stream of a user who has just registered.
func listen(t *testing.T, program *compose.Program, url string) io.ReadCloser {
	t.Helper()
	email, err1 := identity.ParseEmail("ada@example.org")
	name, err2 := identity.ParseDisplayName("Ada")
	_, err3 := program.App.Register.Handle(t.Context(), accounts.RegisterCommand{Email: email, Password: "analytical engine", Name: name})
	token, err4 := program.Mint(t.Context(), "ada@example.org")
	request, err5 := http.NewRequest(http.MethodGet, url+"/.well-known/mercure?topic=*", nil)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response.Body
}

func awaitReady(t *testing.T, url string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		response, err := http.Get(url + "/readyz")
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("the program does not get ready: %v", err)
		}
	}
}
