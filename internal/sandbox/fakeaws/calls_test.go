package fakeaws_test

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/sandbox/fakeaws"
)

type apiCall struct {
	action string
	do     func(ctx context.Context, cfg aws.Config) error
}

func only[T any](_ T, err error) error { return err }

func iamCall(action string, do func(ctx context.Context, c *iam.Client) error) apiCall {
	return apiCall{action, func(ctx context.Context, cfg aws.Config) error { return do(ctx, iam.NewFromConfig(cfg)) }}
}

var alice = aws.String("alice")

// reads is every action that changes nothing, asked about alice.
var reads = []apiCall{
	{"GetCallerIdentity", func(ctx context.Context, cfg aws.Config) error {
		return only(sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))
	}},
	{"AssumeRole", func(ctx context.Context, cfg aws.Config) error {
		return only(sts.NewFromConfig(cfg).AssumeRole(ctx, &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::" + member + ":role/collector"), RoleSessionName: aws.String("n1"), ExternalId: aws.String("rollcall"),
		}))
	}},
	iamCall("GenerateCredentialReport", func(ctx context.Context, c *iam.Client) error {
		return only(c.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{}))
	}),
	iamCall("GetCredentialReport", func(ctx context.Context, c *iam.Client) error {
		return only(c.GetCredentialReport(ctx, &iam.GetCredentialReportInput{}))
	}),
	iamCall("GetAccountAuthorizationDetails", func(ctx context.Context, c *iam.Client) error {
		return only(c.GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{}))
	}),
	iamCall("GetAccountSummary", func(ctx context.Context, c *iam.Client) error {
		return only(c.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{}))
	}),
	iamCall("ListUsers", func(ctx context.Context, c *iam.Client) error { return only(c.ListUsers(ctx, &iam.ListUsersInput{})) }),
	iamCall("ListVirtualMFADevices", func(ctx context.Context, c *iam.Client) error {
		return only(c.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{}))
	}),
	iamCall("ListServiceSpecificCredentials", func(ctx context.Context, c *iam.Client) error {
		return only(c.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true)}))
	}),
	iamCall("GetUser", func(ctx context.Context, c *iam.Client) error {
		return only(c.GetUser(ctx, &iam.GetUserInput{UserName: alice}))
	}),
	iamCall("ListAccessKeys", func(ctx context.Context, c *iam.Client) error {
		return only(c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: alice}))
	}),
	iamCall("GetAccessKeyLastUsed", func(ctx context.Context, c *iam.Client) error {
		return only(c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String("AKIAALICE1")}))
	}),
	iamCall("ListSSHPublicKeys", func(ctx context.Context, c *iam.Client) error {
		return only(c.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{UserName: alice}))
	}),
	iamCall("ListSigningCertificates", func(ctx context.Context, c *iam.Client) error {
		return only(c.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{UserName: alice}))
	}),
	iamCall("ListMFADevices", func(ctx context.Context, c *iam.Client) error {
		return only(c.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: alice}))
	}),
	iamCall("GetLoginProfile", func(ctx context.Context, c *iam.Client) error {
		return only(c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: alice}))
	}),
	iamCall("ListGroupsForUser", func(ctx context.Context, c *iam.Client) error {
		return only(c.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: alice}))
	}),
	iamCall("ListAttachedUserPolicies", func(ctx context.Context, c *iam.Client) error {
		return only(c.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: alice}))
	}),
	iamCall("ListUserPolicies", func(ctx context.Context, c *iam.Client) error {
		return only(c.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: alice}))
	}),
	iamCall("GetUserPolicy", func(ctx context.Context, c *iam.Client) error {
		return only(c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: alice, PolicyName: aws.String("one")}))
	}),
}

// blocks are the writes that stop alice without deleting anything of hers.
var blocks = []apiCall{
	iamCall("AttachUserPolicy", func(ctx context.Context, c *iam.Client) error {
		return only(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: alice, PolicyArn: aws.String(denyAll)}))
	}),
	iamCall("PutUserPermissionsBoundary", func(ctx context.Context, c *iam.Client) error {
		return only(c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: alice, PermissionsBoundary: aws.String(denyAll)}))
	}),
	iamCall("UpdateAccessKey", func(ctx context.Context, c *iam.Client) error {
		return only(c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: alice, AccessKeyId: aws.String("AKIAALICE1"), Status: types.StatusTypeInactive}))
	}),
	iamCall("UpdateSSHPublicKey", func(ctx context.Context, c *iam.Client) error {
		return only(c.UpdateSSHPublicKey(ctx, &iam.UpdateSSHPublicKeyInput{UserName: alice, SSHPublicKeyId: aws.String("APKAALICE1"), Status: types.StatusTypeInactive}))
	}),
	iamCall("UpdateSigningCertificate", func(ctx context.Context, c *iam.Client) error {
		return only(c.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{UserName: alice, CertificateId: aws.String("CERT1"), Status: types.StatusTypeInactive}))
	}),
	iamCall("UpdateServiceSpecificCredential", func(ctx context.Context, c *iam.Client) error {
		return only(c.UpdateServiceSpecificCredential(ctx, &iam.UpdateServiceSpecificCredentialInput{UserName: alice, ServiceSpecificCredentialId: aws.String("ACCAALICE1"), Status: types.StatusTypeInactive}))
	}),
	iamCall("TagUser", func(ctx context.Context, c *iam.Client) error {
		return only(c.TagUser(ctx, &iam.TagUserInput{UserName: alice, Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("left")}, {Key: aws.String("run"), Value: aws.String("r1")}}}))
	}),
}

