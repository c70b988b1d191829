package reconcile_test

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/reconcile"
	"rollcall/reports/archive"
	"rollcall/reports/archive/storetest"
)

// recorded writes a night of a world into an archive and gives what is recalled of it.
func recorded(t *testing.T, w reconcile.World, d reconcile.Decision, outcomes []access.Outcome) reconcile.LastRun {
	t.Helper()
	a := archive.New(&storetest.Memory{}, ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize))))
	n := &access.Night{Run: access.Run{ID: "r1", StartedAt: w.Now, FinishedAt: w.Now.Add(time.Hour), Mode: access.Enforce, Trigger: "nightly"},
		Policy: w.Policy, People: d.People, Systems: d.Systems, Findings: d.Findings, Plan: d.Plan, Outcomes: outcomes}
	if err := storetest.Record(a, n, access.Memory{}); err != nil {
		t.Fatal(err)
	}
	last, err := a.LastRun()
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func TestARecordedNightRecalledDecidesTheSamePlan(t *testing.T) {
	actions, held := 0, 0
	for seed := range reconcile.Seeds(600) {
		w := reconcile.RandomWorld(seed)
		d := reconcile.Decide(w)
		if len(d.Plan.Actions)+len(d.Plan.Held) == 0 {
			continue
		}
		last := recorded(t, w, d, nil)
		again := w
		again.Systems = last.Left()
		if diff := gocmp.Diff(d.Plan, reconcile.Decide(again).Plan); diff != "" {
			t.Fatalf("world %d (-the night +recalled):\n%s", seed, diff)
		}
		if diff := gocmp.Diff(d.Plan, last.Plan); diff != "" {
			t.Fatalf("world %d: its plan (-the night +recalled):\n%s", seed, diff)
		}
		actions, held = actions+len(d.Plan.Actions), held+len(d.Plan.Held)
	}
	if uint64(actions) < reconcile.Seeds(80) || uint64(held) < reconcile.Seeds(80) {
		t.Errorf("%d actions and %d held: the test proves little", actions, held)
	}
}

// What was seen to be done is so in what is recalled: nothing of it is planned again,
// and nothing of it is news.
func TestWhatTheLastRunDidIsNotPlannedAgain(t *testing.T) {
	done := 0
	for seed := range reconcile.Seeds(600) {
		w := reconcile.RandomWorld(seed)
		w.Settings.Mode = access.Enforce
		d := reconcile.Decide(w)
		if len(d.Plan.Actions) == 0 {
			continue
		}
		var outcomes []access.Outcome
		for n, act := range d.Plan.Actions {
			o := access.Outcome{Action: act, Result: access.Done, PlannedAt: w.Now, SentAt: w.Now, VerifiedAt: w.Now, Actor: "me"}
			if n%5 == 4 && act.Verb != access.OktaClearSessions {
				o.Result = access.AlreadyAbsent
			}
			outcomes = append(outcomes, o)
		}
		last := recorded(t, w, d, outcomes)
		again := w
		again.Systems, again.SeenAt = last.Left(), w.Now
		again.Memory = reconcile.Remember(w, d, outcomes, "r1")
		plan := reconcile.Decide(again).Plan
		for _, act := range plan.Actions {
			for _, o := range outcomes {
				if o.Action.ID == act.ID {
					t.Errorf("world %d: %s of %s is planned again", seed, act.Verb, act.Account)
				}
			}
		}
		done += len(outcomes)
	}
	if uint64(done) < reconcile.Seeds(50) {
		t.Errorf("%d actions: the test proves little", done)
	}
}

