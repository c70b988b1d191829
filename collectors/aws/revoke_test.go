package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

var verbsOfIAM = map[access.Verb]struct {
	kind access.EntitlementKind
	id   string
}{
	access.IAMDeny:                  {},
	access.IAMDeactivateKey:         {access.AccessKey, "AKIALEAVER0000000001"},
	access.IAMDeactivateSSHKey:      {access.SSHKey, "APKALEAVER0000000001"},
	access.IAMDeactivateCertificate: {access.SigningCertificate, "CERTLEAVER"},
	access.IAMDeactivateCredential:  {access.ServiceCredential, "ACCALEAVER0000000001"},
}

// act is an action on the leaver, as a plan would hold it.
func (o *org) act(verb access.Verb, obs access.Observation) access.Action {
	a := access.Action{ID: string(verb), Verb: verb}
	scope, login := "", "leaver@example.com"
	if _, ok := verbsOfIAM[verb]; ok {
		scope, login = prod, "leaver"
		a.EntitlementKind, a.EntitlementID = verbsOfIAM[verb].kind, verbsOfIAM[verb].id
	}
	for _, account := range obs.Accounts {
		if account.Scope == scope && account.Login == login {
			a.Account, a.AccountKind, a.Login = account.Key(), account.Kind, login
		}
	}
	switch verb {
	case access.SSODeleteAssignment:
		a.EntitlementKind, a.EntitlementID, a.GrantScope = access.PermissionSet, o.admin, prod
	case access.SSODeleteMembership:
		a.EntitlementKind, a.EntitlementID = access.SSOGroup, o.platform
	}
	return a
}

var allVerbs = []access.Verb{
	access.IAMDeny, access.IAMDeactivateKey, access.IAMDeactivateSSHKey, access.IAMDeactivateCertificate,
	access.IAMDeactivateCredential, access.SSODeleteAssignment, access.SSODeleteMembership,
}

func TestEveryVerbIsInspectedActedAndReadBack(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 2, MaxPage: 1, ExtraInstance: true})
	obs := o.collect(t)
	r := o.revoker(t)
	for _, verb := range allVerbs {
		a := o.act(verb, obs)
		before, err := r.Inspect(t.Context(), a)
		if err != nil || before.Holds || before.Refuse != "" || len(before.Before) == 0 {
			t.Errorf("%s before: %+v, %v", verb, before, err)
		}
		if receipt, err := r.Act(t.Context(), a); err != nil || receipt.RequestID == "" {
			t.Errorf("%s: %+v, %v", verb, receipt, err)
		}
		if after, err := r.Inspect(t.Context(), a); err != nil || !after.Holds || after.InProgress {
			t.Errorf("%s after: %+v, %v", verb, after, err)
		}
		if _, err := r.Act(t.Context(), a); err != nil {
			t.Errorf("%s again: %v", verb, err)
		}
	}
	user, _ := o.IAMUser(prod, "leaver")
	if !slices.Contains(user.Attached, awsDeny) || user.AccessKeys[0].Status != "Inactive" || user.SSHKeys[0].Status != "Inactive" ||
		user.Certificates[0].Status != "Inactive" || user.ServiceCredentials[0].Status != "Inactive" {
		t.Errorf("the sandbox says: %+v", user)
	}
	if slices.Contains(o.MembersOf(o.platform), o.leaver) || !slices.Contains(o.MembersOf(o.platform), o.ada) {
		t.Errorf("members: %v", o.MembersOf(o.platform))
	}
	if hits := o.CallerHits(); len(hits) > 0 {
		t.Errorf("calls acted on their caller: %+v", hits)
	}
	for _, request := range o.Requests() {
		if request.Write && request.UserName != "" && request.UserName != "leaver" {
			t.Errorf("%+v", request)
		}
	}
}

func TestTheBeforeImageHasWhatWasThereAndNoSecret(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = "arn:aws:iam::aws:policy/PowerUserAccess" })
	obs := o.collect(t)
	a := o.act(access.IAMDeny, obs)
	state, err := o.revoker(t).Inspect(t.Context(), a)
	want := `{"user":"leaver","user_id":"` + string(a.Account.ID) + `","attached_policies":["arn:aws:iam::aws:policy/ReadOnlyAccess"],"permissions_boundary":"arn:aws:iam::aws:policy/PowerUserAccess"}`
	if err != nil || string(state.Before) != want {
		t.Errorf("%s, %v, want %s", state.Before, err, want)
	}
}

