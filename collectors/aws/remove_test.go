package aws

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

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

// emptied is the sandbox with a leaver of whom all was removed, and the action that
// deletes the user.
func emptied(t *testing.T) (*org, access.Action) {
	t.Helper()
	o, actions := leftovers(t, fakeaws.Options{})
	r := o.remover(t)
	for _, a := range actions {
		if _, err := r.Act(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	a := actions[len(actions)-1]
	a.ID, a.Verb = "delete", access.IAMDeleteUser
	o.ResetRequests()
	return o, a
}

func (o *org) deleter(t *testing.T) *Revoker {
	t.Helper()
	return o.revoker(t, func(c *Config) { c.Removes, c.Deletes = true, true })
}

func TestAUserOfWhomNothingIsLeftIsDeletedAndDeniedUntilThen(t *testing.T) {
	o, a := emptied(t)
	r := o.deleter(t)
	if before, err := r.Inspect(t.Context(), a); err != nil || before.Holds || before.Refuse != "" || !strings.Contains(string(before.Before), "AWSDenyAll") {
		t.Errorf("before: %+v, %v", before, err)
	}
	if receipt, err := r.Act(t.Context(), a); err != nil || receipt.RequestID == "" {
		t.Errorf("%+v, %v", receipt, err)
	}
	if u, there := o.IAMUser(prod, "leaver"); there {
		t.Errorf("the user is there: %+v", u)
	}
	if after, err := r.Inspect(t.Context(), a); err != nil || !after.Holds {
		t.Errorf("after: %+v, %v", after, err)
	}
	if sent := written(o); !slices.Equal(sent, []string{"PutUserPermissionsBoundary", "DetachUserPolicy", "DeleteUser"}) {
		t.Errorf("changes: %v", sent)
	}
}

func TestAUserWhoHoldsAnythingIsNotDeletedAndStaysDenied(t *testing.T) {
	for what, hold := range map[string]func(*fakeaws.IAMUser){
		"a key": func(u *fakeaws.IAMUser) {
			u.AccessKeys = []fakeaws.AccessKey{{ID: "AKIALEAVERNEW0000001", Status: "Active"}}
		},
		"a group":    func(u *fakeaws.IAMUser) { u.Groups = []string{"devs"} },
		"a password": func(u *fakeaws.IAMUser) { u.LoginProfile = &fakeaws.LoginProfile{} },
	} {
		t.Run(what, func(t *testing.T) {
			o, a := emptied(t)
			o.UpdateIAMUser(prod, "leaver", hold)
			if _, err := o.deleter(t).Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "DeleteConflict") {
				t.Errorf("%v", err)
			}
			if u, there := o.IAMUser(prod, "leaver"); !there || u.Boundary != awsDeny {
				t.Errorf("the user: %t, %+v", there, u)
			}
			if state, err := o.deleter(t).Inspect(t.Context(), a); err != nil || state.Holds {
				t.Errorf("%+v, %v", state, err)
			}
		})
	}
	o, a := emptied(t)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Attached = append(u.Attached, "arn:aws:iam::aws:policy/ReadOnlyAccess") })
	refuses(t, o.deleter(t), a, "ReadOnlyAccess is attached")
	if _, err := o.deleter(t).Act(t.Context(), a); err == nil || len(written(o)) > 0 {
		t.Errorf("%v, %v", err, written(o))
	}
}

func TestWhoIsNotDeniedOrIsSomebodyElseIsNotDeletedAndNobodyIsWithoutTheSwitch(t *testing.T) {
	o, a := emptied(t)
	if _, err := o.remover(t).Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "is refused: this client may not send it") && !strings.Contains(err.Error(), "denies the user everything") {
		t.Errorf("without the switch: %v", err)
	}
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Attached, u.Boundary = nil, "" })
	refuses(t, o.deleter(t), a, "nothing denies the user everything any more")
	other := a
	other.Account.ID = "AIDASOMEBODYELSE"
	refuses(t, o.deleter(t), other, "another user has this name")
	if _, there := o.IAMUser(prod, "leaver"); !there {
		t.Error("the user is gone")
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

func TestNothingIsRemovedOfAUserWhoIsNotDeniedAnyMore(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) {
		u.Attached = slices.DeleteFunc(u.Attached, func(arn string) bool { return arn == awsDeny })
	})
	r := o.remover(t)
	for _, a := range actions {
		refuses(t, r, a, "nothing denies the user")
	}
	if sent := written(o); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}

