package reconcile

import (
	"reflect"
	"testing"
	"time"

	"rollcall/internal/access"
)

// given is a sound approval of these stakes.
func given(id, guard, scope string, stakes []access.Stake, now time.Time) access.GivenApproval {
	return access.GivenApproval{Approval: access.Approval{ID: id, Guard: guard, Scope: scope, Cohort: stakes, Count: len(stakes), CohortSHA256: access.CohortDigest(stakes),
		By: "Ann", Reason: "HR confirmed it", CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(time.Hour)}}
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
