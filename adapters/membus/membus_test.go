package membus_test

import (
	"testing"

	"go.uber.org/goleak"

	"parley/adapters/membus"
	"parley/application/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	contract.Bus(t, func(*testing.T) contract.Buses {
		bus := membus.New()
		return contract.Buses{One: bus, Other: bus}
	}, contract.Exempt{
		Says:    "a broken connection heals by itself",
		Because: "there is no connection within one process",
	})
}
