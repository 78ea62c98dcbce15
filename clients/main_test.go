// Package clients_test lets clients that we have not written listen to the
// program that ships, and publish to it: each as it is handed out, used as its
// documentation says.
package clients_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/cmd/parley/parleytest"
)

// patience is how long a condition may take, on a machine that is busy with other
// tests. It is only ever used up by what does not work.
const patience = 60 * time.Second

// shipped is the program.
var shipped string

// TestMain builds the program once, and looks that nothing is left running.
func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	code := parleytest.Run(m, &shipped)
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// hub is the program on an address and a folder that it keeps when it is started
// again.
type hub struct {
	url     string
	program string
	folder  string
	environ []string
	process *exec.Cmd
	said    parleytest.Writings
}

// serve starts the program and waits until it is ready.
func serve(t *testing.T, program string, environ ...string) *hub {
	t.Helper()
	h := &hub{program: program, folder: t.TempDir()}
	address := parleytest.FreeAddress(t)
	h.url = "http://" + address
	h.environ = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "PARLEY_LISTEN=" + address,
		"PARLEY_LOG_LEVEL=warn", "PARLEY_RATE_MESSAGES=0", "PARLEY_STREAMS_PER_USER=0"}, environ...)
	h.start(t)
	t.Cleanup(func() {
		h.end(os.Kill)
		if t.Failed() {
			t.Logf("the program wrote:\n%s", h.said.String())
		}
	})
	return h
}

func (h *hub) start(t *testing.T) {
	t.Helper()
	h.process = exec.Command(h.program, "serve")
	h.process.Dir, h.process.Env, h.process.Stderr = h.folder, h.environ, &h.said
	if err := h.process.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "the program is ready", func() bool {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// end asks the program to end, or ends it, and waits until it has.
func (h *hub) end(how os.Signal) {
	_ = h.process.Process.Signal(how) // that it has ended already is no mistake
	_ = h.process.Wait()
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
