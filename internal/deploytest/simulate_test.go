//go:build system

package deploytest

import (
	"encoding/json"
	"strings"
	"testing"
)

// These tests ask an evaluator of policies that nobody here wrote (npm's
// iam-simulate, with AWS's lists of what each action takes): it heeds resources,
// conditions, explicit denials and trust, which the emulator in
// collectors/aws/awstest does not. It needs Node; `make test-all` fetches it.

// question is one request of one role, and what is to come of it.
type question struct {
	role, action, resource string
	context                map[string]any
	want                   string
}

const (
	allowed  = "Allowed"
	unsaid   = "ImplicitlyDenied"
	denied   = "ExplicitlyDenied"
	user     = "arn:aws:iam::" + member + ":user/people/leaver"
	fire     = "arn:aws:iam::" + member + ":user/ops/fire"
	glass    = "arn:aws:iam::" + member + ":user/break-glass-1"
	stranger = "arn:aws:iam::333333333333:user/leaver"
	instance = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
	set      = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0000000000000001"
	glassSet = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-00000000000000ff"
	otherSet = "arn:aws:sso:::permissionSet/ssoins-ffffffffffffffff/ps-0000000000000001"
	place    = "arn:aws:sso:::account/" + member
	app      = "arn:aws:sso::" + job + ":application/ssoins-0123456789abcdef/apl-0123456789abcdef"
	store    = "arn:aws:identitystore::" + job + ":identitystore/d-0123456789"
	other    = "arn:aws:identitystore::" + job + ":identitystore/d-9999999999"
	person   = "arn:aws:identitystore:::user/ada"
	group    = "arn:aws:identitystore:::group/platform"
	belongs  = "arn:aws:identitystore:::membership/m-1"
	staff    = "arn:aws:iam::" + member + ":policy/staff"
	admin    = "arn:aws:iam::aws:policy/AdministratorAccess"
	evidence = "arn:aws:s3:::evidence"
	proof    = "arn:aws:s3:::evidence/archive/manifests/0000000001.json"
	facts    = "arn:aws:s3:::evidence/archive/grants/date=2019-01-01/run=r/part-00000.parquet"
	lease    = "arn:aws:s3:::evidence/archive/state/lease.json"
	told     = "arn:aws:s3:::evidence/archive/outbox/2026-11-27/x.json"
	key      = "arn:aws:kms:us-east-1:" + job + ":key/11111111-2222-3333-4444-555555555555"
)

// takes says on which resources AWS checks an action
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamidentitycenter.html
// and its neighbours). What is not here is about one IAM user.
var takes = map[string][]string{
	"iam:GenerateCredentialReport": {"*"}, "iam:GetAccountAuthorizationDetails": {"*"}, "iam:GetCredentialReport": {"*"}, "iam:ListVirtualMFADevices": {"*"},
	"organizations:DescribeOrganization": {"*"}, "organizations:ListAccounts": {"*"}, "sso:ListInstances": {"*"}, "sso:ListApplications": {"*"},

	"sso:DescribePermissionSet": {instance, set}, "sso:ListAccountAssignments": {instance, set, place}, "sso:ListAccountAssignmentsForPrincipal": {instance},
	"sso:ListAccountsForProvisionedPermissionSet": {instance, set}, "sso:ListApplicationAssignments": {app}, "sso:ListPermissionSets": {instance},
	"sso:ListPermissionSetsProvisionedToAccount": {instance, place}, "sso:DescribeAccountAssignmentDeletionStatus": {instance},
	"sso:DescribeAccountAssignmentCreationStatus": {instance}, "sso:DeleteAccountAssignment": {instance, set, place}, "sso:CreateAccountAssignment": {instance, set, place},

	"identitystore:ListUsers": {store}, "identitystore:ListGroups": {store}, "identitystore:ListGroupMemberships": {store, group},
	"identitystore:DescribeUser": {store, person}, "identitystore:DescribeGroup": {store, group},
	"identitystore:ListGroupMembershipsForMember": {store, person}, "identitystore:DeleteGroupMembership": {store, group, belongs, person},
	"identitystore:CreateGroupMembership": {store, group, person},

	"s3:GetObject": {proof}, "s3:GetObjectRetention": {proof}, "s3:GetObjectLegalHold": {proof}, "s3:DeleteObjectVersion": {facts}, "s3:GetObjectVersion": {proof}, "s3:PutObject": {proof, lease}, "s3:PutObjectLegalHold": {proof},
	"s3:PutObjectRetention": {proof}, "s3:ListBucket": {evidence}, "s3:ListBucketVersions": {evidence}, "kms:Decrypt": {key}, "kms:GenerateDataKey": {key},
}

