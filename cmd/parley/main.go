// Command parley is a chat backend: rooms over REST, what happens in them as a
// stream.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"parley/cmd/compose"
)

// The exit codes.
const (
	exitFine    = 0
	exitBroken  = 1
	exitUsage   = 2
	exitRefused = 78 // EX_CONFIG of sysexits.h: starting again does not help
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who asks twice does not wait
	os.Exit(run(ctx, os.Args[1:], world{environ: os.Environ(), out: os.Stdout, err: os.Stderr}))
}

// world is what a command knows of its surroundings.
type world struct {
	environ  []string
	out, err io.Writer
}

// command is one of the things that parley does.
type command struct {
	name, args, does string
	run              func(ctx context.Context, w world, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "", "serve; without any settings on 127.0.0.1:8080, with SQLite under ./data", serve},
		{"migrate", "[up|status]", "bring the database up to date, or say whether it is", migrate},
		{"check", "", "say whether serve would start: the settings, the database, the hub", check},
		{"token", "<id or e-mail>", "for development: print an access token of a user, or a Mercure token (see parley token -help)", mintToken},
		{"keys", "rotate|adopt", "rotate: sign access tokens with a new key; adopt: take other keys for the database, which ends all sessions", keys},
		{"openapi", "", "print the OpenAPI document", openAPI},
	}
}

// errUsage means that parley was not asked for anything that it does.
var errUsage = errors.New("see parley help")

func run(ctx context.Context, args []string, w world) int {
	if len(args) == 0 {
		_, _ = io.WriteString(w.err, help()) // there is nobody else to tell
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		_, err := io.WriteString(w.out, help())
		return w.exit(err)
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return w.exit(c.run(ctx, w, args[1:]))
		}
	}
	return w.exit(fmt.Errorf("there is no command %q: %w", args[0], errUsage))
}

// exit says what went wrong, in one line, and returns the code to exit with.
func (w world) exit(err error) int {
	if err == nil || errors.Is(err, context.Canceled) { // asked to end before it had begun
		return exitFine
	}
	_, _ = fmt.Fprintln(w.err, "parley:", strings.Join(strings.Fields(err.Error()), " "))
	var refusal compose.Refusal
	switch {
	case errors.As(err, &refusal):
		return exitRefused
	case errors.Is(err, errUsage):
		return exitUsage
	default:
		return exitBroken
	}
}

func help() string {
	var text strings.Builder
	text.WriteString("Parley is a chat backend: rooms over REST, what happens in them as a stream.\n\nUsage:\n")
	for _, c := range commands() {
		fmt.Fprintf(&text, "  parley %-8s %-16s %s\n", c.name, c.args, c.does)
	}
	text.WriteString("\nThe settings are environment variables; README.md lists them.\n")
	return text.String()
}
