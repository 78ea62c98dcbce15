package hubtest

import "syscall"

// dependent ends a hub with the tests, however those end.
func dependent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
