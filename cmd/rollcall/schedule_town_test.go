package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
	"rollcall/internal/sandbox/faults"
)

// login is one account of a sandbox, with what it says of its owner.
type login struct {
	kind access.AccountKind
	key  access.AccountKey
	name string // as the system shows it
	hrid string // HR's id in it, if any
	mail string
}

// village is a small company whose accounts, people and misfortunes come from
// a seed. Its town has the configuration and the archive.
type village struct {
	*townsfolk
	r      *rand.Rand
	staff  *staff
	logins []login
	// never: changes that take their time are not over while anybody waits.
	never  bool
	faults map[access.System]*faults.Injector
	// What people are given on their first day.
	everybody, some fakeokta.Group
	wiki            fakeokta.App
	operators       string
	sets            []string
}

func newVillage(t *testing.T, seed uint64) *village {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	v := &village{townsfolk: &townsfolk{t: t, clock: &tick{now: firstNight}, dir: t.TempDir()}, r: r, staff: newStaff(r)}
	v.never = r.IntN(12) == 0
	v.build()
	loose := v.r.IntN(6) > 0
	removes := removing(seed)
	for _, name := range []string{"observe.yaml", "rollcall.yaml"} {
		v.adapt(name, loose, removes)
	}
	v.endow(seed)
	return v
}

// build makes the systems, with an account or more for each person, and the
// configuration.
func (v *village) build() {
	v.buildOkta()
	v.buildAWS()
	v.faults = map[access.System]*faults.Injector{
		"okta": faults.New(oktaspec.Judge(v.t, v.okta)),
		"aws":  faults.New(v.aws),
	}
	v.configure("http://127.0.0.1:9", "http://127.0.0.1:9") // nobody dials it: see wireless
}

// removing is what the configuration says of removing; it draws from numbers of its
// own, so that a seed's village stays what it was.
func removing(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 2))
	if r.IntN(3) == 0 {
		return ""
	}
	return fmt.Sprintf("remove: {mode: enforce, after_days: %d, ruled_groups: %t, apps_and_roles: %t}\n", r.IntN(2), r.IntN(2) == 0, r.IntN(3) == 0)
}

// endow gives people what only a remove takes.
func (v *village) endow(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 3))
	app := v.okta.AddApp(fakeokta.App{Label: "Payroll"})
	ruled := v.okta.AddGroup(fakeokta.Group{Name: "By rule"})
	rule := v.okta.AddGroupRule(fakeokta.GroupRule{Name: "Clerks", Expression: `user.title=="Clerk"`, GroupIDs: []string{ruled.ID}})
	for _, l := range v.logins {
		some := func(f func()) {
			if r.IntN(3) == 0 {
				f()
			}
		}
		id := string(l.key.ID)
		switch {
		case l.kind == access.OktaUser && l.name != "rollcall@example.test":
			some(func() { v.okta.AddFactor(fakeokta.Factor{UserID: id, Type: "push"}) })
			some(func() {
				v.okta.AddGrant(fakeokta.Grant{UserID: id, ClientID: "notes", ClientName: "Notes", ScopeID: "openid"})
			})
			some(func() { v.okta.AddRuleMember(ruled.ID, rule.ID, id) })
			if u, _ := v.okta.User(id); u.Status != fakeokta.Deprovisioned {
				some(func() { v.okta.AssignUser(app.ID, id) })
			}
		case l.kind == access.IAMUser && l.hrid != "":
			v.aws.UpdateIAMUser(l.key.Scope, l.name, func(u *fakeaws.IAMUser) {
				some(func() { u.Inline = []fakeaws.InlinePolicy{{Name: "own", Document: `{"Statement":[]}`}} })
				some(func() { u.Attached = append(u.Attached, "arn:aws:iam::aws:policy/ReadOnlyAccess") })
				some(func() {
					u.MFA = []fakeaws.MFADevice{{Serial: "arn:aws:iam::" + l.key.Scope + ":mfa/" + l.name, Virtual: true}}
				})
			})
		}
	}
}

