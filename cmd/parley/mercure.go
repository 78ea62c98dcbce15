package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"parley/cmd/compose"
	"parley/domain/hub"
)

// topics collects what a flag is given, each time.
type topics []string

func (t *topics) String() string { return strings.Join(*t, " ") }

func (t *topics) Set(topic string) error {
	*t = append(*t, topic)
	return nil
}

// mintMercure prints a token that grants what the flags say.
func mintMercure(w world, args []string) error {
	var wanted compose.MercureToken
	var dialect, by string
	flags := flag.NewFlagSet("token", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Var((*topics)(&wanted.Subscribe), "subscribe", "a `topic` that may be listened to, or *; may be repeated")
	flags.Var((*topics)(&wanted.Publish), "publish", "a `topic` that may be published on, or *; may be repeated")
	flags.StringVar(&dialect, "dialect", "1.0", "the `version` of the Mercure protocol: 1.0, or 0.x")
	flags.StringVar(&by, "match", "exact", "how Mercure 1.0 matches the topics: exact or urlpattern (`type`); 0.x takes names and URI templates")
	flags.StringVar(&wanted.Payload, "payload", "", "`JSON` that is shown with the subscriptions")
	flags.DurationVar(&wanted.Life, "for", time.Hour, "how `long` it is good")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(w.out)
		_, err = io.WriteString(w.out, "parley token <id or e-mail> prints an access token of a user. With these it prints a Mercure token:\n\n")
		flags.PrintDefaults()
		return err
	}
	if err != nil || flags.NArg() > 0 {
		return fmt.Errorf("%w: %w", errors.Join(err, unexpected(flags.Args())), errUsage)
	}
	if wanted.Dialect, wanted.By, err = spoken(dialect, by); err != nil {
		return err
	}
	s, _, err := w.settings(nil, 0)
	if err != nil {
		return err
	}
	minted, err := compose.MintMercure(s, wanted, time.Now())
	if errors.Is(err, compose.ErrMercureToken) {
		return fmt.Errorf("%w: %w", err, errUsage)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.out, minted)
	return err
}

func unexpected(args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("there is nothing to be done with %q", args)
}

func spoken(dialect, by string) (hub.Dialect, hub.MatchType, error) {
	switch {
	case dialect == "0.x":
		return hub.Legacy, hub.Topic, nil
	case dialect != "1.0":
		return 0, 0, fmt.Errorf("there is no dialect %q: %w", dialect, errUsage)
	case by == "exact":
		return hub.Modern, hub.Exact, nil
	case by == "urlpattern":
		return hub.Modern, hub.URLPattern, nil
	default:
		return 0, 0, fmt.Errorf("there is no way to match %q: %w", by, errUsage)
	}
}
