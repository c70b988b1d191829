package company

import (
	"strings"
	"time"

	"rollcall/internal/sandbox/fakeaws"
)

// The accounts of the organization; labs is suspended.
const (
	management = "111122223333"
	production = "222233334444"
	staging    = "333344445555"
	warehouse  = "444455556666"
	labs       = "555566667777"

	oktaSCIM  = "https://www.okta.com/saml2/service-provider/halden"
	managedBy = "arn:aws:iam::aws:policy/"
)

// newAWS is an AWS with rollcall's key and nothing else yet.
func newAWS(now func() time.Time) *fakeaws.Server {
	return fakeaws.New(fakeaws.Options{
		Now: now, ManagementAccount: management, Region: Region, AssignmentPolls: 1,
		Credentials: []fakeaws.Credential{{AccessKeyID: AWSKeyID, Secret: AWSSecret, Account: management, UserName: "rollcall"}},
	})
}

var openAccounts = []string{management, production, staging, warehouse}

// fillAWS makes the accounts, their IAM and Identity Center.
func (c *Company) fillAWS() {
	for _, a := range []struct{ id, name, state string }{
		{management, "management", ""}, {production, "production", ""}, {staging, "staging", ""}, {warehouse, "data", ""}, {labs, "old-labs", "SUSPENDED"},
	} {
		c.aws.AddAccount(fakeaws.Account{ID: a.id, Name: a.name, Email: "aws+" + a.name + "@" + Domain, State: a.state, Status: a.state, JoinedAt: c.ago(1300),
			Root: fakeaws.Root{MFA: true, PasswordLastUsed: c.ago(400)}})
	}
	for _, id := range openAccounts {
		c.aws.AddRole(fakeaws.Role{Account: id, Name: ReadRole, ReadOnly: true, CreatedAt: c.ago(60)})
		c.aws.AddRole(fakeaws.Role{Account: id, Name: RevokeRole, CreatedAt: c.ago(60)})
	}
	c.fillIAM()
	c.fillCenter()
}

// fillIAM makes the few IAM users that are left from before Identity Center,
// and those of programs.
func (c *Company) fillIAM() {
	c.aws.AddIAMGroup(fakeaws.IAMGroup{Account: staging, Name: "developers", Attached: []string{managedBy + "PowerUserAccess"}, CreatedAt: c.ago(1200)})
	c.aws.AddIAMGroup(fakeaws.IAMGroup{Account: production, Name: "operators", Attached: []string{managedBy + "AmazonEC2FullAccess"}, CreatedAt: c.ago(1200)})
	c.engineer(staging, c.Cast[LeaverKeys], "developers", "", 2)
	seniors := c.titled("Senior Software Engineer")
	c.engineer(staging, seniors[1], "developers", "", 1)
	c.engineer(staging, seniors[8], "developers", "", 0)
	reliable := c.titled("Site Reliability Engineer")
	c.engineer(production, reliable[0], "operators", "ReadOnlyAccess", 1)
	c.engineer(production, reliable[1], "operators", "ReadOnlyAccess", 0)
	c.engineer(staging, c.titled("QA Engineer")[3], "", "AmazonS3ReadOnlyAccess", 1) // no line of the role map lets them
	u := c.aws.AddIAMUser(fakeaws.IAMUser{Account: production, Name: "oncall-3", CreatedAt: c.ago(700), Groups: []string{"operators"},
		LoginProfile: &fakeaws.LoginProfile{CreatedAt: c.ago(700)}, PasswordLastUsed: c.ago(20), MFA: []fakeaws.MFADevice{c.device(production, "oncall-3")}})
	c.link = linked{production, u.ID, reliable[2].ID}
	c.program(management, "rollcall", "", 60)
	c.program(production, "terraform", "AdministratorAccess", 900)
	c.program(staging, "ci-deploy", "PowerUserAccess", 640)
}

// engineer makes a person's IAM user, with a console password and a second
// factor; of two keys one is old and switched off.
func (c *Company) engineer(account string, p Person, group, policy string, keys int) {
	name := strings.Split(p.Mail, "@")[0]
	u := fakeaws.IAMUser{Account: account, Name: name, CreatedAt: c.ago(800), Tags: []fakeaws.Tag{{Key: "employee_id", Value: p.ID}},
		LoginProfile: &fakeaws.LoginProfile{CreatedAt: c.ago(800)}, PasswordLastUsed: c.lastLogin(p), MFA: []fakeaws.MFADevice{c.device(account, name)}}
	if group != "" {
		u.Groups = []string{group}
	}
	if policy != "" {
		u.Attached = []string{managedBy + policy}
	}
	for n := range keys {
		k := fakeaws.AccessKey{CreatedAt: c.ago(80 + 300*n), LastUsedAt: c.lastLogin(p), LastUsedService: "s3", LastUsedRegion: Region}
		if n > 0 {
			k.Status = "Inactive"
		}
		u.AccessKeys = append(u.AccessKeys, k)
	}
	c.aws.AddIAMUser(u)
}

