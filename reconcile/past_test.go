package reconcile

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func TestANightIsRememberedInNumbersAndNamesNobody(t *testing.T) {
	now := time.Date(2026, 3, 4, 2, 0, 0, 0, time.UTC)
	act := func(id access.AccountID, stage access.Stage) access.Action {
		return access.Action{Stage: stage, Account: access.AccountKey{System: "okta", ID: id}, Login: "ann@example.com"}
	}
	n := &access.Night{Run: access.Run{ID: "n2", StartedAt: now, Mode: access.Enforce, Verdict: "held"},
		Findings: []access.Finding{{Kind: access.UsedAfterExit}, {Disposition: access.ToUrgent}, {Disposition: access.ToReview}},
		Outcomes: []access.Outcome{{Action: act("1", access.Block), Result: access.Done, VerifiedAt: now}, {Action: act("1", access.Block), Result: access.Done, VerifiedAt: now},
			{Action: act("2", access.Block), Result: access.Failed}, {Action: act("3", access.Block), Result: access.Done},
			{Action: act("4", access.Remove), Result: access.Done, VerifiedAt: now}, {Action: act("4", access.Remove), Result: access.AlreadyAbsent}},
		Plan: access.Plan{Held: []access.Held{{Action: act("5", access.Block)}, {Action: act("5", access.Block)}}}}
	n.Systems = []access.Judged{{Observation: access.Observation{Reads: []access.Read{{Complete: true}, {}}}}}
	moved := act("6", access.Remove)
	moved.Mover = true
	n.Outcomes = append(n.Outcomes, access.Outcome{Action: moved, Result: access.Done, VerifiedAt: now}, access.Outcome{Action: act("7", access.Block), Result: access.Failed, VerifiedAt: now},
		access.Outcome{Action: act("8", access.Restore), Result: access.Done, VerifiedAt: now})
	n.Plan.Held = append(n.Plan.Held, access.Held{Action: moved})
	got := Past([]access.PastNight{{Run: "n1"}}, n)
	want := []access.PastNight{{Run: "n1"}, {Run: "n2", At: now, Mode: access.Enforce, Verdict: "held", Reads: 2, Complete: 1, Findings: 3, Urgent: 2, Blocked: 1, Removed: 1, Held: 1}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for what, not := range map[string]*access.Night{"a sweep": {SeenAt: now}, "an order": {Order: &access.Order{}}} {
		if d := cmp.Diff(want, Past(want, not)); d != "" {
			t.Errorf("%s is counted as a night:\n%s", what, d)
		}
	}
}

func TestOnlyAQuarterOfNightsIsRemembered(t *testing.T) {
	var all []access.PastNight
	for i := range 200 {
		all = Past(all, &access.Night{Run: access.Run{ID: access.RunID(fmt.Sprint(i))}})
	}
	if len(all) != pastNights || all[0].Run != "108" || all[pastNights-1].Run != "199" {
		t.Errorf("%d nights, from %s", len(all), all[0].Run)
	}
}
