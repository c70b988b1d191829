package aws

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

// entitlementOf gives what an account holds of a kind and name.
func entitlementOf(t *testing.T, obs access.Observation, scope, login string, kind access.EntitlementKind, name string) (access.Grant, access.Entitlement) {
	t.Helper()
	i, _ := find(t, obs, scope, login)
	for _, g := range obs.Grants {
		if e := obs.Entitlements[g.Entitlement]; int(g.Account) == i && e.Kind == kind && e.Name == name {
			return g, e
		}
	}
	t.Fatalf("%s in %q holds no %s %s", login, scope, kind, name)
	return access.Grant{}, access.Entitlement{}
}

func noted(obs access.Observation, words ...string) bool {
	return slices.ContainsFunc(obs.Notes, func(note string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(note, word) })
	})
}

func TestApplicationsAreHeldDirectlyAndThroughGroupsByOneReadablePath(t *testing.T) {
	o := openOrg(t, fakeaws.Options{MaxPage: 1})
	wiki, payroll := o.AddApplication("wiki", home), o.AddApplication("payroll", home)
	o.AssignApplication(wiki, "GROUP", o.platform)
	o.AssignApplication(wiki, "USER", o.ada)
	o.AssignApplication(payroll, "USER", o.fromIdP)
	o.AssignApplication(payroll, "USER", "90670000-0000-0000-0000-000000000000")
	o.AddApplication("lonely", home)
	obs := o.collect(t)
	if found := gaps(obs); len(found) > 0 {
		t.Fatalf("gaps %v", found)
	}
	for login, want := range map[string][]string{
		"leaver@example.com": {"sso_app wiki via sso_group platform"},
		"ada":                {"sso_app crm", "sso_app mail", "sso_app wiki", "sso_app wiki via sso_group platform"},
		"pushed":             {"sso_app mail via sso_group pushed group", "sso_app payroll"},
	} {
		apps := slices.DeleteFunc(held(t, obs, "", login), func(h string) bool { return !strings.HasPrefix(h, "sso_app") })
		if !slices.Equal(apps, want) {
			t.Errorf("%s holds %q, want %q", login, apps, want)
		}
	}
	_, app := entitlementOf(t, obs, "", "pushed", access.SSOApp, "payroll")
	if app.ID != payroll || app.Credential || !app.CreatedAt.Equal(start.Add(ahead)) || obs.Reads[app.Read].Kind != readApplications {
		t.Errorf("%+v", app)
	}
	if !noted(obs, "application payroll is assigned to user 90670000", "no longer exists") || !noted(obs, "application lonely is assigned to nobody") {
		t.Errorf("notes %q", obs.Notes)
	}
	read := obs.Reads[slices.IndexFunc(obs.Reads, complete(readApplications))]
	if read.Records != 5+7 {
		t.Errorf("%d records, want five applications and seven assignments", read.Records)
	}
}

func TestApplicationsThatMayNotBeListedAreAGapThatNamesTheAction(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	rule := apiError("ListApplications", 400, "AccessDeniedException")
	rule.Header, rule.Body = http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, `{"__type":"AccessDeniedException","message":"no"}`
	o.faults.Add(rule)
	found := gaps(o.collect(t))
	if len(found) != 1 || !strings.Contains(found["sso_applications"], "grant it sso:ListApplications") {
		t.Errorf("gaps %v", found)
	}
}

func TestRolesThatAccountAccessManagerMayLendAreNotedAndNoOthers(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	trust := func(principal string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":["sts:AssumeRole","sts:SetContext"]}]}`
	}
	for name, document := range map[string]string{
		"one":   trust(`{"Service":"account-access.amazonaws.com"}`),
		"many":  trust(`{"Service":["ec2.amazonaws.com","account-access.amazonaws.com"]}`),
		"ec2":   trust(`{"Service":"ec2.amazonaws.com"}`),
		"other": trust(`{"AWS":"arn:aws:iam::111111111111:role/account-access.amazonaws.com"}`),
		"not":   strings.Replace(trust(`{"Service":"account-access.amazonaws.com"}`), "Allow", "Deny", 1),
		"open":  trust(`"*"`),
	} {
		o.AddRole(fakeaws.Role{Account: dev, Name: name, TrustPolicy: document})
	}
	obs := o.collect(t)
	if !noted(obs, "account "+dev+" (dev)", "access that is not collected", "role many, role one;") {
		t.Errorf("notes %q", obs.Notes)
	}
	if noted(obs, "account "+prod, "not collected") {
		t.Errorf("notes %q", obs.Notes)
	}
	if !trusts("%7Bnot a policy account-access.amazonaws.com", accountAccess) {
		t.Error("a document that cannot be read is taken for one without the service")
	}
}

