package aws

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

// leftovers is the sandbox with a leaver who is blocked, and actions that remove
// all of theirs, in order.
func leftovers(t *testing.T, opts fakeaws.Options) (*org, []access.Action) {
	t.Helper()
	o := openOrg(t, opts)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) {
		u.Attached = append(u.Attached, awsDeny)
		for n := range u.AccessKeys {
			u.AccessKeys[n].Status = "Inactive"
		}
		for n := range u.SSHKeys {
			u.SSHKeys[n].Status = "Inactive"
		}
		u.Certificates[0].Status, u.ServiceCredentials[0].Status = "Inactive", "Inactive"
		u.MFA = append(u.MFA, fakeaws.MFADevice{Serial: "GAHT12345678"})
	})
	obs := o.collect(t)
	i, account := find(t, obs, prod, "leaver")
	obs, err := o.collector(t).Detail(t.Context(), obs, []int{i})
	if err != nil {
		t.Fatal(err)
	}
	i, _ = find(t, obs, prod, "leaver")
	var actions []access.Action
	add := func(verb access.Verb, e access.Entitlement) {
		actions = append(actions, access.Action{ID: string(verb) + e.ID, Stage: access.Remove, Verb: verb, Account: account.Key(), AccountKind: account.Kind, Login: account.Login,
			EntitlementKind: e.Kind, EntitlementID: e.ID, Entitlement: e.Name})
	}
	for _, g := range obs.Grants {
		e := obs.Entitlements[g.Entitlement]
		if verb, ok := verbsOfKinds[e.Kind]; ok && int(g.Account) == i && g.Direct() {
			add(verb, e)
		}
	}
	add(access.IAMRemoveMFA, access.Entitlement{})
	add(access.IAMTagRemoved, access.Entitlement{})
	if len(actions) != 12 {
		t.Fatalf("only %d actions", len(actions))
	}
	o.ResetRequests()
	return o, actions
}

func (o *org) remover(t *testing.T) *Revoker {
	t.Helper()
	return o.revoker(t, func(c *Config) { c.Removes = true })
}

var verbsOfKinds = map[access.EntitlementKind]access.Verb{
	access.ConsoleLogin: access.IAMDeleteLogin, access.AccessKey: access.IAMDeleteKey, access.SSHKey: access.IAMDeleteSSHKey,
	access.SigningCertificate: access.IAMDeleteCertificate, access.ServiceCredential: access.IAMDeleteCredential,
	access.IAMGroup: access.IAMLeaveGroup, access.IAMPolicy: access.IAMDetachPolicy, access.IAMInlinePolicy: access.IAMDeletePolicy,
}

// written are the changes that were sent, in order.
func written(o *org) (all []string) {
	for _, r := range o.Requests() {
		if r.Write && r.Service == "iam" && r.Action != "GenerateCredentialReport" {
			all = append(all, r.Action)
		}
	}
	return all
}