func TestAFullQuotaOfPoliciesMakesTheDenialABoundary(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) {
		for i := len(u.Attached); i < 10; i++ {
			u.Attached = append(u.Attached, fmt.Sprintf("arn:aws:iam::%s:policy/p%d", prod, i))
		}
	})
	r, a := o.revoker(t), o.act(access.IAMDeny, o.collect(t))
	receipt, err := r.Act(t.Context(), a)
	if err != nil || !strings.Contains(receipt.Detail, "boundary") {
		t.Fatalf("%+v, %v", receipt, err)
	}
	if user, _ := o.IAMUser(prod, "leaver"); user.Boundary != awsDeny {
		t.Errorf("boundary %q", user.Boundary)
	}
	if state, err := r.Inspect(t.Context(), a); err != nil || !state.Holds || !strings.Contains(state.Detail, "boundary") {
		t.Errorf("%+v, %v", state, err)
	}
}

func TestAnotherUserOfTheSameNameIsLeftAlone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	obs := o.collect(t)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.ID = "AIDASOMEBODYELSE" })
	r := o.revoker(t)
	for verb := range verbsOfIAM {
		a := o.act(verb, obs)
		state, err := r.Inspect(t.Context(), a)
		if err != nil || state.Holds || !strings.Contains(state.Refuse, "another user has this name now") {
			t.Errorf("%s: %+v, %v", verb, state, err)
		}
		if _, err := r.Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "another user") {
			t.Errorf("%s acted: %v", verb, err)
		}
	}
	for _, request := range o.Requests() {
		if request.Write && request.Service == "iam" && request.Action != "GenerateCredentialReport" {
			t.Errorf("a write was sent: %+v", request)
		}
	}
}

func TestAnAbsentCredentialNeedsNoAction(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	a := o.act(access.IAMDeactivateKey, o.collect(t))
	a.EntitlementID = "AKIAGONE000000000000"
	if state, err := o.revoker(t).Inspect(t.Context(), a); err != nil || !state.Holds {
		t.Errorf("%+v, %v", state, err)
	}
	if _, err := o.revoker(t).Act(t.Context(), a); err != nil {
		t.Errorf("acting on it: %v", err)
	}
}

func TestAnEmptyOrMalformedIDIsRefusedBeforeAnyRequest(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	obs := o.collect(t)
	o.ResetRequests()
	r := o.revoker(t)
	spoil := map[string]func(*access.Action){
		"no account id":      func(a *access.Action) { a.Account.ID = "" },
		"another system":     func(a *access.Action) { a.Account.System = "okta" },
		"no verb":            func(a *access.Action) { a.Verb = "" },
		"odd account id":     func(a *access.Action) { a.Account.ID = "a/b" },
		"no login":           func(a *access.Action) { a.Login = "" },
		"odd login":          func(a *access.Action) { a.Login = "a b" },
		"no scope":           func(a *access.Action) { a.Account.Scope = "" },
		"no entitlement":     func(a *access.Action) { a.EntitlementID = "" },
		"odd entitlement":    func(a *access.Action) { a.EntitlementID = "*" },
		"no permission sets": func(a *access.Action) { a.GrantScope = "prod" },
	}
	applies := func(name string, verb access.Verb) bool {
		_, isIAM := verbsOfIAM[verb]
		switch name {
		case "no login", "odd login", "no scope":
			return isIAM
		case "no entitlement", "odd entitlement":
			return verb != access.IAMDeny
		case "no permission sets":
			return verb == access.SSODeleteAssignment
		}
		return true
	}
	for name, change := range spoil {
		for _, verb := range allVerbs {
			if !applies(name, verb) {
				continue
			}
			a := o.act(verb, obs)
			change(&a)
			if _, err := r.Inspect(t.Context(), a); err == nil {
				t.Errorf("%s: %s was inspected", name, verb)
			}
			if _, err := r.Act(t.Context(), a); err == nil {
				t.Errorf("%s: %s was done", name, verb)
			}
		}
	}
	if sent := o.Requests(); len(sent) > 0 {
		t.Errorf("requests were sent: %+v", sent)
	}
}

func TestTheJobDoesNotBlockItself(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	_, job := find(t, o.collect(t), home, "job")
	state, err := o.revoker(t).Inspect(t.Context(), access.Action{Verb: access.IAMDeny, Account: job.Key(), Login: "job"})
	if err != nil || state.Refuse == "" {
		t.Errorf("%+v, %v", state, err)
	}
	if own, err := o.revoker(t).Self(t.Context()); err != nil || !slices.Equal(own, []access.AccountKey{job.Key()}) {
		t.Errorf("it says that it acts as %v, %v", own, err)
	}
}

func TestARefusedRoleOfTheRevokerNamesTheRole(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	a := o.act(access.IAMDeny, o.collect(t))
	r := o.revoker(t, func(c *Config) { c.RoleName = "nowhere" })
	if _, err := r.Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "arn:aws:iam::"+prod+":role/nowhere may not be assumed") {
		t.Errorf("%v", err)
	}
}
