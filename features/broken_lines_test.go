package features_test

import (
	"context"
	"io"

	"parley/features/stage"
)

type badLine struct {
	stage.Client
	wrap func(stage.Line) stage.Line
}

func (c badLine) Listen(ctx context.Context, ask stage.Ask) (stage.Line, error) {
	l, err := c.Client.Listen(ctx, ask)
	if err != nil {
		return nil, err
	}
	return c.wrap(l), nil
}

// twice hands out each message twice.
type twice struct {
	stage.Line
	held *stage.Heard
}

func (l *twice) Next(ctx context.Context) (stage.Heard, error) {
	if held := l.held; held != nil {
		l.held = nil
		return *held, nil
	}
	h, err := l.Line.Next(ctx)
	if h.What == stage.Said {
		l.held = &h
	}
	return h, err
}

// loses drops the messages of odd numbers.
type loses struct{ stage.Line }

func (l loses) Next(ctx context.Context) (stage.Heard, error) {
	for {
		if h, err := l.Line.Next(ctx); err != nil || h.What != stage.Said || h.Message.Number%2 == 0 {
			return h, err
		}
	}
}

// swaps hands out the second of two messages before the first.
type swaps struct {
	stage.Line
	held *stage.Heard
}

func (l *swaps) Next(ctx context.Context) (stage.Heard, error) {
	if held := l.held; held != nil {
		l.held = nil
		return *held, nil
	}
	h, err := l.Line.Next(ctx)
	if err != nil || h.What != stage.Said {
		return h, err
	}
	l.held = &h
	return l.Line.Next(ctx)
}

// shouts changes the words.
type shouts struct{ stage.Line }

func (l shouts) Next(ctx context.Context) (stage.Heard, error) {
	h, err := l.Line.Next(ctx)
	if h.What == stage.Said {
		h.Message.Text += "!"
	}
	return h, err
}

// breaks ends after a few things, and begins afresh each time.
type breaks struct {
	stage.Line
	heard int
}

func (l *breaks) Next(ctx context.Context) (stage.Heard, error) {
	if l.heard++; l.heard > 3 {
		return stage.Heard{}, io.ErrUnexpectedEOF
	}
	return l.Line.Next(ctx)
}

func (*breaks) Afresh() bool { return true }

type neverAfresh struct{ stage.Line }

func (neverAfresh) Afresh() bool { return false }

// uncorrected drops corrections.
type uncorrected struct{ stage.Line }

func (l uncorrected) Next(ctx context.Context) (stage.Heard, error) {
	for {
		if h, err := l.Line.Next(ctx); err != nil || h.What != stage.Corrected {
			return h, err
		}
	}
}
