//go:build emulators

package deploytest

import (
	"cmp"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cfnLint asks a linter that nobody here wrote: AWS's own schemas of resources,
// and its lists of actions with the resources that each takes. It runs offline.
func cfnLint(t *testing.T, files ...string) (string, error) {
	t.Helper()
	python := cmp.Or(os.Getenv("ROLLCALL_PYTHON"), "python3")
	args := append([]string{"-c", "import sys; from cfnlint import runner; sys.exit(runner.main())", "--include-checks", "I", "--regions", "us-east-1", "--template"}, files...)
	out, err := exec.CommandContext(t.Context(), python, args...).CombinedOutput()
	return string(out), err
}

func TestTheTemplatesPassCloudFormationsLinter(t *testing.T) {
	var files []string
	for _, name := range slices.Sorted(maps.Keys(stacks)) {
		files = append(files, filepath.Join(Dir(2), name))
	}
	if out, err := cfnLint(t, files...); err != nil {
		t.Errorf("%v; set ROLLCALL_PYTHON to a Python with cfn-lint\n%s", err, out)
	}
}

func TestTheLinterKnowsActionsAndTheirResources(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(Dir(2), "accounts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.NewReplacer(
		"iam:GetUser", "iam:GotUser", "!Ref BreakGlassUsers", "arn:aws:s3:::bucket", "AWS: !Ref ReadPrincipal", "AWS: !Ref Nobody",
	).Replace(string(text))
	file := filepath.Join(t.TempDir(), "accounts.yaml")
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := cfnLint(t, file)
	for _, want := range []string{"'gotuser' is not one of", "'iam:AttachUserPolicy' requires a resource of", "'Nobody' is not one of"} {
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("it does not say %q: %v, %s", want, err, out)
		}
	}
}
