package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// sentOne is a change that was sent, so many days before midnight.
func sentOne(id string, days int) access.Sent {
	return access.Sent{ActionID: id, Run: "run-00", Verb: access.OktaSuspend, Account: access.AccountKey{System: "okta", ID: access.AccountID("u" + id)}, RequestID: "q" + id, At: midnight.AddDate(0, 0, -days)}
}

// ids of what is awaited.
func ids(all []access.Sent) (out []string) {
	for _, s := range all {
		out = append(out, s.ActionID)
	}
	return out
}

// A night looks for all that is awaited; a sweep and an order look for their own alone, and
// the rest stays awaited. What a log does not have, or could not be read, is awaited further.
func TestTheEvidenceOfWhatWasSentIsLookedForUntilItIsThereOrAWeekIsOver(t *testing.T) {
	recalled := func(j *Job) { j.Recall = func() (reconcile.LastRun, error) { return reconcile.LastRun{}, nil } }
	ordered := func(j *Job) { j.Order = &access.Order{} }
	for _, tt := range []struct {
		name   string
		bend   func(*Job)
		has    []string // events of which actions the log has
		err    error
		looks  string
		found  string
		awaits string
		notes  string
	}{
		{name: "a night that finds all", has: []string{"a", "old", "new"}, looks: "a old new", found: "a old new", awaits: ""},
		{name: "a night that finds some", has: []string{"new"}, looks: "a old new", found: "new", awaits: "a",
			notes: "the log has no event yet of suspend of okta::ua: the next night looks again|no log has had an event of suspend of okta::uold for a week"},
		{name: "a night whose log is not to be read", err: errIO, looks: "a old new", found: "", awaits: "a new",
			notes: "the events of suspend of okta::ua, suspend of okta::unew could not be read for the evidence: input/output error; the next night looks again|no log has"},
		{name: "a sweep", bend: recalled, has: []string{"a", "new"}, looks: "new", found: "new", awaits: "a old"},
		{name: "a sweep that finds nothing", bend: recalled, looks: "new", found: "", awaits: "a old new", notes: "the log has no event yet of suspend of okta::unew"},
		{name: "an order", bend: ordered, has: []string{"a", "new"}, looks: "new", found: "new", awaits: "a old"},
		{name: "a night without a log", bend: func(j *Job) { j.Events = nil }, awaits: "a old new"},
		{name: "a sweep without a log", bend: func(j *Job) { recalled(j); j.Events = nil }, awaits: "a old new"},
	} {
		looked := ""
		j := &Job{Run: access.Run{ID: "run-01", StartedAt: midnight}}
		j.Events = func(_ context.Context, sent []access.Sent) (events []access.Event, _ error) {
			looked = strings.Join(ids(sent), " ")
			for _, s := range sent {
				if slices.Contains(tt.has, s.ActionID) {
					events = append(events, access.Event{Account: s.Account, RequestID: s.RequestID, At: s.At})
				}
			}
			return events, tt.err
		}
		if tt.bend != nil {
			tt.bend(j)
		}
		done := sentOne("new", 0)
		n := &access.Night{Outcomes: []access.Outcome{{Action: access.Action{ID: "new", Verb: done.Verb, Account: done.Account, AccountKind: access.OktaUser}, Result: access.Done, SentAt: done.At, RequestID: "qnew"}}}
		m := access.Memory{Previous: "run-00", Awaited: []access.Sent{sentOne("a", 1), sentOne("old", 8)}}
		awaits := strings.Join(ids(j.evidence(t.Context(), n, m)), " ")
		var found []string
		for _, e := range n.Events {
			found = append(found, e.ActionID)
		}
		if looked != tt.looks || strings.Join(found, " ") != tt.found || awaits != tt.awaits {
			t.Errorf("%s looks for %q, finds %q, awaits %q", tt.name, looked, found, awaits)
		}
		notes := strings.Join(n.Notes, "|")
		for part := range strings.SplitSeq(tt.notes, "|") {
			if !strings.Contains(notes, part) || (tt.notes == "") != (notes == "") {
				t.Errorf("%s tells %q", tt.name, n.Notes)
			}
		}
		if len(m.Awaited) != 2 || m.Awaited[0].ActionID != "a" {
			t.Errorf("%s: what was awaited before is changed: %+v", tt.name, m.Awaited)
		}
	}
}

