package chromium

import (
	"context"
	"os/exec"
	"testing"
)

// Open opens a page in a browser of its own and leaves it open until the test
// ends. What becomes of it, the page has to tell.
func Open(t testing.TB, page string) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	// A browser that may be debugged stays, and this one is by nobody.
	cmd := exec.CommandContext(ctx, Find(t), append(Flags(t.TempDir()), "--remote-debugging-port=0", page)...) //nolint:gosec // it is the test's own page
	whole(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatalf("open %s: %v", page, err)
	}
	t.Cleanup(func() {
		end()
		_ = cmd.Wait() // it was killed
	})
}
