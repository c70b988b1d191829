package reports

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

func TestHRGetsOnlyTheBadRowsWithTheirCellsMarkedAndWhatToAnswer(t *testing.T) {
	key := access.PersonKey{Source: "employees", EmployeeID: "0012"}
	r := RosterProblems{File: "roster.csv", At: time.Date(2026, 5, 4, 1, 0, 0, 0, time.UTC), Headings: []string{"Emp No", "Status"},
		Rows: []ProblemRow{{Row: 17, Cells: []string{"0012", "=cmd|' /C calc'!A0"}}},
		Problems: []access.Problem{{Severity: access.Hold, File: "roster.csv", Row: 17, Column: "Status", Value: "=cmd|' /C calc'!A0", Person: key,
			Says: "The status is new to us.", Meanwhile: "Nothing of this person's is changed.", Mend: "Use one of Active, Left."}},
		Questions: QuestionsOf("employees", []access.Person{
			{Identity: access.Identity{Source: "employees", EmployeeID: "0012", Name: "Ann Lee"}, Standing: access.StandingVanished, Why: "is in no list any more"},
			{Identity: access.Identity{Source: "employees", EmployeeID: "0013", Name: "Bo Kim"}, Standing: access.StandingActive},
			{Identity: access.Identity{Source: "contractors", EmployeeID: "7", Name: "Cy Diaz"}, Standing: access.StandingHeld},
		})}
	one, err := r.Workbook()
	if err != nil {
		t.Fatal(err)
	}
	if two, err := r.Workbook(); err != nil || !bytes.Equal(one, two) {
		t.Errorf("two makings differ (%v)", err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(one))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at, want := range map[[2]string]string{
		{sheetMend, "A2"}: "HOLD: this person", {sheetMend, "B2"}: "17", {sheetMend, "F2"}: "The status is new to us.", {sheetMend, "H2"}: "Use one of Active, Left.",
		{sheetRows, "B1"}: "Emp No", {sheetRows, "A2"}: "17", {sheetRows, "B2"}: "0012",
		{sheetAsked, "A2"}: "Ann Lee", {sheetAsked, "A3"}: "", {sheetAsked, "D2"}: "employees,0012,left or active,,LAST WORKING DAY,YOUR NAME,TODAY",
	} {
		if got, err := f.GetCellValue(at[0], at[1]); err != nil || got != want {
			t.Errorf("%s %s is %q, want %q (%v)", at[0], at[1], got, want, err)
		}
	}
	plain, _ := f.GetCellStyle(sheetRows, "B2")
	marked, _ := f.GetCellStyle(sheetRows, "C2")
	if plain == marked {
		t.Error("the cell that is wrong looks like the others")
	}
	if formula, _ := f.GetCellFormula(sheetRows, "C2"); formula != "" {
		t.Errorf("what HR's file had is a formula now: %s", formula)
	}
	if got, _ := f.GetCellValue(sheetRows, "C2"); !strings.Contains(got, "cmd|") {
		t.Errorf("the cell is %q", got)
	}
}
