package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestTheNumbersOfAList(t *testing.T) {
	with := func(ids ...access.EmployeeID) (out []access.Identity) {
		for _, id := range ids {
			out = append(out, access.Identity{EmployeeID: id, Status: access.StatusActive})
		}
		return out
	}
	left := func(rows []access.Identity, n int) []access.Identity {
		for i := range n {
			rows[i].Status = access.StatusLeft
		}
		return rows
	}
	for what, c := range map[string]struct {
		before, after []access.Identity
		accepted      bool
	}{
		"five in a hundred may be gone":                {staff(200), left(staff(200), 10), true},
		"and no more":                                  {staff(200), left(staff(200), 11), false},
		"one lost its zeros":                           {staff(49, with("007")...), staff(49, with("7")...), true},
		"two in a hundred did":                         {staff(97, with("007", "008")...), staff(97, with("7", "8")...), false},
		"one in a hundred did":                         {staff(198, with("007", "008")...), staff(198, with("7", "8")...), true},
		"those with zeros are there beside other ones": {staff(47, with("007", "008")...), staff(47, with("007", "008", "7", "8")...), true},
		"ten fewer in a hundred are believed":          {staff(40), staff(36), true},
		"and no more fewer":                            {staff(40), staff(35), false},
		"who had left before is not newly gone":        {left(staff(40), 20), left(staff(40), 20), true},
	} {
		s := Accept(hrList(c.after, "o2", "n2"), nil, inForce(c.before), RosterGuard{}, midnight)
		if s.Verdict.Accepted != c.accepted {
			t.Errorf("%s: %+v", what, s.Verdict.Refusal)
		}
	}
}

func TestTheCompanyMaySetTheLimitsOfAList(t *testing.T) {
	gone := staff(200)
	for n := range 30 {
		gone[n].Status = access.StatusLeft
	}
	for what, c := range map[string]struct {
		before, after []access.Identity
		g             RosterGuard
		accepted      bool
	}{
		"half of it, fewer":             {staff(40), staff(25), RosterGuard{ShrinkPercent: 50, GoneMin: 20}, true},
		"of which more than that":       {staff(40), staff(15), RosterGuard{ShrinkPercent: 50, GoneMin: 40}, false},
		"three gone are too many":       {staff(40), staff(37), RosterGuard{GoneMin: 2}, false},
		"fifteen in a hundred are gone": {staff(200), gone, RosterGuard{GonePercent: 15}, true},
		"and that is one too many":      {staff(200), gone, RosterGuard{GonePercent: 14}, false},
	} {
		s := Accept(hrList(c.after, "o2", "n2"), nil, inForce(c.before), c.g, midnight)
		if s.Verdict.Accepted != c.accepted {
			t.Errorf("%s: %+v", what, s.Verdict.Refusal)
		}
	}
}

func TestAProblemOfOneRowRefusesNoList(t *testing.T) {
	for severity, accepted := range map[access.Severity]bool{access.Stop: false, access.Hold: true, access.Wide: true, access.Note: true} {
		problems := []access.Problem{{Severity: severity, Says: "row 7 has no date"}}
		if s := Accept(hrList(staff(40), "o2", "n2"), problems, inForce(staff(40)), RosterGuard{}, midnight); s.Verdict.Accepted != accepted {
			t.Errorf("%s: %+v", severity, s.Verdict.Refusal)
		}
	}
}

// TestRowsWithoutAnIDLostNoZeros though an id that was nothing but zeros is gone.
func TestRowsWithoutAnIDLostNoZeros(t *testing.T) {
	ids := func(all ...access.EmployeeID) (out []access.Identity) {
		for _, id := range all {
			out = append(out, access.Identity{EmployeeID: id})
		}
		return out
	}
	if got := lostZeros(ids("000", "007"), ids("", "", "7")); len(got) != 1 || got[0] != (lost{"007", "7"}) {
		t.Errorf("%v", got)
	}
}

func TestAListIsNotRefusedForWhatIsNotItsOwn(t *testing.T) {
	m := inForce(staff(200))
	last := m.Accepted["employees"]
	last.AsOf = midnight.AddDate(0, 0, -1)
	m.Accepted["employees"] = last
	m.History = append(m.History, access.AcceptedRoster{Source: "contractors", Original: "o2", AcceptedAt: midnight.AddDate(0, 0, -1), Gone: 50})
	rows := staff(200)
	rows[0].Status = access.StatusLeft
	list := hrList(rows, "o2", "n2")
	list.AsOf = midnight
	if s := Accept(list, nil, m, RosterGuard{Canaries: []access.EmployeeID{"100", "150"}}, midnight); !s.Verdict.Accepted {
		t.Errorf("it is newer, has its canaries, and what another list had is no matter: %+v", s.Verdict.Refusal)
	}
	if s := Accept(list, nil, m, RosterGuard{Canaries: []access.EmployeeID{"100", "7"}}, midnight); s.Verdict.Accepted || s.Verdict.Refusal.Count != 1 {
		t.Errorf("a canary is missing: %+v", s.Verdict)
	}
}

