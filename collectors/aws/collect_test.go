package aws

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

func TestIAMUsersAreFactsWithTheirMarks(t *testing.T) {
	obs := openOrg(t, fakeaws.Options{}).collect(t)
	if g := gaps(obs); len(g) > 0 {
		t.Fatalf("gaps: %v", g)
	}
	_, leaver := find(t, obs, prod, "leaver")
	if leaver.Kind != access.IAMUser || leaver.ScopeName != "prod" || leaver.HRID != "0012" || leaver.Email != "leaver@example.com" ||
		leaver.Status != access.AccountActive || leaver.MFA != access.MFAYes || !leaver.Privileged || !leaver.UsageKnown ||
		!leaver.LastUsedAt.Equal(start.AddDate(0, 0, -1)) || !strings.HasPrefix(string(leaver.ID), "AIDA") {
		t.Errorf("leaver: %+v", leaver)
	}
	_, ada := find(t, obs, prod, "ada@example.com")
	if ada.Email != "ada@example.com" || ada.MFA != access.MFANo || !ada.Privileged {
		t.Errorf("ada, whose name is an address and whose own policy allows everything: %+v", ada)
	}
	for _, login := range []string{"stopped", "bounded"} {
		if _, a := find(t, obs, prod, login); a.Status != access.AccountSuspended || a.VendorStatus != "denied" || a.MFA != access.MFANotApplicable {
			t.Errorf("%s, under AWSDenyAll: %+v", login, a)
		}
		if h := held(t, obs, prod, login); len(h) > 0 {
			t.Errorf("%s holds %q: AWSDenyAll is no entitlement", login, h)
		}
	}
	want := []string{
		"access_key access key 1", "console_login console login", "iam_group admins",
		"iam_inline_policy own", "iam_inline_policy pay via iam_group admins",
		"iam_policy AdministratorAccess via iam_group admins", "iam_policy ReadOnlyAccess",
		"service_credential codecommit.amazonaws.com", "signing_certificate signing certificate 1",
	}
	if h := held(t, obs, prod, "leaver"); !slices.Equal(h, want) {
		t.Errorf("leaver holds %q, want %q", h, want)
	}
}

// IAM takes employee_id and employee-id for two tags. Which of two people it is must not
// hang on the order in which they come: neither is.
func TestTwoTagsThatNameTwoPeopleNameNobody(t *testing.T) {
	tag := func(key, value string) fakeaws.Tag { return fakeaws.Tag{Key: key, Value: value} }
	const own, other = "leaver@example.com", "b@example.com"
	for rule, c := range map[string]struct {
		tags        []fakeaws.Tag
		id, address string
	}{
		"two ids":                    {[]fakeaws.Tag{tag("employee_id", "13"), tag("Employee-ID", "0012"), tag("email", own)}, "0012, 13", own},
		"the same id twice":          {[]fakeaws.Tag{tag("employee_id", "0012"), tag("employee-id", " 0012 ")}, "0012", ""},
		"one without a value":        {[]fakeaws.Tag{tag("employee_id", ""), tag("employee-id", "0012")}, "0012", ""},
		"two addresses":              {[]fakeaws.Tag{tag("email", own), tag("E-Mail", other)}, "", other + ", " + own},
		"an id, two addresses":       {[]fakeaws.Tag{tag("employee_id", "0012"), tag("email", own), tag("E-Mail", other)}, "0012", other + ", " + own},
		"one address, written twice": {[]fakeaws.Tag{tag("email", own), tag("E-Mail", "Leaver@Example.com")}, "", own},
		"an id and one address":      {[]fakeaws.Tag{tag("employee_id", "0012"), tag("email", own)}, "0012", own},
	} {
		o := openOrg(t, fakeaws.Options{})
		o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Tags = c.tags })
		if _, a := find(t, o.collect(t), prod, "leaver"); string(a.HRID) != c.id || a.Email != c.address {
			t.Errorf("%s: %q, %q", rule, a.HRID, a.Email)
		}
	}
}

func TestEveryAccountShowsItsRootAndNobodyActsOnIt(t *testing.T) {
	obs := openOrg(t, fakeaws.Options{}).collect(t)
	_, root := find(t, obs, prod, "<root_account>")
	if root.Kind != access.IAMRoot || root.ID != "root" || root.MFA != access.MFAYes || !root.Privileged || root.HRID != "" || root.Email != "" {
		t.Errorf("%+v", root)
	}
	if _, root := find(t, obs, dev, "<root_account>"); root.MFA != access.MFANo {
		t.Errorf("dev: %+v", root)
	}
}

