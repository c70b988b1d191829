package reconcile

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

// TestWhatARefusedListIsMeasuredByIsSaidInWordsWhereItIsNoNumber: nobody can do anything
// with "0, the limit is 0".
func TestWhatARefusedListIsMeasuredByIsSaidInWordsWhereItIsNoNumber(t *testing.T) {
	usual := staff(40)
	for name, c := range map[string]struct {
		list     func(r *access.Roster)
		problems []access.Problem
		want     string
	}{
		"its day":                {func(r *access.Roster) { r.AsOf = day("2026-11-19").At }, nil, "a list of 2026-11-19; what passes by itself is one of 2026-11-20 (the day of the list accepted on 2026-11-22) or later"},
		"its day, read two ways": {func(r *access.Roster) { r.AsOf, r.AsOfOr = day("2026-03-11").At, day("2026-11-03").At }, nil, "a list of 2026-03-11 or 2026-11-03; what passes by itself is one of 2026-11-20 (the day of the list accepted on 2026-11-22) or later"},
		"its day and its number": {func(r *access.Roster) { r.AsOf, r.Rows = day("2026-11-19").At, usual[:30] }, nil, "a list of 2026-11-19 (and 10, the limit is 4); what passes by itself is one of 2026-11-20 (the day of the list accepted on 2026-11-22) or later"},
		"its number":             {func(r *access.Roster) { r.Rows = usual[:30] }, nil, "10, the limit is 4"},
		"that it is no list":     {func(r *access.Roster) { r.Rows = nil }, []access.Problem{{Severity: access.Stop, Says: "it is a web page"}}, "a list that cannot be used; what passes by itself is one that can"},
		"who is missing":         {func(r *access.Roster) { r.Rows = usual[1:] }, nil, "a list without 1 who must always be there; what passes by itself is one with all of them"},
		"that it was there":      {func(r *access.Roster) { r.Original = "o0" }, nil, "a list from before the one in force; what passes by itself is a newer one"},
	} {
		m := inForce(usual)
		last := m.Accepted["employees"]
		last.AsOf, last.AcceptedAt = day("2026-11-20").At, midnight.AddDate(0, 0, -1)
		m.Accepted["employees"], m.History = last, []access.AcceptedRoster{{Source: "employees", Original: "o0"}}
		list := hrList(usual, "o2", "n2")
		c.list(&list)
		r := Accept(list, c.problems, m, RosterGuard{Canaries: []access.EmployeeID{usual[0].EmployeeID}}, midnight).Verdict.Refusal
		if r == nil || r.Measured() != c.want {
			t.Errorf("%s: %+v", name, r)
			continue
		}
		told := Concerns(&access.Night{Rosters: []access.RosterVerdict{{Source: "employees", Refusal: r}}}, NoticeRules{})
		if said := told[0].Open[0]; strings.Contains(said, "0 is the most") || r.Saw != "" && !strings.HasSuffix(said, "It was "+c.want+".") {
			t.Errorf("%s: %s", name, said)
		}
	}
}

func TestAGuardThatLetsNoNumberPassSaysSo(t *testing.T) {
	for want, g := range map[string]access.GuardError{
		"3, and no number of them passes by itself": {Guard: "protected", Count: 3},
		"8, the limit is 5":                         {Guard: "blast_radius", Count: 8, Limit: 5},
		"1, the limit is 0":                         {Guard: "roster", Count: 1}, // of three people one is missing
	} {
		if g.Measured() != want {
			t.Errorf("%q, not %q", g.Measured(), want)
		}
	}
}
