package population

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

func countOkta(t *testing.T, z OktaSize) OktaCounts {
	t.Helper()
	s, err := Okta(z, fakeokta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return CountOkta(s.Rows(), true)
}

func above(all []int, n int) int {
	return len(slices.DeleteFunc(slices.Clone(all), func(v int) bool { return v <= n }))
}

func equal(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

func TestTheOktaOfFiveThousandIsTheOneThatTheTargetsNameDownToTheLastAssignment(t *testing.T) {
	c := countOkta(t, Okta5000)
	equal(t, "live users", c.Live, 4747)
	equal(t, "deprovisioned users", c.Deactivated, 253)
	equal(t, "groups beside Everyone", len(c.Members), 300)
	equal(t, "groups with members", above(c.Members, 0), 286)
	equal(t, "groups over 1,000 members", above(c.Members, 1000), 9)
	equal(t, "memberships", c.Memberships, 60_000)
	equal(t, "groups with apps", len(c.GroupApps), 188)
	equal(t, "apps", len(c.AppUsers), 80)
	equal(t, "apps over 500 users", above(c.AppUsers, 500), 18)
	equal(t, "assignments", c.Assignments, 40_000)
	equal(t, "role holders", c.RoleHolders, 228)
	equal(t, "groups with roles", c.RoleGroups, 4)
}

func TestEveryOktaSizeHasWhatItNames(t *testing.T) {
	for _, z := range OktaSizes {
		s, err := Okta(z, fakeokta.Options{})
		if err != nil {
			t.Fatal(err)
		}
		state := s.Rows()
		through, direct := CountOkta(state, true), CountOkta(state, false)
		equal(t, z.Name+" users", through.Live+through.Deactivated, z.Users)
		equal(t, z.Name+" groups", through.Groups, z.Groups+1)
		equal(t, z.Name+" empty groups", z.Groups-above(through.Members, 0), z.EmptyGroups)
		equal(t, z.Name+" memberships", through.Memberships, z.Memberships)
		equal(t, z.Name+" assignments", through.Assignments, z.Assignments)
		equal(t, z.Name+" direct assignments", len(state.AppUsers), z.Direct)
		equal(t, z.Name+" role holders", through.RoleHolders, z.RoleHolders)
		equal(t, z.Name+" direct admins", direct.RoleHolders, z.Admins)
		equal(t, z.Name+" bindings", sum(through.BoundMembers), z.ResourceSets)
		equal(t, z.Name+" rules and tokens", through.Rules+through.Tokens, z.Rules+z.Tokens)
	}
}

func TestTheSameOktaSizeGivesTheSameBytes(t *testing.T) {
	builtTwice(t, func() (*fakeokta.Server, error) {
		return Okta(OktaSizes[0], fakeokta.Options{Now: func() time.Time { return born }})
	})
}

func TestASizeThatDoesNotAddUpIsRefused(t *testing.T) {
	for name, change := range map[string]func(*OktaSize){
		"memberships":  func(z *OktaSize) { z.Memberships = 20_000 },
		"group of its": func(z *OktaSize) { z.AppGroups = 79 },
		"active":       func(z *OktaSize) { z.LargeApps = []int{4748} },
		"holders":      func(z *OktaSize) { z.RoleHolders = 43 },
	} {
		z := Okta5000
		change(&z)
		if _, err := Okta(z, fakeokta.Options{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