// says is what a request tells of itself besides.
func says(action, boundary string) map[string]any {
	switch action {
	case "iam:AttachUserPolicy", "iam:DetachUserPolicy":
		return map[string]any{"iam:PolicyARN": denyAll}
	case "iam:PutUserPermissionsBoundary", "iam:DeleteUserPermissionsBoundary":
		return map[string]any{"iam:PermissionsBoundary": boundary}
	case "s3:PutObject":
		return once()
	}
	return nil
}

// everyRight asks for each action that a role is allowed, on everything that
// AWS checks it on.
func everyRight(t *testing.T, file string) (all []question) {
	t.Helper()
	for name, role := range rolesOf(t, file) {
		for _, action := range role.Actions("Allow") {
			resources := takes[action]
			if len(resources) == 0 {
				resources = []string{user}
			}
			if name == "rollcall-archive-notices" && strings.HasPrefix(action, "s3:Put") {
				resources = []string{told} // all that it writes
			}
			boundary := denyAll
			if name == "rollcall-restore" && action == "iam:PutUserPermissionsBoundary" {
				boundary = staff
			}
			for _, resource := range resources {
				if action != "sts:AssumeRole" {
					all = append(all, question{name, action, resource, says(action, boundary), allowed})
				}
			}
		}
	}
	return all
}

func TestAWSAllowsEachRightOnWhatItIsFor(t *testing.T) {
	for file := range stacks {
		questions := everyRight(t, file)
		if len(questions) < 5 {
			t.Errorf("%s: only %d questions", file, len(questions))
		}
		judge(t, file, questions)
	}
}

func TestAWSRefusesEveryChangeOfBreakGlassUsers(t *testing.T) {
	var all []question
	for name, role := range rolesOf(t, "accounts.yaml") {
		for _, action := range role.Actions("Deny") {
			for _, who := range []string{glass, fire} {
				all = append(all, question{name, action, who, says(action, denyAll), denied}, question{name, action, who, says(action, staff), denied})
			}
		}
	}
	judge(t, "accounts.yaml", all)
	judge(t, "job.yaml", []question{
		{"rollcall-job-revoke", "sso:DeleteAccountAssignment", glassSet, nil, denied},
		{"rollcall-job-restore", "sso:CreateAccountAssignment", glassSet, nil, denied},
		{"rollcall-job-revoke", "identitystore:DeleteGroupMembership", "arn:aws:identitystore:::user/fire", nil, denied},
		{"rollcall-job-revoke", "identitystore:DeleteGroupMembership", "arn:aws:identitystore:::group/fire", nil, denied},
		{"rollcall-job-restore", "identitystore:CreateGroupMembership", "arn:aws:identitystore:::group/fire", nil, denied},
	})
	judge(t, "management.yaml", []question{
		{"rollcall-revoke", "sso:DeleteAccountAssignment", glassSet, nil, denied},
		{"rollcall-restore", "sso:CreateAccountAssignment", glassSet, nil, denied},
	})
}

func TestAWSRefusesEveryChangeToTheReadingRoles(t *testing.T) {
	for _, file := range []string{"accounts.yaml", "job.yaml"} {
		var all []question
		reader := map[string]string{"accounts.yaml": "rollcall-read", "job.yaml": "rollcall-job-read"}[file]
		for _, q := range everyRight(t, file) {
			if changes(q.action) {
				all = append(all, question{reader, q.action, q.resource, q.context, unsaid})
			}
		}
		judge(t, file, all)
	}
}