// adapt gives the configuration a second list, somebody protected, and guards
// that are as loose as they can be, or left as they are.
func (v *village) adapt(name string, loose bool, removes string) {
	v.t.Helper()
	b, err := os.ReadFile(filepath.Join(v.dir, name))
	if err != nil {
		v.t.Fatal(err)
	}
	protected := []string{"nobody"}
	for _, who := range v.staff.all() {
		if who.protected {
			protected = append(protected, who.login, who.mail())
		}
	}
	blast := ""
	if loose {
		blast = ", blast: {night_min: 60, week_min: 100}, remove: {night_min: 60, week_min: 100}, concentration_min: 20, irreversible: 40"
	}
	text := strings.NewReplacer(
		"rosters:\n", "rosters:\n  - {name: contractors, file: contractors.csv}\n",
		"{rolemap: rolemap.csv}", fmt.Sprintf("{rolemap: rolemap.csv, exceptions: exceptions.csv, contacts: contacts.csv, links: links.csv, answers: answers.csv, protected: [%q]}", strings.Join(protected, `", "`)),
		"mode:", fmt.Sprintf("guards: {roster: {shrink_percent: %d, gone_min: 60}%s}\nmode:", shrink, blast),
	).Replace(string(b))
	v.write(name, strings.ReplaceAll(text, `\"`, `"`)+removes)
}

// polls is how often somebody has to ask before a change is over.
func (v *village) polls() int {
	if v.never {
		return 100_000
	}
	return v.r.IntN(3)
}

func (v *village) add(l login) { v.logins = append(v.logins, l) }

// states are those in which a user of Okta may be found.
var states = []fakeokta.Status{fakeokta.Active, fakeokta.Active, fakeokta.Active, fakeokta.Active, fakeokta.LockedOut, fakeokta.Suspended,
	fakeokta.PasswordExpired, fakeokta.Provisioned, fakeokta.Staged, fakeokta.Recovery, fakeokta.Deprovisioned}

func (v *village) buildOkta() {
	v.okta = fakeokta.New(fakeokta.Options{Now: v.clock.Now, Tokens: map[string]fakeokta.Token{}, RateLimits: fakeokta.Raised(1_000_000),
		MaxPage: 3 + v.r.IntN(6), DeactivatePolls: v.polls()})
	job := v.oktaUser("rollcall", "rollcall@example.test", "", fakeokta.Active)
	v.okta.AddRole(fakeokta.RoleAssignment{Assignee: job.ID, Type: "SUPER_ADMIN", Label: "Super Administrator"})
	v.okta.SetToken(readToken, fakeokta.Token{Name: "read", ReadOnly: true, UserID: job.ID})
	v.okta.SetToken(blockToken, fakeokta.Token{Name: "block", UserID: job.ID})
	v.oktaUser("robot", "robot@example.test", "", fakeokta.Active) // nobody's
	v.everybody, v.some, v.wiki = v.okta.AddGroup(fakeokta.Group{Name: "Staff"}), v.okta.AddGroup(fakeokta.Group{Name: "Some"}), v.okta.AddApp(fakeokta.App{Label: "Wiki"})
	v.okta.AssignGroup(v.wiki.ID, v.some.ID)
	for _, who := range v.staff.all() {
		number := who.id
		if v.r.IntN(3) == 0 {
			number = ""
		}
		v.inOkta(who, v.oktaUser(who.login, who.mail(), number, pick(v.r, states)))
	}
}

func (v *village) oktaUser(name, mail, number string, status fakeokta.Status) fakeokta.User {
	profile := map[string]any{"login": mail, "email": mail, "firstName": name, "lastName": "Test"}
	if number != "" {
		profile["employeeNumber"] = number
	}
	u := fakeokta.User{Status: status, Created: v.clock.Now().AddDate(-1, 0, 0), Profile: profile}
	if status != fakeokta.Staged && status != fakeokta.Deprovisioned {
		u.Sessions, u.OAuthTokens = v.r.IntN(3), v.r.IntN(2)
	}
	u = v.okta.AddUser(u)
	v.add(login{access.OktaUser, access.AccountKey{System: "okta", ID: access.AccountID(u.ID)}, mail, number, mail})
	return u
}

// inOkta is what somebody is given there.
func (v *village) inOkta(who *soul, u fakeokta.User) {
	v.okta.AddMember(v.everybody.ID, u.ID)
	if v.r.IntN(2) == 0 {
		v.okta.AddMember(v.some.ID, u.ID)
	}
	if v.r.IntN(4) == 0 && u.Status != fakeokta.Deprovisioned {
		v.okta.AddAPIToken(fakeokta.APIToken{Name: who.login + "'s script", UserID: u.ID, Created: u.Created, ExpiresAt: v.clock.Now().AddDate(1, 0, 0)})
	}
	if v.r.IntN(6) == 0 && u.Status == fakeokta.Active {
		v.okta.AddRole(fakeokta.RoleAssignment{Assignee: u.ID, Type: "APP_ADMIN", Label: "Application Administrator"})
	}
}

