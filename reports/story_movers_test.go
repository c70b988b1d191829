package reports

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestAccessOfEarlierJobsIsToldApartFromLeavers(t *testing.T) {
	now := time.Date(2026, 3, 4, 2, 0, 0, 0, time.UTC)
	right := func(id, group string) access.Action {
		return access.Action{ID: "a" + id, FindingID: "f" + id, Stage: access.Remove, Verb: access.OktaLeaveGroup, Mover: true, Person: access.PersonKey{Source: "employees", EmployeeID: "1"},
			Account: access.AccountKey{System: "okta", ID: "u"}, Login: "ann", EntitlementKind: access.OktaGroup, Entitlement: group, EntitlementID: id}
	}
	n := &access.Night{Run: access.Run{Mode: access.Enforce, Trigger: "nightly"}, People: []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1", Name: "Ann"}, Standing: access.StandingActive}}}
	n.Plan.Actions = []access.Action{right("1", "Orders"), right("2", "Returns")}
	n.Plan.Held = []access.Held{{Action: right("3", "Stock"), Guard: "concentration"}}
	n.Plan.Trips = []access.GuardError{{Guard: "concentration", Says: "six of seven", Cohort: []access.AccountKey{right("3", "").Account}}}
	n.Outcomes = []access.Outcome{{Action: n.Plan.Actions[0], Result: access.Done, VerifiedAt: now}, {Action: n.Plan.Actions[1], Result: access.Failed, Detail: "no right"}}
	n.Findings = []access.Finding{{ID: "f4", Kind: access.MoverResidue, Person: right("", "").Person, Account: right("", "").Account, Login: "ann", EntitlementKind: access.OktaGroup, Entitlement: "Desk", Reason: "it goes"}}
	n.Residues = []access.Residue{{FindingID: "f4", DueAt: now.AddDate(0, 0, 9)}}
	got := strings.Join(strings.Fields(Summary(n, Footer{})), " ")
	for _, want := range []string{"Access of earlier jobs: 1 FAILED, 1 held, 1 taken away and verified, 1 announced, the first for 2026-03-13.", "Okta group Orders: taken away and verified 2026-03-04",
		"Okta group Returns: FAILED No right.", "Okta group Stock: held Held by guard concentration: six of seven.", "Okta group Desk: due on 2026-03-13 It goes.", "Nobody who has left had anything open"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, Summary(n, Footer{}))
		}
	}
	if page := SummaryMarkdown(n, Footer{}); !strings.Contains(page, "### Access of earlier jobs") || !strings.Contains(page, "due on 2026") {
		t.Errorf("the page of a CI job:\n%s", page)
	}
}

func TestWhatReviewsDecidedIsToldWithWhyItIsStillThere(t *testing.T) {
	right := func(id, group string) access.Action {
		return access.Action{ID: "a" + id, FindingID: "f" + id, Stage: access.Remove, Verb: access.OktaLeaveGroup, Review: "r" + id, Person: access.PersonKey{Source: "employees", EmployeeID: "1"},
			Account: access.AccountKey{System: "okta", ID: "u"}, Login: "ann", EntitlementKind: access.OktaGroup, Entitlement: group, EntitlementID: id}
	}
	n := &access.Night{Run: access.Run{Mode: access.Enforce, Trigger: "nightly"}, People: []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1", Name: "Ann"}, Standing: access.StandingActive}}}
	n.Plan.Actions = []access.Action{right("1", "Orders")}
	n.Outcomes = []access.Outcome{{Action: n.Plan.Actions[0], Result: access.Done, VerifiedAt: time.Date(2026, 3, 4, 2, 0, 0, 0, time.UTC)}}
	n.Findings = []access.Finding{{ID: "f4", Kind: access.ReviewRemoval, Person: right("", "").Person, Account: right("", "").Account, Login: "ann", EntitlementKind: access.OktaGroup, Entitlement: "Desk", Reason: "its owner does it"}}
	got := strings.Join(strings.Fields(Summary(n, Footer{})), " ")
	for _, want := range []string{"What reviews decided to remove: 1 taken away and verified, 1 still there.", "Okta group Orders: taken away and verified 2026-03-04", "Okta group Desk: still there Its owner does it.", "Nobody who has left had anything open"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, Summary(n, Footer{}))
		}
	}
	if strings.Contains(got, "earlier jobs") {
		t.Error("it is told as of an earlier job")
	}
}
