package deploytest

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	job     = "111111111111"
	member  = "222222222222"
	denyAll = "arn:aws:iam::aws:policy/AWSDenyAll"
)

// stacks are the templates, each with everything that it can make.
var stacks = map[string]Stack{
	"archive.yaml": {Account: job, Parameters: map[string]string{
		"BucketName":  "evidence",
		"Host":        "arn:aws:iam::" + job + ":role/night",
		"RestoreHost": "arn:aws:iam::" + job + ":role/security",
		"NoticesHost": "arn:aws:iam::" + job + ":role/notices",
		"Auditor":     "arn:aws:iam::" + job + ":role/auditor",
		"ExpireHost":  "arn:aws:iam::" + job + ":role/officer",
		"ExternalId":  "rollcall",
	}},
	"accounts.yaml": {Account: member, Parameters: map[string]string{
		"ReadPrincipal":    "arn:aws:iam::" + job + ":role/rollcall-job-read",
		"RevokePrincipal":  "arn:aws:iam::" + job + ":role/rollcall-job-revoke",
		"RestorePrincipal": "arn:aws:iam::" + job + ":role/rollcall-job-restore",
		"ExternalId":       "rollcall",
		"BreakGlassUsers":  "arn:aws:iam::*:user/break-glass*,arn:aws:iam::*:user/ops/fire",
		"FormerBoundaries": "arn:aws:iam::*:policy/staff",
	}},
	"job.yaml": {Account: job, Parameters: map[string]string{
		"ReadHost":                 "arn:aws:iam::" + job + ":role/night",
		"RevokeHost":               "arn:aws:iam::" + job + ":role/night",
		"RestoreHost":              "arn:aws:iam::" + job + ":role/security",
		"ExternalId":               "rollcall",
		"CenterInstance":           "ssoins-0123456789abcdef",
		"IdentityStore":            "d-0123456789",
		"BreakGlassPermissionSets": "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-00000000000000ff",
		"BreakGlassPrincipals":     "arn:aws:identitystore:::user/fire,arn:aws:identitystore:::group/fire",
	}},
	"management.yaml": {Account: member, Parameters: map[string]string{
		"CenterInstance":           "ssoins-0123456789abcdef",
		"Restore":                  "yes",
		"BreakGlassPermissionSets": "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-00000000000000ff",
	}},
}

// writers are the roles that change something, with the template of each.
var writers = map[string]string{
	"rollcall-revoke": "accounts.yaml", "rollcall-restore": "accounts.yaml",
	"rollcall-job-revoke": "job.yaml", "rollcall-job-restore": "job.yaml",
}

func rolesOf(t *testing.T, name string, changes ...map[string]string) map[string]Role {
	t.Helper()
	template, err := Load(Dir(2), name)
	if err != nil {
		t.Fatal(err)
	}
	stack := stacks[name]
	stack.Parameters = maps.Clone(stack.Parameters)
	for _, change := range changes {
		maps.Copy(stack.Parameters, change)
	}
	roles, err := template.Roles(stack)
	if err != nil {
		t.Fatal(err)
	}
	return roles
}

// statements gives every statement of every role, by role.
func statements(t *testing.T) map[string][]Statement {
	t.Helper()
	all := map[string][]Statement{}
	for name := range stacks {
		for _, role := range rolesOf(t, name) {
			for _, p := range role.Policies {
				all[role.Name] = append(all[role.Name], p.Statement...)
			}
		}
	}
	if len(all) != 10 {
		t.Fatalf("roles %v, want ten", slices.Sorted(maps.Keys(all)))
	}
	return all
}

func changes(action string) bool {
	_, verb, _ := strings.Cut(action, ":")
	for _, read := range []string{"Get", "List", "Describe", "GenerateCredentialReport", "AssumeRole"} {
		if strings.HasPrefix(verb, read) {
			return false
		}
	}
	return true
}