func (c *Company) device(account, name string) fakeaws.MFADevice {
	return fakeaws.MFADevice{Serial: "arn:aws:iam::" + account + ":mfa/" + name, Virtual: true, EnabledAt: c.ago(600)}
}

// program makes an IAM user that is no person's.
func (c *Company) program(account, name, policy string, age int) {
	u := fakeaws.IAMUser{Account: account, Name: name, CreatedAt: c.ago(age), AccessKeys: []fakeaws.AccessKey{{CreatedAt: c.ago(age / 4), LastUsedAt: c.ago(1), LastUsedService: "iam", LastUsedRegion: Region}}}
	if policy != "" {
		u.Attached = []string{managedBy + policy}
	}
	c.aws.AddIAMUser(u)
}

func (c *Company) titled(title string) []Person {
	var out []Person
	for _, p := range c.People {
		if p.Title == title {
			out = append(out, p)
		}
	}
	return out
}

// fillCenter makes Identity Center: users and groups that Okta provisions, two
// users of its own directory, and who may do what where.
func (c *Company) fillCenter() {
	sets := map[string]string{}
	for _, name := range []string{readOnly, powerUser, administrator, dataAnalyst, billing} {
		sets[name] = c.aws.AddPermissionSet(name, "PT8H")
	}
	groups := map[string]string{}
	for _, name := range []string{awsEngineers, awsReliable, awsData, awsAdmins} {
		groups[name] = c.aws.AddCenterGroup(fakeaws.CenterGroup{DisplayName: name, ExternalIssuer: oktaSCIM, ExternalID: c.group[name]})
	}
	groups[awsCloudHelp] = c.aws.AddCenterGroup(fakeaws.CenterGroup{DisplayName: awsCloudHelp, Description: "Consultants from outside"})
	for _, a := range []struct{ group, set, account string }{
		{awsEngineers, readOnly, production}, {awsEngineers, readOnly, staging}, {awsReliable, powerUser, production}, {awsReliable, powerUser, staging},
		{awsData, dataAnalyst, warehouse}, {awsAdmins, administrator, management}, {awsAdmins, administrator, production}, {awsAdmins, administrator, staging},
		{awsAdmins, administrator, warehouse}, {awsCloudHelp, readOnly, staging},
	} {
		c.aws.Assign(a.account, sets[a.set], "GROUP", groups[a.group])
	}
	users := c.centerUsers(groups)
	assign := func(person, set, account string) { c.aws.Assign(account, sets[set], "USER", users[person]) }
	assign(c.Cast[LeaverKeys].ID, powerUser, staging)
	assign(c.Cast[LeaverConsultant].ID, powerUser, staging)
	assign(c.titled("Controlling Manager")[0].ID, billing, management)
	assign(c.titled("Data Engineer")[4].ID, powerUser, warehouse) // no line of the role map lets them
	assign(c.titled("Site Reliability Engineer")[5].ID, administrator, production)
}

// centerUsers makes the users and puts them into their groups.
func (c *Company) centerUsers(groups map[string]string) map[string]string {
	users := map[string]string{}
	for _, p := range c.People {
		mine := held(p, "aws", "sso_group")
		if p.Title == "Controlling Manager" || p.OnlyCenter {
			mine = append(mine, "")
		}
		if len(mine) == 0 || p.ID == c.Cast[JoinerMissing].ID {
			continue
		}
		u := fakeaws.CenterUser{UserName: p.Mail, DisplayName: p.Name, Email: p.Mail, ExternalIssuer: oktaSCIM, ExternalID: c.users[p.ID], Status: "ENABLED"}
		if p.OnlyCenter {
			u.ExternalIssuer, u.ExternalID = "", ""
		}
		users[p.ID] = c.aws.AddCenterUser(u)
		for _, g := range mine {
			if g != "" {
				c.aws.AddCenterMember(groups[g], users[p.ID])
			}
		}
	}
	c.aws.AddCenterMember(groups[awsCloudHelp], users[c.Cast[LeaverConsultant].ID])
	auditor := c.aws.AddCenterUser(fakeaws.CenterUser{UserName: CloudAuditor, DisplayName: "Cloud auditor", Email: CloudAuditor, Status: "ENABLED"})
	c.aws.AddCenterMember(groups[awsCloudHelp], auditor)
	return users
}

// CloudAuditor is the second user of Identity Center's own directory, registered
// as external in nonhuman.csv.
const CloudAuditor = "cloud-audit@accountants.example"
