package aws

import (
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
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

func TestAnAccountWithoutUsersIsNotAskedForTheirCredentials(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.collect(t, func(c *Config) { c.OnlyAccounts = []string{dev} })
	for _, r := range o.Requests() {
		if r.Action == "ListVirtualMFADevices" || r.Action == "ListServiceSpecificCredentials" {
			t.Errorf("%s was asked", r.Action)
		}
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
