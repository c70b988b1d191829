package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

func (o *org) restorer(t *testing.T, change ...func(*Config)) *Restorer {
	t.Helper()
	for _, account := range []string{home, prod, dev} {
		o.AddRole(fakeaws.Role{Account: account, Name: "restore", ExternalID: "x"})
	}
	return made(t, NewRestorer, o.config("restore"), change)
}

// blocked blocks the leaver by a verb, and gives the action that undoes it.
func (o *org) blocked(t *testing.T, r *Revoker, verb access.Verb, obs access.Observation) access.Action {
	t.Helper()
	a := o.act(verb, obs)
	before, err := r.Inspect(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Act(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	after, err := r.Inspect(t.Context(), a)
	if err != nil || !after.Holds {
		t.Fatalf("%s: %+v, %v", verb, after, err)
	}
	undo := a
	undo.ID, undo.Stage, undo.Verb = "undo "+a.ID, access.Restore, verb.Undo()
	undo.Undoes = &access.Undone{ActionID: a.ID, Verb: verb, At: start, Before: before.Before, Detail: after.Detail}
	return undo
}

// held is what a block may take from the leaver, and a restore give back.
func (o *org) held(t *testing.T) []any {
	t.Helper()
	user, ok := o.IAMUser(prod, "leaver")
	if !ok {
		t.Fatal("the leaver is gone")
	}
	return []any{user.Attached, user.Boundary, user.AccessKeys, user.SSHKeys, user.Certificates, user.ServiceCredentials,
		byName(o.Assignments()), slices.Sorted(slices.Values(o.MembersOf(o.platform)))}
}

func byName(all []fakeaws.Assignment) []fakeaws.Assignment {
	slices.SortFunc(all, func(a, b fakeaws.Assignment) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return all
}

func TestEveryBlockIsUndoneToWhatWasThereBefore(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 2, MaxPage: 1, ExtraInstance: true})
	obs, want := o.collect(t), o.held(t)
	revoker, restorer := o.revoker(t), o.restorer(t)
	var undo []access.Action
	for _, verb := range allVerbs {
		undo = append(undo, o.blocked(t, revoker, verb, obs))
	}
	if cmp.Equal(want, o.held(t)) {
		t.Fatal("nothing was blocked")
	}
	for _, a := range undo {
		if before, err := restorer.Inspect(t.Context(), a); err != nil || before.Holds || before.InProgress || before.Refuse != "" {
			t.Errorf("%s before: %+v, %v", a.Verb, before, err)
		}
		if receipt, err := restorer.Act(t.Context(), a); err != nil || receipt.RequestID == "" {
			t.Errorf("%s: %+v, %v", a.Verb, receipt, err)
		}
		for _, reader := range []interface {
			Inspect(context.Context, access.Action) (access.State, error)
		}{restorer, revoker} {
			if after, err := reader.Inspect(t.Context(), a); err != nil || !after.Holds || after.InProgress {
				t.Errorf("%s after: %+v, %v", a.Verb, after, err)
			}
		}
	}
	if diff := cmp.Diff(want, o.held(t)); diff != "" {
		t.Error(diff)
	}
	for _, a := range undo { // and once more
		if _, err := restorer.Act(t.Context(), a); err != nil {
			t.Errorf("%s again: %v", a.Verb, err)
		}
	}
	if diff := cmp.Diff(want, o.held(t)); diff != "" {
		t.Errorf("done twice:\n%s", diff)
	}
	if hits := o.CallerHits(); len(hits) > 0 {
		t.Errorf("calls acted on their caller: %+v", hits)
	}
}

func fullQuota(u *fakeaws.IAMUser) {
	for i := len(u.Attached); i < 10; i++ {
		u.Attached = append(u.Attached, fmt.Sprintf("arn:aws:iam::%s:policy/p%d", prod, i))
	}
}

func TestADenialThatIsNotOursStays(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	undo := o.blocked(t, o.revoker(t), access.IAMDeny, o.collect(t))
	r := o.restorer(t)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = awsDeny })
	if _, err := r.Act(t.Context(), undo); err != nil {
		t.Error(err)
	}
	if user, _ := o.IAMUser(prod, "leaver"); user.Boundary != awsDeny || slices.Contains(user.Attached, awsDeny) {
		t.Errorf("%+v", user)
	}
	if state, err := r.Inspect(t.Context(), undo); err != nil || !state.Holds || !strings.Contains(state.Detail, "which rollcall did not set") {
		t.Errorf("%+v, %v", state, err)
	}
	undo.Undoes.Before = fmt.Appendf(nil, `{"user_id":%q,"attached_policies":[%q]}`, undo.Account.ID, awsDeny)
	refuses(t, r, undo, "before rollcall")
	for _, broken := range []*access.Undone{nil, {Before: []byte("x")}} {
		undo.Undoes = broken
		refuses(t, r, undo, "")
	}
}

