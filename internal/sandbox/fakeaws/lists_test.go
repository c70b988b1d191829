package fakeaws_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/sandbox/fakeaws"
)

// lists is every paged list, read to its end.
type lists struct {
	Accounts           []orgtypes.Account
	Users              []types.User
	UserDetails        []types.UserDetail
	Groups             []types.GroupDetail
	Roles              []types.RoleDetail
	Policies           []types.ManagedPolicyDetail
	VirtualMFA         []types.VirtualMFADevice
	ServiceCredentials []types.ServiceSpecificCredentialMetadata
	Keys               []types.AccessKeyMetadata
	SSHKeys            []types.SSHPublicKeyMetadata
	Certificates       []types.SigningCertificate
	MFA                []types.MFADevice
	GroupsForUser      []types.Group
	Attached           []types.AttachedPolicy
	Inline             []string
	Pages              int
}

// paginator is any list of the SDK; Out is its page, Opt the options of its client.
type paginator[Out, Opt any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Opt)) (*Out, error)
}

// each reads a list to its end, and takes and counts its pages.
func each[Out, Opt any](t *testing.T, l *lists, p paginator[Out, Opt], take func(*Out)) {
	t.Helper()
	for p.HasMorePages() {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l.Pages++
		take(out)
	}
}

func (o *organization) lists() *lists {
	t, l, c := o.t, &lists{}, o.iam()
	t.Helper()
	each(t, l, organizations.NewListAccountsPaginator(o.orgs(), &organizations.ListAccountsInput{}), func(out *organizations.ListAccountsOutput) {
		l.Accounts = append(l.Accounts, out.Accounts...)
	})
	each(t, l, iam.NewListUsersPaginator(c, &iam.ListUsersInput{}), func(out *iam.ListUsersOutput) {
		l.Users = append(l.Users, out.Users...)
	})
	each(t, l, iam.NewGetAccountAuthorizationDetailsPaginator(c, &iam.GetAccountAuthorizationDetailsInput{}), func(out *iam.GetAccountAuthorizationDetailsOutput) {
		l.UserDetails = append(l.UserDetails, out.UserDetailList...)
		l.Groups = append(l.Groups, out.GroupDetailList...)
		l.Roles = append(l.Roles, out.RoleDetailList...)
		l.Policies = append(l.Policies, out.Policies...)
	})
	each(t, l, iam.NewListVirtualMFADevicesPaginator(c, &iam.ListVirtualMFADevicesInput{}), func(out *iam.ListVirtualMFADevicesOutput) {
		l.VirtualMFA = append(l.VirtualMFA, out.VirtualMFADevices...)
	})
	each(t, l, iam.NewListAccessKeysPaginator(c, &iam.ListAccessKeysInput{UserName: alice}), func(out *iam.ListAccessKeysOutput) {
		l.Keys = append(l.Keys, out.AccessKeyMetadata...)
	})
	each(t, l, iam.NewListSSHPublicKeysPaginator(c, &iam.ListSSHPublicKeysInput{UserName: alice}), func(out *iam.ListSSHPublicKeysOutput) {
		l.SSHKeys = append(l.SSHKeys, out.SSHPublicKeys...)
	})
	each(t, l, iam.NewListSigningCertificatesPaginator(c, &iam.ListSigningCertificatesInput{UserName: alice}), func(out *iam.ListSigningCertificatesOutput) {
		l.Certificates = append(l.Certificates, out.Certificates...)
	})
	each(t, l, iam.NewListMFADevicesPaginator(c, &iam.ListMFADevicesInput{UserName: alice}), func(out *iam.ListMFADevicesOutput) {
		l.MFA = append(l.MFA, out.MFADevices...)
	})
	each(t, l, iam.NewListGroupsForUserPaginator(c, &iam.ListGroupsForUserInput{UserName: alice}), func(out *iam.ListGroupsForUserOutput) {
		l.GroupsForUser = append(l.GroupsForUser, out.Groups...)
	})
	each(t, l, iam.NewListAttachedUserPoliciesPaginator(c, &iam.ListAttachedUserPoliciesInput{UserName: alice}), func(out *iam.ListAttachedUserPoliciesOutput) {
		l.Attached = append(l.Attached, out.AttachedPolicies...)
	})
	each(t, l, iam.NewListUserPoliciesPaginator(c, &iam.ListUserPoliciesInput{UserName: alice}), func(out *iam.ListUserPoliciesOutput) {
		l.Inline = append(l.Inline, out.PolicyNames...)
	})
	for in := (&iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true)}); ; { // the SDK has no paginator for it
		out, err := c.ListServiceSpecificCredentials(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		l.Pages++
		l.ServiceCredentials = append(l.ServiceCredentials, out.ServiceSpecificCredentials...)
		if !out.IsTruncated {
			return l
		}
		in.Marker = out.Marker
	}
}

