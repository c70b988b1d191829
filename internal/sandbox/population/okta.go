package population

import (
	"fmt"

	"rollcall/internal/sandbox/fakeokta"
)

// OktaToken is the secret of the credential of every Okta population: a service app
// that reads.
const OktaToken = "sandbox-bench-read"

// OktaBlockingToken is that of another one, which may change things, where the size
// says Blocks.
const OktaBlockingToken = "sandbox-bench-block"

// OktaSize says how large an Okta organisation is. Everyone comes on top of
// Groups and its memberships on top of Memberships.
type OktaSize struct {
	Name                 string
	Users, Deprovisioned int
	// First is the number of the first user, so that several organisations have other
	// people: names, logins and employee ids follow from it.
	First int
	// Groups is how many there are; EmptyGroups have nobody, BigGroups have
	// BigGroup members each and carry no app.
	Groups, EmptyGroups, BigGroups, BigGroup int
	Memberships                              int
	// AppGroups is how many groups carry an app, one each.
	AppGroups int
	Apps      int
	// LargeApps are the numbers of users of the apps that have many; the other
	// apps share what is left of Assignments.
	LargeApps           []int
	Assignments, Direct int
	// Admins hold a role themselves; RoleHolders are they and the members of
	// AdminGroups, who are others.
	Admins, AdminGroups, RoleHolders int
	// ResourceSets bind one custom role each, to one of the Admins.
	ResourceSets  int
	Rules, Tokens int
	Blocks        bool // there is OktaBlockingToken, too
}

// Okta5000 is the organisation by which every Okta collector is measured.
var Okta5000 = OktaSize{
	Name: "5000", Users: 5000, Deprovisioned: 253,
	Groups: 300, EmptyGroups: 14, BigGroups: 9, BigGroup: 1500, Memberships: 60_000, AppGroups: 188,
	Apps: 80, LargeApps: append(repeat(6, 1700), repeat(12, 1300)...), Assignments: 40_000, Direct: 10_743,
	Admins: 40, AdminGroups: 4, RoleHolders: 228, ResourceSets: 2, Rules: 20, Tokens: 12,
}

// OktaSizes are the organisations of the benchmark. From the second to the
// third, people grow fourfold and groups and apps twofold, so that what grows
// with pages can be told from what grows with people.
var OktaSizes = []OktaSize{
	{
		Name: "500", Users: 500, Deprovisioned: 25,
		Groups: 60, EmptyGroups: 3, Memberships: 6000, AppGroups: 44,
		Apps: 40, Assignments: 4000, Direct: 1074,
		Admins: 10, AdminGroups: 2, RoleHolders: 30, ResourceSets: 1, Rules: 5, Tokens: 3,
	},
	Okta5000,
	{
		Name: "20000", Users: 20_000, Deprovisioned: 1012,
		Groups: 600, EmptyGroups: 28, BigGroups: 18, BigGroup: 3500, Memberships: 240_000, AppGroups: 376,
		Apps: 160, LargeApps: append(repeat(12, 5200), repeat(24, 2600)...), Assignments: 160_000, Direct: 42_972,
		Admins: 80, AdminGroups: 8, RoleHolders: 456, ResourceSets: 4, Rules: 40, Tokens: 24,
	},
}

// plainGroups are those with members and without an app or a role.
func (z OktaSize) plainGroups() int {
	return z.Groups - z.EmptyGroups - z.BigGroups - z.AppGroups - z.AdminGroups
}

// plainMembers are the memberships left for them.
func (z OktaSize) plainMembers() int {
	return z.Memberships - z.derived() - z.BigGroups*z.BigGroup - (z.RoleHolders - z.Admins)
}

// derived are the app assignments that come through groups; each is one
// membership of a group that carries an app.
func (z OktaSize) derived() int { return z.Assignments - z.Direct }

func (z OktaSize) active() int { return z.Users - z.Deprovisioned }

// appUsers gives how many people hold each app.
func (z OktaSize) appUsers() []int {
	return append(append([]int{}, z.LargeApps...), spread(z.Assignments-sum(z.LargeApps), z.Apps-len(z.LargeApps))...)
}

func (z OktaSize) check() error {
	plain, most := z.plainGroups(), 0
	for _, n := range append(z.appUsers(), z.BigGroup) {
		most = max(most, n)
	}
	return meets("okta "+z.Name, []demand{
		{z.Apps > len(z.LargeApps) && z.AppGroups >= z.Apps, "every app needs a group of its own"},
		{plain > 0 && z.plainMembers() >= plain && z.plainMembers() <= plain*z.Users, "the memberships do not fit the groups"},
		{most <= z.active(), "an app or a group has more people than are active"},
		{z.RoleHolders >= z.Admins+z.AdminGroups && z.RoleHolders <= z.active() && z.ResourceSets <= z.Admins, "the role holders do not add up"},
	})
}

