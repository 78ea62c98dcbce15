package compose

import (
	"errors"
	"syscall"
)

// userTimeout is TCP_USER_TIMEOUT, which package syscall lacks.
const userTimeout = 18

// giveUp bounds how long what was sent may go without an acknowledgement; by
// itself the kernel would try for a quarter of an hour. Connections have it from
// the socket that listens.
func giveUp(_, _ string, socket syscall.RawConn) error {
	var refused error
	err := socket.Control(func(fd uintptr) {
		refused = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, userTimeout, int(vanished.Milliseconds()))
	})
	return errors.Join(err, refused)
}
