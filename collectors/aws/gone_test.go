package aws

import (
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

func TestAUserIsGoneOnlyIfTheListOfUsersSaysSo(t *testing.T) {
	for name, lie := range map[string]func(*org){
		"a lie": func(o *org) { o.faults.Add(apiError("GetUser", 404, "NoSuchEntity")) },
		"a new name": func(o *org) {
			o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Name = "stayer" })
		},
		"a list that cannot be read": func(o *org) {
			removeUser(t, o, "leaver")
			o.faults.Add(apiError("GetAccountAuthorizationDetails", 403, "AccessDenied"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := openOrg(t, fakeaws.Options{MaxPage: 1})
			a := o.act(access.IAMDeny, o.collect(t))
			lie(o)
			r := o.revoker(t)
			if state, err := r.Inspect(t.Context(), a); err == nil {
				t.Errorf("the list does not agree, and yet: %+v", state)
			}
			if receipt, err := r.Act(t.Context(), a); err == nil {
				t.Errorf("acted: %+v", receipt)
			}
		})
	}
}

func TestAMemberIsGoneOnlyIfTheListOfTheGroupSaysSo(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	a := o.act(access.SSODeleteMembership, o.collect(t))
	for _, op := range []string{"ListGroupMembershipsForMember", "DescribeUser"} {
		rule := faults.AWSError(400, "NoSuchEntity", "ResourceNotFoundException", "USER not found.")
		rule.Match = faults.Action(op)
		o.faults.Add(rule)
	}
	o.onlyAStrangerIsGone(t, a)
}

// onlyAStrangerIsGone: whatever else AWS says of a member, it is an error to look as long
// as there is one, and nothing is to be done of somebody who is none.
func (o *org) onlyAStrangerIsGone(t *testing.T, a access.Action) {
	t.Helper()
	r := o.revoker(t)
	if state, err := r.Inspect(t.Context(), a); err == nil {
		t.Errorf("there is the member, and yet: %+v", state)
	}
	a.Account.ID = "90670000-0000-0000-0000-00000000dead"
	if state, err := r.Inspect(t.Context(), a); err != nil || !state.Holds {
		t.Errorf("there is no such member: %+v, %v", state, err)
	}
}

func TestAUserIsGoneOnlyIfGetUserSaysSo(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	obs := o.collect(t)
	a := o.act(access.IAMDeactivateKey, obs)
	rule := apiError("ListAccessKeys", 404, "NoSuchEntity")
	rule.Times = 1
	o.faults.Add(rule)
	r := o.revoker(t)
	if state, err := r.Inspect(t.Context(), a); err == nil {
		t.Errorf("GetUser finds the user, and yet: %+v", state)
	}
	removeUser(t, o, "leaver")
	if state, err := r.Inspect(t.Context(), a); err != nil || !state.Holds || !strings.Contains(state.Detail, "no IAM user leaver") {
		t.Errorf("%+v, %v", state, err)
	}
}

func TestADeniedReadIsNeverTakenForAbsence(t *testing.T) {
	denials := map[access.Verb]string{
		access.IAMDeny: "GetUser", access.IAMDeactivateKey: "ListAccessKeys", access.IAMDeactivateSSHKey: "ListSSHPublicKeys",
		access.IAMDeactivateCertificate: "ListSigningCertificates", access.IAMDeactivateCredential: "ListServiceSpecificCredentials",
		access.SSODeleteAssignment: "ListAccountAssignments", access.SSODeleteMembership: "ListGroupMembershipsForMember",
	}
	for verb, op := range denials {
		o := openOrg(t, fakeaws.Options{})
		obs := o.collect(t)
		status, word := 403, "AccessDenied"
		if centerOps[op] {
			status, word = 400, "AccessDeniedException"
		}
		o.faults.Add(apiError(op, status, word))
		if state, err := o.revoker(t).Inspect(t.Context(), o.act(verb, obs)); err == nil || !strings.Contains(err.Error(), op+" is denied") {
			t.Errorf("%s: %+v, %v", verb, state, err)
		}
	}
}

func TestAMemberWhoIsGoneNeedsNoActionOnceTheStoreSaysSo(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	a := o.act(access.SSODeleteMembership, o.collect(t))
	o.faults.Add(apiError("ListGroupMembershipsForMember", 400, "ResourceNotFoundException"))
	o.onlyAStrangerIsGone(t, a)
}