func TestAWSRefusesEveryOtherPolicyBoundaryAndPlace(t *testing.T) {
	policy := func(arn string) map[string]any { return map[string]any{"iam:PolicyARN": arn} }
	boundary := func(arn string) map[string]any { return map[string]any{"iam:PermissionsBoundary": arn} }
	judge(t, "accounts.yaml", []question{
		{"rollcall-revoke", "iam:AttachUserPolicy", user, policy(admin), unsaid},
		{"rollcall-revoke", "iam:AttachUserPolicy", user, policy("arn:aws:iam::" + member + ":policy/AWSDenyAll"), unsaid},
		{"rollcall-revoke", "iam:AttachUserPolicy", user, nil, unsaid},
		{"rollcall-revoke", "iam:PutUserPermissionsBoundary", user, boundary(admin), unsaid},
		{"rollcall-revoke", "iam:PutUserPermissionsBoundary", user, nil, unsaid},
		{"rollcall-revoke", "iam:DetachUserPolicy", user, policy(denyAll), unsaid},
		{"rollcall-revoke", "iam:DeleteUserPermissionsBoundary", user, boundary(denyAll), unsaid},
		{"rollcall-revoke", "iam:PutUserPolicy", user, nil, unsaid},
		{"rollcall-revoke", "iam:UpdateAccessKey", stranger, nil, unsaid},
		{"rollcall-restore", "iam:DetachUserPolicy", user, policy(admin), unsaid},
		{"rollcall-restore", "iam:AttachUserPolicy", user, policy(admin), unsaid},
		{"rollcall-restore", "iam:DeleteUserPermissionsBoundary", user, boundary(staff), unsaid},
		{"rollcall-restore", "iam:PutUserPermissionsBoundary", user, boundary(admin), unsaid},
		{"rollcall-restore", "iam:CreateAccessKey", user, nil, unsaid},
	})
	judge(t, "job.yaml", []question{
		{"rollcall-job-revoke", "sso:DeleteAccountAssignment", otherSet, nil, unsaid},
		{"rollcall-job-revoke", "identitystore:DeleteGroupMembership", other, nil, unsaid},
		{"rollcall-job-revoke", "sso:CreateAccountAssignment", set, nil, unsaid},
		{"rollcall-job-revoke", "sso:DeletePermissionSet", set, nil, unsaid},
		{"rollcall-job-revoke", "identitystore:DeleteUser", person, nil, unsaid},
		{"rollcall-job-restore", "sso:CreateAccountAssignment", otherSet, nil, unsaid},
		{"rollcall-job-restore", "sso:DeleteAccountAssignment", set, nil, unsaid},
	})
	judge(t, "management.yaml", []question{
		{"rollcall-revoke", "sso:DeleteAccountAssignment", "arn:aws:sso:::account/333333333333", nil, unsaid},
		{"rollcall-restore", "sso:CreateAccountAssignment", "arn:aws:sso:::account/333333333333", nil, unsaid},
	})
}

// once is what a request tells that writes an object only where none is.
func once() map[string]any {
	return map[string]any{"s3:if-none-match": "*", "aws:SecureTransport": "true"}
}

