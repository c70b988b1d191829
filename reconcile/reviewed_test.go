package reconcile

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

// TestHowFarARemovalIs: what outcomes tell of it, each the first time only.
func TestHowFarARemovalIs(t *testing.T) {
	for name, c := range map[string]struct {
		result     access.Result
		sent, done bool
	}{
		"done": {access.Done, true, true}, "pending": {access.Pending, true, false}, "unknown": {access.Unknown, true, false}, "absent already": {access.AlreadyAbsent, false, true}, "failed": {access.Failed, false, false},
	} {
		all := map[string]access.Removal{"r": {RowID: "r"}}
		Taken(all, []access.Outcome{{Action: access.Action{Review: "r"}, Result: c.result, SentAt: morning(2), VerifiedAt: morning(3)}, {Action: access.Action{Review: "x"}, Result: access.Done, SentAt: morning(2)}})
		if r := all["r"]; r.SentAt.IsZero() == c.sent || r.DoneAt.IsZero() == c.done || len(all) != 1 {
			t.Errorf("%s: %+v", name, all)
		}
		was := access.Removal{RowID: "r", SentAt: morning(1), DoneAt: morning(1)}
		all["r"] = was
		Taken(all, []access.Outcome{{Action: access.Action{Review: "r"}, Result: c.result, SentAt: morning(2), VerifiedAt: morning(3)}})
		if all["r"] != was {
			t.Errorf("%s, and it was known before: %+v", name, all["r"])
		}
	}
}

func TestWhatReviewsKeptIsAddedToTheExceptionsInOrder(t *testing.T) {
	p := access.Policy{Exceptions: []access.Exception{{ID: "x"}}}
	got := WithKept(p, map[string]access.Exception{"2": {ID: "b"}, "1": {ID: "a"}, "3": {ID: "c"}}, nil)
	ids := ""
	for _, x := range got.Exceptions {
		ids += x.ID
	}
	if ids != "xabc" || len(p.Exceptions) != 1 {
		t.Error(ids)
	}
	if x := (access.Exception{Line: access.Line{File: "review 2026-q4"}}); !KeptBy(x, "2026-q4") || KeptBy(x, "2026-q3") || KeptBy(access.Exception{}, "") {
		t.Error("it was kept by the review 2026-q4")
	}
}

func TestAnApprovalOfWhatNoReviewWantsAnyMoreDoesNotCount(t *testing.T) {
	k := access.AccountKey{System: "okta", ID: "1"}
	a := access.Approval{Cohort: []access.Stake{{Account: k, Action: reviewAction("r")}, {Account: k, Action: reviewAction("s")}}}
	for name, c := range map[string]struct {
		removals map[string]access.Removal
		refused  bool
	}{
		"both are wanted":     {map[string]access.Removal{"r": {}, "s": {}}, false},
		"one was overruled":   {map[string]access.Removal{"r": {}, "s": {Overruled: "2026-q4"}}, true},
		"one is not there":    {map[string]access.Removal{"r": {}}, true},
		"there is none":       {nil, true},
		"others beside these": {map[string]access.Removal{"r": {}, "s": {}, "t": {Overruled: "2026-q4"}}, false},
	} {
		if got := undecided(a, c.removals); strings.Contains(got, "no review wants a right of okta::1 removed") != c.refused || (got == "") == c.refused {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestWhenARemovalWasFirstTold is remembered: the days of notice count from it.
func TestWhenARemovalWasFirstTold(t *testing.T) {
	k := access.AccountKey{System: "okta", ID: "1"}
	removals := map[string]access.Removal{
		"new": {RowID: "new", Account: k, Kind: access.OktaGroup, Entitlement: "G"}, "old": {RowID: "old", Account: k, Kind: access.OktaGroup, Entitlement: "H", Announced: dayOf(morning(1))},
		"untold": {RowID: "untold", Account: k, Kind: access.OktaGroup, Entitlement: "I"}, "other": {RowID: "other", Account: k, Kind: access.OktaGroup, Entitlement: "J"},
	}
	finding := func(kind access.FindingKind, id string) access.Finding {
		return access.Finding{Kind: kind, Account: k, EntitlementKind: access.OktaGroup, EntitlementID: id}
	}
	d := Decision{Findings: []access.Finding{finding(access.ReviewRemoval, "G"), finding(access.ReviewRemoval, "H"), finding(access.UnexpectedGrant, "J")}}
	var next access.Memory
	w := World{Now: midnight, Memory: access.Memory{Removals: removals}}
	rememberReviews(&next, w, d, nil, "n")
	want := map[string]access.Day{"new": dayOf(midnight), "old": dayOf(morning(1)), "untold": {}, "other": {}}
	for id, day := range want {
		if got := next.Removals[id].Announced; got != day {
			t.Errorf("%s was told on %s", id, got)
		}
	}
	if !removals["new"].Announced.IsZero() {
		t.Error("the memory that came in was written to")
	}
	d.Systems = []access.Judged{{Observation: access.Observation{System: "okta", Reads: []access.Read{{Complete: true, Lists: true}}}}}
	rememberReviews(&next, w, d, nil, "n")
	if next.Removals["new"].GoneIn != "n" {
		t.Error("the account is gone, and so is its right")
	}
	w.SeenAt = midnight
	if rememberReviews(&next, w, d, nil, "n"); next.Removals["new"].GoneIn != "" {
		t.Error("what an earlier run read proves nothing new")
	}
}
