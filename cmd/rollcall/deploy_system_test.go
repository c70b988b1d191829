//go:build system

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"rollcall/internal/config"
	"rollcall/internal/sandbox/company"
)

// host is a machine on which the files of deploy/ are put to work: the real program, the
// demo's systems, and programs of others that only write down how they were called.
type host struct {
	*demo
	t   *testing.T
	bin string
	// env is what every program there has; nothing else of this machine's.
	env []string
}

func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{demo: openDemo(t), t: t, bin: t.TempDir()}
	h.clock.real()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(h.bin, "rollcall")); err != nil { // TestMain makes it the program
		t.Fatal(err)
	}
	h.env = []string{"PATH=" + h.bin + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_ACCESS_KEY_ID=" + company.AWSKeyID, "AWS_SECRET_ACCESS_KEY=" + company.AWSSecret}
	return h
}

// other puts a program there that writes down its arguments.
func (h *host) other(name string) (called func() string) {
	h.t.Helper()
	log := filepath.Join(h.t.TempDir(), name)
	script := fmt.Sprintf("#!/bin/sh\nprintf '%%s\\n' \"$*\" >> %s\n", log)
	if err := os.WriteFile(filepath.Join(h.bin, name), []byte(script), 0o700); err != nil {
		h.t.Fatal(err)
	}
	return func() string {
		b, err := os.ReadFile(log)
		if err != nil {
			h.t.Error(err)
		}
		return string(b)
	}
}

// here puts this machine's places in the place of those that the files name.
func (h *host) here(text string) string {
	return strings.NewReplacer("/etc/rollcall/rollcall.yaml", h.path("rollcall.yaml"), "/usr/local/bin/rollcall", filepath.Join(h.bin, "rollcall"),
		"s3://acme-evidence/archive", h.path("archive"), "/etc/rollcall/rollcall-public.pem", h.path("keys", "rollcall-public.pem")).Replace(text)
}

// sh runs a line as cron, or a step as GitHub does.
func (h *host) sh(shell []string, line string, env ...string) ran {
	h.t.Helper()
	cmd := exec.CommandContext(h.t.Context(), shell[0], append(shell[1:], h.here(line))...)
	cmd.Dir, cmd.Env = h.dir, append(slices.Clone(h.env), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func (h *host) ends(r ran, codes ...int) {
	h.t.Helper()
	if !slices.Contains(codes, r.code) {
		h.t.Fatalf("want exit code %v: %s", codes, r)
	}
}

// secrets lets the configuration find its secrets elsewhere, and gives each value.
func (h *host) secrets(okta, revoke, signing string) (values [3]string) {
	h.t.Helper()
	for n, file := range []string{"keys/okta-read.token", "keys/okta-revoke.token", "keys/rollcall-signing.pem"} {
		b, err := os.ReadFile(h.path(file))
		if err != nil {
			h.t.Fatal(err)
		}
		values[n] = string(b)
		if err := errors.Join(h.editConfig("{file: "+file+"}", "{"+[]string{okta, revoke, signing}[n]+"}"), os.Rename(h.path(file), filepath.Join(h.t.TempDir(), "moved"))); err != nil {
			h.t.Fatal(err)
		}
	}
	return values
}

// credentials is the folder that systemd or a pod gives, with the names that it gives.
func (h *host) credentials(names []string) string {
	h.t.Helper()
	if want := []string{"okta-token", "okta-revoke-token", "signing-key"}; !slices.Equal(names, want) {
		h.t.Fatalf("credentials %v, want %v", names, want)
	}
	dir := h.t.TempDir()
	for n, value := range h.secrets("credential: okta-token", "credential: okta-revoke-token", "credential: signing-key") {
		if err := os.WriteFile(filepath.Join(dir, names[n]), []byte(value), 0o400); err != nil {
			h.t.Fatal(err)
		}
	}
	return dir
}

func deployed(t *testing.T, name ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "deploy"}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// crontab is the commands and the variables of a crontab.
func crontab(t *testing.T, name string) (commands, env []string) {
	t.Helper()
	lines := bufio.NewScanner(strings.NewReader(deployed(t, "cron", name)))
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == "" || strings.HasPrefix(line, "#"):
		case regexp.MustCompile(`^[A-Z_]+=`).MatchString(line):
			if !strings.HasPrefix(line, "PATH=") {
				env = append(env, line)
			}
		default:
			commands = append(commands, strings.Join(strings.Fields(line)[5:], " "))
		}
	}
	return commands, env
}