// The policies of the bucket and of the key are asked too.
func TestAWSRefusesEveryDeletionInTheArchiveAndEveryWriteOfAReader(t *testing.T) {
	over := map[string]any{"aws:SecureTransport": "true"}
	all := []question{
		{"rollcall-archive", "s3:PutObject", proof, once(), allowed},
		{"rollcall-archive", "s3:PutObject", proof, over, denied}, // it could replace what is there
		{"rollcall-archive", "s3:PutObject", lease, over, allowed},
		{"rollcall-archive", "s3:PutObject", proof, map[string]any{"s3:if-none-match": "*", "aws:SecureTransport": "false"}, denied},
		{"rollcall-archive", "s3:PutObject", "arn:aws:s3:::evidence/elsewhere/x", once(), unsaid},
		{"rollcall-archive-notices", "s3:GetObject", proof, over, allowed},
		{"rollcall-archive-notices", "s3:PutObject", told, once(), allowed},
		{"rollcall-archive-notices", "s3:PutObject", told, over, denied},
		{"rollcall-archive-notices", "s3:PutObject", proof, once(), unsaid},
		{"rollcall-archive-notices", "s3:PutObject", lease, over, unsaid},
		{"rollcall-archive-notices", "s3:PutObjectRetention", proof, over, unsaid},
		{"rollcall-archive-read", "s3:PutObject", proof, once(), unsaid},
		{"rollcall-archive-read", "s3:PutObjectRetention", proof, over, unsaid},
		{"rollcall-archive-read", "s3:PutObjectLegalHold", proof, over, unsaid},
		{"rollcall-archive-read", "kms:GenerateDataKey", key, nil, unsaid},
	}
	for _, role := range []string{"rollcall-archive", "rollcall-archive-notices", "rollcall-archive-read"} {
		for _, action := range []string{"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"} {
			all = append(all, question{role, action, proof, over, denied}, question{role, action, lease, over, unsaid})
		}
		all = append(all, question{role, "s3:PutBucketPolicy", evidence, over, unsaid}, question{role, "s3:PutLifecycleConfiguration", evidence, over, unsaid})
	}
	judge(t, "archive.yaml", all)
}

// What deletes data about people deletes nothing that proves a night, writes nothing,
// and lifts no lock; and nobody else deletes it.
func TestAWSLetsOnlyTheExpiringRoleDeleteAndNothingThatProvesANight(t *testing.T) {
	over := map[string]any{"aws:SecureTransport": "true"}
	all := []question{{"rollcall-archive-expire", "s3:DeleteObjectVersion", facts, over, allowed}}
	for _, folder := range []string{"manifests", "runs", "reads", "rules", "spent"} {
		all = append(all, question{"rollcall-archive-expire", "s3:DeleteObjectVersion", "arn:aws:s3:::evidence/archive/" + folder + "/x", over, denied})
	}
	for action, want := range map[string]string{"s3:BypassGovernanceRetention": denied, "s3:PutObject": denied, "s3:PutObjectRetention": unsaid, "s3:PutObjectLegalHold": unsaid} {
		all = append(all, question{"rollcall-archive-expire", action, facts, over, want})
	}
	all = append(all, question{"rollcall-archive-expire", "s3:PutObject", facts, once(), unsaid}, question{"rollcall-archive-expire", "s3:PutBucketPolicy", evidence, over, unsaid})
	for _, role := range []string{"rollcall-archive", "rollcall-archive-notices", "rollcall-archive-read"} {
		all = append(all, question{role, "s3:DeleteObjectVersion", facts, over, denied})
	}
	judge(t, "archive.yaml", all)
}

func TestAWSLetsARoleBeTakenByItsOwnPartOfTheJobOnly(t *testing.T) {
	accounts, jobs := rolesOf(t, "accounts.yaml"), rolesOf(t, "job.yaml")
	var asked []request
	var want []string
	for _, from := range []string{"read", "revoke", "restore"} {
		for _, to := range []string{"read", "revoke", "restore"} {
			for _, id := range []string{"rollcall", "another"} {
				asked = append(asked, request{
					Principal: "arn:aws:iam::" + job + ":role/rollcall-job-" + from, Action: "sts:AssumeRole",
					Resource: "arn:aws:iam::" + member + ":role/rollcall-" + to, Account: member,
					Context: map[string]any{"sts:ExternalId": id}, Policies: documents(jobs["rollcall-job-"+from]), Trust: json.RawMessage(accounts["rollcall-"+to].Trust.JSON()),
				})
				if from == to && id == "rollcall" {
					want = append(want, allowed)
				} else {
					want = append(want, unsaid)
				}
			}
		}
	}
	for i, answer := range answers(t, asked) {
		if answer != want[i] {
			t.Errorf("%s takes %s with external id %v: %s, want %s", asked[i].Principal, asked[i].Resource, asked[i].Context, answer, want[i])
		}
	}
}