func TestOfSeveralRowsThatWorkHereOneThatIsNotOverCounts(t *testing.T) {
	row := func(days int) access.Identity {
		i := access.Identity{Status: access.StatusActive}
		if days != 0 {
			i.EndDate = dayOf(midnight.AddDate(0, 0, days))
		}
		return i
	}
	for _, first := range []int{0, 10} {
		rows := []access.Identity{row(first), row(-10)}
		if live := liveRow(rows, midnight, time.UTC); live != &rows[0] {
			t.Errorf("%+v", live)
		}
	}
}

func TestWhoIsListedHasNotVanishedAndWhoHadVanishedDidSoThen(t *testing.T) {
	earlier := midnight.AddDate(0, 0, -5)
	rows := staff(3)
	v := map[access.PersonKey]access.Vanished{rows[0].Key(): {Identity: rows[0], Since: earlier}}
	got := vanishedNow(v, rows, rows[1:2], midnight)
	if len(got) != 2 || !got[rows[0].Key()].Since.Equal(earlier) || !got[rows[2].Key()].Since.Equal(midnight) {
		t.Errorf("%v", got)
	}
}

func TestWhoVanishedAfterSeveralRowsIsRememberedByWhatTheyDoNotSettle(t *testing.T) {
	left := access.Identity{EmployeeID: "1", Status: access.StatusLeft, EndDate: day("2026-11-01"), LastWorkingDay: day("2026-10-30"), TimeZone: "UTC"}
	garden := left
	garden.Status = access.StatusGardenLeave
	if got := lastWord([]access.Identity{garden, left}); got.Status != access.StatusGardenLeave {
		t.Errorf("%+v", got)
	}
	if got := lastWord([]access.Identity{left, left}); got.Problem != "" {
		t.Errorf("both say the same: %+v", got)
	}
	for what, change := range map[string]func(*access.Identity){
		"end":              func(i *access.Identity) { i.EndDate = day("2026-11-02") },
		"last working day": func(i *access.Identity) { i.LastWorkingDay = day("2026-10-29") },
		"time zone":        func(i *access.Identity) { i.TimeZone = "Asia/Tokyo" },
	} {
		other := left
		change(&other)
		if got := lastWord([]access.Identity{other, left}); got.Problem == "" {
			t.Errorf("another %s: %+v", what, got)
		}
	}
}

func TestTheSameFileReadAnotherWayTakesForceAsAnotherList(t *testing.T) {
	s := Accept(hrList(staff(40), "o1", "n2"), nil, inForce(staff(40)), RosterGuard{}, midnight)
	if s.Verdict.Same || s.Verdict.InForce.SHA256 != "n2" || !s.Verdict.InForce.AcceptedAt.Equal(midnight) {
		t.Errorf("%+v", s.Verdict)
	}
	s = Accept(hrList(staff(40), "o1", "n1"), nil, inForce(staff(40)), RosterGuard{}, midnight)
	if !s.Verdict.Same || s.Verdict.InForce.AcceptedAt.Equal(midnight) {
		t.Errorf("the very same: %+v", s.Verdict)
	}
	s = Accept(hrList(staff(40), "o2", "n1"), nil, inForce(staff(40)), RosterGuard{}, midnight)
	if s.Verdict.Same || s.Verdict.InForce.Original != "o2" || !s.Verdict.InForce.AcceptedAt.Equal(midnight) {
		t.Errorf("another file with the same rows: %+v", s.Verdict)
	}
	s = Accept(access.Roster{Source: "employees"}, []access.Problem{{Severity: access.Stop}}, access.Memory{}, RosterGuard{}, midnight)
	if s.Verdict.Same {
		t.Errorf("no list was ever in force, and this one is unreadable: %+v", s.Verdict)
	}
}

func TestAnOldFileIsRefusedAlsoIfItsRowsAreThoseInForce(t *testing.T) {
	m := inForce(staff(40))
	m.History = append(m.History, access.AcceptedRoster{Source: "employees", Original: "o0", SHA256: "n1", AcceptedAt: midnight.AddDate(0, 0, -9)})
	if s := Accept(hrList(staff(40), "o0", "n1"), nil, m, RosterGuard{}, midnight); s.Verdict.Accepted || s.Verdict.Refusal.Approvable {
		t.Errorf("%+v", s.Verdict)
	}
}