func TestCronsLinesRunTheNightTheSweepAndTheWatch(t *testing.T) {
	h := newHost(t)
	commands, env := crontab(t, "rollcall.crontab")
	watch, _ := crontab(t, "watch.crontab")
	if len(commands) != 2 || len(watch) != 1 {
		t.Fatal(commands, watch)
	}
	sh := []string{"/bin/sh", "-c"}
	none := h.sh(sh, watch[0], env...)
	h.ends(none, exitDone)
	if !strings.Contains(none.stdout, "NOT OK: no night has been recorded") {
		t.Errorf("nobody is told that there was no night: %s", none)
	}
	night := h.sh(sh, commands[0], env...)
	h.ends(night, exitDone, exitHeld)
	if !strings.Contains(night.stdout, "archive head") || strings.HasPrefix(night.stderr, "{") {
		t.Errorf("the mail is not for people: %s", night)
	}
	if r := h.sh(sh, watch[0], env...); r.code != exitDone || r.stdout != "" || r.stderr != "" {
		t.Errorf("a good night is mailed: %s", r)
	}
	quiet := h.sh(sh, commands[1], env...)
	h.ends(quiet, exitDone, exitHeld)
	if quiet.stdout != "" || quiet.stderr != "" {
		t.Errorf("a sweep without news is mailed: %s", quiet)
	}
	optional := regexp.MustCompile(`(?m)^#\*/10 \* \* \* \* (.*)$`).FindStringSubmatch(deployed(t, "cron", "rollcall.crontab"))
	h.tellsNobody(h.sh(sh, optional[1], env...))
}

// tellsNobody: the command for notices is one that there is, and says that this company
// has not said whom to tell.
func (h *host) tellsNobody(r ran) {
	h.t.Helper()
	if r.code != exitRefused || !strings.Contains(r.stderr, "has no notices") {
		h.t.Errorf("the command for notices is another one than there is: %s", r)
	}
}

func TestTheServicesCommandsRunWithTheirCredentials(t *testing.T) {
	h := newHost(t)
	var folder string
	for _, name := range []string{"rollcall-nightly.service", "rollcall-sweep.service"} {
		unit := deployed(t, "systemd", name)
		command := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindStringSubmatch(unit)[1]
		var env, names []string
		for _, m := range regexp.MustCompile(`(?m)^Environment=(.*)$`).FindAllStringSubmatch(unit, -1) {
			env = append(env, m[1])
		}
		for _, m := range regexp.MustCompile(`(?m)^LoadCredential=([^:]*):`).FindAllStringSubmatch(unit, -1) {
			names = append(names, m[1])
		}
		if folder == "" {
			folder = h.credentials(names)
		}
		r := h.sh([]string{"/bin/sh", "-c"}, "exec "+command, append(env, "CREDENTIALS_DIRECTORY="+folder)...)
		h.ends(r, exitDone, exitHeld)
		if strings.Contains(name, "nightly") && !strings.Contains(r.stdout, "archive head") {
			t.Error(r)
		}
		entries(t, r.stderr)
		without := h.sh([]string{"/bin/sh", "-c"}, "exec "+command, env...)
		h.ends(without, exitRefused)
		if e := entries(t, without.stderr); !strings.Contains(fmt.Sprint(e[len(e)-1]["msg"]), "LoadCredential=") {
			t.Error(without)
		}
	}
	command := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindStringSubmatch(deployed(t, "systemd", "rollcall-notices.service"))[1]
	h.tellsNobody(h.sh([]string{"/bin/sh", "-c"}, "exec "+command, "ROLLCALL_LOG=json"))
}