func TestNoActionIsAWildcardAndNothingMayWriteAPolicyOrMakeAnybody(t *testing.T) {
	for role, all := range statements(t) {
		for _, s := range all {
			for _, action := range s.Action {
				if strings.ContainsAny(action, "*?") {
					t.Errorf("%s: %s: %s", role, s.Sid, action)
				}
				for _, power := range []string{"PutUserPolicy", "CreatePolicy", "Role", "Create", "DeleteUser", "DeletePolicy", "Tag"} {
					known := []string{"sts:AssumeRole", "sso:CreateAccountAssignment", "identitystore:CreateGroupMembership", "iam:DeleteUserPermissionsBoundary"}
					_, verb, _ := strings.Cut(action, ":")
					if strings.Contains(verb, power) && s.Effect == "Allow" && !slices.Contains(known, action) {
						t.Errorf("%s: %s allows %s", role, s.Sid, action)
					}
				}
			}
		}
	}
}

func TestOnlyAWSDenyAllMayBeAttachedSetOrLifted(t *testing.T) {
	want := map[string]map[string]Operand{
		"iam:AttachUserPolicy":              {"ArnEquals": {"iam:PolicyARN": {denyAll}}},
		"iam:DetachUserPolicy":              {"ArnEquals": {"iam:PolicyARN": {denyAll}}},
		"iam:PutUserPermissionsBoundary":    {"ArnEquals": {"iam:PermissionsBoundary": {denyAll}}},
		"iam:DeleteUserPermissionsBoundary": {"ArnEquals": {"iam:PermissionsBoundary": {denyAll}}},
	}
	seen := map[string]bool{}
	for role, all := range statements(t) {
		for _, s := range all {
			for _, action := range s.Action {
				condition, conditioned := want[action]
				if s.Effect != "Allow" || !conditioned {
					continue
				}
				if role == "rollcall-restore" && action == "iam:PutUserPermissionsBoundary" { // the company's own, put back
					condition = map[string]Operand{"ArnLike": {"iam:PermissionsBoundary": {"arn:aws:iam::*:policy/staff"}}}
				}
				seen[action] = true
				if !equal(s.Condition, condition) {
					t.Errorf("%s: %s on condition %v, want %v", role, action, s.Condition, condition)
				}
			}
		}
	}
	if len(seen) != len(want) {
		t.Errorf("only %v were found", seen)
	}
}

func equal(a, b map[string]Operand) bool {
	return maps.EqualFunc(a, b, func(x, y Operand) bool {
		return maps.EqualFunc(x, y, func(v, w Words) bool { return slices.Equal(v, w) })
	})
}

func TestEveryChangeIsDeniedOnBreakGlassWhoeverIsAllowedIt(t *testing.T) {
	for name, file := range writers {
		role := rolesOf(t, file)[name]
		allowed := slices.DeleteFunc(role.Actions("Allow"), func(a string) bool { return !changes(a) })
		if denied := role.Actions("Deny"); !slices.Equal(allowed, denied) || len(denied) == 0 {
			t.Errorf("%s may %q, and is denied %q on break-glass", name, allowed, denied)
		}
	}
	for name, role := range rolesOf(t, "management.yaml") {
		allowed := slices.DeleteFunc(role.Actions("Allow"), func(a string) bool { return !changes(a) })
		if !slices.Equal(allowed, role.Actions("Deny")) {
			t.Errorf("%s may %q, and is denied %q on break-glass", name, allowed, role.Actions("Deny"))
		}
	}
}

func TestTheDenialNamesExactlyTheGivenUsersAndCannotBeLeftOut(t *testing.T) {
	for _, name := range []string{"rollcall-revoke", "rollcall-restore"} {
		for _, p := range rolesOf(t, "accounts.yaml")[name].Policies {
			last := p.Statement[len(p.Statement)-1]
			if last.Effect != "Deny" || !slices.Equal(last.Resource, Words{"arn:aws:iam::*:user/break-glass*", "arn:aws:iam::*:user/ops/fire"}) || last.Condition != nil {
				t.Errorf("%s: %+v", name, last)
			}
		}
	}
	template, err := Load(Dir(2), "accounts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, users := range []string{"", "break-glass", "arn:aws:iam::*:user/a,"} {
		stack := stacks["accounts.yaml"]
		stack.Parameters = maps.Clone(stack.Parameters)
		stack.Parameters["BreakGlassUsers"] = users
		if _, err := template.Roles(stack); err == nil || !strings.Contains(err.Error(), "BreakGlassUsers") {
			t.Errorf("%q is taken: %v", users, err)
		}
	}
}

