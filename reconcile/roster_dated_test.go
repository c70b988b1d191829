package reconcile

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

// TestAListIsHeldAgainstTheNewestDayThatOneSaid: a list that does not say of which day it
// is, or one of the same day, is older than none.
func TestAListIsHeldAgainstTheNewestDayThatOneSaid(t *testing.T) {
	const refused = "employees.csv is older than what is known already: it says that it is of 2026-11-19, and the list accepted on "
	for name, c := range map[string]struct {
		before []string // the days of the lists accepted so far, oldest first
		now    string
		says   string
	}{
		"newer":                          {[]string{"2026-11-18"}, "2026-11-19", ""},
		"the same day":                   {[]string{"2026-11-19"}, "2026-11-19", ""},
		"older":                          {[]string{"2026-11-20"}, "2026-11-19", refused + "2026-11-22 was of 2026-11-20"},
		"it does not say":                {[]string{"2026-11-20"}, "", ""},
		"none ever said":                 {[]string{""}, "2026-11-19", ""},
		"one between does not say":       {[]string{"2026-11-20", ""}, "2026-11-19", refused + "2026-11-21 was of 2026-11-20"},
		"an older one was approved last": {[]string{"2026-11-20", "2026-11-18"}, "2026-11-19", ""},
	} {
		rows := staff(40)
		m := inForce(rows)
		m.History = []access.AcceptedRoster{{Source: "contractors", AsOf: day("2026-11-23").At, AcceptedAt: midnight}}
		for n, of := range c.before {
			last := access.AcceptedRoster{Source: "employees", Original: "o1" + of, SHA256: "n1" + of, AsOf: day(of).At, AcceptedAt: midnight.AddDate(0, 0, n-len(c.before)), Rows: len(rows)}
			m.Accepted["employees"], m.History = last, append(m.History, last)
		}
		list := hrList(rows, "o2", "n2")
		list.AsOf = day(c.now).At
		r := Accept(list, nil, m, RosterGuard{}, midnight).Verdict.Refusal
		if (r == nil) != (c.says == "") || r != nil && (!strings.Contains(r.Says, c.says) || !r.Approvable) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestADayThatCanBeReadInTwoWaysMakesNoOlderListANewerOne: what is older by both readings
// is older; what is older by one of them is refused too, and both are named.
func TestADayThatCanBeReadInTwoWaysMakesNoOlderListANewerOne(t *testing.T) {
	type span [2]string // the earlier reading and, if there are two, the later one
	const older, may, answer = "employees.csv is older than what is known already: ", "employees.csv may be older than what is known already: ", ", and the list accepted on 2026-11-22 was of "
	for name, c := range map[string]struct {
		before, now span
		says        string
	}{
		"older either way":                              {span{"2026-04-04"}, span{"2026-03-04", "2026-04-03"}, older + "its day can be read as 2026-03-04 or as 2026-04-03" + answer + "2026-04-04"},
		"older by one":                                  {span{"2026-04-03"}, span{"2026-03-04", "2026-04-03"}, may + "its day can be read as 2026-03-04 or as 2026-04-03" + answer + "2026-04-03"},
		"older by neither":                              {span{"2026-03-04"}, span{"2026-03-04", "2026-04-03"}, ""},
		"none ever said":                                {span{}, span{"2026-03-04", "2026-04-03"}, ""},
		"the last one is in doubt":                      {span{"2026-03-04", "2026-04-03"}, span{"2026-04-02"}, may + "it says that it is of 2026-04-02" + answer + "2026-03-04 or 2026-04-03"},
		"newer than either of the last":                 {span{"2026-03-04", "2026-04-03"}, span{"2026-04-03"}, ""},
		"older than either of the last":                 {span{"2026-03-04", "2026-04-03"}, span{"2026-03-03"}, older + "it says that it is of 2026-03-03" + answer + "2026-03-04 or 2026-04-03"},
		"both in doubt, and the same":                   {span{"2026-03-04", "2026-04-03"}, span{"2026-03-04", "2026-04-03"}, ""},
		"the earlier reading is the same":               {span{"2026-03-04", "2026-04-03"}, span{"2026-03-04"}, may + "it says that it is of 2026-03-04" + answer + "2026-03-04 or 2026-04-03"},
		"both in doubt, and the later reading is older": {span{"2026-03-04", "2026-05-03"}, span{"2026-03-04", "2026-04-03"}, may + "its day can be read as 2026-03-04 or as 2026-04-03" + answer + "2026-03-04 or 2026-05-03"},
		"both in doubt":                                 {span{"2026-03-04", "2026-04-03"}, span{"2026-03-05", "2026-05-03"}, may + "its day can be read as 2026-03-05 or as 2026-05-03" + answer + "2026-03-04 or 2026-04-03"},
	} {
		rows := staff(40)
		m := inForce(rows)
		m.Accepted["employees"] = access.AcceptedRoster{Source: "employees", Original: "o1", SHA256: "n1", AsOf: day(c.before[0]).At, AsOfOr: day(c.before[1]).At, AcceptedAt: midnight.AddDate(0, 0, -1), Rows: len(rows)}
		list := hrList(rows, "o2", "n2")
		list.AsOf, list.AsOfOr = day(c.now[0]).At, day(c.now[1]).At
		v := Accept(list, nil, m, RosterGuard{}, midnight).Verdict
		if r := v.Refusal; (r == nil) != (c.says == "") || r != nil && (r.Says != c.says || !r.Approvable || !strings.Contains(r.Mend, "approve --guard roster")) {
			t.Errorf("%s: %+v", name, r)
		}
		if v.AsOf != list.AsOf || v.AsOfOr != list.AsOfOr || v.Accepted && (v.InForce.AsOf != list.AsOf || v.InForce.AsOfOr != list.AsOfOr) {
			t.Errorf("%s: both readings are kept: %+v", name, v)
		}
	}
}

// TestWhoAnswersForAnOlderListIsToldAllThatIsAgainstIt: one approval releases both, and
// what nobody may answer for comes first.
func TestWhoAnswersForAnOlderListIsToldAllThatIsAgainstIt(t *testing.T) {
	rows := staff(40)
	m := inForce(rows)
	last := m.Accepted["employees"]
	last.AsOf = day("2026-11-20").At
	m.Accepted["employees"] = last
	list := hrList(rows[:20], "o2", "n2")
	list.AsOf = day("2026-11-19").At
	r := Accept(list, nil, m, RosterGuard{}, midnight).Verdict.Refusal
	if r == nil || !r.Approvable || !strings.Contains(r.Says, "was of 2026-11-20; and employees.csv has 20 people, the list in force has 40") || !strings.Contains(r.Mend, "approve --guard roster") {
		t.Errorf("%+v", r)
	}
	for n := range 20 {
		m.InForce["employees"][n].EmployeeID = "00" + m.InForce["employees"][n].EmployeeID
	}
	list.Rows = staff(40)
	if r := Accept(list, nil, m, RosterGuard{}, midnight).Verdict.Refusal; r == nil || r.Approvable || !strings.Contains(r.Says, "lost the zeros") {
		t.Errorf("%+v", r)
	}
}