func TestWithNothingSentNoLogIsAsked(t *testing.T) {
	j := &Job{Events: func(context.Context, []access.Sent) ([]access.Event, error) { t.Error("it is asked"); return nil, nil }}
	n := &access.Night{}
	if left := j.evidence(t.Context(), n, access.Memory{}); len(left) != 0 || len(n.Notes) != 0 {
		t.Errorf("%+v, told %q", left, n.Notes)
	}
}

func TestOfManyActionsTheFirstThreeAreNamed(t *testing.T) {
	var some []access.Sent
	for n, want := range []string{"", "suspend of okta::u0", "suspend of okta::u0, suspend of okta::u1", "suspend of okta::u0, suspend of okta::u1, suspend of okta::u2",
		"suspend of okta::u0, suspend of okta::u1, suspend of okta::u2, 1 more", "suspend of okta::u0, suspend of okta::u1, suspend of okta::u2, 2 more"} {
		if got := actions(some); got != want {
			t.Errorf("of %d: %q", n, got)
		}
		some = append(some, sentOne(fmt.Sprint(n), 0))
	}
}

// reperformed decides anew what a run of the hamlet decided, over what it had.
func (h *hamlet) reperformed(t *testing.T, run access.RunID, before access.Memory, seenAt time.Time, systems []access.Observation) (*access.Night, error) {
	t.Helper()
	j := h.job()
	j.Run.ID = run
	now := h.memory
	h.memory = before
	defer func() { h.memory = now }()
	j.Collect = func(context.Context) []access.Observation { return systems }
	return j.Reperform(t.Context(), seenAt)
}

func TestARunThatIsReperformedDecidesWhatItDecidedAndLeavesNoTrace(t *testing.T) {
	h := newHamlet(t)
	h.is("leo", access.StatusLeft)
	wrote(t, h.shelf, "run-90", intentOf("old"), outcomeOf("b", access.Done, nil), intentOf("older"))
	before, systems := h.memory, h.seen()
	j := h.job()
	if _, err := j.Nightly(t.Context()); err != nil {
		t.Fatal(err)
	}
	night, committed, records := h.nights[len(h.nights)-1], len(h.nights), len(h.shelf)
	if len(night.Plan.Actions) == 0 || night.Outcomes[0].AdoptedFrom != "run-90" || night.Outcomes[1].AdoptedFrom != "run-90" {
		t.Fatalf("%+v", night.Outcomes)
	}
	h.calls = nil
	h.at = j.Run.StartedAt.Add(-time.Hour) // what rests on the time has the run's own
	seenAt := midnight.Add(time.Minute)
	n, err := h.reperformed(t, j.Run.ID, before, seenAt, systems)
	if err != nil {
		t.Fatal(err)
	}
	if n.Plan.SHA256 != night.Plan.SHA256 || n.Run.PlanSHA256 != night.Plan.SHA256 || len(n.Findings) != len(night.Findings) || n.Run.ID != j.Run.ID || n.Run.Previous != night.Run.Previous || !n.SeenAt.Equal(seenAt) || len(n.Rosters) != 1 || len(n.Systems) != 1 {
		t.Errorf("decided %+v, the run %+v", n.Plan, night.Plan)
	}
	if got := fmt.Sprint(h.calls); len(h.nights) != committed || len(h.shelf) != records || got != "[memory list list inputs]" {
		t.Errorf("it left a trace: %s", got)
	}
	for at, call := range slices.Clone(h.calls) {
		h.calls, h.failAt = nil, at+1
		if _, err := h.reperformed(t, j.Run.ID, before, time.Time{}, systems); !errors.Is(err, errIO) || len(h.calls) != at+1 {
			t.Errorf("%s fails: %v after %q", call, err, h.calls)
		}
		h.failAt = 0
	}
	// the closings are in the run's own journal, in the order of what was left open
	for _, take := range []string{"journal/" + string(j.Run.ID) + "/000001.json", "journal/" + string(j.Run.ID) + "/000002.json"} {
		kept := h.shelf[take]
		delete(h.shelf, take)
		if _, err := h.reperformed(t, j.Run.ID, before, time.Time{}, systems); err == nil || !strings.Contains(err.Error(), "does not say what became of old") || !strings.Contains(err.Error(), "which run run-90 had left open") {
			t.Errorf("without %s: %v", take, err)
		}
		h.shelf[take] = []byte("torn")
		if _, err := h.reperformed(t, j.Run.ID, before, time.Time{}, systems); err == nil || !strings.Contains(err.Error(), "read what interrupted runs had left open") || strings.Contains(err.Error(), "does not say") {
			t.Errorf("with a record that is torn: %v", err)
		}
		h.shelf[take] = kept
	}
	for name := range h.shelf {
		if runOf(name) == j.Run.ID {
			delete(h.shelf, name)
		}
	}
	if _, err := h.reperformed(t, j.Run.ID, before, time.Time{}, systems); err == nil || !strings.Contains(err.Error(), "does not say what became of old") {
		t.Errorf("without its journal: %v", err)
	}
}

