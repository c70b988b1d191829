package company

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

// The accounts that are no person's. Their ids are fixed, so that tokens can
// name their owner before the state is there.
const (
	BreakGlass = "break-glass@" + Domain
	Orphan     = "t.vega@fieldwork.example"

	readerID  = "00u00000000reader000"
	readerTok = "00T00000000reader000"
	actorID   = "00u000000000actor000"
	actorTok  = "00T000000000actor000"
)

// newOkta is an Okta with rollcall's two tokens and nothing else yet. It lets a
// client ask as fast as it likes.
func newOkta(now func() time.Time) *fakeokta.Server {
	return fakeokta.New(fakeokta.Options{
		Now: now, RateLimits: fakeokta.Raised(1_000_000), DeactivatePolls: 1,
		Tokens: map[string]fakeokta.Token{
			OktaReadToken:   {Name: "rollcall read", ReadOnly: true, UserID: readerID, TokenID: readerTok},
			OktaRevokeToken: {Name: "rollcall revoke", UserID: actorID, TokenID: actorTok},
		},
	})
}

// apps are the company's applications and the groups that carry them.
var apps = []struct {
	label  string
	groups []string
}{
	{"Google Workspace", []string{allStaff, contractors}},
	{"Slack", []string{allStaff, contractors}},
	{"Zoom", []string{allStaff}},
	{"Workday", []string{allStaff}},
	{"GitHub", []string{"Engineering"}},
	{"Jira", []string{"Engineering", "Product", "Customer Support"}},
	{"PagerDuty", []string{awsReliable}},
	{centerApp, []string{awsEngineers, awsReliable, awsData, awsAdmins}},
	{"Salesforce", []string{"Sales"}},
	{"Zendesk", []string{"Customer Support"}},
	{"HubSpot", []string{"Marketing"}},
	{"NetSuite", []string{"Finance"}},
	{"Greenhouse", []string{"People Team"}},
	{"ShipStation", []string{"Operations"}},
	{"Jamf", []string{"IT"}},
	{"Ironclad", []string{"Legal"}},
	{"Figma", nil},
	{"Tableau", nil},
	{"DocuSign", nil},
	{"ADP Payroll", nil},
	{"Bank Portal", nil},
}

// drift is what some people hold though no line of the role map says so: the
// first people with the title get it.
var drift = []struct {
	title, kind, name string
	n                 int
}{
	{"Campaign Specialist", "app", "Tableau", 2},
	{"Accountant", "app", "DocuSign", 1},
	{"Software Engineer", "app", "Zendesk", 3},
	{"Product Manager", "app", "Tableau", 4},
	{"HR Business Partner", "group", "Finance", 1},
	{"Contract Engineer", "group", awsReliable, 1},
	{"Support Specialist", "group", "Sales", 1},
	{"Help Desk Agent", "group", awsAdmins, 1},
}

// fillOkta makes the groups, apps, people and administrators.
func (c *Company) fillOkta() {
	c.addGroups()
	for _, a := range apps {
		c.appID[a.label] = c.okta.AddApp(fakeokta.App{Label: a.label, Created: c.ago(900)}).ID
		for _, g := range a.groups {
			c.okta.AssignGroup(c.appID[a.label], c.group[g])
		}
	}
	rule := c.okta.AddGroupRule(fakeokta.GroupRule{Name: "Employees are All Staff", Expression: `user.userType=="employee"`, GroupIDs: []string{c.group[allStaff]}, Created: c.ago(900)})
	for _, p := range c.People {
		if p.OnlyCenter || p.ID == c.Cast[JoinerMissing].ID || c.second(p) {
			continue
		}
		c.login(p, fakeokta.Active)
		for _, g := range held(p, "okta", "group") {
			if g == allStaff {
				c.okta.AddRuleMember(c.group[g], rule.ID, c.users[p.ID])
				continue
			}
			c.join(p, g)
		}
		for _, label := range held(p, "okta", "app") {
			c.okta.AssignUser(c.appID[label], c.users[p.ID])
		}
	}
	c.addDrift()
	c.addOktaStories()
	c.addAdmins()
}

// second reports the contractor whose address is an employee's: one login has it.
func (c *Company) second(p Person) bool {
	return p.Type == contractor && p.Mail == c.Cast[TwoIDs].Mail
}

func (c *Company) addGroups() {
	var names []string
	for _, r := range append(slices.Clone(rights), teamRights()...) {
		if r.system == "okta" && r.kind == "group" && !slices.Contains(names, r.entitlement) {
			names = append(names, r.entitlement)
		}
	}
	for _, name := range names {
		c.group[name] = c.okta.AddGroup(fakeokta.Group{Name: name, Created: c.ago(1200)}).ID
	}
}

// login makes a person's Okta login.
func (c *Company) login(p Person, status fakeokta.Status) {
	first, last, _ := strings.Cut(p.Name, " ")
	profile := map[string]any{"login": p.Mail, "email": p.Mail, "firstName": first, "lastName": last,
		"employeeNumber": p.ID, "title": p.Title, "department": p.Department, "userType": p.Type}
	if p.ID == c.Cast[TwoIDs].ID {
		delete(profile, "employeeNumber") // so only the address tells whose it is
	}
	u := c.okta.AddUser(fakeokta.User{Status: status, Profile: profile, Created: p.Start.Add(-36 * time.Hour), LastLogin: c.lastLogin(p), Sessions: 1, OAuthTokens: 1})
	c.okta.AddFactor(fakeokta.Factor{UserID: u.ID, Created: u.Created})
	c.users[p.ID] = u.ID
}

