package reconcile

import (
	"reflect"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// tight is a world whose guards trip at once.
func tight(w World) World {
	w.Settings.Limits = Limits{NightMin: 1, NightPercent: 1, WeekMin: 2, WeekPercent: 1, Concentration: 1, Irreversible: 1}
	return w
}

func approvable(p access.Plan) []access.GuardError {
	return slices.DeleteFunc(slices.Concat(p.Trips, p.Behind), func(g access.GuardError) bool { return len(g.Stakes) == 0 })
}

// byOthers are the ids that guards hold for which nobody can answer.
func byOthers(p access.Plan) []string {
	var ids []string
	for _, h := range p.Held {
		if Unanswerable(h.Guard) != "" {
			ids = append(ids, h.Action.ID)
		}
	}
	return ids
}

// whoApprovesAllReleasesAllButWhatNobodyCan: the trips, and those behind them,
// are all that there is to approve.
func whoApprovesAllReleasesAllButWhatNobodyCan(t *testing.T, _ random, w World, _ Decision) {
	w = tight(w)
	before := Decide(w)
	trips := approvable(before.Plan)
	for n, g := range trips {
		w.Approvals = append(w.Approvals, given(string(rune('a'+n)), g.Guard, g.Scope, g.Stakes, w.Now))
	}
	after := Decide(w)
	if left := approvable(after.Plan); len(left) > 0 {
		t.Errorf("everything was approved, and still trips: %+v", left)
	}
	if diff := gocmp.Diff(byOthers(before.Plan), byOthers(after.Plan)); diff != "" || len(after.Plan.Held) != len(byOthers(after.Plan)) {
		t.Errorf("%d are held; what nobody can approve (-before +after):\n%s", len(after.Plan.Held), diff)
	}
	if !reflect.DeepEqual(before.Findings, after.Findings) {
		t.Error("an approval changes a finding")
	}
}

// anApprovalReleasesNothingBesideWhatItNames: of those that run without it there
// are never more than the guard lets pass.
func anApprovalReleasesNothingBesideWhatItNames(t *testing.T, r random, w World, _ Decision) {
	w = tight(w)
	before := Decide(w)
	trips := approvable(before.Plan)
	if len(trips) == 0 {
		return
	}
	var named []access.Stake
	for n, g := range trips {
		some := slices.DeleteFunc(slices.Clone(g.Stakes), func(access.Stake) bool { return r.chance(30) })
		if len(some) > 0 && r.chance(80) {
			w.Approvals = append(w.Approvals, given(string(rune('a'+n)), g.Guard, g.Scope, some, w.Now))
			named = append(named, some...)
		}
	}
	decided := Decide(w)
	after := decided.Plan
	free := map[access.System]int{}
	for _, a := range after.Actions {
		s := access.Stake{Account: a.Account, Stage: a.Stage}
		one := s
		one.Action = a.ID
		if len(a.Released) > 0 && !slices.Contains(named, s) && !slices.Contains(named, one) {
			t.Errorf("nobody named it, and an approval released it: %s", renderAction(a))
		}
		if a.First && a.Stage == access.Block && !slices.ContainsFunc(a.Released, func(r access.Release) bool { return r.Guard == "blast_radius" }) {
			free[a.Account.System]++
		}
	}
	for _, v := range decided.Approvals {
		accounts := map[access.AccountKey]bool{}
		for _, a := range after.Actions {
			if slices.ContainsFunc(a.Released, func(r access.Release) bool { return r.Approval == v.ID }) {
				accounts[a.Account] = true
			}
		}
		if v.Accounts != len(accounts) || v.Counts != (len(accounts) > 0) {
			t.Errorf("%s says that it releases %d accounts, and it does %d: %s", v.ID, v.Accounts, len(accounts), v.Says)
		}
	}
	for system, n := range free {
		if n > 1 {
			t.Errorf("%d accounts of %s are blocked for the first time without an approval, and 1 is the most", n, system)
		}
	}
	if diff := gocmp.Diff(byOthers(before.Plan), byOthers(after)); diff != "" {
		t.Errorf("what nobody can approve (-before +after):\n%s", diff)
	}
}

// whatIsNoGoodChangesNothing: spent, expired, unproven, or of other people.
func whatIsNoGoodChangesNothing(t *testing.T, r random, w World, _ Decision) {
	w = tight(w)
	before := Decide(w)
	for n, g := range approvable(before.Plan) {
		a := given(string(rune('a'+n)), g.Guard, g.Scope, g.Stakes, w.Now)
		switch r.IntN(5) {
		case 0:
			a.Spent = "run-1"
		case 1:
			a.ExpiresAt = w.Now
		case 2:
			a.Unproven = "no signature"
		case 3:
			a.Cohort = append(slices.Clone(a.Cohort), access.Stake{Account: access.AccountKey{System: "okta", ID: "nobody"}, Stage: access.Block})
			a.Count, a.CohortSHA256 = len(a.Cohort), access.CohortDigest(a.Cohort)
		case 4:
			a.Cohort = a.Cohort[1:] // and the digest of all of them
		}
		w.Approvals = append(w.Approvals, a)
	}
	after := Decide(w)
	if !reflect.DeepEqual(before.Plan, after.Plan) {
		t.Errorf("an approval that is no good changes the plan:\n%s", gocmp.Diff(before.Plan, after.Plan))
	}
	for _, v := range after.Approvals {
		if v.Counts || v.Says == "" {
			t.Errorf("%+v", v)
		}
	}
}
