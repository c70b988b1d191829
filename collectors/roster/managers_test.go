package roster

import (
	"fmt"
	"strings"
	"testing"
)

// Who manages a hundred people and leaves is one thing to mend, and not a hundred.
func TestAManagerWhoLeftIsOneNoteThatNamesTheReports(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("employee_id,email,name,title,department,status,end_date,manager_id\nB1,b1@x.example,Bo Kim,t,d,Active,,\nB2,b2@x.example,Cy Diaz,t,d,Left,2026-05-01,B1\nB3,b3@x.example,,t,d,Left,2026-05-01,B1\n")
	for n := range 7 {
		fmt.Fprintf(&csv, "E%d,e%d@x.example,Ann %d,t,d,Active,,B2\n", n, n, n)
	}
	csv.WriteString("E7,e7@x.example,,t,d,Active,,B3\nE8,e8@x.example,Ann 8,t,d,Left,2026-05-01,B2\nE9,e9@x.example,Ann 9,t,d,Active,,B1\n")
	for _, bytes := range []int{0, 60} {
		_, problems := Read(Source{Name: "s", File: "f.csv", Today: today, partBytes: bytes}, []byte(csv.String()))
		var got []string
		for _, p := range problems {
			got = append(got, fmt.Sprintf("%s row %d, %s, %s %q: %s %s %s", p.Severity, p.Row, p.Person, p.Column, p.Value, p.Says, p.Meanwhile, p.Mend))
		}
		const meanwhile = " Reviews go to somebody else until there is one. "
		want := []string{
			`NOTE row 5, s/B2, manager_id "B2": Cy Diaz has left and is still the manager of 7 people: Ann 0 (row 5), Ann 1 (row 6), Ann 2 (row 7), Ann 3 (row 8), Ann 4 (row 9) and 2 more.` + meanwhile + `Write the new manager's employee ID in each of these rows.`,
			`NOTE row 12, s/B3, manager_id "B3": B3 has left and is still the manager of 1 person: E7 (row 12).` + meanwhile + `Write the new manager's employee ID.`,
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("in parts of %d bytes:\n%s\nwant\n%s", bytes, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
