package main_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

func init() { wrappers["without-fsync"] = withoutSync } //nolint:gochecknoinits // this binary is another program then

// What the kernel calls the parts of a filter for system calls (seccomp(2)).
const (
	noNewPrivileges = 38
	setFilter       = 22
	filterMode      = 2
	loadNumber      = syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS // the number of the call is at 0
	ifEqual         = syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K
	answer          = syscall.BPF_RET | syscall.BPF_K
	allow           = 0x7fff0000
	fail            = 0x00050000 // with the error in the lower bits
)

// withoutSync becomes the program, for which every fsync fails as it does on a
// broken disk: the kernel says EIO.
func withoutSync(program []string) error {
	runtime.LockOSThread() // the filter is this thread's, and goes with it
	filter := []syscall.SockFilter{
		{Code: loadNumber},
		{Code: ifEqual, K: syscall.SYS_FSYNC, Jt: 1},
		{Code: ifEqual, K: syscall.SYS_FDATASYNC, Jf: 1},
		{Code: answer, K: fail | uint32(syscall.EIO)},
		{Code: answer, K: allow},
	}
	load := syscall.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if _, _, no := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivileges, 1, 0, 0, 0, 0); no != 0 {
		return fmt.Errorf("this test needs a kernel that takes filters: %w", no)
	}
	if _, _, no := syscall.RawSyscall(syscall.SYS_PRCTL, setFilter, filterMode, uintptr(unsafe.Pointer(&load))); no != 0 {
		return fmt.Errorf("this test needs a kernel that takes filters (CONFIG_SECCOMP_FILTER): %w", no)
	}
	return syscall.Exec(program[0], program, os.Environ())
}

// A disk that did not keep what it was told to keep may say that it does when it
// is asked again: the kernel has forgotten what is missing. So nobody asks again.
// What was answered before is safe, and what was not is not answered.
func TestAFailedSyncEndsTheProgram(t *testing.T) {
	folder := t.TempDir()
	s := serve(t, folder)
	ada := join(t, s, "ada")
	room := ada.room(t)
	ada.say(t, room, "safe")
	s.end(t)

	broken := serveAs(t, folder, []string{"PARLEY_PUBLIC_URL=" + s.url}, os.Args[0], "without-fsync", binary, "serve")
	ada.at = broken
	if said := ada.said(t, room); len(said) != 1 {
		t.Errorf("without a write, the room has %q", said)
	}
	line := ada.listen(t, room, "")
	hear(t, line, "stream.opened")
	status, problem, err := ada.ask(t, "POST", "/api/messages", map[string]any{"chatRoomId": room, "content": "lost", "clientMessageId": "key"})
	if err != nil || status != http.StatusServiceUnavailable || problem["code"] != "storage-unavailable" {
		t.Errorf("what the disk has not kept is answered %d %v (%v)", status, problem, err)
	}
	began := time.Now()
	if code := broken.code(t); code != 1 || time.Since(began) > mostForEnding {
		t.Errorf("the program ends with %d after %v, want 1 soon", code, time.Since(began))
	}
	if closing := hear(t, line, "stream.closing"); closing["action"] != "resume" {
		t.Errorf("an open stream is told %v", closing)
	}
	lines := strings.Split(strings.TrimSpace(broken.err.String()), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "parley: the disk has not kept") {
		t.Errorf("it ends with %q", last)
	}

	ada.at = serve(t, folder, "PARLEY_PUBLIC_URL="+s.url)
	ada.logIn(t, "ada")
	ada.must(t, http.StatusCreated, "POST", "/api/messages", map[string]any{"chatRoomId": room, "content": "at last"})
	if said := ada.said(t, room); said[0] != "safe" || said[len(said)-1] != "at last" {
		t.Errorf("afterwards the room has %q", said)
	}
}

// A program that has ended without a word may have left something in the WAL that
// is in the kernel's memory alone. What is built on it must not be, so it goes to
// the disk before anything else.
func TestWhatIsLeftInTheWALIsTakenInFirst(t *testing.T) {
	folder := t.TempDir()
	s := serve(t, folder)
	ada := join(t, s, "ada")
	room := ada.room(t)
	ada.say(t, room, "hello")
	if err := s.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	size := func() int64 {
		info, err := os.Stat(filepath.Join(folder, "data/parley.db-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if size() == 0 {
		t.Fatal("nothing is left in the WAL, so this shows nothing")
	}
	ada.at = serve(t, folder, "PARLEY_PUBLIC_URL="+s.url)
	if left := size(); left > 0 {
		t.Errorf("%d bytes are left in the WAL", left)
	}
	if said := ada.said(t, room); len(said) != 1 {
		t.Errorf("the room has %q", said)
	}
}