// What an interrupted run had done counts for the guards of the run that is reperformed, as
// it did then: by what the run found, not by what its reading would find now.
func TestWhatTheRunFoundOfEarlierRunsCountsWhenItIsReperformed(t *testing.T) {
	leo := planOne(access.Block).Account
	shelf := shelfOf{}
	wrote(t, shelf, "run-08", intentOf("a1"))
	wrote(t, shelf, "run-09", entry{Kind: "outcome", At: midnight, Outcome: &access.Outcome{Action: planOne(access.Block), Result: access.Failed}},
		outcomeOf("a1", access.Done, &intentRef{"run-08", 1}), intentOf("own"))
	j, _ := heir(shelf, &hands{finds: []access.State{{}}})
	n, m := access.Night{}, access.Memory{}
	if err := j.readBack(&n, &m); err != nil || m.Blocked[leo].Run != "run-08" {
		t.Errorf("%+v: %v", m.Blocked, err)
	}
	shelf = shelfOf{}
	wrote(t, shelf, "run-08", givenBack("a1"))
	j.Records = shelf
	m = access.Memory{Blocked: map[access.AccountKey]access.BlockRecord{leo: {Account: leo, Verbs: []access.Verb{access.OktaSuspend}}}}
	if err := j.readBack(&access.Night{}, &m); err != nil || len(m.Blocked) != 0 {
		t.Errorf("what a dying restore gave back is held for blocked: %+v: %v", m.Blocked, err)
	}
	shelf[oneRecord] = []byte("torn")
	if err := j.readBack(&n, &m); err != nil || !slices.Equal(n.Damaged, []string{oneRecord}) {
		t.Errorf("%q: %v", n.Damaged, err)
	}
}

// A rollcall of before 0.1.0 did not look past a review for what the night before it had
// left open: what it decided is decided again without that.
func TestARunThatDidNotLookPastAReviewIsReperformedAsItWas(t *testing.T) {
	leo := planOne(access.Block).Account
	shelf := shelfOf{}
	wrote(t, shelf, "run-07", intentOf("a1"), outcomeOf("a1", access.Pending, &intentRef{"run-07", 1}))
	before := func() access.Memory {
		return access.Memory{Previous: "run-08", Looked: "run-07", Journals: map[access.RunID]bool{"run-07": true, "run-08": true}}
	}
	j, _ := heir(shelf, &hands{})
	m := before()
	if err := j.readBack(&access.Night{}, &m); err != nil || len(m.Blocked) != 0 {
		t.Errorf("it closed nothing: %+v: %v", m.Blocked, err)
	}
	wrote(t, shelf, "run-09", outcomeOf("a1", access.Done, &intentRef{"run-07", 1}))
	m = before()
	if err := j.readBack(&access.Night{}, &m); err != nil || m.Blocked[leo].Run != "run-07" {
		t.Errorf("it closed it: %+v: %v", m.Blocked, err)
	}
	shelf = shelfOf{}
	wrote(t, shelf, "run-07", intentOf("a1"), outcomeOf("a1", access.Pending, &intentRef{"run-07", 1}))
	j.Records, m = shelf, before()
	m.Previous = "run-07"
	if err := j.readBack(&access.Night{}, &m); err == nil || !strings.Contains(err.Error(), "does not say what became of a1") {
		t.Errorf("nothing was committed between: %v", err)
	}
}
