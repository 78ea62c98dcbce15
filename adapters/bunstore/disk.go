package bunstore

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrNotKept means that the disk has not kept what it was told to keep.
var ErrNotKept = errors.New("the disk has not kept what it was told to keep, and cannot be asked again")

// disk watches whether the disk keeps what SQLite tells it to.
//
// A failed fsync must not be tried again: the system reports it once, takes what
// was not written for written, and the next fsync succeeds without it. So from
// then on nothing is written any more; only a new process can tell what there is.
// An error of a write, or of a disk that is full, is another matter: SQLite knows
// then what is missing, and writes it the next time.
type disk struct {
	lost atomic.Bool
	once sync.Once
	tell func(error) // is told the first time
}

// watch returns err, and takes note of what it means.
func (d *disk) watch(err error) error {
	var refused *sqlite.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code() {
	case sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC:
		d.lost.Store(true)
		d.once.Do(func() { d.tell(fmt.Errorf("%w: %w", ErrNotKept, err)) })
	}
	return err
}

// check refuses to write to a disk that has not kept something.
func (d *disk) check() error {
	if d.lost.Load() {
		return ErrNotKept
	}
	return nil
}
