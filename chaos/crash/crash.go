//go:build unix

// Package crash is what variants of the program die by. The program as it ships
// does not know it: package chaos builds it into copies, at points that it names,
// and tells by the environment at which of them a process is struck, and how.
//
// Environment variables, so that a process can be started again with others:
// CRASH_AT is point:n, the n-th time that the point is passed. CRASH_BY is kill
// (the default), stop, or stall, which only waits there, each time from the n-th
// on. CRASH_LINGER is how long the process stays at the point before it is
// struck, as a slow disk would make it. CRASH_NOTES is a file to which a line is
// added just before, so that strikes can be counted.
package crash

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The ways to be struck.
const (
	Kill  = "kill"
	Stop  = "stop"
	Stall = "stall"
)

// plan is what the environment says. The zero plan strikes nowhere.
type plan struct {
	point  string
	nth    int64
	by     string
	linger time.Duration
	notes  string
}

// planned is read once. A plan that cannot be read ends the program: a process
// that was to be struck and is not proves nothing.
var planned = sync.OnceValue(func() plan {
	p, err := read(os.Getenv)
	if err != nil {
		panic(err)
	}
	return p
})

func read(env func(string) string) (plan, error) {
	if env("CRASH_AT") == "" {
		return plan{}, nil
	}
	point, times, _ := strings.Cut(env("CRASH_AT"), ":")
	nth, err := strconv.ParseInt(times, 10, 64)
	if err != nil || nth < 1 || point == "" {
		return plan{}, fmt.Errorf("CRASH_AT=%q is not point:n", env("CRASH_AT"))
	}
	p := plan{point: point, nth: nth, by: env("CRASH_BY"), notes: env("CRASH_NOTES")}
	switch p.by {
	case "":
		p.by = Kill
	case Kill, Stop, Stall:
	default:
		return plan{}, fmt.Errorf("CRASH_BY=%q is no way to be struck", p.by)
	}
	if linger := env("CRASH_LINGER"); linger != "" {
		if p.linger, err = time.ParseDuration(linger); err != nil {
			return plan{}, fmt.Errorf("CRASH_LINGER=%q is no time", linger)
		}
	}
	return p, nil
}

var passed atomic.Int64

// At is a point. The process is struck here, if it is to be.
func At(point string) {
	if Due(point) {
		Now()
	}
}

// Due reports whether the process is to be struck at this passing of a point,
// which it counts.
func Due(point string) bool {
	p := planned()
	if p.point != point {
		return false
	}
	n := passed.Add(1)
	return n == p.nth || n > p.nth && p.by == Stall
}

var struck atomic.Bool

// Now strikes, once, whoever else comes to it while the process lingers. It
// returns only to a process that is stalled, or goes on after it was stopped.
func Now() {
	p := planned()
	if p.by != Stall && !struck.CompareAndSwap(false, true) {
		select {}
	}
	time.Sleep(p.linger)
	if p.by == Stall {
		return
	}
	if err := p.note(); err != nil {
		panic(err) // a strike that is not counted did not happen
	}
	if p.by == Stop {
		stop()
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing can be in its way
	select {}
}

// stop returns when the process goes on. A signal reaches a process when it
// pleases; nothing happens at the point meanwhile.
func stop() {
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, syscall.SIGCONT)
	defer signal.Stop(goesOn)
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) // nothing can be in its way
	<-goesOn
}

func (p plan) note() error {
	if p.notes == "" {
		return nil
	}
	file, err := os.OpenFile(p.notes, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, p.point)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