func TestIdentityCenterUsersHoldSetsDirectlyAndThroughGroups(t *testing.T) {
	obs := openOrg(t, fakeaws.Options{ExtraInstance: true}).collect(t)
	_, leaver := find(t, obs, "", "leaver@example.com")
	if leaver.Status != access.AccountDisabled || leaver.VendorStatus != "DISABLED" || leaver.Email != "leaver@example.com" || leaver.UsageKnown || !leaver.Privileged {
		t.Errorf("leaver: %+v", leaver)
	}
	_, pushed := find(t, obs, "", "pushed")
	if pushed.Status != access.AccountActive || pushed.Upstream != "https://scim.okta" {
		t.Errorf("pushed: %+v", pushed)
	}
	want := []string{"permission_set AdminAccess in prod", "permission_set Reader in prod via sso_group platform", "sso_group platform"}
	if h := held(t, obs, "", "leaver@example.com"); !slices.Equal(h, want) {
		t.Errorf("leaver holds %q, want %q", h, want)
	}
	for _, e := range obs.Entitlements {
		if e.Kind == access.SSOGroup && (e.Editable != (e.Name == "platform") || e.Privileged != (e.Name == "pushed group")) {
			t.Errorf("%+v", e)
		}
	}
}

func TestASuspendedAccountIsNotedAndNotEntered(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	obs := o.collect(t)
	if !slices.Contains(obs.Notes, "account "+closed+" (old) is SUSPENDED; its IAM was not read") {
		t.Errorf("notes: %q", obs.Notes)
	}
	for _, r := range obs.Reads {
		if r.Scope == closed {
			t.Errorf("%s was read", r.Name())
		}
	}
	want := "permission_set Reader in old"
	if h := held(t, obs, "", "ada"); !slices.Contains(h, want) {
		t.Errorf("ada holds %q: an assignment in a closed account is a fact", h)
	}
}

func TestTheCallerIsItself(t *testing.T) {
	obs := openOrg(t, fakeaws.Options{}).collect(t)
	_, job := find(t, obs, home, "job")
	if len(obs.Self) != 1 || obs.Self[0] != job.Key() {
		t.Errorf("self is %v, want %v", obs.Self, job.Key())
	}
}

func TestARefusedRoleIsAGapOfItsAccountThatNamesTheRole(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddAccount(fakeaws.Account{ID: "555555555555", Name: "bare"})
	obs := o.collect(t)
	found := gaps(obs)
	want := []string{"555555555555/credential_report", "555555555555/iam", "555555555555/mfa", "555555555555/service_credentials"}
	if !slices.Equal(keysOf(found), want) {
		t.Fatalf("gaps %v, want those of the bare account", found)
	}
	for _, words := range []string{"arn:aws:iam::555555555555:role/read", "sts:AssumeRole", "trust policy", "user/job"} {
		if !strings.Contains(found["555555555555/iam"], words) {
			t.Errorf("the gap %q does not say %q", found["555555555555/iam"], words)
		}
	}
}

func TestWithoutOrganizationsTheJobsOwnAccountIsReadAllTheSame(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.faults.Add(apiError("ListAccounts", 400, "AccessDeniedException"))
	obs := o.collect(t)
	if got := keysOf(gaps(obs)); !slices.Equal(got, []string{"organization"}) {
		t.Fatalf("gaps %v", gaps(obs))
	}
	if gap := gaps(obs)["organization"]; !strings.Contains(gap, "organizations:ListAccounts is denied to arn:aws:iam::"+home+":user/job: grant it organizations:ListAccounts") {
		t.Errorf("gap %q", gap)
	}
	find(t, obs, home, "job")
	find(t, obs, "", "ada")
}

func TestAnUnknownOperationIsAGapOfItsOwnRead(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	rule := faults.Unavailable() // as an emulator answers what it does not know: a page of HTML
	rule.Match = faults.Action("ListServiceSpecificCredentials")
	o.faults.Add(rule)
	obs := o.collect(t)
	if got := keysOf(gaps(obs)); !slices.Equal(got, []string{home + "/service_credentials", prod + "/service_credentials"}) {
		t.Errorf("gaps %v", gaps(obs))
	}
}

