package bunstore_test

import (
	"testing"

	"parley/adapters/bunstore/bunstoretest"
	"parley/application/contract"
)

func TestNodesTellOfTheirStreams(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		contract.Subscribers(t, func(t *testing.T) contract.Nodes {
			s := bunstoretest.SQLite(t)
			return contract.Nodes{One: s, Other: s}
		})
	})
	t.Run("Postgres, two nodes", func(t *testing.T) {
		contract.Subscribers(t, func(t *testing.T) contract.Nodes {
			url := bunstoretest.PostgresURL(t)
			return contract.Nodes{One: bunstoretest.Open(t, url), Other: bunstoretest.Open(t, url)}
		})
	})
}
