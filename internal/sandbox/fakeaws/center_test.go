package fakeaws

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"
)

const boss = "111111111111"

// center is a server with a small Identity Center, and clients of it.
type center struct {
	*Server
	sso   *ssoadmin.Client
	store *identitystore.Client
	set   string
	users []string
	group string
}

func newCenter(t *testing.T, opts Options) *center {
	t.Helper()
	opts.ManagementAccount = boss
	opts.Credentials = []Credential{{AccessKeyID: "AKIABOSS", Secret: "s", Account: boss}, {AccessKeyID: "AKIAREADER", Secret: "s", Account: boss, ReadOnly: true}}
	c := &center{Server: New(opts)}
	c.AddAccount(Account{ID: boss, Name: "management", State: "ACTIVE"})
	c.set = c.AddPermissionSet("Admin", "PT1H")
	c.AddPermissionSet("Read", "PT4H")
	for n := range 5 {
		c.users = append(c.users, c.AddCenterUser(CenterUser{UserName: fmt.Sprintf("user%d@x.test", n), Email: fmt.Sprintf("user%d@x.test", n), Status: "ENABLED"}))
	}
	c.group = c.AddCenterGroup(CenterGroup{DisplayName: "Platform", ExternalIssuer: "https://okta.test", ExternalID: "g1"})
	c.AddCenterGroup(CenterGroup{DisplayName: "Guests"})
	for _, u := range c.users[:3] {
		c.AddCenterMember(c.group, u)
	}
	c.Assign(boss, c.set, "GROUP", c.group)
	c.Assign(boss, c.set, "USER", c.users[4])
	c.connect(t, "AKIABOSS")
	return c
}

func (c *center) connect(t *testing.T, key string) {
	srv := httptest.NewServer(c.Server)
	t.Cleanup(srv.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider(key, "s", "")}
	c.sso, c.store = ssoadmin.NewFromConfig(cfg), identitystore.NewFromConfig(cfg)
}