func TestEverythingOfABlockedUserIsRemovedAndTheUserStaysDenied(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{MaxPage: 1})
	r := o.remover(t)
	for _, a := range actions {
		before, err := r.Inspect(t.Context(), a)
		if err != nil || before.Holds || before.Refuse != "" || len(before.Before) < 10 {
			t.Errorf("%s before: %+v, %v", a.ID, before, err)
		}
		if receipt, err := r.Act(t.Context(), a); err != nil || receipt.RequestID == "" {
			t.Errorf("%s: %+v, %v", a.ID, receipt, err)
		}
		if after, err := r.Inspect(t.Context(), a); err != nil || !after.Holds {
			t.Errorf("%s after: %+v, %v", a.ID, after, err)
		}
		if receipt, err := r.Act(t.Context(), a); err != nil || receipt.RequestID != "" {
			t.Errorf("%s again: %+v, %v", a.ID, receipt, err)
		}
	}
	u, there := o.IAMUser(prod, "leaver")
	if !there || !slices.Equal(u.Attached, []string{awsDeny}) || !slices.Contains(u.Tags, fakeaws.Tag{Key: "rollcall:removed", Value: "t"}) ||
		u.LoginProfile != nil || len(u.Groups)+len(u.Inline)+len(u.AccessKeys)+len(u.SSHKeys)+len(u.Certificates)+len(u.ServiceCredentials)+len(u.MFA) > 0 {
		t.Errorf("the sandbox says: %+v", u)
	}
	if loose := o.State().LooseMFA; len(loose) > 0 {
		t.Errorf("virtual devices are left over: %v", loose)
	}
	if sent := written(o); len(sent) != 14 { // one device takes one change, the virtual one two
		t.Errorf("%d changes: %v", len(sent), sent)
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

func TestTheDocumentOfAPolicyIsKeptBeforeItIsDeleted(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	for _, a := range actions {
		if a.Verb == access.IAMDeletePolicy {
			state, err := o.remover(t).Inspect(t.Context(), a)
			if err != nil || !strings.Contains(string(state.Before), `\"Action\":[\"s3:*\"]`) {
				t.Errorf("%s, %v", state.Before, err)
			}
		}
	}
}

func TestARefusedRemovalIsAnErrorAndALostAnswerIsFoundDone(t *testing.T) {
	_, all := leftovers(t, fakeaws.Options{})
	for n := range all {
		for _, kind := range []faults.Kind{faults.Status, faults.CloseAfterWork} {
			o, actions := leftovers(t, fakeaws.Options{})
			a := actions[n]
			rule := apiError("", 403, "AccessDenied")
			rule.Kind, rule.Match = kind, func(r *http.Request) bool { return isRemoval(r) }
			if kind == faults.CloseAfterWork {
				rule.Times = 1
			}
			o.faults.Add(rule)
			r := o.remover(t)
			_, err := r.Act(t.Context(), a)
			if kind == faults.Status && (err == nil || !strings.Contains(err.Error(), "is denied")) {
				t.Errorf("%s is denied: %v", a.ID, err)
			}
			if state, err := r.Inspect(t.Context(), a); err != nil || state.Holds != (kind == faults.CloseAfterWork) {
				t.Errorf("%s after %v: %+v, %v", a.ID, kind, state, err)
			}
		}
	}
}

func isRemoval(r *http.Request) bool {
	for _, op := range []string{"DeleteLoginProfile", "DeleteAccessKey", "DeleteSSHPublicKey", "DeleteSigningCertificate", "DeleteServiceSpecificCredential",
		"RemoveUserFromGroup", "DetachUserPolicy", "DeleteUserPolicy", "DeactivateMFADevice", "TagUser"} {
		if faults.Action(op)(r) {
			return true
		}
	}
	return false
}

func TestADeniedReadOfWhatIsRemovedIsNeverTakenForAbsence(t *testing.T) {
	ops := map[access.Verb]string{
		access.IAMDeleteLogin: "GetLoginProfile", access.IAMDeleteKey: "ListAccessKeys", access.IAMDeleteSSHKey: "ListSSHPublicKeys",
		access.IAMDeleteCertificate: "ListSigningCertificates", access.IAMDeleteCredential: "ListServiceSpecificCredentials", access.IAMLeaveGroup: "ListGroupsForUser",
		access.IAMDetachPolicy: "ListAttachedUserPolicies", access.IAMDeletePolicy: "ListUserPolicies", access.IAMRemoveMFA: "ListMFADevices", access.IAMTagRemoved: "GetUser",
	}
	_, all := leftovers(t, fakeaws.Options{})
	for n := range all {
		for _, word := range []string{"AccessDenied", "NoSuchEntity"} {
			o, actions := leftovers(t, fakeaws.Options{})
			a := actions[n]
			if word == "NoSuchEntity" && a.Verb == access.IAMDeleteLogin {
				continue // so it says that there is none
			}
			o.faults.Add(apiError(ops[a.Verb], map[string]int{"AccessDenied": 403, "NoSuchEntity": 404}[word], word))
			if state, err := o.remover(t).Inspect(t.Context(), a); err == nil {
				t.Errorf("%s with %s of %s: %+v", a.ID, word, ops[a.Verb], state)
			}
		}
	}
}

func TestAVirtualDeviceThatADyingRunLeftBehindIsDeleted(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	a := actions[slices.IndexFunc(actions, func(a access.Action) bool { return a.Verb == access.IAMRemoveMFA })]
	o.faults.Add(apiError("DeleteVirtualMFADevice", 403, "AccessDenied"))
	if _, err := o.remover(t).Act(t.Context(), a); err == nil {
		t.Error("nothing was denied")
	}
	if len(o.State().LooseMFA) != 1 {
		t.Fatalf("loose devices: %v", o.State().LooseMFA)
	}
	o.faults.Clear()
	r := o.remover(t)
	if state, err := r.Inspect(t.Context(), a); err != nil || state.Holds {
		t.Errorf("%+v, %v", state, err)
	}
	if _, err := r.Act(t.Context(), a); err != nil {
		t.Error(err)
	}
	if state, err := r.Inspect(t.Context(), a); err != nil || !state.Holds || len(o.State().LooseMFA) > 0 {
		t.Errorf("%+v, %v, loose %v", state, err, o.State().LooseMFA)
	}
}
