package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/company"
)

func TestDemoTellsEveryStory(t *testing.T) {
	d := openDemo(t)
	c := d.company
	if n := len(c.People); n < 290 || n > 310 {
		t.Errorf("%d people, want about 300", n)
	}
	first := d.playNight(t)
	if len(first.Plan.Actions)+len(first.Plan.Held)+len(first.Problems) != 0 || first.Run.ExitCode != 0 {
		t.Errorf("night 1: exit %d, %d actions, %d held, problems %v: want a quiet night", first.Run.ExitCode, len(first.Plan.Actions), len(first.Plan.Held), first.Problems)
	}
	if found(first, access.UsedAfterExit, "") || found(first, access.BreakGlassUsed, "") {
		t.Errorf("night 1 is not quiet: %+v", first.Findings)
	}
	if !found(first, access.EarlyAccess, c.Cast[company.JoinerEarly].ID) {
		t.Errorf("night 1: no early_access of the joiner of tomorrow")
	}
	if err := d.nextDay(); err != nil {
		t.Fatal(err)
	}
	second := d.playNight(t)
	for _, amiss := range c.Amiss() {
		t.Error("night 2:", amiss)
	}
	storiesOfNight2(t, c, second)
	if len(second.Events) == 0 || !slices.ContainsFunc(second.Reads(), func(r access.Read) bool { return r.Kind == access.LogsRead && r.Complete }) {
		t.Errorf("night 2 keeps no events of what it did: %v", second.Notes)
	}
	third := d.playNight(t)
	if found(third, access.BreakGlassUsed, "") || !found(third, access.UsedAfterExit, c.Cast[company.LeaverSession].ID) {
		t.Errorf("night 3: a use of the break-glass account is told once, and one after the end as long as they have left")
	}
	for _, a := range third.Plan.Actions {
		if string(a.Person.EmployeeID) != c.Cast[company.LeaverSeattle].ID {
			t.Errorf("night 3 plans %s of %s, which is not new", a.Verb, a.Login)
		}
	}
	if len(third.Plan.Actions) == 0 {
		t.Errorf("night 3 does not close the leaver whose day has ended meanwhile")
	}
	answerMissing(t, d)
	fourth := d.playNight(t)
	for _, a := range fourth.Plan.Actions {
		if string(a.Person.EmployeeID) != c.Cast[company.Vanished].ID {
			t.Errorf("night 4 plans %s of %s, which is not new", a.Verb, a.Login)
		}
	}
	if len(fourth.Plan.Actions) == 0 {
		t.Errorf("night 4 does not close the missing person, of whom answers.csv says now that they left")
	}
}

