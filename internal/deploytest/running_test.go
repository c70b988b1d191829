package deploytest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// running is a file of deploy/ by its path there.
func running(t *testing.T, name ...string) (path, text string) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{"..", "..", "deploy"}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, string(b)
}

// broken is a copy of a file in which something is wrong.
func broken(t *testing.T, name, text, from, to string) string {
	t.Helper()
	wrong := strings.Replace(text, from, to, 1)
	if wrong == text {
		t.Fatalf("%s has no %q to break", name, from)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// actionlint asks a linter that knows GitHub's workflows: keys, types of expressions,
// contexts, what may be injected. It is a module of its own, and runs offline.
func actionlint(t *testing.T, shellcheck string, files ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"tool", "actionlint", "-no-color", "-pyflakes=", "-shellcheck=" + shellcheck}, files...)...)
	cmd.Dir = filepath.Join("..", "..", "tools", "actionlint")
	var said bytes.Buffer
	cmd.Stderr = &said // where go says what it downloads, on a new machine
	out, err := cmd.Output()
	if err != nil {
		return string(out) + said.String(), err
	}
	return string(out), nil
}

var (
	uses   = regexp.MustCompile(`uses: (.*)`)
	pinned = regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
)

func TestActionsArePinnedByTheirContent(t *testing.T) {
	for _, name := range []string{"nightly.yml", "check.yml", "notices.yml"} {
		_, text := running(t, "github", name)
		all := uses.FindAllStringSubmatch(text, -1)
		for _, u := range all {
			if !pinned.MatchString(u[1]) {
				t.Errorf("%s: %s", name, u[1])
			}
		}
		if len(all) < 4 {
			t.Errorf("%s uses %d actions", name, len(all))
		}
	}
}

type workflow struct {
	On          map[string]any
	Permissions map[string]string
	Concurrency map[string]any
	Jobs        map[string]struct {
		If          string
		Permissions map[string]string
		Environment string
		Timeout     int `yaml:"timeout-minutes"`
	}
}

func workflowOf(t *testing.T, name string) (w workflow, text string) {
	t.Helper()
	_, text = running(t, "github", name)
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	return w, text
}

func TestAPullRequestOfAForkGetsNothingToSteal(t *testing.T) {
	w, text := workflowOf(t, "check.yml")
	if _, dangerous := w.On["pull_request_target"]; dangerous || w.On["pull_request"] == nil || len(w.Permissions) != 0 {
		t.Errorf("%+v", w)
	}
	if strings.Contains(text, "secrets.") {
		t.Error("it uses a secret")
	}
	if lint := w.Jobs["lint"]; len(lint.Permissions) != 1 || lint.Permissions["contents"] != "read" || lint.Environment != "" {
		t.Errorf("lint: %+v", lint)
	}
	if diff := w.Jobs["diff"]; !strings.Contains(diff.If, "head.repo.full_name == github.repository") || diff.Environment != "rollcall-check" {
		t.Errorf("diff: %+v", diff)
	}
}

func TestNightsInCIHoldNoLongLivedKeyAndAreNotCutOff(t *testing.T) {
	w, text := workflowOf(t, "nightly.yml")
	night := w.Jobs["nightly"]
	if len(w.Permissions) != 0 || len(night.Permissions) != 2 || night.Permissions["contents"] != "read" || night.Permissions["id-token"] != "write" || night.Environment == "" || night.Timeout == 0 {
		t.Errorf("%+v", w)
	}
	if w.Concurrency["cancel-in-progress"] != false || w.Concurrency["group"] == "" {
		t.Errorf("%+v", w.Concurrency)
	}
	if strings.Contains(strings.ToLower(text), "access-key") || strings.Contains(text, "AWS_SECRET") {
		t.Error("it holds a key of AWS")
	}
}

func TestNoticesInCIHoldNeitherSystemsNorTheKeyThatSigns(t *testing.T) {
	w, text := workflowOf(t, "notices.yml")
	job := w.Jobs["notices"]
	if len(w.Permissions) != 0 || len(job.Permissions) != 2 || job.Permissions["contents"] != "read" || job.Permissions["id-token"] != "write" || job.Timeout == 0 {
		t.Errorf("%+v", w)
	}
	night, _ := workflowOf(t, "nightly.yml")
	if job.Environment == "" || job.Environment == night.Jobs["nightly"].Environment || w.Concurrency["group"] == night.Concurrency["group"] {
		t.Errorf("it shares what the night has: %+v, %v", job, w.Concurrency)
	}
	if strings.Contains(text, "OKTA") || strings.Contains(text, "SIGNING") || strings.Contains(strings.ToLower(text), "access-key") {
		t.Error("it holds a secret that it does not need")
	}
}

func TestPodsMayDoNothingButTheirWork(t *testing.T) {
	_, text := running(t, "kubernetes", "rollcall.yaml")
	jobs := 0
	for _, doc := range strings.Split(text, "\n---\n") {
		if !strings.Contains(doc, "kind: CronJob") {
			continue
		}
		jobs++
		for _, needed := range []string{"concurrencyPolicy: Forbid", "backoffLimit: 0", "runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "drop: [ALL]", "type: RuntimeDefault", "automountServiceAccountToken: false", "restartPolicy: Never", "secretName: rollcall"} {
			if !strings.Contains(doc, needed) {
				t.Errorf("there is no %s in\n%s", needed, doc)
			}
		}
	}
	if jobs != 4 || !strings.Contains(text, "pod-security.kubernetes.io/enforce: restricted") || strings.Contains(text, "kind: Secret") {
		t.Errorf("%d jobs", jobs)
	}
}

func TestServicesAndPodsHaveTheSameCredentials(t *testing.T) {
	var want []string
	for _, name := range []string{"rollcall-nightly.service", "rollcall-sweep.service"} {
		_, text := running(t, "systemd", name)
		var got []string
		for _, m := range regexp.MustCompile(`(?m)^LoadCredential=([a-z-]+):/etc/rollcall/secrets/([a-z-]+)$`).FindAllStringSubmatch(text, -1) {
			if m[1] != m[2] {
				t.Errorf("%s: %v", name, m)
			}
			got = append(got, m[1])
		}
		if want == nil {
			want = got
		}
		if len(got) != 3 || !slices.Equal(got, want) {
			t.Errorf("%s has %v, another one %v", name, got, want)
		}
	}
	_, pods := running(t, "kubernetes", "rollcall.yaml")
	for _, name := range want {
		if !strings.Contains(pods, "--from-file="+name+" ") && !strings.Contains(pods, "--from-file="+name+"\n") {
			t.Errorf("the secret of the pods has no %s", name)
		}
	}
}
