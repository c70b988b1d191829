package aws

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
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

func TestTheBoundaryOfBeforeIsPutBack(t *testing.T) {
	for _, before := range []string{"", "arn:aws:iam::" + prod + ":policy/all"} {
		o := openOrg(t, fakeaws.Options{})
		o.UpdateIAMUser(prod, "leaver", fullQuota)
		o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = before })
		want := o.held(t)
		undo := o.blocked(t, o.revoker(t), access.IAMDeny, o.collect(t))
		r := o.restorer(t)
		if _, err := r.Act(t.Context(), undo); err != nil {
			t.Error(err)
		}
		if state, err := r.Inspect(t.Context(), undo); err != nil || !state.Holds {
			t.Errorf("%+v, %v", state, err)
		}
		if diff := cmp.Diff(want, o.held(t)); diff != "" {
			t.Errorf("with the boundary %q before:\n%s", before, diff)
		}
	}
}

// Between the look and the change the intent is written down: a boundary that somebody set
// meanwhile is theirs, and without it the user could do more than before.
func TestABoundaryThatSomebodySetSinceTheLookStays(t *testing.T) {
	const theirs = "arn:aws:iam::" + prod + ":policy/theirs"
	for _, before := range []string{"", "arn:aws:iam::" + prod + ":policy/all"} {
		o := openOrg(t, fakeaws.Options{})
		o.UpdateIAMUser(prod, "leaver", fullQuota)
		o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = before })
		undo := o.blocked(t, o.revoker(t), access.IAMDeny, o.collect(t))
		r := o.restorer(t)
		if state, err := r.Inspect(t.Context(), undo); err != nil || state.Holds || state.Refuse != "" {
			t.Fatalf("%+v, %v", state, err)
		}
		o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = theirs })
		receipt, err := r.Act(t.Context(), undo)
		if user, _ := o.IAMUser(prod, "leaver"); err != nil || !strings.HasPrefix(receipt.Detail, "nothing was sent") || user.Boundary != theirs {
			t.Errorf("with the boundary %q before: %+v, %v; it is %q now", before, receipt, err, user.Boundary)
		}
	}
}

// Without what the block found, or with what it found of somebody else, it is not known
// which boundary was there: the one that denies stays.
func TestWithoutWhatTheBlockFoundNoBoundaryIsTakenOff(t *testing.T) {
	for _, before := range []string{"", "null", "{}", `{"user":"leaver"}`, `{"user":"leaver","user_id":"AIDASOMEBODYELSE","permissions_boundary":""}`} {
		o := openOrg(t, fakeaws.Options{})
		o.UpdateIAMUser(prod, "leaver", fullQuota)
		o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = "arn:aws:iam::" + prod + ":policy/all" })
		undo := o.blocked(t, o.revoker(t), access.IAMDeny, o.collect(t))
		undo.Undoes.Before = []byte(before)
		r := o.restorer(t)
		refuses(t, r, undo, "what the block found")
		if _, err := r.Act(t.Context(), undo); err == nil {
			t.Errorf("%s: no error", before)
		}
		if user, _ := o.IAMUser(prod, "leaver"); user.Boundary != awsDeny {
			t.Errorf("%s: the boundary is %q", before, user.Boundary)
		}
	}
}

func TestABoundaryOfBeforeThatIsGoneIsAnErrorAndTheUserStaysDenied(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.UpdateIAMUser(prod, "leaver", fullQuota)
	o.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = "arn:aws:iam::" + prod + ":policy/deleted" })
	undo := o.blocked(t, o.revoker(t), access.IAMDeny, o.collect(t))
	r := o.restorer(t)
	if _, err := r.Act(t.Context(), undo); err == nil || !strings.Contains(err.Error(), "policy/deleted") {
		t.Errorf("%v", err)
	}
	if state, err := r.Inspect(t.Context(), undo); err != nil || state.Holds {
		t.Errorf("%+v, %v", state, err)
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

func TestACreationThatGoesOnIsInProgressAndThenDone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 20})
	undo := o.act(access.SSODeleteAssignment, o.collect(t))
	undo.Verb, undo.GrantScope = access.SSOCreateAssignment, dev
	o.goesOn(t, o.restorer(t), undo)
}

func TestACreationThatFailsSaysWhy(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 1})
	undo := o.blocked(t, o.revoker(t), access.SSODeleteAssignment, o.collect(t))
	o.FailNextCreation("the account is suspended")
	failed(t, o.restorer(t), undo, "the account is suspended", true)
}

