package aws

import (
	"net/http"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"rollcall/internal/sandbox/fakeaws"
)

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
