package audit

import (
	"strings"
	"testing"
)

// Two rights whose names differ in blanks alone are two, wherever an answer is read.
func TestNamesThatDifferInBlanksAloneAreShownAsTwo(t *testing.T) {
	shown := func(name string) (all [2]string) {
		a := &Answer{Columns: []string{"entitlement", "end"}, Rows: [][]any{{name, "."}}, Parameters: []Given{{"entitlement", name}}}
		var table, markdown strings.Builder
		if err := a.WriteTable(&table); err != nil {
			t.Fatal(err)
		}
		if err := a.WriteMarkdown(&markdown); err != nil {
			t.Fatal(err)
		}
		return [2]string{table.String(), markdown.String()}
	}
	two := shown("Admin  X")
	for n, want := range []string{"Admin  X", "Admin &nbsp;X"} { // a page shows blanks in a row as one
		if strings.Count(two[n], want) != 2 { // in its row, and among the parameters
			t.Errorf("no %q in %s", want, two[n])
		}
	}
	for _, got := range shown("a\nb\t\x1b[2Jc\u2028\u202ed") {
		if strings.Contains(got, "\x1b") || strings.Contains(got, "\u202e") || strings.Contains(got, "\u2028") || !strings.Contains(got, "a b ") {
			t.Errorf("what moves the cursor is left: %q", got)
		}
	}
}
