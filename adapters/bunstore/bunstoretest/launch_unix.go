//go:build unix

package bunstoretest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// keeper runs a server for as long as its standard input is open, which is as
// long as the test's process lives, however that ends; then it removes
// everything. So there are no orphans.
const keeper = `
dir=$1; shift
"$@" </dev/null >"$dir/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$dir"
`

// launch starts a server with its data in a new folder, and returns that folder,
// which has its socket, too. Only there can it be reached.
func launch(bin string, settings []string) (string, error) {
	dir, err := initialize(bin)
	if err != nil {
		return "", err
	}
	return dir, serve(dir, bin, settings)
}

// initialize makes the data of a server in a new folder.
func initialize(bin string) (string, error) {
	// The name is short because a socket's path must be.
	dir, err := os.MkdirTemp("", "parley-pg")
	if err != nil {
		return "", fmt.Errorf("start PostgreSQL: %w", err)
	}
	as, err := servant(dir)
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres",
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, as
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(dir))
	}
	return dir, nil
}

// serve starts a server on the data in a folder.
func serve(dir, bin string, settings []string) error {
	args := []string{"-c", keeper, "keeper", dir, filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"),
		"-c", "listen_addresses=", "-c", "unix_socket_directories=" + dir, "-c", "max_connections=200"}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	as, err := servant(dir)
	if err != nil {
		return err
	}
	server := exec.Command("sh", args...)
	server.Dir, server.SysProcAttr = dir, as
	alive, ours, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	server.Stdin = alive
	if err := server.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	open.Store(ours, true)
	return alive.Close()
}

// open holds our ends of the pipes, which close with the process.
var open sync.Map

// servant is who runs the server: PostgreSQL refuses to be run by root. It is
// given the folder. Ctrl-C is for the test, not for the server.
func servant(dir string) (*syscall.SysProcAttr, error) {
	as := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return as, nil
	}
	uid, gid := 65534, 65534 // nobody, everywhere
	if postgres, err := user.Lookup("postgres"); err == nil {
		uid, gid = number(postgres.Uid, uid), number(postgres.Gid, gid)
	}
	as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return as, nil
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}
