package aws

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

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
