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

// iamCall is a method of the client, by its name, with what it is asked.
func iamCall[In, Out any](action string, do func(*iam.Client, context.Context, *In, ...func(*iam.Options)) (*Out, error), in In) apiCall {
	return apiCall{action, func(ctx context.Context, cfg aws.Config) error { return only(do(iam.NewFromConfig(cfg), ctx, &in)) }}
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
	iamCall("GenerateCredentialReport", (*iam.Client).GenerateCredentialReport, iam.GenerateCredentialReportInput{}),
	iamCall("GetCredentialReport", (*iam.Client).GetCredentialReport, iam.GetCredentialReportInput{}),
	iamCall("GetAccountAuthorizationDetails", (*iam.Client).GetAccountAuthorizationDetails, iam.GetAccountAuthorizationDetailsInput{}),
	iamCall("GetAccountSummary", (*iam.Client).GetAccountSummary, iam.GetAccountSummaryInput{}),
	iamCall("ListUsers", (*iam.Client).ListUsers, iam.ListUsersInput{}),
	iamCall("ListVirtualMFADevices", (*iam.Client).ListVirtualMFADevices, iam.ListVirtualMFADevicesInput{}),
	iamCall("ListServiceSpecificCredentials", (*iam.Client).ListServiceSpecificCredentials, iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true)}),
	iamCall("GetUser", (*iam.Client).GetUser, iam.GetUserInput{UserName: alice}),
	iamCall("ListAccessKeys", (*iam.Client).ListAccessKeys, iam.ListAccessKeysInput{UserName: alice}),
	iamCall("GetAccessKeyLastUsed", (*iam.Client).GetAccessKeyLastUsed, iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String("AKIAALICE1")}),
	iamCall("ListSSHPublicKeys", (*iam.Client).ListSSHPublicKeys, iam.ListSSHPublicKeysInput{UserName: alice}),
	iamCall("ListSigningCertificates", (*iam.Client).ListSigningCertificates, iam.ListSigningCertificatesInput{UserName: alice}),
	iamCall("ListMFADevices", (*iam.Client).ListMFADevices, iam.ListMFADevicesInput{UserName: alice}),
	iamCall("GetLoginProfile", (*iam.Client).GetLoginProfile, iam.GetLoginProfileInput{UserName: alice}),
	iamCall("ListGroupsForUser", (*iam.Client).ListGroupsForUser, iam.ListGroupsForUserInput{UserName: alice}),
	iamCall("ListAttachedUserPolicies", (*iam.Client).ListAttachedUserPolicies, iam.ListAttachedUserPoliciesInput{UserName: alice}),
	iamCall("ListUserPolicies", (*iam.Client).ListUserPolicies, iam.ListUserPoliciesInput{UserName: alice}),
	iamCall("GetUserPolicy", (*iam.Client).GetUserPolicy, iam.GetUserPolicyInput{UserName: alice, PolicyName: aws.String("one")}),
}

// blocks are the writes that stop alice without deleting anything of hers.
var blocks = []apiCall{
	iamCall("AttachUserPolicy", (*iam.Client).AttachUserPolicy, iam.AttachUserPolicyInput{UserName: alice, PolicyArn: aws.String(denyAll)}),
	iamCall("PutUserPermissionsBoundary", (*iam.Client).PutUserPermissionsBoundary, iam.PutUserPermissionsBoundaryInput{UserName: alice, PermissionsBoundary: aws.String(denyAll)}),
	iamCall("UpdateAccessKey", (*iam.Client).UpdateAccessKey, iam.UpdateAccessKeyInput{UserName: alice, AccessKeyId: aws.String("AKIAALICE1"), Status: types.StatusTypeInactive}),
	iamCall("UpdateSSHPublicKey", (*iam.Client).UpdateSSHPublicKey, iam.UpdateSSHPublicKeyInput{UserName: alice, SSHPublicKeyId: aws.String("APKAALICE1"), Status: types.StatusTypeInactive}),
	iamCall("UpdateSigningCertificate", (*iam.Client).UpdateSigningCertificate, iam.UpdateSigningCertificateInput{UserName: alice, CertificateId: aws.String("CERT1"), Status: types.StatusTypeInactive}),
	iamCall("UpdateServiceSpecificCredential", (*iam.Client).UpdateServiceSpecificCredential, iam.UpdateServiceSpecificCredentialInput{UserName: alice, ServiceSpecificCredentialId: aws.String("ACCAALICE1"), Status: types.StatusTypeInactive}),
	iamCall("TagUser", (*iam.Client).TagUser, iam.TagUserInput{UserName: alice, Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("left")}, {Key: aws.String("run"), Value: aws.String("r1")}}}),
}

// removes are the writes that delete, each of one thing of alice's.
var removes = []apiCall{
	iamCall("AddUserToGroup", (*iam.Client).AddUserToGroup, iam.AddUserToGroupInput{UserName: alice, GroupName: aws.String("admins")}),
	iamCall("RemoveUserFromGroup", (*iam.Client).RemoveUserFromGroup, iam.RemoveUserFromGroupInput{UserName: alice, GroupName: aws.String("admins")}),
	iamCall("DeleteAccessKey", (*iam.Client).DeleteAccessKey, iam.DeleteAccessKeyInput{UserName: alice, AccessKeyId: aws.String("AKIAALICE1")}),
	iamCall("DeleteLoginProfile", (*iam.Client).DeleteLoginProfile, iam.DeleteLoginProfileInput{UserName: alice}),
	iamCall("DeleteSSHPublicKey", (*iam.Client).DeleteSSHPublicKey, iam.DeleteSSHPublicKeyInput{UserName: alice, SSHPublicKeyId: aws.String("APKAALICE1")}),
	iamCall("DeleteSigningCertificate", (*iam.Client).DeleteSigningCertificate, iam.DeleteSigningCertificateInput{UserName: alice, CertificateId: aws.String("CERT1")}),
	iamCall("DeleteServiceSpecificCredential", (*iam.Client).DeleteServiceSpecificCredential, iam.DeleteServiceSpecificCredentialInput{UserName: alice, ServiceSpecificCredentialId: aws.String("ACCAALICE1")}),
	iamCall("DetachUserPolicy", (*iam.Client).DetachUserPolicy, iam.DetachUserPolicyInput{UserName: alice, PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}),
	iamCall("DeleteUserPolicy", (*iam.Client).DeleteUserPolicy, iam.DeleteUserPolicyInput{UserName: alice, PolicyName: aws.String("one")}),
	iamCall("DeactivateMFADevice", (*iam.Client).DeactivateMFADevice, iam.DeactivateMFADeviceInput{UserName: alice, SerialNumber: aws.String("arn:aws:iam::" + member + ":mfa/alice")}),
	iamCall("DeleteVirtualMFADevice", (*iam.Client).DeleteVirtualMFADevice, iam.DeleteVirtualMFADeviceInput{SerialNumber: aws.String("arn:aws:iam::" + member + ":mfa/alice")}),
	iamCall("DeleteUserPermissionsBoundary", (*iam.Client).DeleteUserPermissionsBoundary, iam.DeleteUserPermissionsBoundaryInput{UserName: alice}),
}

// farewell ends what is left of a user.
var farewell = iamCall("DeleteUser", (*iam.Client).DeleteUser, iam.DeleteUserInput{UserName: alice})

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
