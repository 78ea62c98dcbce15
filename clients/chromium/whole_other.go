//go:build !unix

package chromium

import (
	"os/exec"
	"time"
)

func whole(cmd *exec.Cmd) { cmd.WaitDelay = 5 * time.Second }
