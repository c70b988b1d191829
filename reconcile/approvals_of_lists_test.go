package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

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
