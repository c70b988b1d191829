package roster

import (
	"fmt"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// Rows of different people to which Excel gave one id are each told, with their row and what
// is there, however many other rows the list has; none of them is taken for another's twin.
func TestEachRowOfADamagedIDIsToldToHR(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("employee_id,email,name,status\n")
	for n := range 400 {
		fmt.Fprintf(&csv, "E%d,e%d@x.example,Name %d,Active\n", n, n, n)
	}
	csv.WriteString("1.2E+05,ann@x.example,Ann,Left\n1.2E+05,ben@x.example,Ben,Active\n1.2E+05,cid@x.example,Cid,Active\n")
	for _, bytes := range []int{0, 90} {
		got, problems := Read(Source{Name: "s", File: "f.csv", Today: today, partBytes: bytes}, []byte(csv.String()))
		rows, told := 0, map[int]string{}
		for _, i := range got.Rows {
			if i.EmployeeID == "1.2E+05" && strings.Contains(i.Problem, "Excel changed it") {
				rows++
			}
		}
		for _, p := range problems {
			if p.Severity == access.Hold && p.Value == "1.2E+05" && strings.Contains(p.Says, "Excel changed it") {
				told[p.Row] = p.File + " " + p.Column
			}
		}
		if Stopped(problems) || rows != 3 || len(told) != 3 || told[402] != "f.csv employee_id" || told[403] != told[402] || told[404] != told[402] {
			t.Errorf("in parts of %d bytes: %d rows are held, told %v", bytes, rows, told)
		}
	}
}