func TestAnAccountWithoutUsersIsNotAskedForTheirCredentials(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t, func(c *Config) { c.OnlyAccounts = []string{dev} })
	for _, r := range o.Requests() {
		if r.Action == "ListVirtualMFADevices" || r.Action == "ListServiceSpecificCredentials" {
			t.Errorf("%s was asked", r.Action)
		}
	}
}

func TestARefusedGroupIsAGapOfMembershipsAndNotOfUsers(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	rule := apiError("ListGroupMemberships", 400, "AccessDeniedException")
	rule.Times = 1
	o.faults.Add(rule)
	found := gaps(o.collect(t))
	if got := keysOf(found); !slices.Equal(got, []string{"sso_applications", "sso_assignments", "sso_memberships"}) {
		t.Fatalf("gaps %v", found)
	}
	if !strings.Contains(found["sso_memberships"], "identitystore:ListGroupMemberships is denied") {
		t.Errorf("gap %q", found["sso_memberships"])
	}
}

func TestNoIdentityCenterInTheRegionIsAGapUnlessTheCompanyHasNone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{ExtraInstance: true})
	o.faults.Add(faults.Rule{Match: faults.Action("ListInstances"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		a.Body = []byte(`{"Instances":[{"InstanceArn":"arn:aws:sso:::instance/ssoins-7223000000000099","IdentityStoreId":"d-9067000099","OwnerAccountId":"999999999999"}]}`)
	}})
	found := gaps(o.collect(t))
	if len(found) != 6 || !strings.Contains(found["sso_permission_sets"], "home region") {
		t.Errorf("gaps %v", found)
	}
	if found := gaps(o.collect(t, func(c *Config) { c.SkipIdentityCenter = true })); len(found) > 0 {
		t.Errorf("skipped, and yet: %v", found)
	}
}

func TestAnAssignmentOfADeletedUserIsNoted(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.Assign(prod, o.reader, "USER", "90670000-0000-0000-0000-000000000000")
	want := "permission set Reader in account " + prod + " is assigned to user 90670000-0000-0000-0000-000000000000, which no longer exists"
	if notes := o.collect(t).Notes; !slices.Contains(notes, want) {
		t.Errorf("notes %q", notes)
	}
}

func TestMoreSetsThanAccountsAreAskedForByAccountAndGiveTheSame(t *testing.T) {
	few, many := openOrg(t, fakeaws.Options{}), openOrg(t, fakeaws.Options{})
	for _, name := range []string{"a", "b", "c", "d"} {
		many.AddPermissionSet(name, "PT1H")
	}
	one, other := few.collect(t), many.collect(t)
	for _, login := range []string{"ada", "leaver@example.com", "pushed"} {
		if a, b := held(t, one, "", login), held(t, other, "", login); !slices.Equal(a, b) {
			t.Errorf("%s holds %q by set and %q by account", login, a, b)
		}
	}
	byAccount := func(r fakeaws.Request) bool { return r.Action == "ListPermissionSetsProvisionedToAccount" }
	if slices.ContainsFunc(few.Requests(), byAccount) || !slices.ContainsFunc(many.Requests(), byAccount) {
		t.Error("the shorter way was not taken")
	}
}

func TestTheReportIsPolledUntilItIsThere(t *testing.T) {
	o := openOrg(t, fakeaws.Options{ReportPolls: 3})
	if found := gaps(o.collect(t)); len(found) > 0 {
		t.Errorf("gaps %v", found)
	}
}

func TestAReportThatNeverComesIsAGap(t *testing.T) {
	o := openOrg(t, fakeaws.Options{ReportPolls: 1000})
	found := gaps(o.collect(t))
	if len(found) != 3 || !strings.Contains(found[prod+"/credential_report"], "no report after 1m0s") {
		t.Errorf("gaps %v", found)
	}
}

func TestAReportAnswersThatItExpiredAndIsMadeAgain(t *testing.T) {
	for _, code := range []string{"ReportExpired", "ReportNotPresent", "ReportInProgress"} {
		o := openOrg(t, fakeaws.Options{})
		rule := apiError("GetCredentialReport", 410, code)
		rule.Times = 2
		o.faults.Add(rule)
		if found := gaps(o.collect(t)); len(found) > 0 {
			t.Errorf("%s: gaps %v", code, found)
		}
	}
}

