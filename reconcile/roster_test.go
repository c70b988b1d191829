package reconcile

import (
	"fmt"
	"testing"
	"time"

	"rollcall/internal/access"
)

func day(s string) access.Day {
	d, err := access.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// staff are n people who work here, ids from 100 on, and then those given.
func staff(n int, more ...access.Identity) []access.Identity {
	var rows []access.Identity
	for k := range n {
		rows = append(rows, access.Identity{Source: "employees", EmployeeID: access.EmployeeID(fmt.Sprint(100 + k)), Status: access.StatusActive, Row: k + 2})
	}
	for k, i := range more {
		i.Source, i.Row = "employees", n+k+2
		rows = append(rows, i)
	}
	return rows
}

func hrList(rows []access.Identity, original, normalised string) access.Roster {
	return access.Roster{Source: "employees", File: "employees.csv", Original: original, SHA256: normalised, Rows: rows}
}

// inForce is the memory of a night that accepted the rows.
func inForce(rows []access.Identity) access.Memory {
	last := access.AcceptedRoster{Source: "employees", Original: "o1", SHA256: "n1", AcceptedAt: midnight.AddDate(0, 0, -1), Rows: len(rows)}
	return access.Memory{
		Accepted: map[access.Source]access.AcceptedRoster{"employees": last}, InForce: map[access.Source][]access.Identity{"employees": rows},
		History: []access.AcceptedRoster{last},
	}
}

func TestWhoVanishesTonightIsRememberedByTheKindestRow(t *testing.T) {
	left, active, garden := access.StatusLeft, access.StatusActive, access.StatusGardenLeave
	row := func(s access.Status, end string) access.Identity {
		return access.Identity{EmployeeID: "1", Status: s, EndDate: day(end)}
	}
	held := row(left, "2026-11-01")
	held.Problem = "the date cannot be read"
	for _, c := range []struct {
		name string
		rows []access.Identity
		want access.Standing
	}{
		{"active", []access.Identity{row(active, "")}, access.StandingVanished},
		{"left", []access.Identity{row(left, "2026-11-01")}, access.StandingLeft},
		{"left ahead", []access.Identity{row(left, "2026-12-01")}, access.StandingScheduled},
		{"an old left row and an active one", []access.Identity{row(left, "2026-11-01"), row(active, "")}, access.StandingVanished},
		{"the other way round", []access.Identity{row(active, ""), row(left, "2026-11-01")}, access.StandingVanished},
		{"left and garden leave", []access.Identity{row(left, "2026-11-01"), row(garden, "")}, access.StandingVanished},
		{"left and a row that cannot be read", []access.Identity{held, row(left, "2026-11-01")}, access.StandingVanished},
		{"left on two days", []access.Identity{row(left, "2026-11-01"), row(left, "2026-12-01")}, access.StandingVanished},
		{"left twice on one day", []access.Identity{row(left, "2026-11-01"), row(left, "2026-11-01")}, access.StandingLeft},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Accept(hrList(staff(40), "o2", "n2"), nil, inForce(staff(40, c.rows...)), RosterGuard{}, midnight)
			if s.Verdict.Refusal != nil {
				t.Fatal(s.Verdict.Refusal)
			}
			got := Stand(World{Now: midnight, Rosters: []SourceRoster{s}}).Get(access.PersonKey{Source: "employees", EmployeeID: "1"})
			if got == nil || got.Standing != c.want {
				t.Errorf("%+v, want %s", got, c.want)
			}
		})
	}
}

func TestOfTwoRowsThatWorkHereTheOneThatCanBeReadIsRemembered(t *testing.T) {
	plain, doubtful := access.Identity{Title: "Clerk", Status: access.StatusActive}, access.Identity{Title: "?", Status: access.StatusActive, Problem: "the title cannot be read"}
	for _, rows := range [][]access.Identity{{plain, doubtful}, {doubtful, plain}} {
		if got := lastWord(rows); got.Title != "Clerk" {
			t.Errorf("%+v is remembered", got)
		}
	}
}

func TestWhoComesBackHasNotVanished(t *testing.T) {
	m := inForce(staff(40))
	key := access.PersonKey{Source: "employees", EmployeeID: "1"}
	m.Vanished = map[access.PersonKey]access.Vanished{key: {Identity: access.Identity{Source: "employees", EmployeeID: "1"}}}
	s := Accept(hrList(staff(40, access.Identity{EmployeeID: "1", Status: access.StatusActive}), "o2", "n2"), nil, m, RosterGuard{}, midnight)
	if _, still := s.Vanished[key]; still {
		t.Error("still vanished")
	}
	if _, was := m.Vanished[key]; !was {
		t.Error("the memory was changed")
	}
}

func TestSameBytesReadByAnotherMappingAreJudgedAsNews(t *testing.T) {
	before := staff(40)
	all := staff(40)
	for n := range all {
		all[n].Status = access.StatusLeft // statuses: {Active: left}
	}
	s := Accept(hrList(all, "o1", "n2"), nil, inForce(before), RosterGuard{}, midnight)
	if s.Verdict.Refusal == nil || s.Verdict.Accepted || s.Verdict.Same {
		t.Errorf("accepted: %+v", s.Verdict)
	}
	s = Accept(hrList(before, "o1", "n2"), nil, inForce(before), RosterGuard{}, midnight)
	if !s.Verdict.Accepted || s.Verdict.Same || s.Verdict.InForce.SHA256 != "n2" {
		t.Errorf("not in force: %+v", s.Verdict)
	}
}

func TestTheFirstListIsAccepted(t *testing.T) {
	s := Accept(hrList(staff(3), "o1", "n1"), nil, access.Memory{}, RosterGuard{}, midnight)
	if !s.Verdict.Accepted || s.Verdict.InForce.Gone != 0 || len(s.Vanished) != 0 {
		t.Errorf("%+v", s)
	}
}

func TestRememberForgetsTheFirstLeftOfWhoWorksAgain(t *testing.T) {
	key := access.PersonKey{Source: "employees", EmployeeID: "100"}
	w := World{Now: midnight, Memory: access.Memory{FirstSeenLeft: map[access.PersonKey]time.Time{key: midnight.AddDate(-1, 0, 0)}}}
	w.Rosters = []SourceRoster{Accept(hrList(staff(1), "o1", "n1"), nil, w.Memory, RosterGuard{}, midnight)}
	if at, still := Remember(w, Decide(w), nil, "r").FirstSeenLeft[key]; still {
		t.Errorf("left since %s: the next time they leave without a date they would be cut off at once", at)
	}
}

func TestGlobs(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "anything", true}, {"*", "", true}, {"Eng*", "engineer", true}, {"*eer", "Engineer", true}, {"e*n*r", "engineer", true},
		{"engineer", "engineers", false}, {"engin?er", "Engineer", true}, {"?", "é", true}, {"??", "é", false}, {"*?", "é", true},
		{"a*b", "ab", true}, {"a*b", "acbc", false}, {"*a*", "bbb", false}, {"p1@*", "P1@example.com", true},
	} {
		if got := glob(c.pattern, c.s); got != c.want {
			t.Errorf("glob(%q, %q) = %t", c.pattern, c.s, got)
		}
	}
}