// Okta builds an organisation. Its list of role holders names those who hold a
// role through a group too, which is the costlier of the two readings of Okta's
// description.
func Okta(z OktaSize, opts fakeokta.Options) (*fakeokta.Server, error) {
	if err := z.check(); err != nil {
		return nil, err
	}
	opts.AllAssignees = true
	opts.Tokens = map[string]fakeokta.Token{OktaToken: {Name: "bench", ReadOnly: true}}
	if z.Blocks {
		opts.Tokens[OktaBlockingToken] = fakeokta.Token{Name: "bench-block"}
	}
	o := &okta{OktaSize: z, Server: fakeokta.New(opts)}
	o.addUsers()
	o.addApps()
	o.addGroups()
	o.addAdmins()
	for i := range z.Rules {
		o.AddGroupRule(fakeokta.GroupRule{Name: fmt.Sprintf("rule %d", i), Expression: `user.department=="x"`, GroupIDs: []string{o.appGroups[i%len(o.appGroups)]}, Created: born})
	}
	for i := range z.Tokens {
		o.AddAPIToken(fakeokta.APIToken{Name: fmt.Sprintf("token %d", i), UserID: o.users[i], Created: born})
	}
	return o.Server, nil
}

// okta is an organisation while it is built. The active users come first.
type okta struct {
	OktaSize
	*fakeokta.Server
	users     []string
	appGroups []string
}

func (o *okta) addUsers() {
	for i := range o.Users {
		u := fakeokta.User{Status: fakeokta.Active, Profile: profile(o.First + i), Created: born, LastLogin: born.AddDate(2, i%7, i%28)}
		if i >= o.active() {
			u.Status = fakeokta.Deprovisioned
		}
		o.users = append(o.users, o.AddUser(u).ID)
	}
}

// addApps gives each app its groups, then the people who hold it through them,
// then others who hold it directly: nobody holds one app twice, so that the
// assignments are exactly as many as the size says.
func (o *okta) addApps() {
	groups := spread(o.AppGroups, o.Apps)
	before, given, first := 0, 0, 0
	for i, holders := range o.appUsers() {
		app := o.AddApp(fakeokta.App{Label: fmt.Sprintf("App %03d", i), Created: born}).ID
		before += holders
		through := before*o.derived()/o.Assignments - given // so that rounding never adds up
		given += through
		at := first
		for j, members := range spread(through, groups[i]) {
			g := o.AddGroup(fakeokta.Group{Name: fmt.Sprintf("App %03d users %d", i, j), Created: born}).ID
			o.appGroups = append(o.appGroups, g)
			o.AssignGroup(app, g)
			o.AddMember(g, o.some(at, members, o.active())...)
			at += members
		}
		o.AssignUser(app, o.some(at, holders-through, o.active())...)
		first += 37 // the next app's people begin elsewhere
	}
}

// some takes n users in a row from the first of them, around the end.
func (o *okta) some(from, n, of int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = o.users[(from+i)%of]
	}
	return ids
}

// addGroups makes the groups without an app. Deactivated people stay in their
// groups, as at Okta.
func (o *okta) addGroups() {
	sizes := append(repeat(o.EmptyGroups, 0), repeat(o.BigGroups, o.BigGroup)...)
	sizes = append(sizes, spread(o.plainMembers(), o.plainGroups())...)
	for i, members := range sizes {
		g := o.AddGroup(fakeokta.Group{Name: fmt.Sprintf("Team %03d", i), Created: born}).ID
		o.AddMember(g, o.some(i*53, members, o.Users)...)
	}
}

// addAdmins gives the first people a role each, custom ones to as many as there
// are resource sets, and the people after them one through a group.
func (o *okta) addAdmins() {
	for i := range o.ResourceSets {
		role := o.AddCustomRole(fakeokta.CustomRole{Label: fmt.Sprintf("Custom %d", i), Created: born})
		set := o.AddResourceSet(fakeokta.ResourceSet{Label: fmt.Sprintf("Set %d", i), Created: born})
		o.AddRole(fakeokta.RoleAssignment{Assignee: o.users[i], RoleID: role.ID, ResourceSetID: set.ID, Created: born})
	}
	for i := o.ResourceSets; i < o.Admins; i++ {
		o.AddRole(fakeokta.RoleAssignment{Assignee: o.users[i], Type: "HELP_DESK_ADMIN", Label: "Help Desk Administrator", Created: born})
	}
	at := o.Admins
	for i, members := range spread(o.RoleHolders-o.Admins, o.AdminGroups) {
		g := o.AddGroup(fakeokta.Group{Name: fmt.Sprintf("Admins %d", i), Created: born}).ID
		o.AddMember(g, o.some(at, members, o.active())...)
		o.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToGroup, Assignee: g, Type: "APP_ADMIN", Label: "Application Administrator", Created: born})
		at += members
	}
}
