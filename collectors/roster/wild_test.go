package roster

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/goldentest"
)

// TestExportsAsTheyComeOutOfHRSystemsAreReadOrToldHowToMend reads each file of
// testdata/wild and holds what HR is told, and what was understood, against the
// text beside it: whoever reviews a change reads these as HR would.
func TestExportsAsTheyComeOutOfHRSystemsAreReadOrToldHowToMend(t *testing.T) {
	goldentest.Each(t, "testdata/wild/*.csv", 30, func(t *testing.T, file string) {
		name := goldentest.Name(file)
		read, problems := Read(Source{Name: "employees", File: name + ".csv", Today: today}, goldentest.Read(t, file))
		goldentest.Same(t, strings.TrimSuffix(file, ".csv")+".txt", csvfile.Message(problems, 0)+"\n"+understood(read))
		if stops := strings.HasSuffix(name, "-stop") || strings.HasSuffix(name, "-stops") || strings.HasSuffix(name, "-disagrees"); Stopped(problems) != stops {
			t.Errorf("stopped: %t", Stopped(problems))
		}
		if n := Count(read, problems); n.Received != n.Accepted+n.Held+n.Ignored || (Stopped(problems) && len(read.Rows) > 0) {
			t.Errorf("the rows do not add up: %+v", n)
		}
	})
}

// understood says what became of each row, of which day the list is, and whom one that
// cannot be used shows working.
func understood(r access.Roster) string {
	var b strings.Builder
	if !r.AsOf.IsZero() {
		fmt.Fprintf(&b, "of the day %s\n", r.AsOf.Format(time.DateOnly))
	}
	for _, i := range r.Working {
		fmt.Fprintf(&b, "row %d works: %s | %s | %s | %s\n", i.Row, i.EmployeeID, i.Name, i.Email, i.Status)
	}
	for _, i := range r.Rows {
		held := ""
		if i.Problem != "" {
			held = "  HELD"
		}
		fmt.Fprintf(&b, "row %d: %s | %s | %s | %s | %s | manager %s | %s | %s | starts %s | ends %s | last day %s%s\n", i.Row, i.EmployeeID, i.Name, i.Email, i.Title, i.Department,
			i.ManagerID, i.WorkerType, i.Status, i.StartDate, i.EndDate, i.LastWorkingDay, held)
	}
	return b.String()
}