// answerMissing writes into answers.csv the line that the demo suggests.
func answerMissing(t *testing.T, d *demo) {
	t.Helper()
	var said bytes.Buffer
	e := *d.e
	e.stdout = &said
	(&demo{e: &e, dir: d.dir, state: d.state, company: d.company}).suggest()
	line := regexp.MustCompile(`employees,E[0-9]+,left,.*`).FindString(said.String())
	f, err := os.OpenFile(d.path("answers.csv"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func storiesOfNight2(t *testing.T, c *company.Company, n *access.Night) {
	t.Helper()
	for _, w := range []struct {
		kind access.FindingKind
		who  string
	}{
		{access.LeaverAccess, c.Cast[company.LeaverKeys].ID},
		{access.LeaverAccess, c.Cast[company.LeaverLocked].ID},
		{access.LeaverAccess, c.Cast[company.LeaverSession].ID},
		{access.LeaverAccess, c.Cast[company.LeaverContractor].ID},
		{access.LeaverAccess, c.Cast[company.LeaverConsultant].ID},
		{access.LeaverAccess, c.Cast[company.Garden].ID},
		{access.UsedAfterExit, c.Cast[company.LeaverSession].ID}, // only Okta's log tells of these two
		{access.BreakGlassUsed, company.BreakGlass},
		{access.ProtectedLeaver, c.Cast[company.LeaverProtected].ID},
		{access.VanishedPerson, c.Cast[company.Vanished].ID},
		{access.MissingGrant, c.Cast[company.JoinerMissing].ID},
		{access.MissingGrant, c.Cast[company.MoverTonight].ID},
		{access.MoverResidue, c.Cast[company.MoverTonight].ID},
		{access.UnexpectedGrant, c.Cast[company.MoverEarlier].ID},
		{access.Excepted, c.Cast[company.ExceptionLive].ID},
		{access.ExpiredException, c.Cast[company.ExceptionOver].ID},
		{access.AmbiguousMatch, c.Cast[company.TwoIDs].Mail},
		{access.OrphanAccount, company.Orphan},
		{access.OwnerlessAccount, "terraform"},
		{access.UnmappedRole, ""},
	} {
		if !found(n, w.kind, w.who) {
			t.Errorf("night 2: no %s of %s", w.kind, w.who)
		}
	}
	flagged := 0
	for _, s := range n.Worksheets {
		for _, i := range s.Items {
			if i.FindingID != "" && i.FindingKind != access.Excepted {
				flagged++
			}
		}
	}
	if flagged < 15 || flagged > 60 {
		t.Errorf("%d flagged rows, want a few dozen", flagged)
	}
	if n.Run.ExitCode != exitHeld || len(n.Plan.Trips) != 1 || n.Plan.Trips[0].Guard != "protected" {
		t.Errorf("night 2: exit %d, trips %v: want only the protected leaver held", n.Run.ExitCode, n.Plan.Trips)
	}
}

// What differs between two plans of the same facts, and nothing else may.
var runFields = regexp.MustCompile(`"(run_id|created_at)": "[^"]*"`)

func TestPlanTwiceIsTheSameButForRunAndTime(t *testing.T) {
	d := openDemo(t)
	d.playNight(t)
	if err := d.nextDay(); err != nil {
		t.Fatal(err)
	}
	d.clock.set(d.state.night(d.state.Played))
	var plans [2][]byte
	for n := range plans {
		e := d.inside()
		out := filepath.Join(t.TempDir(), "plan.json")
		e.args = []string{"rollcall", "plan", "--config", d.path("rollcall.yaml"), "--out", out}
		if code := exitCode(newApp(e).RunContext(t.Context(), e.args)); code != exitHeld {
			t.Fatalf("plan: exit code %d, want %d", code, exitHeld)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(runFields.FindAll(b, -1)); got != 2 {
			t.Fatalf("%d of the fields that may differ in the plan, want 2", got)
		}
		plans[n] = runFields.ReplaceAll(b, nil)
	}
	if !bytes.Equal(plans[0], plans[1]) {
		t.Errorf("two plans of the same facts differ:\n%s\n%s", plans[0], plans[1])
	}
	if !strings.Contains(string(plans[0]), "deny_all") {
		t.Errorf("the plan has no action to compare:\n%s", plans[0])
	}
}

func TestDemoFindsAnotherAddressWhenItsOwnIsTaken(t *testing.T) {
	d := openDemo(t)
	taken := d.state.Okta
	other := &demo{e: d.e, dir: d.dir, clock: &demoClock{}, state: d.state, company: d.company}
	if err := other.listen(&other.state.Okta, d.company.Okta()); err != nil {
		t.Fatal(err)
	}
	defer other.close()
	if err := other.moved(taken, other.state.Okta); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(d.path("rollcall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if other.state.Okta == taken || !strings.Contains(string(b), "org_url: http://"+other.state.Okta) {
		t.Errorf("address %s, taken was %s, configuration:\n%s", other.state.Okta, taken, b)
	}
}

// onWord calls do when a text is first written.
type onWord struct {
	text string
	do   func()
}

func (w *onWord) Write(b []byte) (int, error) {
	if w.do != nil && strings.Contains(string(b), w.text) {
		do := w.do
		w.do = nil
		do()
	}
	return len(b), nil
}

func TestServeLeavesTheSystemsUpForOtherCommands(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var planned bytes.Buffer
	code := -1
	terminal := &environ{getenv: func(string) string { return "" }, stdout: &planned, stderr: t.Output(), now: time.Now, log: slog.New(demoLog{t.Output()})}
	terminal.outside = (&demo{e: terminal, clock: &demoClock{}}).inside().outside
	terminal.args = []string{"rollcall", "plan", "--config", filepath.Join(dir, "rollcall.yaml"), "--out", filepath.Join(t.TempDir(), "plan.json")}
	e := *terminal
	e.stdout = &onWord{"In another terminal", func() {
		code = exitCode(newApp(terminal).RunContext(t.Context(), terminal.args))
		cancel()
	}}
	if err := e.demo(ctx, dir, true); err != nil {
		t.Fatal(err)
	}
	if code != exitHeld || !strings.Contains(planned.String(), "Henrik Dahl") {
		t.Errorf("plan beside the demo: exit code %d, want %d; it said:\n%s", code, exitHeld, planned.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "sandbox", "okta.json")); err != nil {
		t.Errorf("the sandbox was not saved at the end: %v", err)
	}
}

func TestASecondDemoOfTheSameFolderIsRefused(t *testing.T) {
	d := openDemo(t)
	d.state.Played = 2
	if err := d.save(); err != nil {
		t.Fatal(err)
	}
	unlock, err := d.lock(true)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if code := exitCode(d.e.demo(t.Context(), d.dir, false)); code != exitAborted {
		t.Errorf("exit code %d, want %d", code, exitAborted)
	}
}
