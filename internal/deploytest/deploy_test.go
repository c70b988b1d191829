//go:build emulators

package deploytest

import (
	"cmp"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// motoAccount is the account in which moto deploys.
const motoAccount = "123456789012"

// deployed lets another implementation of CloudFormation deploy every template.
func deployed(t *testing.T) map[string]struct {
	Trust    document
	Policies []document
} {
	t.Helper()
	type stack struct {
		Name       string            `json:"name"`
		File       string            `json:"file"`
		Parameters map[string]string `json:"parameters"`
	}
	var input []stack
	for _, name := range []string{"job.yaml", "accounts.yaml", "management.yaml"} { // the last adds to the second
		input = append(input, stack{strings.TrimSuffix(name, ".yaml"), filepath.Join(Dir(2), name), stacks[name].Parameters})
	}
	var made map[string]struct {
		Trust    document
		Policies []document
	}
	judged(t, input, &made, "set ROLLCALL_PYTHON to a Python with moto and boto3", cmp.Or(os.Getenv("ROLLCALL_PYTHON"), "python3"), filepath.Join("testdata", "deploy.py"))
	return made
}

func TestTheTemplatesDeployAndMakeTheRolesThatAreReadHere(t *testing.T) {
	made := deployed(t)
	read := map[string]Role{}
	for _, name := range []string{"job.yaml", "accounts.yaml", "management.yaml"} {
		template, err := Load(Dir(2), name)
		if err != nil {
			t.Fatal(err)
		}
		roles, err := template.Roles(Stack{Account: motoAccount, Parameters: stacks[name].Parameters})
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range roles {
			if before, there := read[role.Name]; there {
				role = Role{role.Name, before.Trust, append(before.Policies, role.Policies...)}
			}
			read[role.Name] = role
		}
	}
	if len(made) != len(read) {
		t.Errorf("%d roles were made, %d are read", len(made), len(read))
	}
	for name, role := range read {
		var policies []Policy
		for _, p := range made[name].Policies {
			policies = append(policies, Policy{p.Statement})
		}
		if !reflect.DeepEqual(role.Trust, Policy{made[name].Trust.Statement}) || !sameSet(role.Policies, policies) {
			t.Errorf("%s was made as\n%+v\nand is read as\n%+v", name, made[name], role)
		}
	}
}

// sameSet compares policies whatever their order.
func sameSet(a, b []Policy) bool {
	if len(a) != len(b) {
		return false
	}
	for _, p := range a {
		found := false
		for _, q := range b {
			found = found || reflect.DeepEqual(p, q)
		}
		if !found {
			return false
		}
	}
	return true
}
