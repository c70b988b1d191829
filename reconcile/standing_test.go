package reconcile

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

// TestTheRowsOfOnePersonInOneList say where they stand; midnight is that of 23 November.
func TestTheRowsOfOnePersonInOneList(t *testing.T) {
	row := func(s access.Status, start, end string) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: "1", Status: s, StartDate: day(start), EndDate: day(end)}
	}
	active, pending, left := access.StatusActive, access.StatusPending, access.StatusLeft
	broken := func(i access.Identity) access.Identity {
		i.Problem = "Excel changed it"
		return i
	}
	noID := broken(row(left, "", "2026-11-20"))
	noID.EmployeeID = "no-id:ann@x"
	for name, c := range map[string]struct {
		rows    []access.Identity
		want    access.Standing
		returns bool
		says    string
	}{
		"left, and another start on a day that nobody gives": {[]access.Identity{row(left, "", "2026-11-20"), row(pending, "", "")}, access.StandingLeft, true, "left on 2026-11-20"},
		"left after a start, and another start ahead":        {[]access.Identity{row(left, "2020-01-01", "2026-11-20"), row(pending, "2027-02-01", "")}, access.StandingLeft, true, "left on 2026-11-20"},
		"left twice, the later end first":                    {[]access.Identity{row(left, "", "2026-12-31"), row(left, "", "2026-11-10")}, access.StandingScheduled, false, "works until"},
		"left twice, the later end last":                     {[]access.Identity{row(left, "", "2026-11-10"), row(left, "", "2026-12-31")}, access.StandingScheduled, false, "works until"},
		"a start ahead":                                      {[]access.Identity{row(pending, "2027-02-01", "")}, access.StandingPending, false, "starts on 2027-02-01"},
		"a start on a day that nobody gives":                 {[]access.Identity{row(pending, "", "")}, access.StandingPending, false, "starts on a day that the list does not give"},
		"left by a damaged row, and a row that will work":    {[]access.Identity{broken(row(left, "", "2026-11-20")), row(active, "2027-02-01", "")}, access.StandingHeld, true, "Excel changed it"},
		"a damaged row, and a start that nobody gives":       {[]access.Identity{broken(row(left, "", "2026-11-20")), row(pending, "", "")}, access.StandingHeld, true, "Excel changed it"},
		"left by a damaged row whose start has come":         {[]access.Identity{broken(row(left, "2026-11-21", "2026-11-20"))}, access.StandingHeld, false, "Excel changed it"},
		"left by a damaged row without an id":                {[]access.Identity{noID}, access.StandingHeld, false, "the row has no employee id"},
		"on garden leave, after an earlier end":              {[]access.Identity{row(access.StatusGardenLeave, "2026-11-15", "2026-11-10")}, access.StandingGarden, false, "is on garden leave"},
		"active twice, and both over: the last row is told":  {[]access.Identity{row(active, "", "2026-11-20"), row(active, "", "2026-11-10")}, access.StandingHeld, false, "the last day was 2026-11-10"},
	} {
		got := stand(World{Now: midnight}, "employees.csv", c.rows)
		if got.Standing != c.want || got.Returns != c.returns || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s: %s, returns %t: %s", name, got.Standing, got.Returns, got.Why)
		}
	}
}

// TestOfRowsWithAProblemOneThatWorksIsTold so that no answer of HR's that they left goes against it.
func TestOfRowsWithAProblemOneThatWorksIsTold(t *testing.T) {
	row := func(n int, s access.Status, end string) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: "1.23E+05", Status: s, EndDate: day(end), Row: n, Problem: "Excel changed it"}
	}
	left, over, works := row(2, access.StatusLeft, "2026-11-10"), row(3, access.StatusActive, "2026-11-10"), row(4, access.StatusActive, "")
	undated, until := row(2, access.StatusLeft, ""), row(4, access.StatusActive, "2026-12-31")
	for _, rows := range [][]access.Identity{{left, over, works}, {works, left, over}, {over, works}, {left, works}, {undated, works}, {over, until}} {
		me := stand(World{Now: midnight}, "employees.csv", rows)
		if me.Row != works.Row {
			t.Errorf("%v: known by row %d", rows, me.Row)
		}
		answerLeft(World{Now: midnight}, &me, access.Answer{Answer: "left", ConfirmedOn: day("2026-11-20")})
		if me.Standing != access.StandingHeld {
			t.Errorf("%v: %s by the answer", rows, me.Standing)
		}
	}
}

// TestWhoVanishedAndIsConfirmedAsLeftComesBackByNoList: HR answered after the start had been ahead.
func TestWhoVanishedAndIsConfirmedAsLeftComesBackByNoList(t *testing.T) {
	me := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "1", Status: access.StatusPending}, Standing: access.StandingVanished, Returns: true}
	answerLeft(World{Now: midnight}, &me, access.Answer{Answer: "left", ConfirmedOn: day("2026-11-20")})
	if me.Standing != access.StandingLeft || me.Returns {
		t.Errorf("%s, returns %t", me.Standing, me.Returns)
	}
}

// TestOfSeveralRowsOfARefusedFileThatShowALeaverAtWorkOneIsTold whatever their order.
func TestOfSeveralRowsOfARefusedFileThatShowALeaverAtWorkOneIsTold(t *testing.T) {
	row := func(n int) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: "1", Status: access.StatusActive, Row: n}
	}
	for _, rows := range [][]access.Identity{{row(2), row(3)}, {row(3), row(2)}} {
		p := People{list: []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1"}, Standing: access.StandingLeft}}}
		p.index()
		p.holdRefused(World{Rosters: []SourceRoster{{Verdict: access.RosterVerdict{File: "employees.csv"}, Refused: rows}}})
		if me := p.list[0]; me.Standing != access.StandingHeld || !strings.Contains(me.Why, "by employees.csv (row 2)") {
			t.Errorf("%s: %s", me.Standing, me.Why)
		}
	}
}

// TestAPlannedReturnOutlastsAnAnswer that they left, though a row of theirs had a fault.
func TestAPlannedReturnOutlastsAnAnswer(t *testing.T) {
	row := func(s access.Status, start, problem string) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: "1", Status: s, StartDate: day(start), Problem: problem}
	}
	for want, rows := range map[bool][]access.Identity{
		true:  {row(access.StatusLeft, "", "a fault"), row(access.StatusPending, "2027-01-01", "")},
		false: {row(access.StatusLeft, "", "a fault"), row(access.StatusLeft, "2020-01-01", "")},
	} {
		me := stand(World{Now: midnight}, "employees.csv", rows)
		answerLeft(World{Now: midnight}, &me, access.Answer{Answer: "left", ConfirmedOn: day("2026-11-20")})
		if me.Standing != access.StandingLeft || me.Returns != want {
			t.Errorf("%s, returns %t, not %t", me.Standing, me.Returns, want)
		}
	}
}