// everything reads all lists with the SDK's own paginators.
func (c *center) everything(t *testing.T) map[string][]string {
	t.Helper()
	ctx, got := t.Context(), map[string][]string{}
	users := identitystore.NewListUsersPaginator(c.store, &identitystore.ListUsersInput{IdentityStoreId: aws.String(StoreID)})
	for users.HasMorePages() {
		p := must(users.NextPage(ctx))(t)
		for _, u := range p.Users {
			got["users"] = append(got["users"], *u.UserId+*u.UserName+string(u.UserStatus)+*u.Emails[0].Value)
		}
	}
	groups := identitystore.NewListGroupsPaginator(c.store, &identitystore.ListGroupsInput{IdentityStoreId: aws.String(StoreID)})
	for groups.HasMorePages() {
		for _, g := range must(groups.NextPage(ctx))(t).Groups {
			got["groups"] = append(got["groups"], fmt.Sprint(*g.DisplayName, len(g.ExternalIds)))
		}
	}
	members := identitystore.NewListGroupMembershipsPaginator(c.store, &identitystore.ListGroupMembershipsInput{IdentityStoreId: aws.String(StoreID), GroupId: &c.group})
	for members.HasMorePages() {
		for _, m := range must(members.NextPage(ctx))(t).GroupMemberships {
			got["members"] = append(got["members"], m.MemberId.(*idtypes.MemberIdMemberUserId).Value)
		}
	}
	sets := ssoadmin.NewListPermissionSetsPaginator(c.sso, &ssoadmin.ListPermissionSetsInput{InstanceArn: aws.String(InstanceARN)})
	for sets.HasMorePages() {
		got["sets"] = append(got["sets"], must(sets.NextPage(ctx))(t).PermissionSets...)
	}
	rows := ssoadmin.NewListAccountAssignmentsPaginator(c.sso, &ssoadmin.ListAccountAssignmentsInput{InstanceArn: aws.String(InstanceARN), AccountId: aws.String(boss), PermissionSetArn: &c.set})
	for rows.HasMorePages() {
		for _, a := range must(rows.NextPage(ctx))(t).AccountAssignments {
			got["assignments"] = append(got["assignments"], string(a.PrincipalType)+*a.PrincipalId)
		}
	}
	return got
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestPagesOfAnySizeGiveTheSameLists(t *testing.T) {
	want := newCenter(t, Options{}).everything(t)
	if len(want["users"]) != 5 || len(want["assignments"]) != 2 || len(want["members"]) != 3 {
		t.Fatalf("the whole lists are not whole: %v", want)
	}
	for _, size := range []int{1, 2} {
		if diff := cmp.Diff(want, newCenter(t, Options{MaxPage: size}).everything(t)); diff != "" {
			t.Errorf("pages of %d:\n%s", size, diff)
		}
	}
}

func (c *center) delete(t *testing.T, user string) (*ssotypes.AccountAssignmentOperationStatus, error) {
	t.Helper()
	out, err := c.sso.DeleteAccountAssignment(t.Context(), &ssoadmin.DeleteAccountAssignmentInput{InstanceArn: aws.String(InstanceARN), PermissionSetArn: &c.set,
		PrincipalId: &user, PrincipalType: ssotypes.PrincipalTypeUser, TargetId: aws.String(boss), TargetType: ssotypes.TargetTypeAwsAccount})
	if err != nil {
		return nil, err
	}
	return out.AccountAssignmentDeletionStatus, nil
}

func (c *center) status(t *testing.T, request *string) *ssotypes.AccountAssignmentOperationStatus {
	t.Helper()
	out := must(c.sso.DescribeAccountAssignmentDeletionStatus(t.Context(), &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{
		InstanceArn: aws.String(InstanceARN), AccountAssignmentDeletionRequestId: request}))(t)
	return out.AccountAssignmentDeletionStatus
}

func TestDeletionTakesItsPollsAndConflictsMeanwhile(t *testing.T) {
	c := newCenter(t, Options{AssignmentPolls: 2, ConflictWhileInProgress: true})
	started := must(c.delete(t, c.users[4]))(t)
	if _, err := c.delete(t, c.users[4]); err == nil {
		t.Error("a second deletion of the same target was taken while one runs")
	}
	for range 2 {
		if got := c.status(t, started.RequestId).Status; got != ssotypes.StatusValuesInProgress || len(c.Assignments()) != 2 {
			t.Errorf("status %s with %d assignments before its polls were made", got, len(c.Assignments()))
		}
	}
	if got := c.status(t, started.RequestId).Status; got != ssotypes.StatusValuesSucceeded || len(c.Assignments()) != 1 {
		t.Errorf("status %s with %d assignments after them", got, len(c.Assignments()))
	}
	if _, err := c.delete(t, c.users[4]); err == nil {
		t.Error("an assignment that is not there was deleted")
	}
}

func TestDeletionCanFailLate(t *testing.T) {
	c := newCenter(t, Options{AssignmentPolls: 1})
	c.FailNextDeletion("role is in use")
	started := must(c.delete(t, c.users[4]))(t)
	c.status(t, started.RequestId)
	got := c.status(t, started.RequestId)
	if got.Status != ssotypes.StatusValuesFailed || aws.ToString(got.FailureReason) != "role is in use" || len(c.Assignments()) != 2 {
		t.Errorf("got %s (%s) with %d assignments", got.Status, aws.ToString(got.FailureReason), len(c.Assignments()))
	}
}

func TestMembershipsCanBeFoundAndDeleted(t *testing.T) {
	c := newCenter(t, Options{})
	store, member := aws.String(StoreID), &idtypes.MemberIdMemberUserId{Value: c.users[0]}
	id := must(c.store.GetGroupMembershipId(t.Context(), &identitystore.GetGroupMembershipIdInput{IdentityStoreId: store, GroupId: &c.group, MemberId: member}))(t).MembershipId
	must(c.store.DeleteGroupMembership(t.Context(), &identitystore.DeleteGroupMembershipInput{IdentityStoreId: store, MembershipId: id}))(t)
	in := must(c.store.IsMemberInGroups(t.Context(), &identitystore.IsMemberInGroupsInput{IdentityStoreId: store, GroupIds: []string{c.group}, MemberId: member}))(t)
	if in.Results[0].MembershipExists || len(c.MembersOf(c.group)) != 2 {
		t.Errorf("still a member: %v, %d members", in.Results[0].MembershipExists, len(c.MembersOf(c.group)))
	}
	if _, err := c.store.DeleteGroupMembership(t.Context(), &identitystore.DeleteGroupMembershipInput{IdentityStoreId: store, MembershipId: id}); err == nil {
		t.Error("a membership was deleted twice")
	}
}

func TestReadOnlyCredentialCannotDelete(t *testing.T) {
	c := newCenter(t, Options{})
	c.connect(t, "AKIAREADER")
	if _, err := c.delete(t, c.users[4]); err == nil || len(c.Assignments()) != 2 {
		t.Errorf("a reader deleted an assignment (%v)", err)
	}
}

func TestCenterSurvivesASnapshot(t *testing.T) {
	c := newCenter(t, Options{})
	b := must(c.Snapshot())(t)
	other := newCenter(t, Options{})
	other.Assign(boss, other.set, "USER", other.users[0])
	if err := other.Restore(b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.everything(t), other.everything(t)); diff != "" {
		t.Error(diff)
	}
}

func TestCreationTakesItsPollsAndCanFailLate(t *testing.T) {
	c := newCenter(t, Options{AssignmentPolls: 1})
	create := func() *ssotypes.AccountAssignmentOperationStatus {
		return must(c.sso.CreateAccountAssignment(t.Context(), &ssoadmin.CreateAccountAssignmentInput{InstanceArn: aws.String(InstanceARN), PermissionSetArn: &c.set,
			PrincipalId: &c.users[0], PrincipalType: ssotypes.PrincipalTypeUser, TargetId: aws.String(boss), TargetType: ssotypes.TargetTypeAwsAccount}))(t).AccountAssignmentCreationStatus
	}
	status := func(request *string) *ssotypes.AccountAssignmentOperationStatus {
		return must(c.sso.DescribeAccountAssignmentCreationStatus(t.Context(), &ssoadmin.DescribeAccountAssignmentCreationStatusInput{
			InstanceArn: aws.String(InstanceARN), AccountAssignmentCreationRequestId: request}))(t).AccountAssignmentCreationStatus
	}
	c.FailNextCreation("the account is suspended")
	failing := create()
	status(failing.RequestId)
	if got := status(failing.RequestId); got.Status != ssotypes.StatusValuesFailed || aws.ToString(got.FailureReason) != "the account is suspended" || len(c.Assignments()) != 2 {
		t.Errorf("got %s (%s) with %d assignments", got.Status, aws.ToString(got.FailureReason), len(c.Assignments()))
	}
	started := create()
	if got := status(started.RequestId); got.Status != ssotypes.StatusValuesInProgress || len(c.Assignments()) != 2 {
		t.Errorf("status %s with %d assignments before its polls were made", got.Status, len(c.Assignments()))
	}
	if got := status(started.RequestId); got.Status != ssotypes.StatusValuesSucceeded || len(c.Assignments()) != 3 {
		t.Errorf("status %s with %d assignments after them", got.Status, len(c.Assignments()))
	}
}
