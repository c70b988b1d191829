package reconcile

import (
	"reflect"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// given is a sound approval of these stakes.
func given(id, guard, scope string, stakes []access.Stake, now time.Time) access.GivenApproval {
	return access.GivenApproval{Approval: access.Approval{ID: id, Guard: guard, Scope: scope, Cohort: stakes, Count: len(stakes), CohortSHA256: access.CohortDigest(stakes),
		By: "Ann", Reason: "HR confirmed it", CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(time.Hour)}}
}

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

func TestTheOrderOfACohortDoesNotMatterAndEachPartOfItDoes(t *testing.T) {
	a := access.Stake{Account: access.AccountKey{System: "okta", ID: "1"}, Stage: access.Block}
	b := access.Stake{Account: access.AccountKey{System: "aws", Scope: "1", ID: "1"}, Stage: access.Block}
	if access.CohortDigest([]access.Stake{a, b}) != access.CohortDigest([]access.Stake{b, a}) {
		t.Error("the order matters")
	}
	for _, other := range []access.Stake{
		{Account: access.AccountKey{System: "oktb", ID: "1"}, Stage: access.Block}, {Account: access.AccountKey{System: "okta", Scope: "1", ID: "1"}, Stage: access.Block},
		{Account: access.AccountKey{System: "okta", ID: "2"}, Stage: access.Block}, {Account: a.Account, Stage: "remove"}, {Account: a.Account, Stage: access.Block, Action: "a1"},
	} {
		if access.CohortDigest([]access.Stake{a, b}) == access.CohortDigest([]access.Stake{other, b}) {
			t.Errorf("%+v is as good as %+v", other, a)
		}
	}
}

func TestAnApprovedListDoesNotFillTheWeek(t *testing.T) {
	m := inForce(staff(200))
	m.History = []access.AcceptedRoster{{Source: "employees", Original: "o0", AcceptedAt: midnight.AddDate(0, 0, -2), Gone: 40, Approval: "ap-1"}}
	one := hrList(staff(200, access.Identity{EmployeeID: "1", Status: access.StatusLeft}), "o2", "n2")
	if s := Accept(one, nil, m, RosterGuard{}, midnight); !s.Verdict.Accepted {
		t.Errorf("one more was refused: %s", s.Verdict.Refusal.Says)
	}
	m.History[0].Approval = ""
	if s := Accept(one, nil, m, RosterGuard{}, midnight); s.Verdict.Accepted {
		t.Error("41 in 7 days were believed without an approval")
	}
}

func TestAnAcceptedListRemembersItsApproval(t *testing.T) {
	gone := staff(40)
	for n := range 8 {
		gone[n].Status = access.StatusLeft
	}
	m, list := inForce(staff(40)), hrList(gone, "o2", "n2")
	seen := Accept(list, nil, m, RosterGuard{}, midnight).Verdict.Seen
	a := given("ap-1", "roster", string(list.Source), nil, midnight)
	a.Roster, a.Count, a.CohortSHA256 = &seen, seen.Gone, seen.Rows
	s := Accept(list, nil, m, RosterGuard{Approvals: []access.GivenApproval{a}}, midnight)
	if !s.Verdict.Accepted || s.Verdict.Approval != "ap-1" || s.Verdict.InForce.Approval != "ap-1" || s.Verdict.InForce.Gone != 8 {
		t.Errorf("%+v", s.Verdict)
	}
	other := seen
	for what, change := range map[string]func(){
		"another file": func() { other.Original = "o3" }, "other rows": func() { other.Rows = "n3" }, "another list before": func() { other.Against = "n9" },
		"more people": func() { other.People++ }, "fewer before": func() { other.Before-- }, "other numbers": func() { other.Gone++ }, "another source": func() { other.Source = "contractors" },
	} {
		other = seen
		change()
		a.Roster, a.Count, a.CohortSHA256 = &other, other.Gone, other.Rows
		if s := Accept(list, nil, m, RosterGuard{Approvals: []access.GivenApproval{a}}, midnight); s.Verdict.Accepted {
			t.Errorf("%s: accepted", what)
		}
	}
}

func TestAnApprovalOfTheFutureDoesNotCount(t *testing.T) {
	stakes := []access.Stake{{Account: access.AccountKey{System: "okta", ID: "00u1"}, Stage: access.Block}}
	now := time.Date(2041, 3, 4, 1, 0, 0, 0, time.UTC)
	a := given("a", "blast_radius", "okta", stakes, now)
	if why := unusable(a, now, 72*time.Hour); why != "" {
		t.Fatalf("a sound approval: %s", why)
	}
	for says, at := range map[string]time.Time{"it was made on 2041-03-04 00:00 UTC, which is still ahead: one of the two clocks is wrong": now.Add(-3 * time.Hour), "it expired on 2041-03-04 02:00 UTC": now.Add(time.Hour)} {
		if why := unusable(a, at, 72*time.Hour); why != says {
			t.Errorf("at %s: %q, want %q", at, why, says)
		}
	}
}

func TestAnApprovalThatLacksSomethingCountsForNothing(t *testing.T) {
	now := time.Date(2041, 3, 4, 1, 0, 0, 0, time.UTC)
	stakes := []access.Stake{{Account: access.AccountKey{System: "okta", ID: "00u1"}, Stage: access.Block}, {Account: access.AccountKey{System: "okta", ID: "00u2"}, Stage: access.Block}}
	sound := given("a", "blast_radius", "okta", stakes, now)
	ofList := given("r", "roster", "employees", nil, now)
	ofList.Roster = &access.ApprovedRoster{Source: "employees", Gone: 8, Rows: "n2"}
	ofList.Count, ofList.CohortSHA256 = 8, "n2"
	for what, one := range map[string]struct {
		of     access.GivenApproval
		change func(*access.GivenApproval)
		says   string
	}{
		"nothing":                       {sound, func(*access.GivenApproval) {}, ""},
		"nothing, of a list":            {ofList, func(*access.GivenApproval) {}, ""},
		"who":                           {sound, func(a *access.GivenApproval) { a.By = "" }, "it does not say who approves and why"},
		"why":                           {sound, func(a *access.GivenApproval) { a.Reason = "" }, "it does not say who approves and why"},
		"who, of a list":                {ofList, func(a *access.GivenApproval) { a.By = "" }, "it does not say who approves and why"},
		"its cohort":                    {sound, func(a *access.GivenApproval) { a.Cohort, a.Count, a.CohortSHA256 = nil, 0, access.CohortDigest(nil) }, "its cohort is not the one that its count and digest are of"},
		"its count":                     {sound, func(a *access.GivenApproval) { a.Count = 1 }, "its cohort is not the one that its count and digest are of"},
		"its digest":                    {sound, func(a *access.GivenApproval) { a.CohortSHA256 = "" }, "its cohort is not the one that its count and digest are of"},
		"a guard that can be answered":  {sound, func(a *access.GivenApproval) { a.Guard = "protected" }, Unanswerable("protected")},
		"a guard that there is":         {sound, func(a *access.GivenApproval) { a.Guard = "luck" }, Unanswerable("luck")},
		"a short life":                  {sound, func(a *access.GivenApproval) { a.ExpiresAt = a.CreatedAt.Add(72*time.Hour + time.Minute) }, "it would last 72h1m0s, and 72h0m0s is the most here"},
		"not even a minute of its life": {sound, func(a *access.GivenApproval) { a.ExpiresAt = a.CreatedAt.Add(72 * time.Hour) }, ""},
		"the list":                      {ofList, func(a *access.GivenApproval) { a.Roster = nil }, "it does not say which list it is of"},
		"the list that it names":        {ofList, func(a *access.GivenApproval) { a.Scope = "contractors" }, "it does not say which list it is of"},
		"the number who are gone":       {ofList, func(a *access.GivenApproval) { a.Count = 7 }, "it does not say which list it is of"},
		"the rows":                      {ofList, func(a *access.GivenApproval) { a.CohortSHA256 = "n3" }, "it does not say which list it is of"},
		"that it was not used":          {sound, func(a *access.GivenApproval) { a.Spent = "run-1" }, "it is spent: run run-1 used it, and an approval counts once"},
		"nothing: it goes on":           {sound, func(a *access.GivenApproval) { a.Spent, a.Resumable = "run-1", true }, ""},
	} {
		one.change(&one.of)
		if says := unusable(one.of, now, 72*time.Hour); says != one.says {
			t.Errorf("it lacks %s: %q, want %q", what, says, one.says)
		}
	}
}

// A system may be called as a list is.
func TestAnApprovalOfAnotherGuardAcceptsNoList(t *testing.T) {
	gone := staff(40)
	for n := range 8 {
		gone[n].Status = access.StatusLeft
	}
	other := given("ap-1", "blast_radius", "employees", []access.Stake{{Account: access.AccountKey{System: "employees", ID: "1"}, Stage: access.Block}}, midnight)
	if s := Accept(hrList(gone, "o2", "n2"), nil, inForce(staff(40)), RosterGuard{Approvals: []access.GivenApproval{other}}, midnight); s.Verdict.Accepted {
		t.Errorf("%+v", s.Verdict)
	}
}

func TestWhatAnApprovalOfAListDidIsSaid(t *testing.T) {
	seen := access.ApprovedRoster{Source: "employees", File: "employees.csv", Original: "o2", Rows: "n2", Against: "n1", People: 40, Before: 41, Gone: 8}
	refused := access.RosterVerdict{Source: "employees", Seen: seen, Refusal: &access.GuardError{Guard: "roster", Says: "8 of 41 are gone", Approvable: true}}
	a := access.Approval{ID: "ap-1", Guard: "roster", Scope: "employees", Roster: &seen}
	with := func(change func(*access.ApprovedRoster)) access.Approval {
		b, other := a, seen
		change(&other)
		b.Roster = &other
		return b
	}
	verdict := func(change func(*access.RosterVerdict)) access.RosterVerdict {
		v := refused
		change(&v)
		return v
	}
	for _, one := range []struct {
		a      access.Approval
		v      access.RosterVerdict
		counts bool
		says   string
	}{
		{a, verdict(func(v *access.RosterVerdict) { v.Accepted, v.Approval = true, "ap-1" }), true, "by it the list employees is accepted, with 8 people who are newly gone"},
		{a, verdict(func(v *access.RosterVerdict) { v.Accepted = true }), false, "the list employees was accepted without it; it is not spent"},
		{a, verdict(func(v *access.RosterVerdict) {
			v.Refusal = &access.GuardError{Guard: "roster", Says: "a canary is missing"}
		}), false, "the list employees is refused for what nobody can approve: a canary is missing"},
		{a, verdict(func(v *access.RosterVerdict) { v.Source = "contractors" }), false, `there is no list called "employees" here`},
		{with(func(s *access.ApprovedRoster) { s.File = "elsewhere.csv" }), refused, false, ""}, // under whatever name it lies
		{with(func(s *access.ApprovedRoster) { s.Original = "o3" }), refused, false, "it is of another file: the list was changed or sent anew after it was approved; look at the list of now, and approve that one"},
		{with(func(s *access.ApprovedRoster) { s.Against = "n0" }), refused, false, "the list in force is another one by now, so that it is about other people: look at the list again, and approve it anew"},
		{with(func(s *access.ApprovedRoster) { s.Gone = 7 }), refused, false, "it is of 40 people in the list, 41 before and 7 newly gone; now they are 40, 41 and 8: approve it anew"},
	} {
		if counts, says := rosterVerdict(one.a, []access.RosterVerdict{one.v}); counts != one.counts || says != one.says {
			t.Errorf("%t, %q; want %t, %q", counts, says, one.counts, one.says)
		}
	}
}

func TestOfTwoApprovalsOfTheSamePeopleTheFirstByItsIDReleasesThem(t *testing.T) {
	all := many(6, "okta", access.Block)
	leavers := map[access.AccountKey]bool{}
	var stakes []access.Stake
	for _, c := range all {
		leavers[c.Action.Account] = true
		stakes = append(stakes, access.Stake{Account: c.Action.Account, Stage: access.Block})
	}
	a, b := given("a", "blast_radius", "okta", stakes, tonight), given("b", "blast_radius", "okta", stakes, tonight)
	for _, approvals := range [][]access.GivenApproval{{a, b}, {b, a}} {
		p, _ := Judge(all, Facts{Now: tonight, Mode: access.Enforce, Memory: access.Memory{Accounts: map[access.System]int{"okta": 100, "aws": 100}}, Limits: Limits{Concentration: 9},
			Leavers: leavers, Approvals: approvals, ApprovalAge: 72 * time.Hour})
		if len(p.Actions) != 6 {
			t.Errorf("%d run: %+v", len(p.Actions), p.Trips)
		}
		for _, act := range p.Actions {
			if want := []access.Release{{Approval: "a", Guard: "blast_radius", Scope: "okta"}}; !reflect.DeepEqual(act.Released, want) {
				t.Errorf("%s is released by %+v", act.ID, act.Released)
			}
		}
	}
}

func TestAnApprovalOfPeopleWhoAreNoLeaversNamesTheFirstOfThem(t *testing.T) {
	var stakes []access.Stake
	leavers := map[access.AccountKey]bool{}
	for _, n := range []int{5, 3, 1, 4, 2, 6} {
		stakes = append(stakes, access.Stake{Account: account("okta", n), Stage: access.Block})
	}
	leavers[account("okta", 6)] = true
	a := given("a", "blast_radius", "okta", stakes, tonight).Approval
	const end = ": look at the list of now, and approve that one"
	if says, want := changed(a, Facts{Leavers: leavers}), "the cohort is another one now: 5 of the 6 that it names are not a certain leaver's any more, or are not listed ("+
		account("okta", 1).String()+", "+account("okta", 2).String()+", "+account("okta", 3).String()+" and 2 more)"+end; says != want {
		t.Errorf("%s, want %s", says, want)
	}
	leavers[account("okta", 1)], leavers[account("okta", 2)] = true, true
	if says, want := changed(a, Facts{Leavers: leavers}), "the cohort is another one now: 3 of the 6 that it names are not a certain leaver's any more, or are not listed ("+
		account("okta", 3).String()+", "+account("okta", 4).String()+", "+account("okta", 5).String()+")"+end; says != want {
		t.Errorf("%s, want %s", says, want)
	}
}
