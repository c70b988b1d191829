//go:build cgo

package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/company"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

// TestEveryCommandOfTheRunbooksDoesWhatItsStepSays types each command of each page as it
// is printed there, at a company to which what the page is about has happened. It has to
// end and to show what the page says.
func TestEveryCommandOfTheRunbooksDoesWhatItsStepSays(t *testing.T) {
	f := newFollower(t)
	pages := f.written()
	for _, scene := range scenes {
		f.follows(scene, pages[scene.page])
		delete(pages, scene.page)
	}
	for name := range pages {
		t.Errorf("nobody followed the page %s", name)
	}
}

// TestWhereNothingActsTheRunbooksSayWhatToDoByHand follows the pages that depend on the
// mode at a company that only observes.
func TestWhereNothingActsTheRunbooksSayWhatToDoByHand(t *testing.T) {
	f := newFollower(t)
	f.config("mode: enforce", "mode: observe")
	f.config("manual: enforce", "")
	pages := f.written()
	f.follows(staged{access.RunbookOffboarding, (*follower).somebodyLeaves, map[int]func(*follower){2: (*follower).somebodyVanished,
		3: func(f *follower) { f.somebodyLeft(); f.suspendedByHand() }, 4: (*follower).aNight}}, pages[access.RunbookOffboarding])
	f.follows(staged{access.RunbookUrgentRemoval, (*follower).laptopStolenNow, map[int]func(*follower){4: (*follower).hrSaysSo}}, pages[access.RunbookUrgentRemoval])
}

// follower is somebody who does what the pages say, word for word.
type follower struct {
	*story
	fill map[string]string
	used int // fresh files and folders
}

// newFollower is the company on the day after its second night, with everything
// configured that the pages are about.
func newFollower(t *testing.T) *follower {
	t.Helper()
	quicken(t)
	f := &follower{newStory(t), map[string]string{}, 0}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(f.told.String())
		}
	})
	f.config("manual: observe", "manual: enforce")
	f.more("rollcall.yaml", "\napprovals: {keys: [keys/approval-public.pem], key: {file: keys/approval.pem}}\n")
	f.company.Okta().SetToken("sandbox-okta-restore", fakeokta.Token{Name: "restore", UserID: f.oktaID(f.named("Noor Visser"))})
	f.write("keys/okta-restore.token", "sandbox-okta-restore\n")
	for _, a := range f.company.AWS().State().Accounts {
		f.company.AWS().AddRole(fakeaws.Role{Account: a.ID, Name: "rollcall-restore"})
	}
	f.config("    revoke_token:", "    restore_token: {file: keys/okta-restore.token}\n    revoke_token:")
	f.config("    revoke_role:", "    restore_role: rollcall-restore\n    management_restore_role: rollcall-restore\n    revoke_role:")
	f.cli(exitDone, "approve", "--new-key")
	f.cli(exitDone, "nightly")
	f.firstDay()
	f.tomorrow()
	return f
}

func (f *follower) named(name string) string {
	f.t.Helper()
	n := slices.IndexFunc(f.company.People, func(p company.Person) bool { return p.Name == name })
	return f.company.People[n].ID
}

// tomorrow is the next day at two.
func (f *follower) tomorrow() {
	d := f.clock.now().In(demoZone()).AddDate(0, 0, 1)
	f.clock.set(time.Date(d.Year(), d.Month(), d.Day(), 2, 0, 0, 0, demoZone()))
}

// written writes the pages and gives the text of each.
func (f *follower) written() map[access.Runbook]string {
	f.t.Helper()
	f.cli(exitDone, "runbook")
	pages := map[access.Runbook]string{}
	files, err := filepath.Glob(f.path("runbooks", "*.md"))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.t.Fatal(err)
		}
		if name := access.Runbook(strings.TrimSuffix(filepath.Base(file), ".md")); name != "index" {
			pages[name] = string(b)
		}
	}
	return pages
}

// printed is a command as a step prints it.
type printed struct {
	line  string
	ends  []int
	shows []string
	not   []string
}

var (
	steps     = regexp.MustCompile(`(?m)^## Step (\d+)$`)
	printedIn = regexp.MustCompile("(?s)```sh\n(.*?)\n```\n\nIt ends with (.*?)\\.(?: It shows (.*?)\\.)?(?: It does not show (.*?)\\.)?\n")
	codes     = regexp.MustCompile(`(\d) \(`)
	quoted    = regexp.MustCompile(`“(.*?)”`)
	escaped   = regexp.MustCompile(`\\([[:punct:]])`)
)