func TestADeniedPollOfACreationIsAnErrorAndNeverDone(t *testing.T) {
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 1})
	undo := o.blocked(t, o.revoker(t), access.SSODeleteAssignment, o.collect(t))
	denied := faults.AWSDenied()
	denied.Match = faults.Action("DescribeAccountAssignmentCreationStatus")
	o.faults.Add(denied)
	failed(t, o.restorer(t), undo, "sso:DescribeAccountAssignmentCreationStatus", false)
}

func TestARestorerTakesNothingAndARevokerGivesNothing(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	obs := o.collect(t)
	revoker, restorer := o.revoker(t), o.restorer(t)
	for _, verb := range allVerbs {
		a := o.act(verb, obs)
		if _, err := restorer.Act(t.Context(), a); err == nil {
			t.Errorf("a restorer did %s", verb)
		}
		if _, err := restorer.Inspect(t.Context(), a); err != nil {
			t.Errorf("%s cannot be read back: %v", verb, err)
		}
		a.Verb = verb.Undo()
		if _, err := revoker.Act(t.Context(), a); err == nil {
			t.Errorf("a revoker did %s", a.Verb)
		}
	}
	for _, request := range o.Requests() {
		if request.Write && request.Service != "sts" && request.Action != "GenerateCredentialReport" {
			t.Errorf("a write was sent: %+v", request)
		}
	}
}

func TestNoOtherWriteLeavesARestorer(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	s := o.restorer(t).r.session
	tried := 0
	for _, client := range []any{s.iamOf(prod, s.base.Credentials), s.sso, s.ids, s.org, s.sts, s.ssoAs(s.base.Credentials)} {
		for _, operation := range operationsOf(client) {
			_, read := reads[operation]
			_, give := gives[operation]
			if read || give {
				continue
			}
			tried++
			if err := send(t, client, operation); err == nil || !strings.Contains(err.Error(), operation+" is refused: this client may not send it") {
				t.Errorf("%T.%s: %v", client, operation, err)
			}
		}
	}
	if tried < 240 || len(o.Requests()) > 0 {
		t.Errorf("%d operations were tried, %d requests sent", tried, len(o.Requests()))
	}
	carried, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.url, strings.NewReader("Action=AttachUserPolicy&UserName=leaver"))
	if err != nil {
		t.Fatal(err)
	}
	carried.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if resp, err := s.base.HTTPClient.(*http.Client).Do(carried); err == nil {
		resp.Body.Close()
		t.Error("the transport of a restorer carries AttachUserPolicy")
	}
}

func TestWhatARestorerSendsIsOnlyWhatABlockTook(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	s := o.restorer(t).r.session
	client, user, is := s.iamOf(prod, s.base.Credentials), sdk.String("leaver"), sdk.String
	for what, err := range map[string]error{
		"another policy": second(client.DetachUserPolicy(t.Context(), &iam.DetachUserPolicyInput{UserName: user, PolicyArn: is("arn:aws:iam::aws:policy/ReadOnlyAccess")})),
		"no policy":      second(client.PutUserPermissionsBoundary(t.Context(), &iam.PutUserPermissionsBoundaryInput{UserName: user, PermissionsBoundary: is("*")})),
		"no user":        second(client.DeleteUserPermissionsBoundary(t.Context(), &iam.DeleteUserPermissionsBoundaryInput{UserName: is("")})),
		"inactive":       second(client.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: user, AccessKeyId: is("AKIALEAVER0000000001"), Status: types.StatusTypeInactive})),
		"a caller's key": second(client.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{AccessKeyId: is("AKIALEAVER0000000001"), Status: types.StatusTypeActive})),
		"no member": second(s.ids.CreateGroupMembership(t.Context(), &identitystore.CreateGroupMembershipInput{IdentityStoreId: is("d-1"), GroupId: is("g-1"),
			MemberId: &idtypes.MemberIdMemberUserId{}})),
		"a group": second(s.sso.CreateAccountAssignment(t.Context(), &ssoadmin.CreateAccountAssignmentInput{InstanceArn: is("arn:aws:sso:::instance/ssoins-1"),
			PermissionSetArn: is("arn:aws:sso:::permissionSet/ssoins-1/ps-1"), PrincipalType: "GROUP", PrincipalId: is("g-1"), TargetType: "AWS_ACCOUNT", TargetId: is(prod)})),
	} {
		if err == nil || !strings.Contains(err.Error(), "is refused") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if sent := o.Requests(); len(sent) > 0 {
		t.Errorf("sent: %+v", sent)
	}
}

func second[T any](_ T, err error) error { return err }