// pod is what a CronJob starts.
type pod struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		JobTemplate struct {
			Spec struct {
				Template struct {
					Spec struct {
						Containers []struct {
							Command, Args []string
							Env           []struct{ Name, Value string }
						}
					}
				}
			}
		} `yaml:"jobTemplate"`
	}
}

func TestThePodsCommandsRunWithTheirCredentials(t *testing.T) {
	h := newHost(t)
	folder := h.credentials([]string{"okta-token", "okta-revoke-token", "signing-key"})
	played := 0
	for _, doc := range strings.Split(deployed(t, "kubernetes", "rollcall.yaml"), "\n---\n") {
		var p pod
		if err := yaml.Unmarshal([]byte(doc), &p); err != nil {
			t.Fatal(err)
		}
		if p.Kind != "CronJob" {
			continue
		}
		c := p.Spec.JobTemplate.Spec.Template.Spec.Containers[0]
		var env []string
		for _, v := range c.Env {
			value := strings.NewReplacer("/run/secrets/rollcall", folder, "/work", t.TempDir()).Replace(v.Value)
			env = append(env, v.Name+"="+value)
		}
		r := h.sh([]string{"/bin/sh", "-c"}, "exec "+strings.Join(append(c.Command, c.Args...), " "), env...)
		played++
		if p.Metadata.Name == "rollcall-notices" {
			h.tellsNobody(r)
			continue
		}
		h.ends(r, exitDone, exitHeld)
		entries(t, r.stderr)
		if p.Metadata.Name == "rollcall-status" && !strings.HasPrefix(r.stdout, "OK: ") {
			t.Error(r)
		}
	}
	if played != 4 {
		t.Errorf("%d jobs", played)
	}
}

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

func TestEveryVariableOfDeployIsKnown(t *testing.T) {
	others := map[string]string{ // who reads it
		"ROLLCALL_LOG": "rollcall", "CREDENTIALS_DIRECTORY": "rollcall", "AWS_CONFIG_FILE": "AWS's SDK", "AWS_EC2_METADATA_DISABLED": "AWS's SDK", "HOME": "AWS's SDK", "TMPDIR": "Go",
		"SHELL": "cron", "PATH": "cron", "MAILTO": "cron, and the unit that mails", "GH_TOKEN": "gh", "GH_REPO": "gh", "NUMBER": "the step",
	}
	set := map[string]bool{}
	for _, name := range []string{"rollcall.crontab", "watch.crontab"} {
		_, env := crontab(t, name)
		for _, line := range env {
			set[strings.Split(line, "=")[0]] = true
		}
	}
	for _, name := range []string{"rollcall-nightly.service", "rollcall-sweep.service", "rollcall-notices.service", "rollcall-failed@.service"} {
		for _, m := range regexp.MustCompile(`(?m)^Environment=(\w+)=`).FindAllStringSubmatch(deployed(t, "systemd", name), -1) {
			set[m[1]] = true
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^ +- name: ([A-Z_]+)$`).FindAllStringSubmatch(deployed(t, "kubernetes", "rollcall.yaml"), -1) {
		set[m[1]] = true
	}
	for _, s := range slices.Concat(workflowSteps(t, "nightly.yml", "nightly"), workflowSteps(t, "notices.yml", "notices"), workflowSteps(t, "check.yml", "lint"), workflowSteps(t, "check.yml", "diff")) {
		for name := range s.Env {
			set[name] = true
		}
	}
	if len(set) < 12 {
		t.Fatalf("only %d variables were found", len(set))
	}
	for name := range set {
		if others[name] == "" && !strings.Contains(string(config.Example()), "{env: "+name+"}") {
			t.Errorf("%s is set, and neither the example of the configuration nor anybody else reads it", name)
		}
	}
}
