package hubtest

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"parley/adapters/pollfeed/polltest"
)

// comeAgain opens a new line when one has ended, as often as it takes.
func (l *Line) comeAgain(ctx context.Context) error {
	for {
		err := l.listen(ctx)
		if err == nil {
			return l.ask(ctx)
		}
		if !isAway(err) {
			return err
		}
		if err := l.rest(ctx); err != nil {
			return err
		}
	}
}

// isAway reports whether who was asked is not there, and may be again.
func isAway(err error) bool {
	no := new(net.OpError)
	return errors.As(err, &no) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
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
