package population

import (
	"slices"

	"rollcall/internal/sandbox/fakeokta"
)

// OktaCounts is what decides how many requests an organisation takes to read:
// how long each of its lists is.
type OktaCounts struct {
	Live, Deactivated int
	Groups            int
	// Members are the sizes of the groups but the built-in ones.
	Members []int
	// GroupApps are the numbers of apps of the groups that carry any.
	GroupApps []int
	// AppUsers and AppGroups are the lists of each active app.
	AppUsers, AppGroups []int
	// RoleHolders is how many people Okta's list of role holders names.
	RoleHolders, RoleGroups int
	// Bindings are the numbers of custom roles of each resource set, BoundMembers
	// the numbers of members of each of these bindings.
	Bindings, BoundMembers []int
	Rules, Tokens          int
	// Memberships and Assignments are what all of it amounts to.
	Memberships, Assignments int
}

// CountOkta counts an organisation as it is, not as it was meant to be. Through
// says that the list of role holders names those who hold one through a group.
func CountOkta(s fakeokta.State, through bool) OktaCounts {
	t := tallyOkta(s)
	c := OktaCounts{Groups: len(s.Groups), Rules: len(s.Rules), Tokens: len(s.APITokens)}
	for _, u := range s.Users {
		if u.Status == fakeokta.Deprovisioned {
			c.Deactivated++
		} else {
			c.Live++
		}
	}
	for _, g := range s.Groups {
		if g.Type != fakeokta.TypeBuiltIn {
			c.Members = append(c.Members, len(t.members[g.ID]))
		}
		if n := t.appsOf[g.ID]; n > 0 {
			c.GroupApps = append(c.GroupApps, n)
		}
	}
	for _, a := range s.Apps {
		if a.Status == "ACTIVE" {
			c.AppUsers = append(c.AppUsers, len(t.holders(a.ID)))
			c.AppGroups = append(c.AppGroups, len(t.groupsOf[a.ID]))
		}
	}
	c.RoleHolders, c.RoleGroups = t.roleHolders(s.Roles, through)
	c.Bindings, c.BoundMembers = bindings(s)
	c.Memberships, c.Assignments = sum(c.Members), sum(c.AppUsers)
	return c
}

type oktaTally struct {
	deactivated map[string]bool
	members     map[string][]string // group -> users
	appsOf      map[string]int      // group -> apps
	groupsOf    map[string][]string // app -> groups
	direct      map[string][]string // app -> users
}

func tallyOkta(s fakeokta.State) oktaTally {
	t := oktaTally{map[string]bool{}, map[string][]string{}, map[string]int{}, map[string][]string{}, map[string][]string{}}
	for _, u := range s.Users {
		t.deactivated[u.ID] = u.Status == fakeokta.Deprovisioned
	}
	for _, m := range s.Members {
		t.members[m.GroupID] = append(t.members[m.GroupID], m.UserID)
	}
	for _, g := range s.AppGroups {
		t.appsOf[g.GroupID]++
		t.groupsOf[g.AppID] = append(t.groupsOf[g.AppID], g.GroupID)
	}
	for _, u := range s.AppUsers {
		t.direct[u.AppID] = append(t.direct[u.AppID], u.UserID)
	}
	return t
}

// holders are the distinct people who hold an app.
func (t oktaTally) holders(app string) map[string]bool {
	all := map[string]bool{}
	for _, u := range t.direct[app] {
		all[u] = true
	}
	for _, g := range t.groupsOf[app] {
		for _, u := range t.members[g] {
			if !t.deactivated[u] {
				all[u] = true
			}
		}
	}
	return all
}

func (t oktaTally) roleHolders(roles []fakeokta.RoleAssignment, through bool) (people, groups int) {
	users, carriers := map[string]bool{}, map[string]bool{}
	for _, r := range roles {
		if r.To == fakeokta.ToUser {
			users[r.Assignee] = true
			continue
		}
		carriers[r.Assignee] = true
		if through {
			for _, u := range t.members[r.Assignee] {
				users[u] = true
			}
		}
	}
	return len(users), len(carriers)
}

// bindings counts, of each resource set, the roles bound to it, and the members
// of each binding.
func bindings(s fakeokta.State) (roles, members []int) {
	for _, set := range s.ResourceSets {
		bound := map[string]int{}
		for _, r := range s.Roles {
			if r.ResourceSetID == set.ID && r.RoleID != "" {
				bound[r.RoleID]++
			}
		}
		roles = append(roles, len(bound))
		for _, n := range bound {
			members = append(members, n)
		}
	}
	slices.Sort(members) // a map was ranged over
	return roles, members
}
