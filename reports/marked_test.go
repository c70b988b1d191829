package reports

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
	"rollcall/internal/goldentest"
)

// judgedBack is what became of the filled-in worksheet: one row has two cells to mend,
// another is in the file twice, and one is missing.
func judgedBack(back access.ReturnedSheet) access.ReturnedFile {
	f := access.ReturnedFile{Sheet: back.Worksheet, File: back.File, SHA256: back.SHA256, Rows: len(back.Rows), Counted: 2, Problems: []access.RowProblem{
		{Line: back.Rows[1].Line, RowID: "c2", Column: headDecision, Seen: "change", Says: "write what they should have instead under Change to"},
		{Line: back.Rows[1].Line, RowID: "c2", Column: headReason, Seen: "", Says: "say why, in ten characters or more"},
		{Line: back.Rows[2].Line, RowID: "c3", Column: "Risk", Seen: "Standard", Says: `this said "Sensitive" when the file went out`},
		{RowID: "c99", Says: "this row is missing: please answer it"},
	}}
	return f
}

// dump shows a workbook as text: of each cell that is not empty its text and its
// colours.
func dump(t *testing.T, b []byte, sheets ...string) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out strings.Builder
	fmt.Fprintf(&out, "sheets: %s\n", strings.Join(f.GetSheetList(), ", "))
	for _, name := range sheets {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "== %s\n", name)
		for r, row := range rows {
			for c, text := range row {
				if text == "" {
					continue
				}
				id, err := f.GetCellStyle(name, refOf(c, r+1))
				if err != nil {
					t.Fatal(err)
				}
				style, err := f.GetStyle(id)
				if err != nil {
					t.Fatal(err)
				}
				colour := strings.Join(style.Fill.Color, " ")
				if style.Font != nil && style.Font.Color != "" {
					colour += " on " + style.Font.Color
				}
				fmt.Fprintf(&out, "%s %q %s\n", refOf(c, r+1), text, colour)
			}
		}
	}
	return out.String()
}

func TestAMarkedUpCopySaysWhatToMendAndGreysWhatCounts(t *testing.T) {
	_, book, twin := sent(t)
	records := readCSVRecords(t, twin)
	page := access.ReturnedSheet{File: "d.decisions.json", Format: "html", Worksheet: "w", Rows: []access.ReturnedRow{{ID: "c1"}, {ID: "c2"}, {ID: "c3"}}}
	for name, original := range map[string][]byte{"xlsx": filledIn(t, book), "csv": saved(records, ';', func(s string) string { return s }), "html": nil} {
		back := page
		if original != nil {
			back = mustRead(t, "back."+name, original)
		}
		marked, ext, err := MarkedUp(original, back, judgedBack(back))
		if err != nil || ext != ".xlsx" {
			t.Fatalf("%s: %q %v", name, ext, err)
		}
		sheets := []string{sheetMend}
		if name != "html" {
			sheets = append(sheets, sheetReview)
		}
		goldentest.Same(t, "testdata/marked_"+name+".txt", dump(t, marked, sheets...))
		again, _, err := MarkedUp(original, back, judgedBack(back))
		if err != nil || dump(t, again, sheets...) != dump(t, marked, sheets...) {
			t.Errorf("%s: another time it is another copy: %v", name, err)
		}
	}
}

// The reviewer mends the copy and sends that.
func TestAMarkedUpCopyCanBeMendedAndSentBack(t *testing.T) {
	sheet, book, twin := sent(t)
	for name, original := range map[string][]byte{"xlsx": filledIn(t, book), "csv": saved(readCSVRecords(t, twin), ',', func(s string) string { return s })} {
		back := mustRead(t, "back."+name, original)
		marked, _, err := MarkedUp(original, back, judgedBack(back))
		if err != nil {
			t.Fatal(err)
		}
		again := mustRead(t, "again.xlsx", marked)
		Recognise(&again, []access.Sheet{sheet})
		sameRows(t, name, wanted(sheet, true), again.Rows)
		twice, _, err := MarkedUp(marked, again, judgedBack(again))
		if err != nil {
			t.Fatal(err)
		}
		if got := dump(t, twice, sheetReview); strings.Count(got, `"`+headMend+`"`) != 1 {
			t.Errorf("%s: marked up twice it has two such columns:\n%s", name, got)
		}
	}
}

func TestOfARefusedFileTheCopyTellsWhyAndHasNothingOfIt(t *testing.T) {
	_, book, _ := sent(t)
	bad := with(t, book, "xl/vbaProject.bin", []byte("evil"))
	back := ReadReturned("bad.xlsm", bad)
	b, ext, err := MarkedUp(bad, back, access.ReturnedFile{File: "bad.xlsm", Refused: back.Refused})
	if err != nil || ext != ".xlsx" {
		t.Fatal(err)
	}
	got := dump(t, b, sheetMend)
	for _, says := range []string{"sheets: " + sheetMend + "\n", "bad.xlsm could not be used", "macros", "Nothing of this file was counted", "What to do: Save it as"} {
		if !strings.Contains(got, says) {
			t.Errorf("it does not say %q: %s", says, got)
		}
	}
}

func TestAFormulaIsNotSentBack(t *testing.T) {
	_, book, _ := sent(t)
	cell := campaignColumns.letter(headComment) + "2"
	original := edited(t, book, func(f *excelize.File) {
		if err := f.SetCellFormula(sheetReview, cell, `HYPERLINK("https://evil.example","x")`); err != nil {
			t.Fatal(err)
		}
	})
	back := mustRead(t, "x.xlsx", original)
	if !slices.Equal(back.Rows[0].Formula, []string{headComment}) {
		t.Fatalf("%q", back.Rows[0].Formula)
	}
	b, _, err := MarkedUp(original, back, access.ReturnedFile{Problems: []access.RowProblem{{Line: 2, RowID: "c1", Column: headComment, Seen: "a formula", Says: "type the text itself"}}})
	if err != nil {
		t.Fatal(err)
	}
	edited(t, b, func(f *excelize.File) {
		if formula, err := f.GetCellFormula(sheetReview, cell); err != nil || formula != "" {
			t.Errorf("%q %v", formula, err)
		}
	})
}
