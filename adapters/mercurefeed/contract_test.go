package mercurefeed_test

import (
	"testing"

	"go.uber.org/goleak"

	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/mercurefeed/hubtest"
	"parley/application/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The reference hub is told what is private and to whom it may go, when a line
// opens. It does not hear of removals and sign-outs, so that they count there only
// when the token of the line has ended, a minute after it was made.
func TestContract(t *testing.T) {
	contract.Feed(t, func(t *testing.T) contract.Feeding {
		t.Helper()
		return hubtest.Feeding(t, bunstoretest.Postgres(t))
	},
		contract.Exempt{
			Says:    "who is removed hears of it, and no more",
			Because: "a hub of somebody else's looks at rights when a line opens: whoever was removed hears on until their token ends, a minute after it was made",
		},
		contract.Exempt{
			Says:    "who is removed while their line opens hears no more",
			Because: "the token was made when they were in the room, and counts for a minute",
		},
		contract.Exempt{
			Says:    "who is signed out is told so on the open line, and hears no more",
			Because: "a hub of somebody else's knows of no sessions: a client is told when it asks the program the next time, and its line ends with its token",
		},
		contract.Exempt{
			Says:    "who is signed out while their line opens hears no more",
			Because: "as above: the token was made while the session lasted",
		},
	)
}
