//go:build emulators

package fakeaws_test

import (
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/sandbox/fakeaws"
)

//go:embed testdata/read.py
var boto3Reader string

type boto3Seen struct {
	Users []struct {
		UserName, UserId, Path, CreateDate string
		GroupList                          []string
		Tags                               []fakeaws.Tag
		AttachedManagedPolicies            []struct{ PolicyName, PolicyArn string }
		UserPolicyList                     []struct {
			PolicyName     string
			PolicyDocument any
		}
		PermissionsBoundary *struct{ PermissionsBoundaryArn string }
	}
	Groups, Policies  []string
	Accounts          [][]any
	Generate, Waiting string
	Report            map[string]map[string]string
	Missing           int
}

func (o *organization) boto3() boto3Seen {
	o.t.Helper()
	python := os.Getenv("ROLLCALL_PYTHON")
	if python == "" {
		python = "python3"
	}
	cmd := exec.CommandContext(o.t.Context(), python, "-c", boto3Reader, o.url)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		o.t.Fatalf("run %s: %v (set ROLLCALL_PYTHON to a Python that has boto3)", python, err)
	}
	var seen boto3Seen
	if err := json.Unmarshal(out, &seen); err != nil {
		o.t.Fatal(err)
	}
	return seen
}

// boto3 decodes policy documents by itself, as objects: that proves their
// encoding.
func TestAnotherClientSeesTheSameOrganization(t *testing.T) {
	for _, maxPage := range []int{0, 1} {
		o := openOrg(t, fakeaws.Options{MaxPage: maxPage, ReportPolls: 1})
		made := o.addAlice()
		o.addCrowd(3)
		seen := o.boto3()

		if len(seen.Users) != 4 || seen.Users[3].UserName != "user-02" {
			t.Fatalf("users: %+v", seen.Users)
		}
		user := seen.Users[0]
		if diff := cmp.Diff(made.Groups, user.GroupList) + cmp.Diff(made.Tags, user.Tags); diff != "" {
			t.Errorf("alice:\n%s", diff)
		}
		if diff := cmp.Diff(map[string]any{"x": "1+1 & 2"}, user.UserPolicyList[0].PolicyDocument); diff != "" {
			t.Errorf("inline policy:\n%s", diff)
		}
		if user.UserId != made.ID || user.Path != made.Path || len(user.AttachedManagedPolicies) != 2 || user.PermissionsBoundary.PermissionsBoundaryArn != made.Boundary {
			t.Errorf("alice: %+v", user)
		}
		if diff := cmp.Diff([]string{"admins", "billing"}, seen.Groups); diff != "" {
			t.Errorf("groups:\n%s", diff)
		}
		accounts := [][]any{
			{management, "management", "ACTIVE", float64(start.Unix())},
			{member, "production", "ACTIVE", float64(start.Unix())},
			{suspended, "old", "SUSPENDED", float64(start.Unix())},
		}
		if diff := cmp.Diff(accounts, seen.Accounts); diff != "" {
			t.Errorf("accounts:\n%s", diff)
		}
		o.reportOf(seen)
	}
}

func (o *organization) reportOf(seen boto3Seen) {
	o.t.Helper()
	if seen.Generate != "STARTED" || seen.Waiting != "ReportInProgress" || seen.Missing != 404 {
		o.t.Errorf("report %s then %s, missing user %d", seen.Generate, seen.Waiting, seen.Missing)
	}
	if diff := cmp.Diff(o.row("alice"), seen.Report["alice"]); diff != "" {
		o.t.Errorf("alice's row:\n%s", diff)
	}
	if len(seen.Report) != 5 || seen.Report["<root_account>"]["mfa_active"] != "true" {
		o.t.Errorf("report: %v", seen.Report)
	}
}
