package aws

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

var resultOf = regexp.MustCompile(`(?s)(<\w+Result>).*(</\w+Result>)`)

// hollow answers an operation with success and without the list that was asked for.
func hollow(operation string) faults.Rule {
	return faults.Rule{Match: faults.Action(operation), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		if bytes.HasPrefix(bytes.TrimSpace(a.Body), []byte("{")) {
			a.Body = []byte("{}")
		} else {
			a.Body = resultOf.ReplaceAll(a.Body, []byte("$1$2"))
		}
		a.Header.Del("Content-Length")
	}}
}

// Without the list that it is asked for, a success says nothing: taken for an empty
// list it would hide the accounts of a whole organization.
func TestAnAnswerWithoutItsListIsAGap(t *testing.T) {
	for _, operation := range []string{
		"ListAccounts", "ListInstances", "ListPermissionSets", "ListUsers", "ListGroups", "ListGroupMemberships",
		"ListApplications", "ListApplicationAssignments", "ListAccountAssignments",
		"GetAccountAuthorizationDetails", "ListServiceSpecificCredentials", "ListVirtualMFADevices",
	} {
		o := openOrg(t, fakeaws.Options{})
		for range 5 { // more sets than accounts, so that the accounts are asked for theirs
			o.AddPermissionSet("Spare", "PT1H")
		}
		if operation == "ListVirtualMFADevices" || operation == "GetAccountAuthorizationDetails" {
			o.faults.Add(apiError("GenerateCredentialReport", 403, "AccessDenied")) // which would tell
		}
		before := len(gaps(o.collect(t)))
		fired := o.faults.Add(hollow(operation))
		obs := o.collect(t)
		if fired() == 0 {
			t.Errorf("%s was not asked, so this proves nothing", operation)
		}
		if found := gaps(obs); len(found) <= before {
			t.Errorf("%s: gaps %v", operation, keysOf(found))
		}
	}
}

// What nothing is provisioned to, or what is provisioned nowhere, Identity Center answers
// without a list: an account of a company that has sets elsewhere is no gap.
func TestNothingProvisionedIsNoGap(t *testing.T) {
	for _, operation := range []string{"ListPermissionSetsProvisionedToAccount", "ListAccountsForProvisionedPermissionSet"} {
		o := openOrg(t, fakeaws.Options{})
		if operation == "ListPermissionSetsProvisionedToAccount" {
			for range 5 { // more sets than accounts, so that the accounts are asked for theirs
				o.AddPermissionSet("Spare", "PT1H")
			}
		} else {
			o.faults.Add(apiError("ListAccounts", 400, "AccessDeniedException")) // then each set is asked where it is
		}
		before := gaps(o.collect(t))
		fired := o.faults.Add(hollow(operation))
		found := gaps(o.collect(t))
		if diff := cmp.Diff(keysOf(before), keysOf(found)); fired() == 0 || diff != "" {
			t.Errorf("%s, answered %d times without a list: gaps (-before +now):\n%s", operation, fired(), diff)
		}
	}
}

// Taken for an empty list, the same answer would prove that a key is gone which works.
func TestNothingIsBelievedGoneBecauseAnAnswerHasNoList(t *testing.T) {
	for operation, verb := range map[string]access.Verb{
		"ListAccessKeys": access.IAMDeactivateKey, "ListSSHPublicKeys": access.IAMDeactivateSSHKey,
		"ListSigningCertificates": access.IAMDeactivateCertificate, "ListServiceSpecificCredentials": access.IAMDeactivateCredential,
		"ListAccountAssignments": access.SSODeleteAssignment, "ListGroupMembershipsForMember": access.SSODeleteMembership,
		"ListAttachedUserPolicies": access.IAMDeny,
	} {
		o := openOrg(t, fakeaws.Options{})
		a := o.act(verb, o.collect(t))
		fired := o.faults.Add(hollow(operation))
		state, err := o.revoker(t).Inspect(t.Context(), a)
		if fired() == 0 || err == nil || state.Holds {
			t.Errorf("%s, asked %d times: %+v, %v", operation, fired(), state, err)
		}
	}
	for operation, verb := range map[string]access.Verb{
		"ListAccessKeys": access.IAMDeleteKey, "ListGroupsForUser": access.IAMLeaveGroup, "ListUserPolicies": access.IAMDeletePolicy,
		"ListAttachedUserPolicies": access.IAMDetachPolicy, "ListMFADevices": access.IAMRemoveMFA, "ListVirtualMFADevices": access.IAMRemoveMFA,
	} {
		o, actions := leftovers(t, fakeaws.Options{})
		fired := o.faults.Add(hollow(operation))
		for _, a := range actions {
			if a.Verb != verb {
				continue
			}
			if state, err := o.remover(t).Inspect(t.Context(), a); fired() == 0 || err == nil || state.Holds {
				t.Errorf("%s, asked %d times: %+v, %v", operation, fired(), state, err)
			}
		}
	}
}

// A row without an id is somebody or something that nothing could be done about.
func TestARowThatNamesNothingIsAGap(t *testing.T) {
	for operation, row := range map[string]string{
		"ListAccounts": `"Accounts":[`, "ListPermissionSets": `"PermissionSets":[`, "ListUsers": `"Users":[`, "ListGroups": `"Groups":[`,
		"ListApplications": `"Applications":[`, "ListApplicationAssignments": `"ApplicationAssignments":[`, "ListAccountAssignments": `"AccountAssignments":[`,
		"GetAccountAuthorizationDetails": `<UserDetailList>`, "ListServiceSpecificCredentials": `<ServiceSpecificCredentials>`,
	} {
		o := openOrg(t, fakeaws.Options{})
		empty := row + "{},"
		switch {
		case operation == "ListPermissionSets":
			empty = row + `"",`
		case row[0] == '<':
			empty = row + "<member/>"
		}
		fired := o.faults.Add(faults.Rule{Match: faults.Action(operation), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Body = bytes.ReplaceAll(bytes.Replace(a.Body, []byte(row), []byte(empty), 1), []byte(",]"), []byte("]"))
			a.Header.Del("Content-Length")
		}})
		if obs := o.collect(t); fired() == 0 || len(gaps(obs)) == 0 {
			t.Errorf("%s, asked %d times: no gap", operation, fired())
		}
	}
}
