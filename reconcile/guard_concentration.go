package reconcile

import (
	"fmt"
	"rollcall/internal/access"
	"slices"
)

// concentration holds the accounts of one department, manager or right when
// they are many and more than half of all that would be blocked. Who is removed
// was blocked under this guard.
func (j *judge) concentration(all []Candidate) {
	c := j.sharers(all)
	for _, group := range c.tripping(j.facts.Limits.Concentration) {
		members := distinctAccounts(c.members[group])
		rest := accountsOfStakes(j.release(all, access.GuardError{Guard: "concentration", Scope: group}, accountStakes(members, access.Block)))
		who, total := c.count(group, rest)
		if !concentrated(who, total, j.facts.Limits.Concentration) {
			continue
		}
		j.hold(all, access.GuardError{Guard: "concentration", Scope: group, Count: who, Limit: j.facts.Limits.Concentration, Approvable: true, Stakes: accountStakes(rest, access.Block),
			Says: fmt.Sprintf("%d of the %d people who would be blocked tonight share %s", who, total, group),
			Mend: "ask HR whether they all left (a wrong filter or a moved department looks like this); if they did, approve it"}, rest)
	}
}

// reorganised holds the accounts of one former department, manager or right when
// they are many and more than half of all that would lose access of a former job.
func (j *judge) reorganised(all []Candidate) {
	c := sharers{map[access.AccountKey]access.PersonKey{}, map[access.PersonKey]bool{}, map[string][]access.AccountKey{}}
	for _, one := range all {
		k := one.Action.Account
		if _, known := c.person[k]; known || !one.Action.Mover || j.held[one.Action.ID] != "" {
			continue
		}
		c.person[k], c.people[one.Action.Person] = one.Action.Person, true
		for _, g := range j.facts.Groups[k] {
			c.members[g] = append(c.members[g], k)
		}
	}
	for _, group := range c.tripping(j.facts.Limits.Concentration) {
		members := distinctAccounts(c.members[group])
		who, total := c.count(group, members)
		j.hold(all, access.GuardError{Guard: "concentration", Scope: group, Count: who, Limit: j.facts.Limits.Concentration,
			Says: fmt.Sprintf("%d of the %d people who would lose access of an earlier job tonight share %s", who, total, group),
			Mend: "ask HR and their managers whether they all changed their job, or only its name; what they still need goes into the role map, and the rest is taken away by hand"}, members)
	}
}

// sharers is who would be blocked, and what they have in common.
type sharers struct {
	person  map[access.AccountKey]access.PersonKey
	people  map[access.PersonKey]bool
	members map[string][]access.AccountKey // by group
}

func (j *judge) sharers(all []Candidate) sharers {
	c := sharers{map[access.AccountKey]access.PersonKey{}, map[access.PersonKey]bool{}, map[string][]access.AccountKey{}}
	free := map[access.AccountKey]bool{}
	for _, k := range j.free(all, access.Block, "") {
		free[k] = true
	}
	for _, one := range all {
		if !one.Action.First || one.Action.Stage != access.Block || !free[one.Action.Account] {
			continue
		}
		c.person[one.Action.Account], c.people[one.Action.Person] = one.Action.Person, true
		for _, g := range j.facts.Groups[one.Action.Account] {
			c.members[g] = append(c.members[g], one.Action.Account)
		}
	}
	return c
}

// count is how many people of a group own the accounts, and how many there are
// in all without those of the group who own none of them.
func (c sharers) count(group string, accounts []access.AccountKey) (who, total int) {
	all, left := map[access.PersonKey]bool{}, map[access.PersonKey]bool{}
	for _, k := range c.members[group] {
		all[c.person[k]] = true
	}
	for _, k := range accounts {
		left[c.person[k]] = true
	}
	return len(left), len(c.people) - len(all) + len(left)
}

func concentrated(who, total, limit int) bool { return who > limit && who*2 > total }

// tripping are the groups that too many share, sorted.
func (c sharers) tripping(limit int) []string {
	var names []string
	for g, members := range c.members {
		if who, total := c.count(g, members); concentrated(who, total, limit) {
			names = append(names, g)
		}
	}
	slices.Sort(names)
	return names
}
