package hubtest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
)

// comeAgain opens a line when one has ended, or is to have another token, as often
// as it takes.
func (l *Line) comeAgain(ctx context.Context) error {
	for {
		err := l.listen(ctx)
		if err == nil {
			return l.ask(ctx)
		}
		if !isAway(err) {
			return err
		}
		if ended := l.rest(ctx); ended != nil {
			return errors.Join(err, ended)
		}
	}
}

// isAway reports whether who was asked is not there, and may be again.
func isAway(err error) bool {
	no := new(net.OpError)
	return errors.As(err, &no) || hasEnded(err) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// hasEnded reports whether the hub refused a token, which can end on its way there.
// The next one that is asked for is good, or the program says why there is none.
func hasEnded(err error) bool {
	no := new(ssetest.Refused)
	return errors.As(err, &no) && no.Status == http.StatusUnauthorized
}

// rest waits a little before something is tried again.
func (l *Line) rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.closed.Done():
		return l.closed.Err()
	case <-time.After(20 * time.Millisecond):
		return nil
	}
}

func isReset(answer polltest.Answer) bool {
	if len(answer.Events) == 0 {
		return false
	}
	first, err := answer.Events[0].Type()
	return first == "stream.opened" && err == nil
}

// isTemporary reports whether the program asks to be asked again.
func isTemporary(err error) bool {
	no := new(polltest.Refused)
	return errors.As(err, &no) && strings.Contains(string(no.Body), "storage-unavailable")
}
