package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// commands are the ways to run, each over a company from which leo left, or was given
// back to.
var commands = map[string]struct {
	run   func(*Job, context.Context) (Result, error)
	steps string // what it does, up to its end
	sends string
}{
	"nightly": {func(j *Job, ctx context.Context) (Result, error) { return j.Nightly(ctx) },
		"memory list inputs input collect clock facts clock record send suspend record clock record send clear_sessions record report finish", "suspend clear_sessions"},
	"apply": {func(j *Job, ctx context.Context) (Result, error) { return j.Nightly(ctx) },
		"memory list inputs input collect clock facts clock record send suspend record clock record send clear_sessions record report finish", "suspend clear_sessions"},
	"plan":  {func(j *Job, ctx context.Context) (Result, error) { return j.Plan(ctx) }, "memory list inputs collect clock", ""},
	"world": {func(j *Job, ctx context.Context) (Result, error) { _, err := j.World(ctx); return Result{}, err }, "memory inputs collect clock", ""},
	"sweep": {func(j *Job, ctx context.Context) (Result, error) { return j.Sweep(ctx) },
		"recall memory list inputs memory list inputs input clock facts clock record send suspend record clock record send clear_sessions record report finish", "suspend clear_sessions"},
	"revoke": {func(j *Job, ctx context.Context) (Result, error) { return j.Revoke(ctx, "E7") },
		"memory inputs recall memory record list inputs input clock facts clock record send suspend record clock record send clear_sessions record report finish", "suspend clear_sessions"},
	"restore": {func(j *Job, ctx context.Context) (Result, error) {
		r, err := j.Restore(ctx, Wish{Run: "run-02", Reason: "mistake"})
		return r.Result, err
	}, "list memory list inputs input collect clock list facts record clock record send unsuspend record finish", "unsuspend"},
	"show": {func(j *Job, ctx context.Context) (Result, error) {
		r, err := j.ShowRestore(ctx, Wish{Run: "run-02", Reason: "mistake"})
		return r.Result, err
	}, "list memory list inputs collect clock list", ""},
}

