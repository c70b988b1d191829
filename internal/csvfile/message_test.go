package csvfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func TestTheMessageBeginsWithTheGravestAndKeepsToOneLineEach(t *testing.T) {
	problems := []access.Problem{
		{Severity: access.Note, File: "f.csv", Row: 2, Says: "n2."},
		{Severity: access.Hold, File: "f.csv", Row: 9, Column: "Na\nme", Value: "x\ny", Person: access.PersonKey{Source: "s", EmployeeID: "E1"}, Says: "h9.", Meanwhile: "M.", Mend: "D."},
		{Severity: access.Hold, File: "f.csv", Row: 3, Says: "h3."},
		{Severity: access.Stop, File: "f.csv", Column: "Status", Says: "s."},
	}
	want := "4 things to look at: 1 STOP, 2 HOLD, 1 NOTE.\n\n" +
		"STOP - the file cannot be used as it is:\n- f.csv: s.\n\n" +
		"HOLD - has no effect until it is mended:\n- f.csv, row 3: h3.\n- f.csv, row 9, ID E1, column Na\\nme, \"x\\ny\": h9. M. D.\n\n" +
		"Shown: 3 of 4.\n"
	if d := cmp.Diff(want, Message(problems, 3)); d != "" {
		t.Error(d)
	}
	if got := Message(nil, 0); got != "Nothing to mend.\n" {
		t.Error(got)
	}
}
