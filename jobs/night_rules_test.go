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

// What the next night knows is what this one learnt.
func TestANightLeavesWhatTheNextOneGoesBy(t *testing.T) {
	h, j := ready(t, "nightly")
	h.memory.Kept = map[string]access.Exception{"row-1": {System: "okta", ID: "kept"}}
	j.Notices = &reconcile.NoticeRules{Environment: "test"}
	r, err := j.Nightly(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, m := r.Night, h.memory; len(m.Past) != 2 || len(n.Past) != 2 || len(m.Endings) == 0 || len(n.Endings) != len(m.Endings) || m.Counts["okta/users"].Run != j.Run.ID || m.Notices.From == "" {
		t.Errorf("past %d and %d, endings %d and %d, counts %+v, notices from %q", len(m.Past), len(n.Past), len(m.Endings), len(n.Endings), m.Counts, m.Notices.From)
	}
	if len(r.Night.Policy.Exceptions) != 1 {
		t.Errorf("what a review allowed for a time does not count: %+v", r.Night.Policy)
	}
	plan, err := h.job().Plan(t.Context())
	if n := plan.Night; err != nil || len(n.Past) != 2 || len(n.Endings) != len(h.memory.Endings) {
		t.Errorf("a plan: past %d, endings %d: %v", len(n.Past), len(n.Endings), err)
	}
	h.is("leo", access.StatusActive)
	j = h.job()
	j.Notices, h.memory.Notices.From = &reconcile.NoticeRules{Environment: "test"}, ""
	if _, err := j.Restore(t.Context(), Wish{Run: r.Night.Run.ID, Reason: "mistake"}); err != nil || h.memory.Notices.From == "" {
		t.Errorf("a restore: notices from %q: %v", h.memory.Notices.From, err)
	}
}

// A night looks into the log and into the credentials of every leaver; a sweep and an
// order read as little as they can.
func TestWhatIsReadBesidesTheAccounts(t *testing.T) {
	for name, want := range map[string]string{
		"nightly": "detail [6 7] uses", "plan": "detail [6 7] uses", "world": "detail [6 7]", "sweep": "detail [7]", "revoke": "detail [5]", "order": "detail [5]",
	} {
		h := newHamlet(t)
		h.is("leo", access.StatusLeft)
		if _, err := h.job().Nightly(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.is("mia", access.StatusLeft)
		var read []string
		j := h.job()
		j.Detail = func(_ context.Context, seen []access.Observation, accounts [][]int) []access.Observation {
			read = append(read, "detail "+fmt.Sprint(accounts[0]))
			return seen
		}
		j.Uses = func(_ context.Context, seen []access.Observation, _ [][]access.Watch) []access.Observation {
			read = append(read, "uses")
			return seen
		}
		command := name
		switch name {
		case "sweep":
			j.Recall = h.Recall
		case "revoke", "order":
			j.Order, command = &access.Order{Reason: "stolen"}, "revoke"
			if name == "revoke" {
				j.Recall = h.Recall
			}
		}
		run := commands[command].run
		if command == "revoke" {
			run = func(j *Job, ctx context.Context) (Result, error) { return j.Revoke(ctx, "E6") }
		}
		if _, err := run(j, t.Context()); err != nil || strings.Join(read, " ") != want {
			t.Errorf("%s: %q, want %q: %v", name, read, want, err)
		}
	}
}

// What Detail and Uses read is what is decided over.
func TestWhatIsReadBesidesIsKept(t *testing.T) {
	_, j := ready(t, "nightly")
	more := func(seen []access.Observation, kind string) []access.Observation {
		seen[0].Reads = append(seen[0].Reads, access.Read{System: "okta", Kind: kind, Complete: true, ClaimedTotal: -1})
		return slices.Clone(seen)
	}
	j.Detail = func(_ context.Context, seen []access.Observation, _ [][]int) []access.Observation {
		return more(slices.Clone(seen), "detail")
	}
	j.Uses = func(_ context.Context, seen []access.Observation, _ [][]access.Watch) []access.Observation {
		return more(slices.Clone(seen), "uses")
	}
	r, err := j.Nightly(t.Context())
	if err != nil || len(r.Night.Systems[0].Reads) != 3 {
		t.Errorf("%+v %v", r.Night.Systems, err)
	}
}

// Only a night that is about everybody asks anybody.
func TestASweepAndAnOrderHaveNoWorksheets(t *testing.T) {
	recall := func() (reconcile.LastRun, error) { return reconcile.LastRun{}, nil }
	for name, tt := range map[string]struct {
		j    Job
		asks bool
	}{"night": {Job{}, true}, "sweep": {Job{Recall: recall}, false}, "order": {Job{Order: &access.Order{}}, false}, "order over what is known": {Job{Recall: recall, Order: &access.Order{}}, false}} {
		var n access.Night
		tt.j.conclude(&n, reconcile.Decision{Worksheets: []access.Worksheet{{}}, Balances: []access.Balance{
			{What: "accounts of okta", Parts: []access.BalancePart{{Name: "matched"}}}, {What: "findings", Asks: true, Parts: []access.BalancePart{{Name: "put to somebody"}}}, {What: "rows for reviewers", Asks: true}, {What: "worksheets of then", Parts: []access.BalancePart{{Name: "worksheets"}}},
		}})
		want := map[bool]int{true: 4, false: 2}[tt.asks]
		if (len(n.Worksheets) == 1) != tt.asks || len(n.Balances) != want || n.Balances[0].What != "accounts of okta" {
			t.Errorf("%s: %d worksheets, %+v", name, len(n.Worksheets), n.Balances)
		}
	}
}

func TestAPlanThatCannotBeFollowedOnRecordIsNotFollowed(t *testing.T) {
	h, j := ready(t, "nightly")
	gone := planOne(access.Block)
	gone.ID = "gone"
	j.Only = &access.Plan{Actions: []access.Action{gone}}
	h.failAt = 8 // the record that it is skipped
	if _, err := j.Nightly(t.Context()); !errors.Is(err, errIO) || len(h.calls) != 8 || h.calls[7] != "record" {
		t.Errorf("%v after %q", err, h.calls)
	}
}

func TestTheReviewsThatAreOpenAreNamedInTheirOrder(t *testing.T) {
	open := openReviews(access.Memory{Campaigns: map[access.CampaignID]access.Campaign{"c3": {}, "c1": {}, "c2": {ClosedAt: midnight}}})
	if !slices.Equal(open, []access.CampaignID{"c1", "c3"}) {
		t.Errorf("%v", open)
	}
}

func TestAPlanIsAppliedAsItWasWrittenAndInItsTime(t *testing.T) {
	p := access.Plan{RunID: "run-01", CreatedAt: midnight}
	p.SHA256 = reconcile.PlanDigest(p)
	altered := p
	altered.SHA256 = "other"
	for name, tt := range map[string]struct {
		p    access.Plan
		age  time.Duration
		says string
	}{
		"fresh":                     {p, 0, ""},
		"as old as it may be":       {p, 24 * time.Hour, ""},
		"too old":                   {p, 24*time.Hour + time.Second, "may be 24h0m0s old"},
		"by a clock an hour behind": {p, -time.Hour, ""},
		"of a time that is not yet": {p, -time.Hour - time.Second, "was made -1h0m1s ago"},
		"altered":                   {altered, 0, "was altered after it was written"},
		"altered, and old as well":  {altered, 48 * time.Hour, "was altered"},
	} {
		err := CheckPlan(tt.p, midnight.Add(tt.age), 24*time.Hour)
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A plan to show says what an earlier run left open.
func TestShowingARestoreTellsWhatIsOpen(t *testing.T) {
	h, j := ready(t, "show")
	wrote(t, h.shelf, "run-99", intentOf("old"))
	r, err := j.ShowRestore(t.Context(), Wish{Run: "run-02", Reason: "mistake"})
	if err != nil || !slices.ContainsFunc(r.Notes, func(s string) bool { return strings.Contains(s, "an earlier run did not finish") }) {
		t.Errorf("%q %v", r.Notes, err)
	}
}

// Where the accounts of the last run cannot be recalled, nothing is decided over none.
func TestARunOverAccountsThatCannotBeRecalledStops(t *testing.T) {
	h, j := ready(t, "nightly")
	j.Recall = func() (reconcile.LastRun, error) { return reconcile.LastRun{}, errIO }
	if _, err := j.Nightly(t.Context()); !errors.Is(err, errIO) || slices.Contains(h.calls, "facts") || len(h.nights) != 1 {
		t.Errorf("%v after %q", err, h.calls)
	}
}

// A record that is damaged may be one of what was done: the night says that it failed, though all else went well.
func TestANightOverADamagedRecordHasFailed(t *testing.T) {
	for damaged, want := range map[bool]int{true: ExitFailed, false: ExitDone} {
		h := newHamlet(t)
		if damaged {
			h.shelf["journal/run-90/000001.json"] = []byte("torn")
		}
		r, err := h.job().Nightly(t.Context())
		if err != nil || r.Night.Run.ExitCode != want || (r.Night.Run.Verdict == "failed") != damaged || (len(r.Night.Damaged) == 1) != damaged {
			t.Errorf("damaged %v: %+v, %q, %v", damaged, r.Night.Run, r.Night.Damaged, err)
		}
	}
}
