//go:build race

package main_test

// The program under test looks for races when its tests do.
func init() { buildFlags = append(buildFlags, "-race") } //nolint:gochecknoinits // the flag is known to the compiler alone
