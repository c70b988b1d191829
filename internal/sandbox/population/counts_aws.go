package population

import "rollcall/internal/sandbox/fakeaws"

// AWSCounts is what decides how many requests an organisation takes to read:
// how long each of its lists is.
type AWSCounts struct {
	Accounts, Parents int // Parents: the root and the OUs, of which each has accounts or OUs to list
	Users, Groups     int
	Members           []int // of each group of Identity Center
	// SetAccounts are the numbers of accounts that each permission set is
	// provisioned to, AccountSets the mirror image.
	SetAccounts, AccountSets []int
	// PairHolders are the numbers of assignments of each pair, PrincipalRows those
	// that each user and group has, a user's groups' included.
	PairHolders, PrincipalRows []int
	Apps                       []int // assignments of each SSO application
	IAM                        []IAMCounts
	// Memberships and Assignments are what Identity Center amounts to.
	Memberships, Assignments int
}

// IAMCounts is the IAM of one account that can be entered.
type IAMCounts struct {
	Users, Items int // Items: users, groups, roles and local policies
	ServiceIDs   int
	Own          bool // it is the account that the job itself runs in
}

// CountAWS counts an organisation as it is, not as it was meant to be. OUs are
// no part of the sandbox's state: nobody reads them.
func CountAWS(s fakeaws.State, management string, ous int) AWSCounts {
	center := s.Center
	c := AWSCounts{Accounts: len(s.Accounts), Parents: 1 + ous, Users: len(center.Users), Groups: len(center.Groups),
		Memberships: len(center.Memberships), Assignments: len(center.Assignments)}
	members, carriers := map[string]int{}, map[string][]string{}
	for _, m := range center.Memberships {
		members[m.GroupID]++
		carriers[m.UserID] = append(carriers[m.UserID], m.GroupID)
	}
	for _, g := range center.Groups {
		c.Members = append(c.Members, members[g.ID])
	}
	c.countAssignments(s, carriers)
	for _, a := range center.Applications {
		c.Apps = append(c.Apps, len(a.Assigned))
	}
	for _, a := range s.Accounts {
		if a.State == "ACTIVE" {
			c.IAM = append(c.IAM, countIAM(s, a.ID, a.ID == management))
		}
	}
	return c
}

func (c *AWSCounts) countAssignments(s fakeaws.State, carriers map[string][]string) {
	type pair struct{ account, set string }
	pairs, held := map[pair]int{}, map[string]int{}
	var order []pair
	accounts, sets := map[string]int{}, map[string]int{}
	for _, a := range s.Center.Assignments {
		p := pair{a.Account, a.PermissionSet}
		if pairs[p] == 0 {
			order = append(order, p)
			sets[p.set]++
			accounts[p.account]++
		}
		pairs[p]++
		held[a.PrincipalID]++
	}
	for _, p := range order {
		c.PairHolders = append(c.PairHolders, pairs[p])
	}
	for _, p := range s.Center.PermissionSets {
		c.SetAccounts = append(c.SetAccounts, sets[p.ARN])
	}
	for _, a := range s.Accounts {
		c.AccountSets = append(c.AccountSets, accounts[a.ID])
	}
	for _, u := range s.Center.Users {
		rows := held[u.ID]
		for _, g := range carriers[u.ID] {
			rows += held[g]
		}
		c.PrincipalRows = append(c.PrincipalRows, rows)
	}
	for _, g := range s.Center.Groups {
		c.PrincipalRows = append(c.PrincipalRows, held[g.ID])
	}
}

func countIAM(s fakeaws.State, account string, own bool) IAMCounts {
	c := IAMCounts{Own: own}
	for _, u := range s.Users {
		if u.Account != account {
			continue
		}
		c.Users++
		c.ServiceIDs += len(u.ServiceCredentials)
	}
	c.Items = c.Users
	for _, g := range s.Groups {
		c.Items += one(g.Account == account)
	}
	for _, r := range s.Roles {
		c.Items += one(r.Account == account)
	}
	for _, p := range s.Policies {
		c.Items += one(p.Account == account)
	}
	return c
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}
