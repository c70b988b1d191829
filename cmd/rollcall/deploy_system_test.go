//go:build system

package main

import (
	"bufio"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"rollcall/internal/config"
)

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
