package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

func TestAWorkbookComesBackAsItWasIssuedWithItsAnswers(t *testing.T) {
	sheet, book, _ := sent(t)
	back := mustRead(t, "renamed.bin", edited(t, filledIn(t, book), func(f *excelize.File) {
		at := ""
		for _, n := range f.GetDefinedName() {
			if n.Name == "signed_by" {
				at = strings.ReplaceAll(n.RefersTo[strings.Index(n.RefersTo, "!")+1:], "$", "")
			}
		}
		if err := f.SetCellStr(sheetStart, at, " Mara Boss "); err != nil {
			t.Fatal(err)
		}
	}))
	sameRows(t, "workbook", wanted(sheet, true), back.Rows)
	if back.Format != "xlsx" || back.Campaign != "2026-q4" || back.Worksheet != sheet.ID || back.SignedBy != "Mara Boss" {
		t.Errorf("%+v", back)
	}
}

func TestAWorksheetThatNobodyTouchedComesBackOpen(t *testing.T) {
	sheet, book, twin := sent(t)
	for name, b := range map[string][]byte{"w.xlsx": book, "w.csv": twin} {
		back := mustRead(t, name, b)
		for i, r := range back.Rows {
			if r.Decision+r.Reason != "" || !slices.Equal(r.Cells, sheet.Rows[i].Cells) || r.MAC != sheet.Rows[i].MAC {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if len(back.Rows) != len(sheet.Rows) {
			t.Errorf("%s: %d rows", name, len(back.Rows))
		}
	}
}

func TestRowsMayBeSortedAndLeftOutAndColumnsAndSheetsMoved(t *testing.T) {
	sheet, book, _ := sent(t)
	b := edited(t, filledIn(t, book), func(f *excelize.File) {
		rows, err := f.GetRows(sheetReview, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		try := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err = f.NewSheet("Mine")
		try(err)
		heads := slices.Clone(rows[0])
		slices.Reverse(heads)
		try(f.SetSheetRow("Mine", "B3", &heads)) // below a note, and one column further
		try(f.SetCellStr("Mine", "A1", "sorted by Mara"))
		for i, row := range [][]string{rows[4], rows[2]} {
			for len(row) < len(heads) {
				row = append(row, "")
			}
			row = slices.Clone(row)
			slices.Reverse(row)
			try(f.SetSheetRow("Mine", fmt.Sprintf("B%d", 5+i), &row))
		}
		try(f.DeleteSheet(sheetReview))
		try(f.DeleteSheet(sheetTerms))
	})
	all := wanted(sheet, true)
	want := []access.ReturnedRow{all[3], all[1]}
	want[0].Line, want[1].Line = 5, 6
	back := mustRead(t, "x.xlsx", b)
	Recognise(&back, []access.Sheet{sheet}) // the copied dates are numbers as text
	sameRows(t, "sorted", want, back.Rows)
}

func TestAWorkbookWithoutItsHiddenSheetIsReadAndSaysLessOfItself(t *testing.T) {
	sheet, book, _ := sent(t)
	back := mustRead(t, "x.xlsx", edited(t, filledIn(t, book), func(f *excelize.File) {
		if err := f.DeleteSheet(sheetLists); err != nil {
			t.Fatal(err)
		}
	}))
	want := wanted(sheet, true)
	for i := range want {
		want[i].MAC = ""
	}
	sameRows(t, "without", want, back.Rows)
	if back.Campaign != "" || back.Worksheet != "" {
		t.Errorf("%+v", back)
	}
}

func TestAFormulaIsNamedInItsRowAndTheOthersCount(t *testing.T) {
	_, book, twin := sent(t)
	b := edited(t, filledIn(t, book), func(f *excelize.File) {
		if err := f.SetCellFormula(sheetReview, campaignColumns.letter(headDecision)+"3", `"Ke"&"ep"`); err != nil {
			t.Fatal(err)
		}
	})
	back := mustRead(t, "x.xlsx", b)
	for i, r := range back.Rows {
		if got := strings.Join(r.Formula, ","); got != map[bool]string{true: headDecision}[i == 1] {
			t.Errorf("row %d: %q", i, got)
		}
	}
	records := readCSVRecords(t, twin)
	records[1][campaignColumns.index(headReason)] = `=HYPERLINK("https://evil.example")`
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(records); err != nil {
		t.Fatal(err)
	}
	if back = mustRead(t, "x.csv", text.Bytes()); !slices.Equal(back.Rows[0].Formula, []string{headReason}) || back.Rows[1].Formula != nil {
		t.Errorf("%q %q", back.Rows[0].Formula, back.Rows[1].Formula)
	}
}
