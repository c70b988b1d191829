//go:build emulators

package reports

import (
	std "cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// openpyxlReader prints what another library sees in a workbook.
const openpyxlReader = `
import datetime, json, sys
from openpyxl import load_workbook
book = load_workbook(sys.argv[1])
review = book["Review"]
def shown(cell):
    v = cell.value
    if isinstance(v, datetime.datetime): return "date " + v.strftime("%Y-%m-%d") + " as " + cell.number_format
    return "" if v is None else cell.data_type + " " + str(v)
drops = {}
for dv in review.data_validations.dataValidation:
    if dv.type != "list": continue
    sheet, cells = dv.formula1.split("!")
    words = [c.value for row in book[sheet][cells.replace("$", "")] for c in row]
    for area in dv.sqref.ranges:
        for row in range(area.min_row, area.max_row + 1): drops[str(row)] = words
json.dump({
    "states": {ws.title: ws.sheet_state for ws in book},
    "rows": [[shown(c) for c in row] for row in review.iter_rows()],
    "drops": drops,
    "open": sorted({c.column_letter for row in review.iter_rows(min_row=2) for c in row if not c.protection.locked}),
    "protected": [ws.protection.sheet for ws in book],
    "formulas": sum(c.data_type == "f" for ws in book for row in ws.iter_rows() for c in row),
    "links": sum(c.hyperlink is not None for ws in book for row in ws.iter_rows() for c in row),
    "frozen": review.freeze_panes, "filter": review.auto_filter.ref,
}, sys.stdout)
`

type seen struct {
	States    map[string]string
	Rows      [][]string
	Drops     map[string][]string
	Open      []string
	Protected []bool
	Formulas  int
	Links     int
	Frozen    string
	Filter    string
}

func TestAnotherLibraryReadsEveryRowAndDropdown(t *testing.T) {
	python := std.Or(os.Getenv("ROLLCALL_PYTHON"), "python3")
	n := testNight()
	all := sheets(n)
	dir, files := write(t, n)
	for i, f := range files {
		cmd := exec.CommandContext(t.Context(), python, "-c", openpyxlReader, filepath.Join(dir, f.XLSX))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v (set ROLLCALL_PYTHON to a Python that has openpyxl)", f.XLSX, err)
		}
		var got seen
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(expected(all[i]), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", f.XLSX, d)
		}
	}
}

// expected is what any reader must see of a worksheet.
func expected(s *sheet) seen {
	want := seen{Drops: map[string][]string{}, Protected: []bool{true, true, true, true, true},
		States:   map[string]string{sheetStart: "visible", sheetReview: "visible", sheetTerms: "visible", sheetSource: "visible", sheetLists: "veryHidden"},
		Open:     []string{"AA", "AB", "AC", "Y", "Z"},
		Formulas: len(s.rows) + len(counterFormulas(s)), Frozen: "C2", Filter: "$A$1:$AC$" + strconv.Itoa(s.lastRow())}
	head := make([]string, len(reviewColumns)+1)
	for c, col := range reviewColumns {
		head[reviewColumns.book(c)-1] = "s " + col.Head
	}
	head[reviewColumns.todo()-1] = "s " + headTodo
	want.Rows = append(want.Rows, head)
	for r, row := range s.rows {
		line := make([]string, len(head))
		for c, cell := range row {
			switch {
			case !cell.Date.IsZero():
				line[reviewColumns.book(c)-1] = "date " + cell.Date.Format("2006-01-02") + " as yyyy-mm-dd"
			case cell.Text != "":
				line[reviewColumns.book(c)-1] = "s " + neutral(cell.Text)
			}
		}
		line[reviewColumns.todo()-1] = "f =" + reviewColumns.todoFormula().at(r+2)
		want.Rows = append(want.Rows, line)
		want.Drops[strconv.Itoa(r+2)] = []string{"Keep", "Change", "Remove", "Not mine"}
	}
	return want
}
