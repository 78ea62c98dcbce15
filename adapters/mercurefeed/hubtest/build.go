package hubtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	program  = "github.com/dunglas/mercure/cmd/mercure"
	buildFor = 10 * time.Minute // it is fetched, too, if it has to be
)

// binary is the reference hub's program. It is built once on a machine, for each
// version that is pinned.
var binary = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildFor)
	defer cancel()
	module, err := moduleFolder(ctx)
	if err != nil {
		return "", err
	}
	pinned, err := os.ReadFile(filepath.Join(module, "go.sum"))
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	sum := sha256.Sum256(pinned)
	path := filepath.Join(cache, "parley-test", "mercure-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, build(ctx, module, path)
})

// moduleFolder is where the hub's version is pinned, in a module of its own.
func moduleFolder(ctx context.Context) (string, error) {
	ours, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(ours))), "tools", "mercure"), nil
}

// build builds the hub, while others who want to wait: it takes a machine its
// while, and two at a time twice that.
func build(ctx context.Context, module, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	unlock, err := lock(path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(path); err == nil {
		return nil // somebody else has built it meanwhile
	}
	making := fmt.Sprintf("%s.%d", path, os.Getpid())
	command := exec.CommandContext(ctx, "go", "build", "-tags=deprecated_server,deprecated_transport", "-o", making, program)
	command.Dir = module
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	if out, err := command.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("%s: %w\n%s", command, err, out), os.RemoveAll(making))
	}
	return os.Rename(making, path)
}
