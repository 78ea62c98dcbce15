package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"parley/cmd/compose"
)

// settings reads them, warns of what is none, and makes the log.
func (w world) settings(args []string, most int) (compose.Settings, *slog.Logger, error) {
	if len(args) > most {
		return compose.Settings{}, nil, fmt.Errorf("too many arguments: %w", errUsage)
	}
	s, unknown, err := compose.Read(w.environ)
	if err != nil {
		return s, nil, err
	}
	log := s.Logger(w.err)
	for _, name := range unknown {
		log.Warn("there is no such setting, or not in this version", slog.String("setting", name))
	}
	return s, log, nil
}

func serve(ctx context.Context, w world, args []string) (err error) {
	s, log, err := w.settings(args, 0)
	if err != nil {
		return err
	}
	parts, err := compose.Assemble(ctx, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Close()) }()
	on, err := compose.Listen(ctx, s.Listen)
	if err != nil {
		return fmt.Errorf("PARLEY_LISTEN: %w", err)
	}
	parts.Settings = s.At(on.Addr().String())
	program, err := compose.New(parts)
	if err != nil {
		return err
	}
	if err := guide(w.out, parts.Settings); err != nil {
		return err
	}
	log.Info("serving", slog.String("address", on.Addr().String()))
	return program.Run(ctx, on)
}

func migrate(ctx context.Context, w world, args []string) error {
	s, log, err := w.settings(args, 1)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 0 || args[0] == "up":
		return compose.Migrate(ctx, s, log, w.out)
	case args[0] == "status":
		return compose.MigrationStatus(ctx, s, log, w.out)
	default:
		return fmt.Errorf("there is no migrate %q: %w", args[0], errUsage)
	}
}

// keys rotates the signing keys, while nodes serve, or works on the database itself,
// while nothing serves with the old keys.
func keys(ctx context.Context, w world, args []string) error {
	if len(args) != 1 || args[0] != "adopt" && args[0] != "rotate" {
		return fmt.Errorf("keys takes rotate or adopt: %w", errUsage)
	}
	s, log, err := w.settings(nil, 0)
	if err != nil {
		return err
	}
	if args[0] == "rotate" {
		return compose.RotateKeys(s, time.Now(), w.out)
	}
	return compose.AdoptKeys(ctx, s, log, w.out)
}

// check says whether serve would start.
func check(ctx context.Context, w world, args []string) error {
	s, log, err := w.settings(args, 0)
	if err != nil {
		return err
	}
	found, err := compose.Check(ctx, s, log)
	if err != nil {
		return err
	}
	database := "fine"
	if !found {
		database = "serve will make it"
	}
	_, err = fmt.Fprintf(w.out, "settings: fine\ndatabase: %s\n", database)
	return err
}

// mintToken prints a token: a Mercure one, or a user's. For that it works on the database itself, so with SQLite while nothing serves.
func mintToken(ctx context.Context, w world, args []string) (err error) {
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		return mintMercure(w, args)
	}
	if len(args) != 1 {
		return fmt.Errorf("token takes a user's id or e-mail address, or what a Mercure token is to grant: %w", errUsage)
	}
	s, log, err := w.settings(nil, 0)
	if err != nil {
		return err
	}
	parts, err := compose.Assemble(ctx, s.At(s.Listen), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Close()) }()
	program, err := compose.New(parts)
	if err != nil {
		return err
	}
	minted, err := program.Mint(ctx, args[0])
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.out, minted)
	return err
}

func openAPI(_ context.Context, w world, _ []string) error {
	document, err := compose.Document()
	if err != nil {
		return err
	}
	_, err = w.out.Write(document)
	return err
}
