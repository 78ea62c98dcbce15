package pollfeed_test

import (
	"testing"

	"go.uber.org/goleak"

	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
	"parley/application/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	contract.Feed(t, func(t *testing.T) contract.Feeding {
		t.Helper()
		return polltest.Feeding(t, bunstoretest.SQLite(t))
	})
}

func TestContractFromPages(t *testing.T) {
	contract.Feed(t, func(t *testing.T) contract.Feeding {
		t.Helper()
		return polltest.Feeding(t, bunstoretest.SQLite(t), func(p *ssetest.Parts) { p.Tail.Memory = 1 })
	})
}