func TestAPermissionSetIsPowerfulIfItsRoleInTheAccountIs(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	for name, role := range map[string]fakeaws.Role{
		"Managed": {Attached: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}},
		"Inline":  {Inline: []fakeaws.InlinePolicy{{Name: "AwsSSOInlinePolicy", Document: `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`}}},
		"Own":     {Attached: []string{"arn:aws:iam::" + prod + ":policy/all"}},
		"Weak_1":  {Attached: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}},
	} {
		role.Account, role.Name, role.Path = prod, "AWSReservedSSO_"+name+"_0123456789abcdef", "/aws-reserved/sso.amazonaws.com/eu-west-1/"
		o.AddRole(role)
		set := o.AddPermissionSet(name, "PT1H")
		o.Assign(prod, set, "USER", o.ada)
		o.Assign(dev, set, "USER", o.ada)
	}
	o.AddRole(fakeaws.Role{Account: dev, Name: "AWSReservedSSO_Managed_feedfeedfeedfeed", Attached: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}}) // somebody's own: not on the path
	obs := o.collect(t)
	for _, e := range obs.Entitlements {
		if e.Kind != access.PermissionSet {
			continue
		}
		want := e.Name == "AdminAccess" || (e.Scope == prod && slices.Contains([]string{"Managed", "Inline", "Own"}, e.Name))
		if e.Privileged != want {
			t.Errorf("%s in %s: privileged %v", e.Name, e.ScopeName, e.Privileged)
		}
	}
}

func TestTheRootIsAnAccountWithItsKeysAndItsFactor(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddAccount(fakeaws.Account{ID: "555555555555", Name: "risky", Root: fakeaws.Root{AccessKeys: []fakeaws.AccessKey{
		{CreatedAt: start.AddDate(-1, 0, 0), LastUsedAt: start.AddDate(0, 0, -2)}, {Status: "Inactive"},
	}}})
	o.AddRole(fakeaws.Role{Account: "555555555555", Name: "read", ReadOnly: true, ExternalID: "x"})
	obs := o.collect(t)
	_, root := find(t, obs, "555555555555", "<root_account>")
	if root.Kind != access.IAMRoot || root.MFA != access.MFANo || !root.Privileged || !root.LastUsedAt.Equal(start.AddDate(0, 0, -2)) {
		t.Errorf("%+v", root)
	}
	if h := held(t, obs, "555555555555", "<root_account>"); !slices.Equal(h, []string{"access_key access key 1"}) {
		t.Errorf("the root holds %q", h)
	}
	if h := held(t, obs, prod, "<root_account>"); len(h) > 0 {
		t.Errorf("prod's root holds %q", h)
	}
}