func TestOnlyWhatTheLastRunHadNotIsNews(t *testing.T) {
	act := func(id string) access.Action { return access.Action{ID: id} }
	refusal := access.GuardError{Guard: "roster", Scope: "employees", Says: "it shrank"}
	list := func(sum string) []access.Input { return []access.Input{{Name: "roster:employees", SHA256: sum}} }
	last := reconcile.LastRun{Run: access.Run{Trigger: "sweep", Mode: access.Enforce},
		Plan: access.Plan{Actions: []access.Action{act("failed"), act("skipped"), act("pending")}, Held: []access.Held{{Action: act("held"), Guard: "protected"}}, Trips: []access.GuardError{refusal}, Inputs: list("1")},
		Outcomes: []access.Outcome{{Action: act("failed"), Result: access.Failed, Actor: "me"}, {Action: act("skipped"), Result: access.Skipped, Actor: "me"},
			{Action: act("held"), Result: access.Skipped}, {Action: act("pending"), Result: access.Pending, Actor: "me"}, {Action: act("done"), Result: access.Done, Actor: "me"}}}
	for _, c := range []struct {
		what string
		plan access.Plan
		mode access.Mode
		want bool
	}{
		{"nothing", access.Plan{}, access.Enforce, false},
		{"a new action", access.Plan{Actions: []access.Action{act("new")}}, access.Enforce, true},
		{"an action that failed", access.Plan{Actions: []access.Action{act("failed")}}, access.Enforce, true},
		{"an action that only is looked at again", access.Plan{Actions: []access.Action{act("failed")}}, access.Observe, false},
		{"a new action that only is looked at", access.Plan{Actions: []access.Action{act("new")}}, access.Observe, true},
		{"an action that a sweep has just skipped", access.Plan{Actions: []access.Action{act("skipped")}}, access.Enforce, false},
		{"an action that was done and shows in nothing that is recalled", access.Plan{Actions: []access.Action{act("done")}}, access.Enforce, false},
		{"an action that is under way", access.Plan{Actions: []access.Action{act("pending")}}, access.Enforce, false},
		{"what was held may run now", access.Plan{Actions: []access.Action{act("held")}}, access.Enforce, true},
		{"what was held is held", access.Plan{Held: []access.Held{{Action: act("held"), Guard: "protected"}}}, access.Enforce, false},
		{"what was held is held by another guard", access.Plan{Held: []access.Held{{Action: act("held"), Guard: "reads"}}}, access.Enforce, true},
		{"the same list is refused again", access.Plan{Trips: []access.GuardError{refusal}, Inputs: list("1")}, access.Enforce, false},
		{"another list is refused", access.Plan{Trips: []access.GuardError{refusal}, Inputs: list("2")}, access.Enforce, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := last.News(c.plan, c.mode, "sweep"); got != c.want {
				t.Errorf("news: %t", got)
			}
		})
	}
	last.Run.Trigger = "nightly"
	if !last.News(access.Plan{Actions: []access.Action{act("skipped")}}, access.Enforce, "sweep") {
		t.Error("what a night skipped is looked at again by the first sweep")
	}
}

// A run that is asked again about a list looks at that list, and no other.
func TestAListThatWasRefusedIsKnownByItsSourceAndItsFile(t *testing.T) {
	trip := func(source string) []access.GuardError {
		return []access.GuardError{{Guard: "roster", Scope: source}}
	}
	files := func(employees, contractors string) []access.Input {
		return []access.Input{{Name: "rolemap", SHA256: "0"}, {Name: "roster:employees", SHA256: employees}, {Name: "roster:contractors", SHA256: contractors}}
	}
	last := reconcile.LastRun{Plan: access.Plan{Trips: trip("employees"), Inputs: files("1", "2")}}
	for name, one := range map[string]struct {
		plan access.Plan
		want bool
	}{
		"the same file of the same list":             {access.Plan{Trips: trip("employees"), Inputs: files("1", "2")}, false},
		"beside another file of another list":        {access.Plan{Trips: trip("employees"), Inputs: files("1", "3")}, false},
		"another file of the same list":              {access.Plan{Trips: trip("employees"), Inputs: files("4", "2")}, true},
		"a list that was not refused, the same file": {access.Plan{Trips: trip("contractors"), Inputs: files("1", "2")}, true},
		"another guard that tripped is no list":      {access.Plan{Trips: []access.GuardError{{Guard: "blast_radius", Scope: "okta"}}, Inputs: files("1", "2")}, false},
	} {
		if got := last.News(one.plan, access.Enforce, "sweep"); got != one.want {
			t.Errorf("%s: news %t", name, got)
		}
	}
	last.Plan.Trips = []access.GuardError{{Guard: "roster", Scope: "contractors"}, {Guard: "baseline", Scope: "employees"}}
	if !last.News(access.Plan{Trips: trip("employees"), Inputs: files("1", "2")}, access.Enforce, "sweep") {
		t.Error("that another list, and another guard, tripped says nothing of this list")
	}
}

func TestTheTargetsOfAPlanAreWhatItWouldChangeHeldOrNot(t *testing.T) {
	acc := func(system access.System, id access.AccountID) access.Account {
		return access.Account{System: system, ID: id}
	}
	systems := []access.Judged{{Observation: access.Observation{Accounts: []access.Account{acc("okta", "a"), acc("okta", "b"), acc("okta", "c")}}}, {Observation: access.Observation{Accounts: []access.Account{acc("aws", "a"), acc("aws", "b")}}}}
	plan := access.Plan{Actions: []access.Action{{Account: access.AccountKey{System: "okta", ID: "a"}}}, Held: []access.Held{{Action: access.Action{Account: access.AccountKey{System: "okta", ID: "c"}}}, {Action: access.Action{Account: access.AccountKey{System: "aws", ID: "b"}}}}}
	if diff := gocmp.Diff([][]int{{0, 2}, {1}}, reconcile.Targets(systems, plan)); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}
