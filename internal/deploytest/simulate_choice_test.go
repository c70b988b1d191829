//go:build system

package deploytest

import (
	"testing"
)

// What removes takes any policy from a user but the one that denies everything,
// gives no tag but its own, and stays away from break-glass.
func TestAWSLetsTheBlockingRoleRemoveOnlyByChoiceAndOnlySoFar(t *testing.T) {
	policy := func(arn string) map[string]any { return map[string]any{"iam:PolicyARN": arn} }
	tag := func(key string) map[string]any {
		return map[string]any{"aws:TagKeys": []string{key}, "aws:RequestTag/" + key: "r"}
	}
	device, team := "arn:aws:iam::"+member+":mfa/leaver", "arn:aws:iam::"+member+":group/devs"
	var by, without, glassy []question
	ask := func(action, resource string, context map[string]any) {
		by = append(by, question{"rollcall-revoke", action, resource, context, allowed})
		without = append(without, question{"rollcall-revoke", action, resource, context, unsaid})
	}
	for _, action := range []string{"iam:DeactivateMFADevice", "iam:DeleteAccessKey", "iam:DeleteLoginProfile", "iam:DeleteSSHPublicKey", "iam:DeleteServiceSpecificCredential",
		"iam:DeleteSigningCertificate", "iam:DeleteUserPolicy", "iam:GetLoginProfile", "iam:GetUserPolicy", "iam:ListGroupsForUser", "iam:ListMFADevices", "iam:ListUserPolicies"} {
		ask(action, user, nil)
		if changes(action) {
			glassy = append(glassy, question{"rollcall-revoke", action, fire, nil, denied})
		}
	}
	ask("iam:DetachUserPolicy", user, policy(admin))
	ask("iam:TagUser", user, tag("rollcall:removed"))
	ask("iam:RemoveUserFromGroup", team, nil)
	ask("iam:DeleteVirtualMFADevice", device, nil)
	ask("iam:ListVirtualMFADevices", "*", nil)
	judge(t, "accounts.yaml", without)
	judge(t, "accounts.yaml", append(append(by, glassy...),
		question{"rollcall-revoke", "iam:DetachUserPolicy", user, policy(denyAll), unsaid},
		question{"rollcall-revoke", "iam:DetachUserPolicy", glass, policy(admin), denied},
		question{"rollcall-revoke", "iam:TagUser", user, tag("employee_id"), unsaid},
		question{"rollcall-revoke", "iam:TagUser", glass, tag("rollcall:removed"), denied},
		question{"rollcall-revoke", "iam:DeleteUser", user, nil, unsaid},
		question{"rollcall-revoke", "iam:DeleteUserPermissionsBoundary", user, map[string]any{"iam:PermissionsBoundary": denyAll}, unsaid},
		question{"rollcall-revoke", "iam:AddUserToGroup", team, nil, unsaid},
		question{"rollcall-revoke", "iam:DeleteAccessKey", stranger, nil, unsaid},
		question{"rollcall-read", "iam:DeleteAccessKey", user, nil, unsaid},
	), map[string]string{"Removal": "yes"})
}

// Who deletes users takes the denial only from one whom the boundary denies.
func TestAWSLetsTheBlockingRoleDeleteOnlyByChoiceAndOnlyWhoStaysDenied(t *testing.T) {
	by := func(policy, boundary string) map[string]any {
		context := map[string]any{"iam:PolicyARN": policy}
		if boundary != "" {
			context["iam:PermissionsBoundary"] = boundary
		}
		return context
	}
	judge(t, "accounts.yaml", []question{
		{"rollcall-revoke", "iam:DeleteUser", user, nil, allowed},
		{"rollcall-revoke", "iam:DetachUserPolicy", user, by(denyAll, denyAll), allowed},
		{"rollcall-revoke", "iam:DetachUserPolicy", user, by(admin, ""), allowed},
		{"rollcall-revoke", "iam:DetachUserPolicy", user, by(denyAll, ""), unsaid},
		{"rollcall-revoke", "iam:DetachUserPolicy", user, by(denyAll, staff), unsaid},
		{"rollcall-revoke", "iam:DetachUserPolicy", glass, by(denyAll, denyAll), denied},
		{"rollcall-revoke", "iam:DeleteUser", glass, nil, denied},
		{"rollcall-revoke", "iam:DeleteUser", stranger, nil, unsaid},
		{"rollcall-read", "iam:DeleteUser", user, nil, unsaid},
		{"rollcall-restore", "iam:DeleteUser", user, nil, unsaid},
	}, map[string]string{"Removal": "delete"})
	judge(t, "accounts.yaml", []question{
		{"rollcall-revoke", "iam:DeleteUser", user, nil, unsaid},
		{"rollcall-revoke", "iam:DetachUserPolicy", user, by(denyAll, denyAll), unsaid},
	}, map[string]string{"Removal": "yes"})
}