// ready is a company and a run of a command over it.
func ready(t *testing.T, command string) (*hamlet, *Job) {
	t.Helper()
	h := newHamlet(t)
	h.is("leo", access.StatusLeft)
	if command == "restore" || command == "show" {
		if _, err := h.job().Nightly(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.is("leo", access.StatusActive)
	}
	var planned access.Plan
	if command == "apply" {
		r, err := h.job().Plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		planned = r.Night.Plan
	}
	h.calls, h.inputs = nil, 0
	j := h.job()
	switch command {
	case "apply":
		j.Only, j.Run.Trigger = &planned, "apply"
	case "sweep":
		j.Recall, j.Run.Trigger = h.Recall, "sweep"
	case "revoke":
		h.is("leo", access.StatusActive)
		j.Recall, j.Order = h.Recall, &access.Order{Reason: "stolen"}
	}
	return h, j
}

func TestEveryRunReadsThenDecidesThenArchivesThenActsThenCommits(t *testing.T) {
	for name, c := range commands {
		h, j := ready(t, name)
		committed := len(h.nights)
		r, err := c.run(j, t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.Join(h.calls, " "); got != c.steps {
			t.Errorf("%s does\n%s, want\n%s", name, got, c.steps)
		}
		if name == "world" {
			continue
		}
		n := r.Night
		if n.Run.Previous != h.previous(c.sends != "") || !n.Run.FinishedAt.Equal(j.Now()) || n.Run.Verdict == "" || len(n.Rosters) != 1 || n.Rosters[0].Received != 9 || len(n.Inputs) != 1 {
			t.Errorf("%s: the record is %+v, rosters %+v", name, n.Run, n.Rosters)
		}
		if n.Plan.RunID != j.Run.ID || !n.Plan.CreatedAt.Equal(j.Run.StartedAt) || n.Run.PlanSHA256 != n.Plan.SHA256 || len(n.People) != 8 || len(n.Systems) != 1 || len(n.Balances) == 0 {
			t.Errorf("%s: the plan is %+v of %d people", name, n.Plan, len(n.People))
		}
		if c.sends == "" {
			if len(h.nights) != committed || r.Head != "" || len(h.sent()) > 0 {
				t.Errorf("%s leaves a trace: %q", name, h.calls)
			}
			continue
		}
		if r.Head != "head of "+string(j.Run.ID) || len(h.nights) != committed+1 || strings.Join(h.sent(), " ") != c.sends {
			t.Errorf("%s: head %q, sent %q", name, r.Head, h.sent())
		}
		if !slices.ContainsFunc(n.Outcomes, func(o access.Outcome) bool { return o.Result == access.Done }) {
			t.Errorf("%s: %+v", name, n.Outcomes)
		}
		if !slices.ContainsFunc(h.memory.Awaited, func(s access.Sent) bool { return s.Run == j.Run.ID }) {
			t.Errorf("%s: awaited %+v", name, h.memory.Awaited)
		}
	}
}

// previous is the run before the last committed one, or the last if nothing was.
func (h *hamlet) previous(committed bool) access.RunID {
	back := 1
	if committed {
		back = 2
	}
	return h.nights[len(h.nights)-back].Run.ID
}

// Whatever call fails, the run stops there: nothing is sent after it, nothing is committed,
// and the next run ends where this one would have.
func TestWhateverCallFailsTheRunStopsThereAndTheNextOneEndsIt(t *testing.T) {
	for name, c := range commands {
		h, j := ready(t, name)
		if _, err := c.run(j, t.Context()); err != nil {
			t.Fatal(err)
		}
		want := h.done["suspend u7"]
		for n, call := range h.calls {
			if call == "collect" || strings.HasPrefix(call, "send ") {
				continue // what a read or an answer lacks is in its record, and is no failure of the run
			}
			h, j := ready(t, name)
			committed := len(h.nights)
			h.failAt = n + 1
			if _, err := c.run(j, t.Context()); !errors.Is(err, errIO) || len(h.nights) != committed || len(h.calls) != n+1 {
				t.Errorf("%s, and %s fails as call %d of %d: %v, %d committed", name, call, n+1, len(h.calls), err, len(h.nights)-committed)
			}
			h.failAt, h.calls = 0, nil
			again := h.job()
			again.Run.Trigger, again.Only = j.Run.Trigger, j.Only
			if name == "sweep" || name == "revoke" {
				again.Recall = h.Recall
			}
			if name == "revoke" {
				again.Order = &access.Order{Reason: "stolen"}
			}
			if _, err := c.run(again, t.Context()); err != nil || h.done["suspend u7"] != want {
				t.Errorf("%s after call %d failed: leo is blocked %v: %v", name, n+1, h.done["suspend u7"], err)
			}
		}
	}
}

// What a run that died did is closed by the next one, and accounted for by it alone.
func TestTheJournalThatARunTookOverIsAccountedFor(t *testing.T) {
	for _, name := range []string{"nightly", "restore"} {
		h, j := ready(t, name)
		died := h.job()
		wrote(t, h.shelf, died.Run.ID, intentOf("old"))
		r, err := commands[name].run(j, t.Context())
		if err != nil || !h.memory.Journals[died.Run.ID] || r.Night.Outcomes[0].AdoptedFrom != died.Run.ID || len(r.Night.Outcomes) < 2 {
			t.Errorf("%s: %v, %v", name, h.memory.Journals, err)
		}
	}
}

func TestARunThatIsToldToStopWhileItReadsSendsNothing(t *testing.T) {
	for name, c := range commands {
		h, j := ready(t, name)
		committed := len(h.nights)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if _, err := c.run(j, ctx); !errors.Is(err, context.Canceled) || len(h.sent()) != 0 || len(h.nights) != committed {
			t.Errorf("%s: %v, sent %q", name, err, h.sent())
		}
	}
}

func TestARunThatOnlyObservesSendsNothingWhoeverAskedForIt(t *testing.T) {
	for _, mode := range []access.Mode{access.Observe, ""} {
		for name, c := range commands {
			h, j := ready(t, name)
			j.Settings.Mode = mode
			committed := len(h.nights)
			_, err := c.run(j, t.Context())
			if trace := len(h.nights) > committed; trace != (name == "nightly" || name == "apply" || name == "sweep") {
				t.Errorf("%s in mode %q is committed: %v", name, mode, trace)
			}
			if refused := errors.As(err, &Refused{}); refused != (name == "restore") || !refused && err != nil || len(h.sent()) != 0 {
				t.Errorf("%s in mode %q: %v, sent %q", name, mode, err, h.sent())
			}
		}
	}
}

// A sweep with no news leaves no trace, and says how it stands all the same.
func TestASweepWithoutNewsIsQuiet(t *testing.T) {
	h, j := ready(t, "sweep")
	h.is("leo", access.StatusActive)
	committed, records := len(h.nights), len(h.shelf)
	r, err := j.Sweep(t.Context())
	if err != nil || r.Head != "" || len(h.nights) != committed || len(h.shelf) != records || h.inputs != 0 {
		t.Fatalf("%+v %v", r, err)
	}
	if n := r.Night; n.Run.ID != j.Run.ID || n.Run.Previous != "run-01" || !n.Run.FinishedAt.Equal(j.Now()) || n.Run.Verdict == "" || len(n.People) != 8 {
		t.Errorf("%+v", n.Run)
	}
}

// What was left open is news, whatever the lists say.
func TestASweepClosesWhatWasLeftOpenThoughThereIsNoNews(t *testing.T) {
	h, j := ready(t, "sweep")
	h.is("leo", access.StatusActive)
	wrote(t, h.shelf, "run-99", intentOf("old"))
	j.Report = nil
	if r, err := j.Sweep(t.Context()); err != nil || r.Head == "" || len(h.sent()) != 0 || !h.memory.Journals["run-99"] {
		t.Errorf("%+v %v", r, err)
	}
	h, j = ready(t, "sweep")
	h.last.Systems = nil
	if _, err := j.Sweep(t.Context()); !errors.Is(err, ErrUnknown) || len(h.sent()) != 0 {
		t.Errorf("over accounts that nobody knows: %v, sent %q", err, h.sent())
	}
}

// What a run that died did to the accounts since they were read counts as done to them.
func TestASweepAfterARunThatDiedDoesTheRestOnly(t *testing.T) {
	h, j := ready(t, "sweep")
	died := h.job()
	h.failAt = slices.Index(strings.Fields("memory list inputs input collect clock facts clock record suspend record"), "suspend") + 2 // its outcome is not written
	if _, err := died.Nightly(t.Context()); !errors.Is(err, errIO) || !h.done["suspend u7"] {
		t.Fatal(err, h.calls)
	}
	h.failAt, h.calls = 0, nil
	r, err := j.Sweep(t.Context())
	if err != nil || len(r.Night.Outcomes) != 2 || r.Night.Outcomes[0].AdoptedFrom != died.Run.ID || r.Night.Outcomes[1].Action.Verb != access.OktaClearSessions || strings.Join(h.sent(), " ") != "clear_sessions" {
		t.Errorf("%+v %v", r.Night.Outcomes, err)
	}
}

func TestAnOrderForNobodyIsRefusedBeforeTheAccountsAreRecalled(t *testing.T) {
	h, j := ready(t, "revoke")
	if _, err := j.Revoke(t.Context(), "E99"); !errors.Is(err, ErrWho) || !strings.Contains(err.Error(), `"E99" is the ID of nobody`) || slices.Contains(h.calls, "recall") {
		t.Errorf("%v after %q", err, h.calls)
	}
	h, j = ready(t, "revoke")
	j.Recall = nil // an order that reads the systems
	if r, err := j.Revoke(t.Context(), "E7"); err != nil || strings.Join(h.sent(), " ") != "suspend clear_sessions" || r.Night.Order == nil || r.Night.Order.Person.EmployeeID != "E7" {
		t.Errorf("%v, sent %q", err, h.sent())
	}
	h, j = ready(t, "revoke")
	h.last.Systems = nil
	if _, err := j.Revoke(t.Context(), "E7"); !errors.Is(err, ErrUnknown) || slices.Contains(h.calls, "list") {
		t.Errorf("accounts that nobody knows: %v after %q", err, h.calls)
	}
}

// Policy that cannot be used tells nobody what they may hold: nothing that rests on it is
// given back, and the record says so.
func TestARestoreOverPolicyThatCannotBeUsedSaysSo(t *testing.T) {
	h, j := ready(t, "show")
	j2 := newJournal(h.shelf, "run-02")
	j2.n = 4
	took := intentOf("a9")
	took.Action.Verb, took.Action.Login, took.Action.Person = access.SSODeleteAssignment, "leo@example.test", access.PersonKey{Source: "employees", EmployeeID: "E7"}
	took.Action.Account, took.Action.AccountKind = access.AccountKey{System: "okta", ID: "u7"}, access.OktaUser
	took.Action.EntitlementKind, took.Action.EntitlementID, took.Action.Entitlement = "permission_set", "ps-1", "Books"
	ref, err := j2.write(took)
	if err == nil {
		_, err = j2.write(entry{Kind: "outcome", At: midnight, Closes: &ref, Outcome: &access.Outcome{Action: *took.Action, Result: access.Done, SentAt: midnight}})
	}
	if err != nil {
		t.Fatal(err)
	}
	h.problem = []access.Problem{{File: "rolemap.csv", Severity: access.Stop}}
	r, err := j.ShowRestore(t.Context(), Wish{Run: "run-02", Reason: "mistake"})
	if err != nil || len(r.Night.Problems) != 1 || r.Night.Run.ExitCode != ExitIncomplete || r.Plan.RunID != j.Run.ID {
		t.Errorf("%+v %v", r.Night.Run, err)
	}
	if !slices.ContainsFunc(r.Undoings, func(u reconcile.Undoing) bool {
		return u.Fate == reconcile.NotRestored && strings.Contains(u.Why, "rolemap.csv could not be used")
	}) {
		t.Errorf("%+v", r.Undoings)
	}
}
