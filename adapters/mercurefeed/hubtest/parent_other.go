//go:build !linux

package hubtest

import "syscall"

// dependent: here a hub outlives tests that are killed.
func dependent() *syscall.SysProcAttr { return nil }