func TestWhatIsGoneIsNotGivenBack(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	obs := o.collect(t)
	revoker, restorer := o.revoker(t), o.restorer(t)
	key, deny := o.blocked(t, revoker, access.IAMDeactivateKey, obs), o.blocked(t, revoker, access.IAMDeny, obs)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.AccessKeys = u.AccessKeys[1:] })
	if state, err := restorer.Inspect(t.Context(), key); err != nil || state.Holds || !strings.Contains(state.Refuse, "make a new one") {
		t.Errorf("a deleted key: %+v, %v", state, err)
	}
	removeUser(t, o, "leaver")
	for _, a := range []access.Action{key, deny} {
		if state, err := restorer.Inspect(t.Context(), a); err != nil || state.Holds || state.Refuse == "" {
			t.Errorf("%s of a user who is gone: %+v, %v", a.Verb, state, err)
		}
	}
}

func TestAnotherUserOfTheSameNameIsGivenNothing(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	obs := o.collect(t)
	revoker, restorer := o.revoker(t), o.restorer(t)
	undo := []access.Action{o.blocked(t, revoker, access.IAMDeactivateKey, obs), o.blocked(t, revoker, access.IAMDeny, obs)}
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.ID = "AIDASOMEBODYELSE" })
	want := o.held(t)
	for _, a := range undo {
		refuses(t, restorer, a, "another user")
	}
	if diff := cmp.Diff(want, o.held(t)); diff != "" {
		t.Error(diff)
	}
}

// writeOf is the operation that a verb of a restore sends.
var writeOf = map[access.Verb]string{
	access.IAMUndeny: "DetachUserPolicy", access.IAMActivateKey: "UpdateAccessKey", access.IAMActivateSSHKey: "UpdateSSHPublicKey",
	access.IAMActivateCertificate: "UpdateSigningCertificate", access.IAMActivateCredential: "UpdateServiceSpecificCredential",
	access.SSOCreateAssignment: "CreateAccountAssignment", access.SSOCreateMembership: "CreateGroupMembership",
}

func TestALostAnswerToARestoreIsSettledByReading(t *testing.T) {
	for _, verb := range allVerbs {
		o := openOrg(t, fakeaws.Options{})
		want := o.held(t)
		undo := o.blocked(t, o.revoker(t), verb, o.collect(t))
		r := o.restorer(t)
		o.faults.Add(faults.Rule{Match: faults.Action(writeOf[undo.Verb]), Kind: faults.CloseAfterWork, Times: 1})
		_, _ = r.Act(t.Context(), undo) // whether it is an error is the client's affair: reading tells
		if state, err := r.Inspect(t.Context(), undo); err != nil || !state.Holds {
			t.Errorf("%s: %+v, %v", undo.Verb, state, err)
		}
		if diff := cmp.Diff(want, o.held(t)); diff != "" {
			t.Errorf("%s:\n%s", undo.Verb, diff)
		}
	}
}

func TestARefusedRestoreIsAnErrorThatNamesTheRight(t *testing.T) {
	for _, verb := range allVerbs {
		o := openOrg(t, fakeaws.Options{})
		undo := o.blocked(t, o.revoker(t), verb, o.collect(t))
		r := o.restorer(t)
		denied := faults.AWSDenied()
		denied.Match = faults.Action(writeOf[undo.Verb])
		o.faults.Add(denied)
		if _, err := r.Act(t.Context(), undo); err == nil || !strings.Contains(err.Error(), writeOf[undo.Verb]) {
			t.Errorf("%s: %v", undo.Verb, err)
		}
		if state, err := r.Inspect(t.Context(), undo); err != nil || state.Holds {
			t.Errorf("%s: %+v, %v", undo.Verb, state, err)
		}
	}
}

func TestAConflictIsOutwaited(t *testing.T) {
	for _, verb := range []access.Verb{access.SSODeleteAssignment, access.SSODeleteMembership} {
		o := openOrg(t, fakeaws.Options{})
		want := o.held(t)
		undo := o.blocked(t, o.revoker(t), verb, o.collect(t))
		rule := faults.AWSError(409, "ConflictException", "ConflictException", "a change is in process")
		rule.Match, rule.Times = faults.Action(writeOf[undo.Verb]), 2
		fired := o.faults.Add(rule)
		if _, err := o.restorer(t).Act(t.Context(), undo); err != nil || fired() != 2 {
			t.Errorf("%s: %v after %d conflicts", undo.Verb, err, fired())
		}
		if diff := cmp.Diff(want, o.held(t)); diff != "" {
			t.Errorf("%s:\n%s", undo.Verb, diff)
		}
	}
}

func TestAConflictBecauseTheUserIsInTheGroupIsNoFailure(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	undo := o.blocked(t, o.revoker(t), access.SSODeleteMembership, o.collect(t))
	// The first try is done and its answer lost; the SDK's own second try conflicts.
	o.faults.Add(faults.Rule{Match: faults.Action("CreateGroupMembership"), Kind: faults.CloseAfterWork, Times: 1})
	if _, err := o.restorer(t).Act(t.Context(), undo); err != nil {
		t.Error(err)
	}
	if n := len(slices.DeleteFunc(o.MembersOf(o.platform), func(id string) bool { return id != o.leaver })); n != 1 {
		t.Errorf("the leaver is in the group %d times", n)
	}
}
