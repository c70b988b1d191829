package deploytest

import (
	"slices"
	"testing"
)

// What is taken out of a group, and a device, is no change of a user to AWS: which
// user it was is not in the request's resource.
func TestOnlyByChoiceTheBlockingRoleAlsoRemovesAndNeverOfBreakGlass(t *testing.T) {
	blocks := rolesOf(t, "accounts.yaml")["rollcall-revoke"]
	both := rolesOf(t, "accounts.yaml", map[string]string{"Removal": "yes"})
	var more []string
	for _, action := range both["rollcall-revoke"].Actions("Allow") {
		if changes(action) && !slices.Contains(blocks.Actions("Allow"), action) {
			more = append(more, action)
		}
	}
	if len(more) < 10 || slices.Contains(more, "iam:DeleteUser") || slices.Contains(more, "iam:DeleteUserPermissionsBoundary") {
		t.Errorf("to remove, it may also %q", more)
	}
	ofUsers := slices.DeleteFunc(both["rollcall-revoke"].Actions("Allow"), func(a string) bool {
		return !changes(a) || a == "iam:RemoveUserFromGroup" || a == "iam:DeleteVirtualMFADevice"
	})
	if denied := both["rollcall-revoke"].Actions("Deny"); !slices.Equal(ofUsers, denied) {
		t.Errorf("it may %q, and is denied %q on break-glass", ofUsers, denied)
	}
	want := map[string]map[string]Operand{
		"iam:DetachUserPolicy": {"ArnNotEquals": {"iam:PolicyARN": {denyAll}}}, "iam:TagUser": {"ForAllValues:StringEquals": {"aws:TagKeys": {"rollcall:removed"}}},
	}
	for _, p := range both["rollcall-revoke"].Policies {
		for _, s := range p.Statement {
			for _, action := range s.Action {
				if condition, has := want[action]; has && s.Effect == "Allow" && !equal(s.Condition, condition) {
					t.Errorf("%s on condition %v, want %v", action, s.Condition, condition)
				}
			}
			if s.Effect == "Allow" && slices.ContainsFunc(s.Action, changes) && slices.Contains(s.Resource, "*") {
				t.Errorf("%s reaches everything", s.Sid)
			}
		}
	}
	for _, other := range []string{"rollcall-read", "rollcall-restore"} {
		if a, b := rolesOf(t, "accounts.yaml")[other].Actions("Allow"), both[other].Actions("Allow"); !slices.Equal(a, b) {
			t.Errorf("%s may %q and then %q", other, a, b)
		}
	}
}

func TestOnlyByAnotherChoiceUsersAreDeletedAndNeverThoseOfBreakGlass(t *testing.T) {
	removes, deletes := rolesOf(t, "accounts.yaml", map[string]string{"Removal": "yes"}), rolesOf(t, "accounts.yaml", map[string]string{"Removal": "delete"})
	for name, role := range deletes {
		more := slices.DeleteFunc(role.Actions("Allow"), func(a string) bool { return slices.Contains(removes[name].Actions("Allow"), a) })
		if want := map[string][]string{"rollcall-revoke": {"iam:DeleteUser"}}[name]; !slices.Equal(more, want) {
			t.Errorf("%s may %q besides", name, more)
		}
	}
	deny := deletes["rollcall-revoke"].Actions("Deny")
	if !slices.Contains(deny, "iam:DeleteUser") || len(deny) != len(removes["rollcall-revoke"].Actions("Deny"))+1 {
		t.Errorf("on break-glass it is denied %q", deny)
	}
	both := map[string]Operand{"ArnEquals": {"iam:PolicyARN": {denyAll}, "iam:PermissionsBoundary": {denyAll}}}
	others := map[string]Operand{"ArnNotEquals": {"iam:PolicyARN": {denyAll}}}
	for _, p := range deletes["rollcall-revoke"].Policies {
		for _, s := range p.Statement {
			if s.Effect == "Allow" && slices.Contains(s.Action, "iam:DetachUserPolicy") && !equal(s.Condition, both) && !equal(s.Condition, others) {
				t.Errorf("policies are taken on condition %v", s.Condition)
			}
		}
	}
}
