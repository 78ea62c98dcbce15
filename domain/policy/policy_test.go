package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/domain/policy"
)

// table is the whole policy: every standing, every action, every kind of room.
// "yes" allows; "none" says that there is no such room, "no" that the role does
// not allow it, "fixed" that a direct conversation cannot be changed. Nobody is
// barred from, or an admin of, a direct room; should the store say so all the
// same, it gives nobody more than a member has.
const table = `
                 outsider  barred  member  admin
direct read      none      none    yes     yes
direct send      none      none    yes     yes
direct join      none      none    fixed   fixed
direct leave     none      none    fixed   fixed
direct add       none      none    fixed   fixed
direct remove    none      none    fixed   fixed
direct role      none      none    fixed   fixed
direct rename    none      none    fixed   fixed
direct delete    none      none    fixed   fixed
direct moderate  none      none    no      no

group  read      none      none    yes     yes
group  send      none      none    yes     yes
group  join      none      none    no      no
group  leave     none      none    yes     yes
group  add       none      none    no      yes
group  remove    none      none    no      yes
group  role      none      none    no      yes
group  rename    none      none    no      yes
group  delete    none      none    no      yes
group  moderate  none      none    no      yes

public read      none      none    yes     yes
public send      none      none    yes     yes
public join      yes       no      yes     yes
public leave     none      none    yes     yes
public add       none      none    no      yes
public remove    none      none    no      yes
public role      none      none    no      yes
public rename    none      none    no      yes
public delete    none      none    no      yes
public moderate  none      none    no      yes
`

var (
	kinds   = map[string]policy.Kind{"direct": policy.Direct, "group": policy.Group, "public": policy.Public}
	actions = map[string]policy.Action{
		"read": policy.Read, "send": policy.Send, "join": policy.Join, "leave": policy.Leave, "add": policy.Add,
		"remove": policy.Remove, "role": policy.ChangeRole, "rename": policy.Rename, "delete": policy.Delete,
		"moderate": policy.Moderate,
	}
	standings = []policy.Standing{policy.Outsider, policy.Barred, policy.Member, policy.Admin}
	answers   = map[string]error{"yes": nil, "none": policy.ErrNotThere, "no": policy.ErrNotAllowed, "fixed": policy.ErrFixed}
)

func TestWhoMayDoWhatIsTheTable(t *testing.T) {
	asked := make(map[string]bool)
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) != 2+len(standings) {
			continue // the head and the empty lines
		}
		kind, action := kinds[words[0]], actions[words[1]]
		if kind == 0 || action == 0 {
			t.Fatalf("the table speaks of %s %s, which does not exist", words[0], words[1])
		}
		asked[words[0]+" "+words[1]] = true
		for i, standing := range standings {
			want, known := answers[words[2+i]]
			if got := policy.Check(standing, action, kind); !known || !errors.Is(got, want) {
				t.Errorf("%s %s of standing %d: %v, want %s", words[0], words[1], standing, got, words[2+i])
			}
		}
	}
	if want := len(kinds) * len(actions); len(asked) != want {
		t.Errorf("the table has %d rows, want %d: one for each kind of room and action", len(asked), want)
	}
}

func TestWhatNoRuleAllowsIsDenied(t *testing.T) {
	for s := policy.Outsider - 1; s <= policy.Admin+1; s++ {
		for a := policy.Read - 1; a <= policy.Moderate+1; a++ {
			for k := policy.Direct - 1; k <= policy.Public+1; k++ {
				known := s >= policy.Outsider && s <= policy.Admin &&
					a >= policy.Read && a <= policy.Moderate &&
					k >= policy.Direct && k <= policy.Public
				if !known && policy.Check(s, a, k) == nil {
					t.Errorf("standing %d may do %d in a room of kind %d", s, a, k)
				}
			}
		}
	}
}

func TestAnOutsiderCannotTellWhetherARoomExists(t *testing.T) {
	missing := policy.Check(policy.Outsider, policy.Read, 0)
	for name, kind := range kinds {
		there := policy.Check(policy.Outsider, policy.Read, kind)
		if got, want := fmt.Sprint(there), fmt.Sprint(missing); got != want {
			t.Errorf("a %s room answers %q, a missing one %q", name, got, want)
		}
	}
}

func TestOnlyMembersAndAdminsAreIn(t *testing.T) {
	for i, want := range []bool{false, false, true, true} {
		if got := standings[i].In(); got != want {
			t.Errorf("standing %d is in: %t, want %t", standings[i], got, want)
		}
	}
}
