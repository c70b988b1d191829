package reconcile

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheBooksNameEveryRowAccountAndGrantOnce(t *testing.T) {
	w := aWorld(t, `-- employees.csv --
employee_id,name,email,status,start_date,end_date,last_working_day,timezone
1,Ann,ann@example.com,active,,,,
1,Ann,ann@example.com,active,,,,
2,Ben,ben@example.com,left,,2026-11-19,,
-- contractors.csv --
employee_id,name,email,status,start_date,end_date,last_working_day,timezone
7,Cy,cy@example.com,active,,,,
-- system/okta --
read users lists
account 00u1 login=ann hr=employees/1
account 00u9 login=nobody
account 00u7 login=cy email=cy@example.com hr=99
right group:G1 name=Orders editable
right app:A1 name=Shop
grant 00u1 group:G1
grant 00u1 app:A1 via=group:G1
grant 00u9 group:G1
`)
	var got []string
	for _, b := range Decide(w).Balances {
		line := fmt.Sprint(b.What, ": ", b.Total, b.Parts)
		if b.Asks {
			line += " of which people are asked"
		}
		got = append(got, line)
	}
	want := []string{
		"rows in force of roster employees: 3 [{active 1} {further rows of the same person 1} {left 1}]",
		"rows in force of roster contractors: 1 [{active 1}]",
		"accounts of okta: 3 [{ambiguous 1} {matched 1} {unmatched 1}]",
		"grants of okta: 3 [{carried by a group 1} {carried by an account's row 1} {rows of worksheets 1}] of which people are asked",
		"rows of all worksheets: 3 [{accounts 2} {grants 1}] of which people are asked",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