func TestAUserYoungerThanTheReportIsNotedAndNoGap(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t) // makes the report
	o.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "new", CreatedAt: start.Add(ahead + time.Minute)})
	obs := o.collect(t)
	if found := gaps(obs); len(found) > 0 {
		t.Errorf("gaps %v", found)
	}
	if _, a := find(t, obs, prod, "new"); a.UsageKnown || a.MFA != access.MFAUnknown {
		t.Errorf("%+v", a)
	}
	if !slices.ContainsFunc(obs.Notes, func(n string) bool { return strings.Contains(n, "user new is younger than the credential report") }) {
		t.Errorf("notes %q", obs.Notes)
	}
}

func TestAUserWhoOughtToBeInTheReportAndIsNotIsAGap(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t)
	o.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "lost", CreatedAt: start})
	found := gaps(o.collect(t))
	if !strings.Contains(found[prod+"/credential_report"], "has no row of user lost") {
		t.Errorf("gaps %v", found)
	}
}

func TestARowOfAnEarlierUserOfTheSameNameIsNotTheUsers(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.ID, u.CreatedAt = "AIDAOTHER", start.Add(ahead+time.Hour) })
	_, a := find(t, o.collect(t), prod, "leaver")
	if a.UsageKnown {
		t.Errorf("the new user has the old one's report: %+v", a)
	}
}

func TestOnlyTheRoleOfTheManagementAccountIsAssumedThere(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddRole(fakeaws.Role{Account: home, Name: "boss-read", ReadOnly: true, ExternalID: "x"})
	obs := o.collect(t, func(c *Config) { c.ManagementRoleName = "boss-read" })
	for _, r := range obs.Reads {
		if r.Kind == readIAM && r.Scope == home && r.Caller != "arn:aws:sts::"+home+":assumed-role/boss-read/rollcall-t" {
			t.Errorf("%s was read by %s", r.Name(), r.Caller)
		}
	}
}

func TestDeadCredentialsAreAnErrorWithTheNextStep(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.faults.Add(apiError("GetCallerIdentity", 403, "InvalidClientTokenId"))
	_, err := o.collector(t).Collect(t.Context())
	if err == nil || !strings.Contains(err.Error(), "check the credentials") {
		t.Errorf("%v", err)
	}
}

func TestAnAnswerWithoutAnyListIsNoEmptyList(t *testing.T) {
	for op, kind := range map[string]string{"ListUsers": readSSOUsers, "ListGroups": readSSOGroups, "ListGroupMemberships": readSSOMemberships} {
		o := openOrg(t, fakeaws.Options{})
		o.faults.Add(faults.Rule{Match: faults.Action(op), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = []byte(`{}`) }})
		if found := gaps(o.collect(t)); !strings.Contains(found[kind], "at all") {
			t.Errorf("%s: gaps %v", op, found)
		}
	}
}

func TestAnAnswerWithoutABodyIsNoEmptyList(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.faults.Add(faults.Rule{Match: faults.Action("ListServiceSpecificCredentials"), Kind: faults.EmptyBody})
	if found := gaps(o.collect(t)); !strings.Contains(found[prod+"/service_credentials"], "no body") {
		t.Errorf("gaps %v", found)
	}
}

func TestGroupsThatWereNotReadAreNotGuessed(t *testing.T) {
	o := openOrg(t, fakeaws.Options{MaxPage: 4}) // prod's four users fill the first page, its groups follow
	rule := apiError("GetAccountAuthorizationDetails", 403, "AccessDenied")
	rule.Match = faults.Both(rule.Match, func(r *http.Request) bool {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return bytes.Contains(body, []byte("Marker="))
	})
	o.faults.Add(rule)
	obs := o.collect(t)
	if gaps(obs)[prod+"/iam"] == "" {
		t.Fatalf("gaps %v", gaps(obs))
	}
	for _, g := range obs.Grants {
		a, e := obs.Accounts[g.Account], obs.Entitlements[g.Entitlement]
		if a.Scope == prod && (e.Scope != prod || e.Kind == access.IAMGroup) {
			t.Errorf("%s holds %+v", a.Login, e)
		}
	}
}