func TestARoleIsTakenByItsPrincipalWithTheExternalIDOnly(t *testing.T) {
	want := map[string]string{
		"rollcall-read": "ReadPrincipal", "rollcall-revoke": "RevokePrincipal", "rollcall-restore": "RestorePrincipal",
		"rollcall-job-read": "ReadHost", "rollcall-job-revoke": "RevokeHost", "rollcall-job-restore": "RestoreHost",
	}
	for _, file := range []string{"accounts.yaml", "job.yaml"} {
		for name, role := range rolesOf(t, file) {
			principal := stacks[file].Parameters[want[name]]
			if len(role.Trust.Statement) != 1 {
				t.Fatalf("%s: %+v", name, role.Trust)
			}
			s := role.Trust.Statement[0]
			if s.Effect != "Allow" || !slices.Equal(s.Action, Words{"sts:AssumeRole"}) || !maps.Equal(s.Principal, map[string]string{"AWS": principal}) ||
				!equal(s.Condition, map[string]Operand{"StringEquals": {"sts:ExternalId": {"rollcall"}}}) {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

func TestWithoutAPrincipalNobodyCanBlockOrRestore(t *testing.T) {
	without := map[string]map[string]string{
		"accounts.yaml": {"RevokePrincipal": "", "RestorePrincipal": ""},
		"job.yaml":      {"RevokeHost": "", "RestoreHost": ""},
	}
	for file, change := range without {
		for name, role := range rolesOf(t, file, change) {
			if !strings.HasSuffix(name, "-read") || slices.ContainsFunc(role.Actions("Allow"), changes) {
				t.Errorf("%s makes %s, which may %q", file, name, role.Actions("Allow"))
			}
		}
	}
	if roles := rolesOf(t, "management.yaml", map[string]string{"Restore": "no"}); len(roles) != 1 {
		t.Errorf("management.yaml adds to %v", slices.Sorted(maps.Keys(roles)))
	}
}

func TestWithoutFormerBoundariesNoneCanBeSetByRestoring(t *testing.T) {
	role := rolesOf(t, "accounts.yaml", map[string]string{"FormerBoundaries": ""})["rollcall-restore"]
	if slices.Contains(role.Actions("Allow"), "iam:PutUserPermissionsBoundary") {
		t.Errorf("it may %q", role.Actions("Allow"))
	}
}

func TestAChangeReachesNoFurtherThanItsKindOfThing(t *testing.T) {
	for role, all := range statements(t) {
		for _, s := range all {
			if s.Effect == "Allow" && slices.ContainsFunc(s.Action, changes) && slices.Contains(s.Resource, "*") {
				t.Errorf("%s: %s reaches everything", role, s.Sid)
			}
		}
	}
}

func TestEveryParameterSaysWhatItIs(t *testing.T) {
	for name := range stacks {
		template, err := Load(Dir(2), name)
		if err != nil {
			t.Fatal(err)
		}
		for p, of := range template.Parameters {
			if len(of.Description) < 20 {
				t.Errorf("%s: %s has no description", name, p)
			}
		}
	}
}

func TestAnotherPartitionIsInEveryARN(t *testing.T) {
	template, err := Load(Dir(2), "job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	stack := stacks["job.yaml"]
	stack.Partition = "aws-us-gov"
	stack.Parameters = maps.Clone(stack.Parameters)
	stack.Parameters["BreakGlassPermissionSets"], stack.Parameters["BreakGlassPrincipals"] = "", ""
	roles, err := template.Roles(stack)
	if err != nil {
		t.Fatal(err)
	}
	for name, role := range roles {
		for _, p := range role.Policies {
			if strings.Contains(p.JSON(), "arn:aws:") {
				t.Errorf("%s: %s", name, p.JSON())
			}
		}
	}
}