// removes are the writes that delete, each of one thing of alice's.
var removes = []apiCall{
	iamCall("AddUserToGroup", func(ctx context.Context, c *iam.Client) error {
		return only(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: alice, GroupName: aws.String("admins")}))
	}),
	iamCall("RemoveUserFromGroup", func(ctx context.Context, c *iam.Client) error {
		return only(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: alice, GroupName: aws.String("admins")}))
	}),
	iamCall("DeleteAccessKey", func(ctx context.Context, c *iam.Client) error {
		return only(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: alice, AccessKeyId: aws.String("AKIAALICE1")}))
	}),
	iamCall("DeleteLoginProfile", func(ctx context.Context, c *iam.Client) error {
		return only(c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: alice}))
	}),
	iamCall("DeleteSSHPublicKey", func(ctx context.Context, c *iam.Client) error {
		return only(c.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: alice, SSHPublicKeyId: aws.String("APKAALICE1")}))
	}),
	iamCall("DeleteSigningCertificate", func(ctx context.Context, c *iam.Client) error {
		return only(c.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{UserName: alice, CertificateId: aws.String("CERT1")}))
	}),
	iamCall("DeleteServiceSpecificCredential", func(ctx context.Context, c *iam.Client) error {
		return only(c.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: alice, ServiceSpecificCredentialId: aws.String("ACCAALICE1")}))
	}),
	iamCall("DetachUserPolicy", func(ctx context.Context, c *iam.Client) error {
		return only(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: alice, PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}))
	}),
	iamCall("DeleteUserPolicy", func(ctx context.Context, c *iam.Client) error {
		return only(c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: alice, PolicyName: aws.String("one")}))
	}),
	iamCall("DeactivateMFADevice", func(ctx context.Context, c *iam.Client) error {
		return only(c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: alice, SerialNumber: aws.String("arn:aws:iam::" + member + ":mfa/alice")}))
	}),
	iamCall("DeleteVirtualMFADevice", func(ctx context.Context, c *iam.Client) error {
		return only(c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: aws.String("arn:aws:iam::" + member + ":mfa/alice")}))
	}),
	iamCall("DeleteUserPermissionsBoundary", func(ctx context.Context, c *iam.Client) error {
		return only(c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: alice}))
	}),
}

// farewell ends what is left of a user.
var farewell = iamCall("DeleteUser", func(ctx context.Context, c *iam.Client) error {
	return only(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: alice}))
})

func TestEveryActionIsTriedWithTheRealClient(t *testing.T) {
	var tried, writing []string
	for _, c := range slices.Concat(blocks, removes, []apiCall{farewell}) {
		writing = append(writing, c.action)
	}
	for _, c := range reads {
		tried = append(tried, c.action)
	}
	tried = append(tried, writing...)
	slices.Sort(tried)
	slices.Sort(writing)
	if diff := cmp.Diff(fakeaws.QueryActions(), tried); diff != "" {
		t.Errorf("actions without a call here (-) or unknown (+):\n%s", diff)
	}
	if diff := cmp.Diff(fakeaws.QueryWrites(), writing); diff != "" {
		t.Errorf("writes without a call here (-) or not held to be a write (+):\n%s", diff)
	}
}

func TestAReadOnlyRoleReadsEverythingAndWritesNothing(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	session := o.as(member, "collector")
	before := o.State()
	for _, c := range slices.Concat(blocks, removes, []apiCall{farewell}) {
		refused(t, c.action, c.do(t.Context(), session), "AccessDenied", 403)
		refused(t, c.action+" with a read-only key", c.do(t.Context(), o.config("AKIAREADER", "")), "AccessDenied", 403)
	}
	if diff := cmp.Diff(before, o.State()); diff != "" {
		t.Errorf("refused writes changed something:\n%s", diff)
	}
	for _, c := range reads {
		if err := c.do(t.Context(), session); err != nil {
			t.Errorf("%s: %v", c.action, err)
		}
	}
}