// same compares SDK values: theirs carry a marker type without fields.
var same = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".noSmithyDocumentSerde" }, cmp.Ignore())

func TestEveryPageSizeGivesTheSameLists(t *testing.T) {
	read := func(maxPage int) *lists {
		o := openOrg(t, fakeaws.Options{MaxPage: maxPage})
		o.addAlice()
		o.addCrowd(5)
		return o.lists()
	}
	whole := read(0)
	if len(whole.Accounts) != 3 || len(whole.UserDetails) != 6 || len(whole.VirtualMFA) != 6 || len(whole.ServiceCredentials) != 7 ||
		len(whole.Groups) != 2 || len(whole.Roles) != 2 || len(whole.Keys) != 2 || len(whole.MFA) != 2 || len(whole.Inline) != 2 ||
		len(whole.Users) != 6 || len(whole.Policies) != 4 || len(whole.SSHKeys) != 2 || len(whole.Certificates) != 2 || len(whole.GroupsForUser) != 2 || len(whole.Attached) != 2 {
		t.Fatalf("the unlimited lists are wrong: %+v", whole)
	}
	if whole.Pages != 12 {
		t.Errorf("%d pages without a limit, want one a list", whole.Pages)
	}
	for _, maxPage := range []int{1, 2} {
		paged := read(maxPage)
		if diff := cmp.Diff(whole, paged, same, cmpopts.IgnoreFields(lists{}, "Pages")); diff != "" {
			t.Errorf("pages of %d give another list:\n%s", maxPage, diff)
		}
		if paged.Pages <= whole.Pages {
			t.Errorf("pages of %d: %d pages only", maxPage, paged.Pages)
		}
	}
}

func TestDetailsShowAUserWhole(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	made := o.addAlice()
	out := must[*iam.GetAccountAuthorizationDetailsOutput](t)(o.iam().GetAccountAuthorizationDetails(t.Context(),
		&iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeUser, types.EntityTypeLocalManagedPolicy}}))
	if len(out.GroupDetailList) != 0 || len(out.RoleDetailList) != 0 || len(out.Policies) != 1 {
		t.Errorf("the filter does not hold: %d groups, %d roles, %d policies", len(out.GroupDetailList), len(out.RoleDetailList), len(out.Policies))
	}
	user := out.UserDetailList[0]
	var inline []fakeaws.InlinePolicy
	for _, policy := range user.UserPolicyList {
		document := must[string](t)(url.PathUnescape(*policy.PolicyDocument))
		inline = append(inline, fakeaws.InlinePolicy{Name: *policy.PolicyName, Document: document})
	}
	var attached []string
	for _, policy := range user.AttachedManagedPolicies {
		attached = append(attached, *policy.PolicyArn)
	}
	var tags []fakeaws.Tag
	for _, tag := range user.Tags {
		tags = append(tags, fakeaws.Tag{Key: *tag.Key, Value: *tag.Value})
	}
	got := fakeaws.IAMUser{
		Account: member, Name: *user.UserName, Path: *user.Path, ID: *user.UserId, CreatedAt: *user.CreateDate,
		Tags: tags, Groups: user.GroupList, Attached: attached, Inline: inline, Boundary: *user.PermissionsBoundary.PermissionsBoundaryArn,
	}
	want := fakeaws.IAMUser{
		Account: made.Account, Name: made.Name, Path: made.Path, ID: made.ID, CreatedAt: made.CreatedAt,
		Tags: made.Tags, Groups: made.Groups, Attached: made.Attached, Inline: made.Inline, Boundary: made.Boundary,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alice in the details:\n%s", diff)
	}
	if *out.UserDetailList[0].UserPolicyList[0].PolicyDocument != "%7B%22x%22%3A%20%221%2B1%20%26%202%22%7D" {
		t.Errorf("document: %s", *out.UserDetailList[0].UserPolicyList[0].PolicyDocument)
	}
}

