package reports

import (
	"bytes"
	std "cmp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

// open reads a workbook's Review sheet back, with its row of heads.
func open(t *testing.T, b []byte) (*excelize.File, map[string]int) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	rows, err := f.GetRows(sheetReview)
	if err != nil {
		t.Fatal(err)
	}
	heads := map[string]int{}
	for i, h := range rows[0] {
		heads[h] = i
	}
	return f, heads
}

func made(t *testing.T, n *access.Night) [][]byte {
	t.Helper()
	var out [][]byte
	for _, s := range sheets(n) {
		b, err := s.workbook()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func TestTheWorkbookSaysWhatItsTwinSays(t *testing.T) {
	n := testNight()
	all := sheets(n)
	for i, b := range made(t, n) {
		f, heads := open(t, b)
		rows, err := f.GetRows(sheetReview)
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range all[i].rows {
			for c, col := range reviewColumns {
				want := neutral(row[c].Text)
				if !row[c].Date.IsZero() {
					want = row[c].Date.Format("2006-01-02")
				}
				got := ""
				if at := heads[col.Head]; at < len(rows[r+1]) {
					got = rows[r+1][at]
				}
				if got != want {
					t.Errorf("sheet %d row %d, %s: %.60q, want %.60q", i, r, col.Head, got, want)
				}
			}
		}
	}
}

func TestTheFourWordsOfLastUseAreKeptApart(t *testing.T) {
	s := sheets(testNight())[0]
	at := reviewColumns.index("Last used")
	var got []string
	for _, r := range []int{0, 1, 2, 3, 8, 9} {
		c := s.rows[r][at]
		got = append(got, std.Or(c.Text, c.Date.Format("2006-01-02")))
	}
	want := []string{"not used in 143 days (last 2026-07-03)", "no usage data", "2026-11-20", "never",
		"not used in 46 days (last 2026-10-08)", "2026-10-09"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNothingIsFilledInBeforeTheReviewerDoes(t *testing.T) {
	f, heads := open(t, made(t, testNight())[0])
	for _, c := range reviewColumns {
		for row := 2; c.Answer && row <= 11; row++ {
			cell, _ := excelize.CoordinatesToCellName(heads[c.Head]+1, row)
			if v, _ := f.GetCellValue(sheetReview, cell); v != "" {
				t.Errorf("%s is filled in: %q", c.Head, v)
			}
			if got := locked(t, f, cell); got {
				t.Errorf("%s %s is locked", c.Head, cell)
			}
		}
		cell, _ := excelize.CoordinatesToCellName(heads[c.Head]+1, 2)
		if !c.Answer && !locked(t, f, cell) {
			t.Errorf("%s can be changed", c.Head)
		}
	}
}

func locked(t *testing.T, f *excelize.File, cell string) bool {
	t.Helper()
	id, err := f.GetCellStyle(sheetReview, cell)
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	return style.Protection == nil || style.Protection.Locked
}

func TestDecisionsComeFromTheHiddenList(t *testing.T) {
	f, _ := open(t, made(t, testNight())[0])
	all, err := f.GetDataValidations(sheetReview)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, dv := range all {
		if dv.Type == "list" {
			found = true
			if dv.Formula1 != "_lists!$A$2:$A$5" || dv.Sqref != reviewColumns.letter(headDecision)+"2:"+reviewColumns.letter(headDecision)+"11" {
				t.Errorf("the dropdown is %s over %s", dv.Formula1, dv.Sqref)
			}
		}
	}
	if !found {
		t.Error("no dropdown")
	}
	var words []string
	for row := 2; row <= 6; row++ {
		v, _ := f.GetCellValue(sheetLists, "A"+strconv.Itoa(row))
		words = append(words, v)
	}
	if d := cmp.Diff([]string{"Keep", "Change", "Remove", "Not mine", ""}, words); d != "" {
		t.Error(d)
	}
}

func TestTheWorkbookIsSetUpForReading(t *testing.T) {
	b := made(t, testNight())[0]
	review, book := part(t, b, "xl/worksheets/sheet2.xml"), part(t, b, "xl/workbook.xml")
	for _, want := range []string{`<sheetProtection sheet="true"`, `selectLockedCells="false" sort="true" autoFilter="false"`, `<autoFilter ref="$A$1:$AC$11"`, `state="frozen"`, `topLeftCell="C2"`,
		`orientation="landscape"`, `fitToPage="true"`, `Page &amp;P of &amp;N`, `<dataValidation `} {
		if !strings.Contains(review, want) {
			t.Errorf("the Review sheet lacks %s", want)
		}
	}
	for _, want := range []string{`name="_lists" sheetId="5" r:id="rId7" state="veryHidden"`, `Review!$A:$B,Review!$1:$1`, `fullCalcOnLoad="true"`} {
		if !strings.Contains(book, want) {
			t.Errorf("the workbook lacks %s in %s", want, book)
		}
	}
	if strings.Contains(review, "password") {
		t.Error("the protection has a password")
	}
}

func TestIDsAreTextAndDatesAreDates(t *testing.T) {
	f, heads := open(t, made(t, testNight())[0])
	cell := func(head string) string {
		name, _ := excelize.CoordinatesToCellName(heads[head]+1, 2)
		return name
	}
	if kind, _ := f.GetCellType(sheetReview, cell("Employee ID")); kind != excelize.CellTypeSharedString {
		t.Errorf("Employee ID is of type %v", kind)
	}
	if v, _ := f.GetCellValue(sheetReview, cell("Employee ID")); v != "0010442" {
		t.Errorf("Employee ID is %q", v)
	}
	if v, _ := f.GetCellValue(sheetReview, cell("Since"), excelize.Options{RawCellValue: true}); v != "45720" {
		t.Errorf("Since is stored as %q, want the day 45720 (2025-03-04)", v)
	}
}

func TestTheCountersCount(t *testing.T) {
	f, heads := open(t, made(t, testNight())[0])
	decide := func(row int, values map[string]string) {
		for head, v := range values {
			cell, _ := excelize.CoordinatesToCellName(heads[head]+1, row)
			if err := f.SetCellStr(sheetReview, cell, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	decide(2, map[string]string{headDecision: "Keep"})                                              // privileged: wants a reason
	decide(3, map[string]string{headDecision: "Remove"})                                            // done
	decide(4, map[string]string{headDecision: "Keep", headReason: "needed for release work"})       // done
	decide(5, map[string]string{headDecision: "Change", headReason: "needed for release work"})     // wants what
	decide(6, map[string]string{headDecision: "Not mine", headReason: "not in my team any longer"}) // wants who
	decide(8, map[string]string{headDecision: "Keep"})                                              // ordinary: done
	want := map[int]string{2: "Give a reason", 3: "Done", 4: "Done", 5: "Say what instead", 6: "Say who", 7: "Decide first", 8: "Done", 9: "Open"}
	for row, words := range want {
		cell, _ := excelize.CoordinatesToCellName(heads[headTodo]+1, row)
		if got, err := f.CalcCellValue(sheetReview, cell); err != nil || got != words {
			t.Errorf("row %d says %q (%v), want %q", row, got, err, words)
		}
	}
	rows, err := f.GetRows(sheetStart)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]string{"Rows": "10", "Still open": "4", "Keep": "3", "Change": "1", "Remove": "1", "Not mine": "1"}
	for r, row := range rows {
		formula, err := f.GetCellFormula(sheetStart, "C"+strconv.Itoa(r+1))
		if err != nil || formula == "" || counts[row[1]] == "" {
			continue
		}
		if got, err := f.CalcCellValue(sheetStart, "C"+strconv.Itoa(r+1)); err != nil || got != counts[row[1]] {
			t.Errorf("%s counts %q (%v), want %s", row[1], got, err, counts[row[1]])
		}
		delete(counts, row[1])
	}
	if len(counts) > 0 {
		t.Errorf("not counted: %v", counts)
	}
}

func TestAnEmptyWorksheetIsStillAWorkbook(t *testing.T) {
	n := testNight()
	n.Worksheets = []access.Worksheet{{ReviewerName: "Nobody's Rows"}}
	f, _ := open(t, made(t, n)[0])
	if rows, err := f.GetRows(sheetReview); err != nil || len(rows) != 1 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
