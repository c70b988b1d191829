package population

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeaws"
)

func pagesOf(all []int, size int) int {
	pages := 0
	for _, n := range all {
		pages += max(1, (n+size-1)/size)
	}
	return pages
}

func countAWS(t *testing.T, z AWSSize) (fakeaws.State, AWSCounts) {
	t.Helper()
	s, err := AWS(z, fakeaws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	state := s.State()
	return state, CountAWS(state, AWSManagement, z.OUs)
}

func TestTheAWSOfAThousandIsTheOneThatTheTargetsName(t *testing.T) {
	for _, z := range []AWSSize{AWS1000, spreadOut(AWS1000)} {
		_, c := countAWS(t, z)
		equal(t, "accounts", c.Accounts, 20)
		equal(t, "parents", c.Parents, 4)
		equal(t, "users", c.Users, 1000)
		equal(t, "groups", c.Groups, 100)
		equal(t, "memberships", c.Memberships, 5000)
		equal(t, "pages of memberships", pagesOf(c.Members, 100), 115)
		equal(t, "permission sets", len(c.SetAccounts), 20)
		equal(t, "assignments", c.Assignments, 600)
		equal(t, "pairs", len(c.PairHolders), 300)
	}
}

func TestEveryAWSSizeHasWhatItNames(t *testing.T) {
	for _, z := range AWSSizes {
		state, c := countAWS(t, z)
		equal(t, z.Name+" accounts", len(c.IAM), z.Accounts)
		equal(t, z.Name+" users of Identity Center", c.Users, z.Users)
		equal(t, z.Name+" memberships of Identity Center", sum(c.Members), z.Memberships)
		equal(t, z.Name+" pairs", sum(c.SetAccounts), z.Pairs)
		equal(t, z.Name+" pairs by account", sum(c.AccountSets), z.Pairs)
		equal(t, z.Name+" assignments", sum(c.PairHolders), z.Assignments)
		users, joined, keys, homes := 0, 0, 0, map[string]bool{}
		for _, u := range state.Users {
			users++
			joined += len(u.Groups)
			keys += len(u.AccessKeys)
			homes[u.Account] = true
		}
		equal(t, z.Name+" IAM users", users, z.IAMUsers)
		equal(t, z.Name+" IAM memberships", joined, z.IAMMemberships)
		equal(t, z.Name+" keys", keys, z.Keys)
		equal(t, z.Name+" roles", len(state.Roles), z.Roles)
		equal(t, z.Name+" IAM groups", len(state.Groups), z.IAMGroups)
		if want := map[bool]int{false: 1, true: z.Accounts}[z.Spread]; len(homes) != want {
			t.Errorf("%s: IAM users in %d accounts, want %d", z.Name, len(homes), want)
		}
	}
}

func TestIAMUsersBelongToDistinctGroupsOfTheirOwnAccount(t *testing.T) {
	state, _ := countAWS(t, spreadOut(AWS1000))
	there := map[string]bool{}
	for _, g := range state.Groups {
		there[g.Account+g.Name] = true
	}
	for _, u := range state.Users {
		slices.Sort(u.Groups)
		if len(slices.Compact(slices.Clone(u.Groups))) != len(u.Groups) {
			t.Errorf("%s is in a group twice: %q", u.Name, u.Groups)
		}
		for _, g := range u.Groups {
			if !there[u.Account+g] {
				t.Errorf("%s of %s is in %s, which is not there", u.Name, u.Account, g)
			}
		}
	}
}

func TestAUsersRowsByPrincipalIncludeThoseOfTheirGroups(t *testing.T) {
	state, c := countAWS(t, AWSSizes[0])
	held := map[string]int{}
	for _, a := range state.Center.Assignments {
		held[a.PrincipalID]++
	}
	first := state.Center.Users[0].ID
	want := held[first]
	for _, m := range state.Center.Memberships {
		if m.UserID == first {
			want += held[m.GroupID]
		}
	}
	equal(t, "rows of the first user", c.PrincipalRows[0], want)
	if want <= held[first] {
		t.Error("the first user has nothing through a group, so this proves nothing")
	}
}

func TestTheSameAWSSizeGivesTheSameBytes(t *testing.T) {
	builtTwice(t, func() (*fakeaws.Server, error) {
		return AWS(AWSSizes[0], fakeaws.Options{Now: func() time.Time { return born }})
	})
}

func TestAnAWSSizeThatDoesNotAddUpIsRefused(t *testing.T) {
	for name, change := range map[string]func(*AWSSize){
		"role":        func(z *AWSSize) { z.Roles = 19 },
		"memberships": func(z *AWSSize) { z.Memberships = 2000 },
		"pairs":       func(z *AWSSize) { z.Pairs = 401 },
		"two a pair":  func(z *AWSSize) { z.Assignments = 601 },
		"quotas":      func(z *AWSSize) { z.Spread, z.IAMGroups = true, 20 },
	} {
		z := AWS1000
		change(&z)
		if _, err := AWS(z, fakeaws.Options{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoMembershipAndNoAssignmentOfIdentityCenterIsThereTwice(t *testing.T) {
	for _, z := range AWSSizes {
		state, _ := countAWS(t, z)
		members := map[[2]string]bool{}
		for _, m := range state.Center.Memberships {
			members[[2]string{m.GroupID, m.UserID}] = true
		}
		equal(t, z.Name+" distinct memberships", len(members), z.Memberships)
		held := map[fakeaws.Assignment]bool{}
		for _, a := range state.Center.Assignments {
			held[a] = true
		}
		equal(t, z.Name+" distinct assignments", len(held), z.Assignments)
	}
}

// builtTwice fails unless two builds have the same bytes.
func builtTwice[S interface{ Snapshot() ([]byte, error) }](t *testing.T, build func() (S, error)) {
	t.Helper()
	var states [2][]byte
	for i := range states {
		s, err := build()
		if err != nil {
			t.Fatal(err)
		}
		if states[i], err = s.Snapshot(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(states[0], states[1]) {
		t.Fatal("two builds differ")
	}
}
