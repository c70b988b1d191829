package reports

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestAnswersOnTwoSheetsOfAWorkbookAreRefused: of somebody who copies the sheet, "to be on the safe side", and
// answers on the copy, nobody may say that they left every row open; nor guess which of two answers counts. A copy
// that says nothing else is no harm.
// It is long because the copies that are refused stand in one table beside those that are
// not: what makes the difference is seen only there.
func TestAnswersOnTwoSheetsOfAWorkbookAreRefused(t *testing.T) {
	_, book, _ := sent(t)
	copied := func(first string, do func(*excelize.File, string)) []byte {
		return edited(t, book, func(f *excelize.File) {
			const copy = "Review (2)"
			to, err := f.NewSheet(copy)
			from, _ := f.GetSheetIndex(sheetReview)
			if err != nil || f.CopySheet(from, to) != nil {
				t.Fatal(err)
			}
			if first != sheetReview {
				if err := f.SetSheetName(sheetReview, first); err != nil {
					t.Fatal(err)
				}
			}
			do(f, copy)
		})
	}
	decide := func(f *excelize.File, sheet, head, text string) {
		if err := f.SetCellStr(sheet, fmt.Sprintf("%s2", campaignColumns.letter(head)), text); err != nil {
			t.Fatal(err)
		}
	}
	take := func(f *excelize.File, sheet, head string) {
		if err := f.SetCellStr(sheet, campaignColumns.letter(head)+"1", "mine"); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		book    []byte
		refused bool
		says    string // of the first row
	}{
		"the copy is as it was made":     {copied(sheetReview, func(f *excelize.File, copy string) { decide(f, sheetReview, headDecision, "Remove") }), false, "Remove"},
		"nobody answered on either":      {copied(sheetReview, func(*excelize.File, string) {}), false, ""},
		"the answers are on the copy":    {copied(sheetReview, func(f *excelize.File, copy string) { decide(f, copy, headDecision, "Remove") }), true, ""},
		"a comment alone is on the copy": {copied(sheetReview, func(f *excelize.File, copy string) { decide(f, copy, headComment, "she left us") }), true, ""},
		"both sheets have another name":  {copied("old", func(f *excelize.File, copy string) { decide(f, copy, headDecision, "Remove") }), true, ""},
		"both have other answers": {copied(sheetReview, func(f *excelize.File, copy string) {
			decide(f, sheetReview, headDecision, "Remove")
			decide(f, copy, headDecision, "Keep")
		}), true, ""},
		"a copy without the login": {copied(sheetReview, func(f *excelize.File, copy string) {
			decide(f, copy, headDecision, "Remove")
			take(f, copy, "Account")
		}), true, ""},
		"a copy without ids has more answers": {copied(sheetReview, func(f *excelize.File, copy string) {
			decide(f, copy, headDecision, "Remove")
			take(f, copy, headRow)
		}), true, ""},
		"a list of one's own, without ids": {copied(sheetReview, func(f *excelize.File, copy string) {
			decide(f, sheetReview, headDecision, "Remove")
			decide(f, copy, headDecision, "I took it out of there")
			take(f, copy, headRow)
		}), false, "Remove"},
		"the copy has the same answer, and not its reason": {copied(sheetReview, func(f *excelize.File, copy string) {
			decide(f, sheetReview, headDecision, "Keep")
			decide(f, sheetReview, headReason, "runs the payroll")
			decide(f, copy, headDecision, "Keep")
		}), false, "Keep"},
		"a copy without ids has the same comment": {copied(sheetReview, func(f *excelize.File, copy string) {
			decide(f, sheetReview, headComment, "I ask Ann")
			decide(f, copy, headComment, "I ask Ann")
			take(f, copy, headRow)
		}), false, ""},
		"a copy without ids alone has a comment": {copied(sheetReview, func(f *excelize.File, copy string) {
			decide(f, copy, headComment, "she left us")
			take(f, copy, headRow)
		}), true, ""},
		"both have answers, and the same": {copied(sheetReview, func(f *excelize.File, copy string) {
			decide(f, sheetReview, headDecision, "Keep")
			decide(f, copy, headDecision, "Keep")
		}), false, "Keep"},
	} {
		back := ReadReturned("back.xlsx", c.book)
		switch {
		case c.refused:
			if back.Refused == nil || !strings.Contains(back.Refused.Says, "Review (2)") || len(back.Rows) > 0 {
				t.Errorf("%s: %+v, %d rows", name, back.Refused, len(back.Rows))
			}
		case back.Refused != nil || len(back.Rows) == 0 || back.Rows[0].Decision != c.says:
			t.Errorf("%s: %+v", name, back)
		}
	}
}

// TestAFormulaOverSeveralCellsIsAFormulaInEachOfThem: the file has it in the first cell alone, and of the others what it gave.
func TestAFormulaOverSeveralCellsIsAFormulaInEachOfThem(t *testing.T) {
	sheet, book, _ := sent(t)
	at := campaignColumns.letter(headDecision)
	b := edited(t, book, func(f *excelize.File) {
		kind, over := excelize.STCellFormulaTypeArray, at+"2:"+at+"3"
		for row := 2; row <= 4; row++ {
			set(t, f, fmt.Sprint(at, row), "Keep")
		}
		if err := f.SetCellFormula(sheetReview, at+"2", `"Keep"`, excelize.FormulaOpts{Type: &kind, Ref: &over}); err != nil {
			t.Fatal(err)
		}
	})
	back := mustRead(t, "back.xlsx", b)
	if len(back.Rows) != len(sheet.Rows) || len(back.Rows) < 3 {
		t.Fatal(len(back.Rows))
	}
	for i, want := range []int{1, 1, 0} {
		if got := back.Rows[i].Formula; len(got) != want {
			t.Errorf("row %d: %q", i+2, got)
		}
	}
}