func TestAListOfUsersShowsNeitherTagsNorBoundary(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	listed := must[*iam.ListUsersOutput](t)(o.iam().ListUsers(t.Context(), &iam.ListUsersInput{})).Users[0]
	got := must[*iam.GetUserOutput](t)(o.iam().GetUser(t.Context(), &iam.GetUserInput{UserName: alice})).User
	if listed.Tags != nil || listed.PermissionsBoundary != nil || listed.PasswordLastUsed == nil {
		t.Errorf("listed: %+v", listed)
	}
	if len(got.Tags) != 2 || got.PermissionsBoundary == nil {
		t.Errorf("got: %+v", got)
	}
}

func TestAccountsShowTheirStateAndTheOldStatusOnlyIfGiven(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	accounts := must[*organizations.ListAccountsOutput](t)(o.orgs().ListAccounts(t.Context(), &organizations.ListAccountsInput{})).Accounts
	if accounts[1].State != "ACTIVE" || accounts[1].Status != "" {
		t.Errorf("production: %+v", accounts[1])
	}
	if accounts[2].State != "SUSPENDED" || accounts[2].Status != "SUSPENDED" || !accounts[2].JoinedTimestamp.Equal(start) {
		t.Errorf("old: %+v", accounts[2])
	}
}

func TestADeactivatedVirtualDeviceGoesOnExistingUntilItIsDeleted(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	session := o.as(member, "revoker")
	deactivate, remove := removes[9], removes[10]
	list := func(status types.AssignmentStatusType) []types.VirtualMFADevice {
		return must[*iam.ListVirtualMFADevicesOutput](t)(o.iam().ListVirtualMFADevices(t.Context(),
			&iam.ListVirtualMFADevicesInput{AssignmentStatus: status})).VirtualMFADevices
	}
	refused(t, "delete while assigned", remove.do(t.Context(), session), "DeleteConflict", 409)
	if held := list(types.AssignmentStatusTypeAssigned); len(held) != 1 || *held[0].User.UserName != "alice" {
		t.Errorf("assigned: %+v", held)
	}
	if err := deactivate.do(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if held, loose := list(types.AssignmentStatusTypeAssigned), list(types.AssignmentStatusTypeUnassigned); len(held) != 0 || len(loose) != 1 {
		t.Errorf("after deactivation: %d assigned, %d not", len(held), len(loose))
	}
	if err := remove.do(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if left := list(types.AssignmentStatusTypeAny); len(left) != 0 {
		t.Errorf("after deletion: %+v", left)
	}
}

func TestAllUsersAndOneUserExcludeEachOther(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	_, err := o.iam().ListServiceSpecificCredentials(t.Context(), &iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true), UserName: alice})
	refused(t, "both", err, "ValidationError", 400)
	one := must[*iam.ListServiceSpecificCredentialsOutput](t)(o.iam().ListServiceSpecificCredentials(t.Context(),
		&iam.ListServiceSpecificCredentialsInput{UserName: alice, ServiceName: aws.String("bedrock.amazonaws.com")}))
	if len(one.ServiceSpecificCredentials) != 1 || *one.ServiceSpecificCredentials[0].ServiceSpecificCredentialId != "ACCAALICE2" {
		t.Errorf("alice's for bedrock: %+v", one.ServiceSpecificCredentials)
	}
}
