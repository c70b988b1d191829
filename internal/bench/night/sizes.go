package main

import (
	"fmt"

	"rollcall/internal/bench/counted"
	"rollcall/internal/sandbox/population"
)

// size is how large the company is.
type size struct {
	People, Orgs, Accounts int
	Leaver                 int // one person in so many has left before the second night
}

func (s size) check() error {
	if s.Orgs < 1 || s.People/s.Orgs < 100 || s.Accounts < 3 {
		return fmt.Errorf("%d people in %d Oktas and %d AWS accounts: there must be an Okta, a hundred people in each and three accounts", s.People, s.Orgs, s.Accounts)
	}
	if s.Leaver < 1 {
		return fmt.Errorf("-leaver %d: it is one person in so many who leaves", s.Leaver)
	}
	return nil
}

// leaves reports whether the i-th person of each Okta has left before the second night.
func (s size) leaves(i int) bool { return i%s.Leaver == s.Leaver-1 }

// leavers are the employee ids of all of them.
func (s size) leavers() (ids []string) {
	active, _ := s.users()
	for org := range s.Orgs {
		for i := range active {
			if s.leaves(i) {
				ids = append(ids, population.EmployeeID(s.number(org, i)))
			}
		}
	}
	return ids
}

// users are how many one Okta has: those who work here, and one in twenty more who
// left before and is deactivated.
func (s size) users() (active, deactivated int) {
	active = s.People / s.Orgs
	return active, active / 20
}

// number is that of the i-th person of an Okta, by which all systems know them.
func (s size) number(org, i int) int {
	active, deactivated := s.users()
	return org*(active+deactivated) + i
}

// okta is one of the Oktas: as much for each person as in those of bench-collect.
func (s size) okta(org int) *population.OktaSize {
	u, gone := s.users()
	z := population.OktaSize{Name: "night", Users: u + gone, Deprovisioned: gone, First: s.number(org, 0),
		Groups: 60 + u/50, EmptyGroups: 3, Memberships: 12 * u, AppGroups: 44 + u/100, Apps: 40 + u/300, Assignments: 8 * u, Direct: 8 * u * 27 / 100,
		Admins: 10 + u/500, AdminGroups: 2 + u/5000, ResourceSets: 2, Rules: 5, Tokens: 3, Blocks: true}
	z.RoleHolders = z.Admins + 10*z.AdminGroups
	if u >= 5000 {
		z.BigGroups, z.BigGroup = 18, u/6
		for range 12 {
			z.LargeApps = append(z.LargeApps, u/4, u/8, u/8)
		}
	}
	return &z
}

// aws is the organisation: a fifth of the people are in Identity Center.
func (s size) aws() *population.AWSSize {
	u := s.People / 5
	z := population.AWSSize{Name: "night", Accounts: s.Accounts, OUs: 1 + s.Accounts/25,
		Users: u, Groups: 10 + u/70, Memberships: 3 * u, PermissionSets: min(40, 2*s.Accounts), Pairs: 6 * s.Accounts, Assignments: 12 * s.Accounts,
		IAMUsers: 20 * s.Accounts, IAMGroups: 2 * s.Accounts, Roles: 3 * s.Accounts, IAMMemberships: 30 * s.Accounts, Keys: 16 * s.Accounts, Spread: true, Blocks: true}
	if u >= 1000 {
		z.LongGroups, z.LongGroup = 15, 150
	}
	return &z
}

// targets are all systems, by their names in the configuration.
func (s size) targets() (names []string, all []counted.Target) {
	for org := range s.Orgs {
		names, all = append(names, oktaName(org)), append(all, counted.Target{System: "okta", OktaSize: s.okta(org)})
	}
	return append(names, "aws"), append(all, counted.Target{System: "aws", AWSSize: s.aws()})
}

func oktaName(org int) string { return fmt.Sprintf("okta-%d", org+1) }
