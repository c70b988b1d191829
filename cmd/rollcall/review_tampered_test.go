package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// tampered sends files that somebody changed, each in another way: none of it counts,
// and the words say what to do.
func (q *quarter) tampered(open opened) {
	t := q.t
	umar := sheetOf(t, open.Worksheets, "Umar Ivanova")
	id := "2026-q4"
	edited := func(name string, change func(*excelize.File)) string {
		file := q.workbook(id, umar.Worksheet, name, keep)
		f, err := excelize.OpenFile(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		change(f)
		if err := f.SaveAs(file); err != nil {
			t.Fatal(err)
		}
		return file
	}
	cell := func(f *excelize.File, head string, row int) string {
		rows, err := f.GetRows("Review")
		if err != nil {
			t.Fatal(err)
		}
		at, _ := excelize.CoordinatesToCellName(slices.Index(rows[0], head)+1, row)
		return at
	}
	for name, c := range map[string]struct {
		change func(*excelize.File)
		wrong  int // rows that do not count
		says   string
	}{
		"a locked cell": {func(f *excelize.File) { _ = f.SetCellStr("Review", cell(f, "Risk", 2), "Harmless") }, 1, "Risk"},
		"two ids swapped": {func(f *excelize.File) {
			a, _ := f.GetCellValue("Review", "A2")
			b, _ := f.GetCellValue("Review", "A3")
			_ = f.SetCellStr("Review", "A2", b)
			_ = f.SetCellStr("Review", "A3", a)
		}, 2, ""},
		"a row added": {func(f *excelize.File) {
			_ = f.SetCellStr("Review", fmt.Sprintf("A%d", umar.Rows+2), "w-0123456789abcdef")
			_ = f.SetCellStr("Review", cell(f, "Decision", umar.Rows+2), "Keep")
		}, 1, ""},
		"a formula as a decision": {func(f *excelize.File) { _ = f.SetCellFormula("Review", cell(f, "Decision", 2), `"Ke"&"ep"`) }, 1, "formula"},
	} {
		got := q.imports(exitHeld, edited(name+".xlsx", c.change)).Files[0]
		if got.Refused != "" || rowsOf(got) != c.wrong || got.MarkedUp == "" {
			t.Errorf("%s: %d problems, refused %q, marked up %q: %+v", name, len(got.Problems), got.Refused, got.MarkedUp, got.Problems)
		}
		if c.says != "" && !strings.Contains(fmt.Sprint(got.Problems), c.says) {
			t.Errorf("%s: it does not name %s: %+v", name, c.says, got.Problems)
		}
	}
}

// foreign sends a file of another review, and one that is none: neither counts.
func (q *quarter) foreign() {
	t := q.t
	id := "2026-q4"
	var other opened
	q.into(&other, q.review(exitDone, "open", "--campaign", "other", "--system", "aws", "--json"))
	foreign := q.page("other", sheetOf(t, other.Worksheets, "Mia Laine").Worksheet, "foreign.json", keep)
	for _, file := range []string{foreign, q.write("nothing.csv", []byte("nothing,of,this\n1,2,3\n"))} {
		var got imported
		q.into(&got, q.review(exitHeld, "import", "--json", "--campaign", id, "--file", file))
		if got.Files[0].Refused == "" || got.Files[0].Counted != 0 {
			t.Errorf("%s: %+v", file, got.Files[0])
		}
	}
	if said := q.review(exitRefused, "close", "--campaign", "other"); !strings.Contains(said, "rows of the review other are open") || !strings.Contains(said, "add --unanswered") {
		t.Errorf("%s", said)
	}
	q.review(exitDone, "close", "--campaign", "other", "--unanswered")
}

// rowsOf counts the rows of a file that do not count.
func rowsOf(f fileLine) int {
	rows := map[string]bool{}
	for _, p := range f.Problems {
		rows[p.RowID] = true
	}
	return len(rows)
}