func (v *village) buildAWS() {
	v.aws = fakeaws.New(fakeaws.Options{Now: v.clock.Now, ManagementAccount: homeAWS, MaxPage: 3 + v.r.IntN(6), AssignmentPolls: v.polls(), ReportPolls: v.r.IntN(2),
		Credentials: []fakeaws.Credential{{AccessKeyID: "AKIAJOB", Secret: "s", Account: homeAWS, UserName: "job"}}})
	for _, id := range []string{homeAWS, prodAWS} {
		v.aws.AddAccount(fakeaws.Account{ID: id, Name: "account " + id, JoinedAt: firstNight.AddDate(-2, 0, 0)})
		v.aws.AddRole(fakeaws.Role{Account: id, Name: "read", ReadOnly: true})
		v.aws.AddRole(fakeaws.Role{Account: id, Name: "block"})
		v.aws.AddIAMGroup(fakeaws.IAMGroup{Account: id, Name: "devs", Attached: []string{"arn:aws:iam::aws:policy/PowerUserAccess"}})
	}
	v.iamUser(homeAWS, "job", "", fakeaws.AccessKey{ID: "AKIAJOB"})
	v.iamUser(prodAWS, "robot", "", fakeaws.AccessKey{ID: "AKIAROBOT00000000001"})
	v.operators = v.aws.AddCenterGroup(fakeaws.CenterGroup{DisplayName: "Operators"})
	v.sets = []string{v.aws.AddPermissionSet("Admin", "PT1H"), v.aws.AddPermissionSet("Look", "PT1H")}
	v.aws.Assign(homeAWS, v.sets[1], "GROUP", v.operators)
	for n, who := range v.staff.all() {
		v.inAWS(n, who)
	}
}

// inAWS is what the nth person is given there, if anything.
func (v *village) inAWS(n int, who *soul) {
	if v.r.IntN(2) == 0 {
		v.iamUser(pick(v.r, []string{homeAWS, prodAWS}), who.login, who.id, fakeaws.AccessKey{ID: fmt.Sprintf("AKIAOFSOMEBODY%06d", n)})
	}
	if v.r.IntN(2) == 0 {
		v.centerUser(who, v.operators, v.sets)
	}
}

func (v *village) iamUser(account, name, number string, key fakeaws.AccessKey) {
	long := v.clock.Now().AddDate(-2, 0, 0)
	key.CreatedAt = long
	u := fakeaws.IAMUser{Account: account, Name: name, CreatedAt: long, AccessKeys: []fakeaws.AccessKey{key}}
	if number != "" {
		u.Tags = []fakeaws.Tag{{Key: "employee_id", Value: number}}
		if v.r.IntN(2) == 0 {
			u.Groups = []string{"devs"}
		}
		if v.r.IntN(3) == 0 {
			u.SSHKeys = []fakeaws.SSHKey{{}}
		}
		if v.r.IntN(2) == 0 {
			u.LoginProfile = &fakeaws.LoginProfile{}
		}
	}
	u = v.aws.AddIAMUser(u)
	v.add(login{access.IAMUser, access.AccountKey{System: "aws", Scope: account, ID: access.AccountID(u.ID)}, name, number, ""})
}

func (v *village) centerUser(who *soul, group string, sets []string) {
	u := fakeaws.CenterUser{UserName: who.mail(), DisplayName: who.login, Email: who.mail(), Status: "ENABLED"}
	if v.r.IntN(3) == 0 {
		u.ExternalIssuer, u.ExternalID = "https://scim.aws.com/somewhere", who.id
	}
	id := v.aws.AddCenterUser(u)
	if v.r.IntN(2) == 0 {
		v.aws.AddCenterMember(group, id)
	}
	for _, set := range sets {
		if v.r.IntN(2) == 0 {
			v.aws.Assign(pick(v.r, []string{homeAWS, prodAWS}), set, "USER", id)
		}
	}
	v.add(login{access.IdentityCenter, access.AccountKey{System: "aws", ID: access.AccountID(id)}, who.mail(), "", who.mail()})
}

// owner is whose account it is by what HR's lists know; nil if nobody can say.
func (v *village) owner(l login, j judged) *soul {
	if who, linked := v.staff.links[l.key]; linked {
		if j.force[who.source].known[who] == nil {
			return nil
		}
		return who
	}
	var owners []*soul
	for _, who := range v.staff.all() {
		known := j.force[who.source].known[who] != nil
		switch {
		case !known:
		case l.hrid != "" && who.id == l.hrid, l.hrid == "" && who.mail() == l.mail:
			owners = append(owners, who)
		}
	}
	if len(owners) != 1 || (l.hrid != "" && j.unread) {
		return nil
	}
	return owners[0]
}