func TestWhatWasMadeWhenAndUsedWhenIsToldWhereAWSKnowsIt(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	old := start.AddDate(-2, 0, 0)
	late := o.AddCenterGroup(fakeaws.CenterGroup{DisplayName: "late", CreatedAt: old})
	joined := o.AddCenterUser(fakeaws.CenterUser{UserName: "joined", CreatedAt: old.AddDate(0, 1, 0)})
	o.AddCenterMember(late, joined)
	c := o.collector(t)
	obs := o.collect(t)
	grant, key := entitlementOf(t, obs, prod, "leaver", access.AccessKey, "access key 1")
	if !key.CreatedAt.Equal(old) || !grant.LastUsedAt().Equal(start.AddDate(0, 0, -1)) {
		t.Errorf("key made %s, used %s", key.CreatedAt, grant.LastUsedAt())
	}
	if login, _ := entitlementOf(t, obs, prod, "leaver", access.ConsoleLogin, "console login"); !login.LastUsedAt().Equal(start.AddDate(0, 0, -3)) {
		t.Errorf("console used %s", login.LastUsedAt())
	}
	if _, group := entitlementOf(t, obs, "", "joined", access.SSOGroup, "late"); !group.CreatedAt.Equal(old) {
		t.Errorf("group made %s", group.CreatedAt)
	}
	if _, a := find(t, obs, "", "joined"); !a.CreatedAt.Equal(old.AddDate(0, 1, 0)) {
		t.Errorf("joined made %s", a.CreatedAt)
	}
	i, _ := find(t, obs, prod, "leaver")
	detailed, err := c.Detail(t.Context(), obs, []int{i})
	if err != nil {
		t.Fatal(err)
	}
	grant, key = entitlementOf(t, detailed, prod, "leaver", access.AccessKey, "access key AKIALEAVER0000000001")
	if !key.CreatedAt.Equal(old) || !grant.LastUsedAt().Equal(start.AddDate(0, 0, -1)) {
		t.Errorf("in detail, key made %s, used %s", key.CreatedAt, grant.LastUsedAt())
	}
}

func TestAnAccountInAStateNobodyKnowsIsEnteredAndNotPassedOver(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.faults.Add(faults.Rule{Match: faults.Action("ListAccounts"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		a.Body = []byte(strings.ReplaceAll(string(a.Body), `"State":"ACTIVE"`, `"State":"THRIVING"`))
	}})
	obs := o.collect(t)
	if found := gaps(obs); len(found) > 0 {
		t.Errorf("gaps %v", found)
	}
	find(t, obs, prod, "leaver")
}

func TestTheManagementAccountIsToldByTheListOfAccounts(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t)
	for _, r := range o.Requests() {
		if r.Action == "DescribeOrganization" {
			t.Error("it was asked for by itself")
		}
	}
	for arn, want := range map[string]string{
		"arn:aws:organizations::111111111111:account/o-exampleorgid/222222222222":        "111111111111",
		"arn:aws-us-gov:organizations::111111111111:account/o-exampleorgid/222222222222": "111111111111",
		"": "", "arn:aws:organizations::1:account/o/2": "", "arn:aws:iam::111111111111:account/o/2": "",
	} {
		if got := managing(arn); got != want {
			t.Errorf("%q: %q, want %q", arn, got, want)
		}
	}
}

func TestAnAccountWithoutAnOrganizationIsReadAlone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	for _, op := range []string{"ListAccounts", "DescribeOrganization"} {
		o.faults.Add(apiError(op, 400, "AWSOrganizationsNotInUseException"))
	}
	obs := o.collect(t)
	if found := gaps(obs); len(found) > 0 {
		t.Errorf("gaps %v", found)
	}
	if !noted(obs, home, "belongs to no organization") {
		t.Errorf("notes %q", obs.Notes)
	}
	find(t, obs, home, "job")
}

func TestVirtualDevicesAreListedOnlyWhereTheReportLeavesAnybodyOut(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	asked := func() (accounts []string) {
		for _, r := range o.Requests() {
			if r.Action == "ListVirtualMFADevices" {
				accounts = append(accounts, r.Account)
			}
		}
		return accounts
	}
	o.collect(t)
	if got := asked(); len(got) > 0 {
		t.Errorf("the report tells of everybody, and yet %q were asked", got)
	}
	device := fakeaws.MFADevice{Serial: "arn:aws:iam::" + prod + ":mfa/new", Virtual: true}
	o.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "new", CreatedAt: start.Add(ahead + time.Minute), MFA: []fakeaws.MFADevice{device}})
	if _, a := find(t, o.collect(t), prod, "new"); a.MFA != access.MFAYes {
		t.Errorf("%+v", a)
	}
	if got := asked(); !slices.Equal(got, []string{prod}) {
		t.Errorf("%q were asked, want prod alone", got)
	}
	o.faults.Add(apiError("GetCredentialReport", 403, "AccessDenied"))
	if _, a := find(t, o.collect(t), prod, "leaver"); a.MFA != access.MFAYes {
		t.Errorf("without a report: %+v", a)
	}
}
