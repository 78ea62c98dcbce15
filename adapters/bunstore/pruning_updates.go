package bunstore

import (
	"context"
	"slices"
	"time"
)

// pruneBytes is how many bytes of updates go at once, if more than one does: they
// are overwritten under the log's lock.
const pruneBytes = 8 << 20

// oldUpdate is an update that may go.
type oldUpdate struct {
	Position int64 `bun:"position"`
	At       int64 `bun:"at"`
	Bytes    int   `bun:"bytes"`
}

// PruneUpdates deletes rows, and says up to where. What it looks at begins behind
// that, so that nobody comes past all that was ever pruned.
func (r revising) PruneUpdates(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	var old []oldUpdate
	err = r.tx.NewRaw(`
SELECT h.position, e.at, h.bytes
FROM hub_update AS h JOIN log_entry AS e ON e.position = h.position
WHERE h.position > (SELECT position FROM hub_start) ORDER BY h.position LIMIT ?`, limit).Scan(ctx, &old)
	if err != nil {
		return false, r.away("look for old updates", err)
	}
	if young := slices.IndexFunc(old, func(u oldUpdate) bool { return u.At >= micros(before) }); young >= 0 {
		old = old[:young]
	}
	if len(old) == 0 {
		return false, nil
	}
	old = old[:r.atOnce(old)]
	return true, r.takeUpdates(ctx, old[len(old)-1].Position)
}

// atOnce is how many of these go together.
func (r revising) atOnce(old []oldUpdate) (count int) {
	bytes := 0
	for _, u := range old {
		if bytes += u.Bytes; bytes > r.store.atOnce && count > 0 {
			break
		}
		count++
	}
	return count
}

// withUpdates takes the updates that go with these entries of the beginning of the
// log, and leaves those entries out that have to wait because there is too much of
// them. Updates never begin before the log.
func (r revising) withUpdates(ctx context.Context, old []entryRow) ([]entryRow, error) {
	var there []oldUpdate
	err := r.tx.NewRaw(`
SELECT position, bytes FROM hub_update
WHERE position > (SELECT position FROM hub_start) AND position <= ? ORDER BY position`,
		old[len(old)-1].Position).Scan(ctx, &there)
	if err != nil {
		return nil, r.away("look for old updates", err)
	}
	if count := r.atOnce(there); count < len(there) {
		old = slices.DeleteFunc(old, func(e entryRow) bool { return e.Position >= there[count].Position })
	}
	return old, r.takeUpdates(ctx, old[len(old)-1].Position)
}

// takeUpdates deletes all updates up to a position.
func (r revising) takeUpdates(ctx context.Context, upto int64) error {
	result, err := r.tx.NewRaw("DELETE FROM hub_update WHERE position > (SELECT position FROM hub_start) AND position <= ?", upto).Exec(ctx)
	if err != nil {
		return r.away("prune updates", err)
	}
	taken, err := result.RowsAffected()
	if err != nil {
		return r.away("prune updates", err)
	}
	r.gone = r.gone || taken > 0
	if _, err := r.tx.NewRaw("UPDATE hub_start SET position = ? WHERE position < ?", upto, upto).Exec(ctx); err != nil {
		return r.away("say up to where updates were pruned", err)
	}
	return nil
}
