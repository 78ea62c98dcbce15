package bunstore

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"

	"parley/application/port"
)

// ClaimKeys ties the database to the named keys: the first who uses it leaves
// their fingerprints, and who comes with others is refused with ErrOtherKeys.
// With other keys, places in the log and repeated requests would be taken for
// what they are not.
func (s *Store) ClaimKeys(ctx context.Context, keys map[string][]byte) error {
	err := s.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		k, ours := scope.Keeping.(keeping)
		if !ours {
			return fmt.Errorf("bunstore: the scope of another store: %T", scope.Keeping)
		}
		for name, key := range keys {
			if err := k.claim(ctx, name, fingerprint(name, key)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("claim the keys: %w", err)
	}
	return nil
}

func fingerprint(name string, key []byte) []byte {
	sum := sha256.Sum256(append([]byte("parley key "+name+"\x00"), key...))
	return sum[:]
}

func (k keeping) claim(ctx context.Context, name string, ours []byte) error {
	var rows []keyRow
	if err := k.tx.NewSelect().Model(&rows).Where("k.name = ?", name).Scan(ctx); err != nil {
		return k.away("read a key's fingerprint", err)
	}
	if len(rows) > 0 {
		if subtle.ConstantTimeCompare(rows[0].Fingerprint, ours) != 1 {
			return fmt.Errorf("%w: %s", ErrOtherKeys, name)
		}
		return nil
	}
	if _, err := k.tx.NewInsert().Model(&keyRow{Name: name, Fingerprint: ours}).Exec(ctx); err != nil {
		return k.away("keep a key's fingerprint", err)
	}
	return nil
}