// stepsOf are the steps of a page, each with the commands that it prints.
func stepsOf(t *testing.T, page string) [][]printed {
	t.Helper()
	var all [][]printed
	at := steps.FindAllStringIndex(page, -1)
	for n, from := range at {
		to := len(page)
		if n+1 < len(at) {
			to = at[n+1][0]
		}
		var step []printed
		for _, found := range printedIn.FindAllStringSubmatch(page[from[0]:to], -1) {
			p := printed{line: found[1]}
			for _, code := range codes.FindAllStringSubmatch(found[2], -1) {
				c, _ := strconv.Atoi(code[1])
				p.ends = append(p.ends, c)
			}
			p.shows, p.not = between(found[3]), between(found[4])
			step = append(step, p)
		}
		all = append(all, step)
	}
	if strings.Count(page, "```sh") != len(slices.Concat(all...)) || len(all) == 0 {
		t.Fatalf("a command of the page is in no step:\n%s", page)
	}
	return all
}

// between are the texts in quotation marks.
func between(says string) (all []string) {
	for _, text := range quoted.FindAllStringSubmatch(says, -1) {
		all = append(all, escaped.ReplaceAllString(text[1], "$1"))
	}
	return all
}

// follows does what a page says, step by step.
func (f *follower) follows(s staged, page string) {
	f.t.Helper()
	if page == "" {
		f.t.Fatalf("there is no page %s", s.page)
	}
	clear(f.fill)
	s.opens(f)
	for n, step := range stepsOf(f.t, page) {
		if before := s.before[n+1]; before != nil {
			before(f)
		}
		for _, p := range step {
			f.types(fmt.Sprintf("%s, step %d", s.page, n+1), p)
		}
	}
}

// types types a command with its blanks filled in.
func (f *follower) types(where string, p printed) {
	f.t.Helper()
	words := f.shell(p.line)
	if len(words) == 0 || words[0] != "rollcall" {
		f.t.Fatalf("%s: %s", where, p.line)
	}
	fill := f.filled()
	for n := range words {
		for word, text := range fill {
			words[n] = regexp.MustCompile(`\b`+word+`\b`).ReplaceAllString(words[n], text)
		}
	}
	r := f.inThisFolder(words)
	if !slices.Contains(p.ends, r.code) {
		f.t.Errorf("%s: %q ends with %d, and the page says %v:\n%s", where, words, r.code, p.ends, tail(r.stdout+r.stderr))
	}
	for _, text := range p.shows {
		if !strings.Contains(flat(r.stdout+r.stderr), flat(text)) {
			f.t.Errorf("%s: %q does not show %q:\n%s", where, words, text, tail(r.stdout+r.stderr))
		}
	}
	for _, text := range p.not {
		if strings.Contains(r.stdout, text) {
			f.t.Errorf("%s: %q shows %q:\n%s", where, words, text, tail(r.stdout))
		}
	}
}

func tail(s string) string { return s[max(0, len(s)-3000):] }

// shell takes a line apart as a shell does.
func (f *follower) shell(line string) []string {
	f.t.Helper()
	out, err := exec.CommandContext(f.t.Context(), "sh", "-c", `rollcall() { printf '%s\n' rollcall "$@"; }; `+line).Output()
	if err != nil {
		f.t.Fatalf("%s: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// inThisFolder runs a command of rollcall at the company.
func (f *follower) inThisFolder(words []string) ran {
	f.t.Helper()
	var out, said strings.Builder
	e := f.inside()
	e.args, e.stdout, e.stderr = words, &out, &said
	err := newApp(e).RunContext(f.t.Context(), words)
	if err != nil {
		said.WriteString(err.Error())
	}
	return ran{exitCode(err), out.String(), said.String()}
}

// filled is what stands in the place of each blank today.
func (f *follower) filled() map[string]string {
	today := f.clock.now().UTC()
	fill := map[string]string{"FROM": f.state.First.UTC().Format(time.DateOnly), "TO": today.Format(time.DateOnly), "DAY": today.Format(time.DateOnly),
		"WHO": "Aisha Albers", "WHY": "a good reason", "TICKET": "INC-7", "RUN": f.newest(), "REVIEW": q1}
	for _, fresh := range []string{"FILE", "FOLDER"} {
		f.used++
		fill[fresh] = filepath.Join(f.back, fmt.Sprintf("%s-%d", strings.ToLower(fresh), f.used))
	}
	maps.Copy(fill, f.fill)
	return fill
}

// read is a file of the company's folder.
func (f *follower) read(name string) string {
	f.t.Helper()
	b, err := os.ReadFile(f.path(name))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(b)
}

// newest is the run that the newest reports are of.
func (f *follower) newest() string {
	run, err := newestRun(f.path("reports"))
	if err != nil {
		f.t.Fatal(err)
	}
	return run
}
