package roster

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/goldentest"
)

// The bad rows of a list are those of the whole table that a problem is about.
func TestBadRowsAreThoseThatAProblemIsAbout(t *testing.T) {
	some := 0
	for _, file := range goldentest.Files(t, "testdata/*.csv", 50) {
		b, src := goldentest.Read(t, file), source(goldentest.Name(file))
		_, problems := Read(src, b)
		var want [][]string
		table, _ := csvfile.Read[line](src.File, b, form(src))
		for _, rec := range table.Records {
			if slices.ContainsFunc(problems, func(p access.Problem) bool { return p.Row == rec.Row && p.Severity != access.Note }) {
				cells := []string{fmt.Sprint(rec.Row)}
				for _, f := range fields {
					if table.Has(f.name) {
						cells = append(cells, *f.of(&rec.Line))
					}
				}
				want = append(want, cells)
			}
		}
		for _, src.partBytes = range []int{0, 1, 70} {
			var got [][]string
			bad := Bad(src, b, problems)
			for _, row := range bad.Rows {
				got = append(got, append([]string{fmt.Sprint(row.Row)}, row.Cells...))
				if len(row.Cells) != len(bad.Headings) {
					t.Errorf("%s: %d cells below %d headings", file, len(row.Cells), len(bad.Headings))
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s in parts of %d bytes (-want +got):\n%s", file, src.partBytes, d)
			}
			some += len(got)
		}
	}
	if some < 90 {
		t.Errorf("only %d rows were bad", some)
	}
}

func TestFindingBadRowsTakesMemoryForThoseAlone(t *testing.T) {
	const people = 20_000
	list := []byte("employee_id,email,name,status\n")
	for i := range people {
		list = fmt.Appendf(list, "E%d,person%d@example.com,Ann Lee,Active\n", i, i)
	}
	src := Source{Name: "employees", File: "roster.csv", Today: today}
	for _, one := range []struct {
		about []access.Problem
		most  int
	}{
		{nil, 2 * len(list)},
		{[]access.Problem{{Severity: access.Hold, Row: people}}, 3 * len(list)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		bad := Bad(src, list, one.about)
		runtime.ReadMemStats(&after)
		if took := int(after.TotalAlloc - before.TotalAlloc); took > one.most || len(bad.Rows) != len(one.about) {
			t.Errorf("%d bytes for %d rows out of %d bytes", took, len(bad.Rows), len(list))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		with := after.HeapAlloc
		runtime.KeepAlive(bad)
		bad = BadRows{}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if stays := int(with) - int(after.HeapAlloc); stays > len(list)/10 {
			t.Errorf("%d bytes stay of %d with its bad rows", stays, len(list))
		}
		runtime.KeepAlive(list)
	}
}

func TestALineBehindTheTableIsNoBadRow(t *testing.T) {
	list := []byte("employee_id,email,name,status\nE1,ann@example.com,Ann Lee,Active\nTotal,1,,\n")
	if bad := Bad(Source{Name: "employees", File: "roster.csv", Today: today}, list, []access.Problem{{Severity: access.Hold, Row: 3}}); len(bad.Rows) > 0 {
		t.Errorf("%+v", bad.Rows)
	}
}
