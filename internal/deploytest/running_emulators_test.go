//go:build emulators

package deploytest

import (
	"cmp"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestTheWorkflowsPassTheirLinter(t *testing.T) {
	nightly, text := running(t, "github", "nightly.yml")
	check, _ := running(t, "github", "check.yml")
	notices, _ := running(t, "github", "notices.yml")
	if out, err := actionlint(t, "", nightly, check, notices); err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
	for wrong, says := range map[[2]string]string{
		{"runs-on: ubuntu-24.04", "runs_on: ubuntu-24.04"}:            `unexpected key "runs_on"`,
		{"${{ secrets.OKTA_TOKEN }}", "${{ secret.OKTA_TOKEN }}"}:     `undefined variable "secret"`,
		{`cron: "15 4 * * *"`, `cron: "75 4 * * *"`}:                  "invalid CRON format",
		{"id-token: write", "id-token: yes"}:                          `"yes" is invalid`,
		{"run: rollcall nightly", "run: echo ${{ github.head_ref }}"}: "potentially untrusted",
	} {
		if out, err := actionlint(t, "", broken(t, "w.yml", text, wrong[0], wrong[1])); err == nil || !strings.Contains(out, says) {
			t.Errorf("it does not say %q: %v %s", says, err, out)
		}
	}
}

// kubernetesValidate holds manifests against the schemas of Kubernetes' own API, which it
// carries with it.
func kubernetesValidate(t *testing.T, file string) (string, error) {
	t.Helper()
	python := cmp.Or(os.Getenv("ROLLCALL_PYTHON"), "python3")
	out, err := exec.CommandContext(t.Context(), python, "-m", "kubernetes_validate", "--strict", "--quiet", file).CombinedOutput()
	return string(out), err
}

func TestTheManifestsPassKubernetesSchemas(t *testing.T) {
	file, text := running(t, "kubernetes", "rollcall.yaml")
	if out, err := kubernetesValidate(t, file); err != nil || out != "" {
		t.Errorf("%v; set ROLLCALL_PYTHON to a Python with kubernetes-validate\n%s", err, out)
	}
	for wrong, says := range map[[2]string]string{
		{"backoffLimit: 0", "backoffLimit: none"}:                        "backoffLimit",
		{"readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"}: "readOnlyRootFileSystem",
		{"      restartPolicy: Never", "      restartPolice: Never"}:     "restartPolice",
	} {
		if out, err := kubernetesValidate(t, broken(t, "k.yaml", text, wrong[0], wrong[1])); err == nil || !strings.Contains(out, says) {
			t.Errorf("it does not say %q: %v %s", says, err, out)
		}
	}
}
