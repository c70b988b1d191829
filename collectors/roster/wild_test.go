package roster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// TestExportsAsTheyComeOutOfHRSystemsAreReadOrToldHowToMend reads each file of
// testdata/wild and holds what HR is told, and what was understood, against the
// text beside it: whoever reviews a change reads these as HR would.
func TestExportsAsTheyComeOutOfHRSystemsAreReadOrToldHowToMend(t *testing.T) {
	files, err := filepath.Glob("testdata/wild/*.csv")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			read, problems := Read(Source{Name: "employees", File: name + ".csv", Today: today}, b)
			got := Message(problems, 0) + "\n" + understood(read)
			golden := strings.TrimSuffix(file, ".csv") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s (-want +got):\n%s", golden, d)
			}
			if stops := strings.HasSuffix(name, "-stop") || strings.HasSuffix(name, "-stops") || strings.HasSuffix(name, "-disagrees"); Stopped(problems) != stops {
				t.Errorf("stopped: %t", Stopped(problems))
			}
			if n := Count(read, problems); n.Received != n.Accepted+n.Held+n.Ignored || (Stopped(problems) && len(read.Rows) > 0) {
				t.Errorf("the rows do not add up: %+v", n)
			}
		})
	}
}

// understood says what became of each row.
func understood(r access.Roster) string {
	var b strings.Builder
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
