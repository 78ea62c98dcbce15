package chaos

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// disasters are the words of a program that is broken, in its log.
var disasters = []string{"panic:", "fatal error:", "DATA RACE", "goroutine stack exceeds"}

// Betrayals reads what a node has written, and returns the lines that tell of a
// disaster, or in which one of the secrets stands: a password, a token, the words
// of a message. The secrets are not repeated.
func Betrayals(log io.Reader, secrets []string) (found []string, err error) {
	lines := bufio.NewReader(log)
	for number := 1; ; number++ {
		line, err := lines.ReadString('\n')
		for _, word := range disasters {
			if strings.Contains(line, word) {
				found = append(found, fmt.Sprintf("line %d tells of a disaster: %s", number, strings.TrimSpace(line)))
			}
		}
		for _, secret := range secrets {
			if secret != "" && strings.Contains(line, secret) {
				found = append(found, fmt.Sprintf("line %d has a secret in it: %s", number, strings.ReplaceAll(strings.TrimSpace(line), secret, "[…]")))
			}
		}
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return found, err
		}
	}
}

// Footprint is what a process holds.
type Footprint struct {
	Goroutines  int // 0: not counted
	Descriptors int
	Threads     int
	Memory      int64 // resident, in bytes
}

// The room that is left for what comes and goes by itself: connections that are
// kept alive, the store's own among them, of which each may hold two files and a
// goroutine; and the memory that the end of the log and its pages may take, 64 MiB
// each, with what the garbage collector has not given back.
const (
	moreGoroutines  = 34
	moreDescriptors = 34
	moreThreads     = 16
	moreMemory      = 160 // MiB
)

// Grown says what a process that has nothing to do holds more than it did before
// people came.
func Grown(before, after Footprint) (grown []string) {
	for _, c := range []struct {
		what                string
		before, after, more int64
	}{
		{"goroutines", int64(before.Goroutines), int64(after.Goroutines), moreGoroutines},
		{"descriptors", int64(before.Descriptors), int64(after.Descriptors), moreDescriptors},
		{"threads", int64(before.Threads), int64(after.Threads), moreThreads},
		{"MiB", before.Memory >> 20, after.Memory >> 20, moreMemory},
	} {
		if c.after > c.before+c.more {
			grown = append(grown, fmt.Sprintf("%d %s where there were %d", c.after, c.what, c.before))
		}
	}
	return grown
}
