//go:build linux && chaos

package chaos_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
)

// disk is a file system of a test's own, which ends with the test.
type disk struct {
	at    string
	image string // the file that it is in; empty: it is in memory
}

// needRoot fails a test that cannot mount file systems.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("this test mounts file systems of its own, which takes root: run make chaos as root, in a container or a virtual machine for instance")
	}
}

// smallDisk is a disk in memory that is soon full.
func smallDisk(t *testing.T, at, size string) *disk {
	t.Helper()
	needRoot(t)
	d := &disk{at: at}
	d.mount(t, "-t", "tmpfs", "-o", "size="+size+",mode=0755", "parley-chaos")
	return d
}

// imageDisk is a disk in a file, which can be copied as the power fails.
func imageDisk(t *testing.T, at, size string) *disk {
	t.Helper()
	needRoot(t)
	d := &disk{at: at, image: filepath.Join(t.TempDir(), "image")}
	command(t, "truncate", "-s", size, d.image)
	command(t, "mkfs.ext4", "-q", "-F", d.image)
	d.mount(t, "-o", "loop", d.image)
	return d
}

// mount mounts the disk, until the test ends.
func (d *disk) mount(t *testing.T, args ...string) {
	t.Helper()
	if err := os.MkdirAll(d.at, 0o755); err != nil {
		t.Fatal(err)
	}
	command(t, "mount", append(args, d.at)...)
	t.Cleanup(func() {
		// Whoever still uses it is on their way out: the rest is done when they are.
		command(t, "umount", "--lazy", d.at)
	})
}

// fill leaves no room on the disk until empty is called, whatever is freed.
func (d *disk) fill(t *testing.T) (empty func()) {
	t.Helper()
	path := filepath.Join(d.at, "ballast")
	ballast, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	full := make(chan struct{}, 1)
	go func() {
		defer close(ended)
		block := bytes.Repeat([]byte("ballast "), 8<<10)
		for {
			n, err := ballast.Write(block)
			if err == nil {
				continue
			}
			if n == 0 && errors.Is(err, syscall.ENOSPC) {
				select {
				case full <- struct{}{}:
				default:
				}
			}
			select {
			case <-quit:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	empty = func() {
		close(quit)
		<-ended
		_ = ballast.Close()
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
	select {
	case <-full:
	case <-time.After(recovery):
		empty()
		t.Fatal("the disk does not become full")
	}
	return empty
}

// cutPower puts the disk into the state in which it is if the power fails now:
// what was not flushed to it is gone. The processes that write to it have been
// stopped, and are killed once that state is held; then whoever has the disk
// mounted has it as it is after the cut.
func (d *disk) cutPower(t *testing.T, kill func()) {
	t.Helper()
	after := d.snapshot(t)
	kill()
	command(t, "umount", d.at)
	if err := os.Rename(after, d.image); err != nil {
		t.Fatal(err)
	}
	command(t, "mount", "-o", "loop", d.image, d.at)
}

// snapshot copies the image while nothing is written to it.
func (d *disk) snapshot(t *testing.T) (path string) {
	t.Helper()
	path = d.image + ".after"
	for deadline := time.Now().Add(recovery); ; {
		before := d.written(t)
		command(t, "cp", "--sparse=always", d.image, path)
		if d.written(t) == before {
			return path
		}
		if time.Now().After(deadline) {
			t.Fatal("the disk is being written to, though everybody has stopped")
		}
	}
}

// written is what the kernel counts of the disk's device: all that was asked of
// it, and what is under way.
func (d *disk) written(t *testing.T) string {
	t.Helper()
	device, err := exec.Command("losetup", "--noheadings", "--output", "NAME", "--associated", d.image).Output()
	if err != nil {
		t.Fatal(err)
	}
	counts, err := os.ReadFile(filepath.Join("/sys/block", filepath.Base(strings.TrimSpace(string(device))), "stat"))
	if err != nil {
		t.Fatal(err)
	}
	return string(counts)
}

// clusterOn moves a server's data, or a folder of it, to a disk that make makes.
// The server is down when the disk goes.
func clusterOn(t *testing.T, part string, makeDisk func(at string) *disk) (*bunstoretest.Cluster, *disk) {
	t.Helper()
	needRoot(t)
	cluster := bunstoretest.OwnCluster(t)
	cluster.Crash(t)
	d := makeDisk(filepath.Join(filepath.Dir(cluster.Data()), "disk"))
	folder, moved := filepath.Join(cluster.Data(), part), filepath.Join(d.at, "moved")
	command(t, "cp", "-a", folder, moved)
	command(t, "rm", "-rf", folder)
	command(t, "ln", "-s", moved, folder)
	command(t, "sync", "-f", d.at)
	cluster.Start(t)
	t.Cleanup(func() {
		if _, err := os.Stat(filepath.Join(cluster.Data(), "postmaster.pid")); err == nil {
			cluster.Crash(t)
		}
	})
	return cluster, d
}
