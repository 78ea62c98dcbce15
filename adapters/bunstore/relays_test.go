package bunstore_test

import (
	"context"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/contract"
)

func TestRelays(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		contract.Relays(t, func(t *testing.T) contract.RelaysSubject {
			s := bunstoretest.SQLite(t)
			return contract.RelaysSubject{StoreSubject: subject(s), One: s, Other: s}
		})
	})
	t.Run("SQLite, every step tried twice", func(t *testing.T) {
		contract.Relays(t, func(t *testing.T) contract.RelaysSubject {
			s := bunstoretest.SQLite(t, rehearsed)
			return contract.RelaysSubject{StoreSubject: subject(s), One: s, Other: s}
		})
	})
	t.Run("Postgres, two nodes", func(t *testing.T) {
		contract.Relays(t, func(t *testing.T) contract.RelaysSubject {
			url := bunstoretest.PostgresURL(t)
			one, other := bunstoretest.Open(t, url), bunstoretest.Open(t, url)
			return contract.RelaysSubject{StoreSubject: subject(one), One: one, Other: other, Lose: func(context.Context) error {
				killer := another(t, url)
				killer.do("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
				await(t, "the locks are let go", func() bool {
					return killer.ask("SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == "0"
				})
				return nil
			}}
		})
	})
}

// A node that is stopped keeps its connections: without this it would keep its
// turn, too.
func TestATurnOfWhoIsSilentEnds(t *testing.T) {
	t.Parallel() // it waits
	url := bunstoretest.PostgresURL(t)
	silent, other := bunstoretest.Open(t, url, briefAbsence), bunstoretest.Open(t, url)
	if err := silent.BeginRelay(t.Context(), "hub"); err != nil {
		t.Fatal(err)
	}
	turn, had, err := silent.TakeRelay(t.Context(), "hub")
	if err != nil || !had {
		t.Fatalf("took a turn: %t, %v", had, err)
	}
	defer turn.End()
	await(t, "the turn is lost", func() bool {
		next, had, err := other.TakeRelay(t.Context(), "hub")
		if err != nil {
			t.Fatal(err)
		}
		if had {
			next.End()
		}
		return had
	})
	if err := turn.Lasts(t.Context()); err == nil {
		t.Error("who was silent still has a turn")
	}
	if err := turn.Keep(t.Context(), turn.Upto()); err == nil {
		t.Error("who was silent keeps a place")
	}
}

func briefAbsence(o *bunstore.Options) { o.Absence = 200 * time.Millisecond }