// lastLogin is some working hour of the last days.
func (c *Company) lastLogin(p Person) time.Time {
	if !p.Start.Before(c.day) {
		return time.Time{}
	}
	h := fnv.New32a()
	h.Write([]byte(p.ID))
	return c.ago(1 + int(h.Sum32()%6)).Add(time.Duration(8*60+h.Sum32()/7%480) * time.Minute)
}

func (c *Company) join(p Person, group string) { c.okta.AddMember(c.group[group], c.users[p.ID]) }

// ago is the first day's midnight, some days earlier.
func (c *Company) ago(days int) time.Time { return c.day.AddDate(0, 0, -days) }

func (c *Company) addDrift() {
	for _, d := range drift {
		left := d.n
		for _, p := range c.People {
			if left == 0 {
				break
			}
			if p.Title != d.title || c.users[p.ID] == "" || c.hasPart(p) {
				continue
			}
			left--
			if d.kind == "app" {
				c.okta.AssignUser(c.appID[d.name], c.users[p.ID])
			} else {
				c.join(p, d.name)
			}
		}
	}
}

func (c *Company) hasPart(p Person) bool {
	for _, q := range c.Cast {
		if q.ID == p.ID {
			return true
		}
	}
	return false
}

// addOktaStories makes what the stories tell of Okta.
func (c *Company) addOktaStories() {
	id := func(s Story) string { return c.users[c.Cast[s].ID] }
	c.okta.UpdateUser(id(LeaverLocked), func(u *fakeokta.User) { u.Status, u.StatusChanged = fakeokta.LockedOut, c.ago(1) })
	c.okta.AddAPIToken(fakeokta.APIToken{Name: "nightly-metrics", UserID: id(LeaverKeys), Created: c.ago(200)})
	c.okta.AssignUser(c.appID["Zendesk"], id(MoverEarlier))
	c.join(c.Cast[MoverEarlier], "Customer Support")
	c.join(c.Cast[ExceptionLive], "Finance")
	c.okta.AssignUser(c.appID["Salesforce"], id(ExceptionOver))
	c.okta.AddUser(fakeokta.User{Profile: map[string]any{"login": Orphan, "email": Orphan, "firstName": "Teresa", "lastName": "Vega", "userType": contractor}, Created: c.ago(140), LastLogin: c.ago(12)})
	for n := range 12 {
		name := fmt.Sprintf("Former Colleague %c", 'A'+n)
		mail := formerMail(n)
		c.okta.AddUser(fakeokta.User{Status: fakeokta.Deprovisioned, Created: c.ago(1500), StatusChanged: c.ago(40 + 9*n), LastLogin: c.ago(41 + 9*n),
			Profile: map[string]any{"login": mail, "email": mail, "firstName": "Former", "lastName": name[len("Former "):], "employeeNumber": formerID(n)}})
	}
}

// formerID is the employee id of somebody who left long ago.
func formerID(n int) string { return fmt.Sprintf("E0%d", 701+n) }

func formerMail(n int) string { return fmt.Sprintf("former.colleague.%c@%s", 'a'+n, Domain) }

// addAdmins makes who administers Okta: the head of IT, the way in when nothing
// else works, the help desk by its group, and rollcall itself.
func (c *Company) addAdmins() {
	head := c.users[c.named(itOwner).ID]
	c.okta.AddRole(fakeokta.RoleAssignment{Assignee: head, Type: "SUPER_ADMIN", Label: "Super Administrator", Created: c.ago(800)})
	glass := c.service("", BreakGlass, "Break", "Glass")
	c.okta.AddRole(fakeokta.RoleAssignment{Assignee: glass, Type: "SUPER_ADMIN", Label: "Super Administrator", Created: c.ago(1100)})
	c.okta.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToGroup, Assignee: c.group[serviceDesk], Type: "HELP_DESK_ADMIN", Label: "Help Desk Administrator", Created: c.ago(800)})
	reader := c.service(readerID, "rollcall-read@"+Domain, "Rollcall", "Reader")
	c.okta.AddRole(fakeokta.RoleAssignment{Assignee: reader, Type: "READ_ONLY_ADMIN", Label: "Read-only Administrator", Created: c.ago(60)})
	c.okta.AddAPIToken(fakeokta.APIToken{ID: readerTok, Name: "rollcall read", UserID: reader, Created: c.ago(60)})
	actor := c.service(actorID, "rollcall-revoke@"+Domain, "Rollcall", "Revoker")
	c.okta.AddRole(fakeokta.RoleAssignment{Assignee: actor, Type: "ORG_ADMIN", Label: "Organization Administrator", Created: c.ago(60)})
	c.okta.AddAPIToken(fakeokta.APIToken{ID: actorTok, Name: "rollcall revoke", UserID: actor, Created: c.ago(60)})
}

func (c *Company) service(id, login, first, last string) string {
	return c.okta.AddUser(fakeokta.User{ID: id, Profile: map[string]any{"login": login, "email": login, "firstName": first, "lastName": last}, Created: c.ago(1100), LastLogin: c.ago(90)}).ID
}

// named is the person of that name.
func (c *Company) named(name string) Person {
	return c.People[slices.IndexFunc(c.People, func(p Person) bool { return p.Name == name })]
}