func TestAKeyThatWorksIsNotDeleted(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.AccessKeys[0].Status = "Active" })
	for _, a := range actions {
		if a.EntitlementID != "AKIALEAVER0000000001" {
			continue
		}
		refuses(t, o.remover(t), a, "made inactive before it is deleted")
	}
}

func TestAnotherUserOfTheSameNameLosesNothing(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.ID = "AIDASOMEBODYELSE" })
	for _, a := range actions {
		refuses(t, o.remover(t), a, "another user has this name now")
	}
	if sent := written(o); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}

func TestWhatDeniesTheUserIsNeverTaken(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	r := o.remover(t)
	for _, a := range actions {
		if a.EntitlementID == "" {
			continue
		}
		a.EntitlementID = awsDeny
		if _, err := r.Act(t.Context(), a); err == nil {
			t.Errorf("%s of AWSDenyAll was done", a.Verb)
		}
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestTheClientSendsNoRemovalBeyondItsForms(t *testing.T) {
	o, _ := leftovers(t, fakeaws.Options{})
	s := o.remover(t).session
	client := s.iamOf(prod, s.base.Credentials)
	name, deny, hardware, key := "leaver", awsDeny, "GAHT12345678", "rollcall:other"
	for what, send := range map[string]func() error{
		"detach AWSDenyAll": func() error {
			_, err := client.DetachUserPolicy(t.Context(), &iam.DetachUserPolicyInput{UserName: &name, PolicyArn: &deny})
			return err
		},
		"delete a hardware device": func() error {
			_, err := client.DeleteVirtualMFADevice(t.Context(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: &hardware})
			return err
		},
		"another tag": func() error {
			_, err := client.TagUser(t.Context(), &iam.TagUserInput{UserName: &name, Tags: []types.Tag{{Key: &key, Value: &name}}})
			return err
		},
		"a login profile of the caller": func() error {
			_, err := client.DeleteLoginProfile(t.Context(), &iam.DeleteLoginProfileInput{})
			return err
		},
		"delete a user": func() error {
			_, err := client.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: &name})
			return err
		},
		"take the boundary": func() error {
			_, err := client.DeleteUserPermissionsBoundary(t.Context(), &iam.DeleteUserPermissionsBoundaryInput{UserName: &name})
			return err
		},
	} {
		if err := send(); err == nil || !strings.Contains(err.Error(), "is refused") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestARemovalThatNamesNobodyIsRefusedBeforeAnyRequest(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	r := o.remover(t)
	for name, spoil := range map[string]func(*access.Action){
		"no account id": func(a *access.Action) { a.Account.ID = "" }, "no login": func(a *access.Action) { a.Login = "" }, "odd login": func(a *access.Action) { a.Login = "a b" },
		"no scope": func(a *access.Action) { a.Account.Scope = "" }, "another system": func(a *access.Action) { a.Account.System = "okta" },
		"no entitlement": func(a *access.Action) { a.EntitlementID = "" }, "odd entitlement": func(a *access.Action) { a.EntitlementID = "*" },
	} {
		for _, a := range actions {
			if strings.HasSuffix(name, "entitlement") && (a.EntitlementID == "" || a.Verb == access.IAMDeleteLogin) {
				continue // about the user alone
			}
			spoil(&a)
			if _, err := r.Inspect(t.Context(), a); err == nil {
				t.Errorf("%s: %s was inspected", name, a.ID)
			}
			if _, err := r.Act(t.Context(), a); err == nil {
				t.Errorf("%s: %s was done", name, a.ID)
			}
		}
	}
	if n := len(o.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
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

func TestARevokerThatOnlyBlocksSendsNoRemoval(t *testing.T) {
	o, actions := leftovers(t, fakeaws.Options{})
	r := o.revoker(t)
	for _, a := range actions {
		if _, err := r.Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "this client may not send it") {
			t.Errorf("%s: %v", a.ID, err)
		}
	}
	if sent := written(o); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}
