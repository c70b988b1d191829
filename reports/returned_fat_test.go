package reports

import (
	"strings"
	"testing"
)

// A hundred kilobytes of a workbook may hold millions of cells in one row.
func TestARowOfMoreCellsThanASheetHasColumnsIsRefused(t *testing.T) {
	_, book, _ := sent(t)
	all, wrong := unpack(book)
	w := workbookBack{parts: all}
	if wrong != nil || w.open() != nil {
		t.Fatal("the worksheet that was sent cannot be read")
	}
	for _, s := range w.sheets {
		part := strings.TrimPrefix(s.part, "/")
		fat := with(t, book, part, []byte(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">`+strings.Repeat("<c/>", maxColumns+1)+`</row></sheetData></worksheet>`))
		if back := ReadReturned("x.xlsx", fat); s.name == sheetReview && (back.Refused == nil || !strings.Contains(back.Refused.Says, "more than 16384 cells")) {
			t.Errorf("%s: %d rows were read: %+v", s.name, len(back.Rows), back.Refused)
		}
	}
}

// A text of millions of differently written letters would else be copied a million times.
func TestATextOfManyPartsIsPutTogetherOnce(t *testing.T) {
	var text richText
	text.R = make([]struct {
		T string `xml:"t"`
	}, 1000)
	for n := range text.R {
		text.R[n].T = "a"
	}
	if copies := testing.AllocsPerRun(5, func() { _ = text.text() }); copies > 20 {
		t.Errorf("%v copies of a text of 1000 parts", copies)
	}
}
