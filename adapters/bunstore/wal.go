package bunstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// walKeeper keeps the WAL from growing for ever, and from keeping what was
// deleted. SQLite begins it anew only when nobody reads in it, and with many
// readers that may never be; and even then it leaves in it what has been there.
type walKeeper struct {
	file  string
	disk  *disk
	log   *slog.Logger
	most  int64         // bytes
	pause time.Duration // before it is tried again
	after time.Duration // something was deleted

	mu    sync.Mutex
	next  time.Time   // not to be cut for its length before
	soon  *time.Timer // cuts it for what was deleted; nil: nothing was
	ended bool
}

const (
	walMost     = 64 << 20
	walPatience = 500 * time.Millisecond
	walPause    = 10 * time.Second
	walAfter    = 10 * time.Second
	walGlance   = 100 * time.Millisecond
)

var errWALBusy = errors.New("bunstore: somebody else reads in the WAL")

// keep cuts a WAL that has become too long, while readers pause. It gives up
// after a moment: a reader that is not ours, such as a backup, costs disk, never
// the service.
func (w *walKeeper) keep(ctx context.Context, g *gate, db *bun.DB) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if w.next.After(now) {
		return
	}
	w.next = now.Add(walGlance)
	if info, err := os.Stat(w.file); err != nil || info.Size() < w.most {
		return
	}
	w.next = now.Add(w.pause)
	if err := w.cut(ctx, g, db); err != nil {
		w.log.WarnContext(ctx, "the WAL is long, and cannot be cut now", "cause", err)
	}
}

// cutSoon cuts the WAL after a while, for all that was deleted until then, and
// tries until it is done.
func (w *walKeeper) cutSoon(g *gate, db *bun.DB) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.soon == nil && !w.ended {
		w.soon = time.AfterFunc(w.after, func() { w.cutNow(g, db) })
	}
}

func (w *walKeeper) cutNow(g *gate, db *bun.DB) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	w.soon = nil // what is deleted from now on is for the next time
	if err := w.cut(context.Background(), g, db); err != nil {
		w.log.Warn("something was deleted, and the WAL cannot be cut now", "cause", err)
		w.soon = time.AfterFunc(w.pause, func() { w.cutNow(g, db) })
	}
}

// takeIn takes into the database what the last process has left in the WAL, before
// anything is built on it: if that process ended because a disk had not kept
// something, some of it may be in the system's memory alone.
func (w *walKeeper) takeIn(ctx context.Context, db *bun.DB) error {
	err := w.truncate(ctx, db)
	if errors.Is(err, errWALBusy) {
		w.log.WarnContext(ctx, "somebody reads in the WAL of the last process, which is taken in later")
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: take in the WAL: %w", ErrUnreachable, err)
	}
	return nil
}

// cut cuts the WAL. It waits for the writer first, and lets readers pause only
// then. The lock is held.
func (w *walKeeper) cut(ctx context.Context, g *gate, db *bun.DB) error {
	ctx, cancel := context.WithTimeout(ctx, walPatience)
	defer cancel()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it goes back to where it was
	if err := g.shut(ctx); err != nil {
		return err
	}
	defer g.open()
	return w.truncate(ctx, conn)
}

// truncate takes everything that is in the WAL into the database, and cuts the
// file.
func (w *walKeeper) truncate(ctx context.Context, db bun.IConn) error {
	if err := w.disk.check(); err != nil {
		return err
	}
	var busy, size, done int
	row := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := w.disk.watch(row.Scan(&busy, &size, &done)); err != nil {
		return err
	}
	if busy != 0 {
		return errWALBusy
	}
	return nil
}

// end lets nothing be cut any more. Closing the database does it a last time.
func (w *walKeeper) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.soon != nil {
		w.soon.Stop()
	}
}
