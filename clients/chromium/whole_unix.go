//go:build unix

package chromium

import (
	"os/exec"
	"syscall"
	"time"
)

// whole lets the end of a command be that of all the processes it has started:
// a browser is many.
func whole(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
}
