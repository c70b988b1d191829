//go:build system

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// step is one of a job of a workflow.
type step struct {
	Name, Run string
	Env       map[string]string
}

func workflowSteps(t *testing.T, file, job string) []step {
	t.Helper()
	var w struct {
		Jobs map[string]struct{ Steps []step }
	}
	if err := yaml.Unmarshal([]byte(deployed(t, "github", file)), &w); err != nil {
		t.Fatal(err)
	}
	var all []step
	for _, s := range w.Jobs[job].Steps {
		if s.Run != "" {
			all = append(all, s)
		}
	}
	return all
}

// inCI runs the steps as a runner does, with what GitHub would put into their variables.
// Building is the first: the program that follows is what it built.
func (h *host) inCI(t *testing.T, steps []step, github map[string]string, codes ...int) (last ran) {
	t.Helper()
	for _, s := range steps {
		var env []string
		for name, value := range s.Env {
			for from, to := range github {
				value = strings.ReplaceAll(value, "${{ "+from+" }}", to)
			}
			if strings.Contains(value, "${{") {
				t.Fatalf("%s: nobody gives %s", s.Name, value)
			}
			env = append(env, name+"="+value)
		}
		last = h.sh([]string{"bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"}, s.Run, env...)
		if !slices.Contains(codes, last.code) {
			t.Fatalf("%s: want exit code %v: %s", s.Name, codes, last)
		}
	}
	return last
}

// It is long because the workflows run on one host, one after the other: what the nightly
// one left there is what the check of a pull request finds.
func TestTheWorkflowsStepsRun(t *testing.T) {
	h := newHost(t)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	temp, summary := t.TempDir(), filepath.Join(t.TempDir(), "summary.md")
	if err := os.Symlink(root, h.path(".rollcall")); err != nil {
		t.Fatal(err)
	}
	fetched, commented := h.other("aws"), h.other("gh")
	h.env = append(h.env, "RUNNER_TEMP="+temp, "GITHUB_PATH="+filepath.Join(temp, "path"), "GITHUB_STEP_SUMMARY="+summary, "LISTS=s3://acme-hr/rollcall/", "PRIVATE=s3://acme-people/rollcall/",
		"GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"), "GOFLAGS=-p=2 -buildvcs=false")
	h.env[0] = "PATH=" + filepath.Join(temp, "bin") + ":" + strings.TrimPrefix(h.env[0], "PATH=") // what a step adds to GITHUB_PATH
	values := h.secrets("env: OKTA_TOKEN", "env: OKTA_REVOKE_TOKEN", "env: ROLLCALL_SIGNING_KEY")
	github := map[string]string{"secrets.OKTA_TOKEN": values[0], "secrets.OKTA_REVOKE_TOKEN": values[1], "secrets.ROLLCALL_SIGNING_KEY": values[2],
		"github.token": "t", "github.repository": "acme/access", "github.event.pull_request.number": "17"}

	h.inCI(t, workflowSteps(t, "nightly.yml", "nightly"), github, exitDone, exitHeld)
	if b, err := os.ReadFile(summary); err != nil || !strings.Contains(strings.ToLower(string(b)), "archive head") {
		t.Errorf("the summary is not on the page of the run: %v", err)
	}
	copied := fetched()
	if !strings.Contains(copied, "s3 cp --recursive s3://acme-hr/rollcall/ .") {
		t.Errorf("HR's lists are fetched by %q", copied)
	}
	if !regexp.MustCompile(`(?m)^s3 cp --recursive --no-progress (reports/[^/]+/worksheets) s3://acme-people/rollcall/reports/[^/]+/worksheets$`).MatchString(copied) {
		t.Errorf("worksheets are copied by %q", copied)
	}
	notices := workflowSteps(t, "notices.yml", "notices")
	if len(notices) != 2 || notices[0].Run != workflowSteps(t, "nightly.yml", "nightly")[0].Run {
		t.Errorf("notices are sent by another program than the night's: %v", notices)
	}
	h.tellsNobody(h.sh([]string{"bash", "-c"}, notices[1].Run))
	if b, err := os.ReadFile(filepath.Join(temp, "path")); err != nil || strings.TrimSpace(string(b)) != filepath.Join(temp, "bin") {
		t.Errorf("GITHUB_PATH has %q, %v", b, err)
	}

	if b, err := os.ReadFile(h.path("rollcall.yaml")); err == nil && !strings.Contains(string(b), "\nreview:") { // check wants somebody who answers for reviews
		if err := os.WriteFile(h.path("rollcall.yaml"), append(b, "review: {approver: {name: Mia Laine, mail: mia.laine@halden.example}}\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.asPullRequest()
	lists := map[string][]byte{}
	for _, name := range []string{"employees.csv", "contractors.csv"} { // a fork has none of HR's
		if lists[name], err = os.ReadFile(h.path(name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(h.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	h.inCI(t, workflowSteps(t, "check.yml", "lint")[1:], github, exitDone)
	for name, b := range lists {
		if err := os.WriteFile(h.path(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.inCI(t, workflowSteps(t, "check.yml", "diff")[1:], github, exitDone)
	if comment, err := os.ReadFile(h.path("comment.md")); err != nil || !strings.Contains(string(comment), "What the change would have done") || commented() != "pr comment 17 --edit-last --create-if-none --body-file comment.md\n" {
		t.Errorf("%v: %s by %q", err, comment, commented())
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// asPullRequest makes the folder what a runner checks out: the merge of a change of the
// role map into the files as they are.
func (h *host) asPullRequest() {
	h.t.Helper()
	git := "git -c user.name=Ann -c user.email=ann@halden.example -c init.defaultBranch=main -c commit.gpgsign=false "
	r := h.sh([]string{"bash", "-ec"}, git+"init -q . && git add rollcall.yaml rolemap.csv && "+git+"commit -qm now && sed -i 2d rolemap.csv && "+git+"commit -qam change")
	h.ends(r, exitDone)
}
