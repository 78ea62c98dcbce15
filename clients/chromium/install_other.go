//go:build !linux

package chromium

import "errors"

func install() error { return errors.New("on this system it is not installed for you") }
