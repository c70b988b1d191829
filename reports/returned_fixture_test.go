package reports

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rollcall/internal/access"
)

// answered is how the answers of a worksheet are filled in by the tests, by row id.
var answered = map[string][5]string{
	"c1": {"Keep", "needed for the release, as before", "", "", ""},
	"c2": {" change ", "reads reports only", "app Reports", "", "see ticket"},
	"c3": {"Not mine", "he works for Otto now", "", "otto@example.com", ""},
	"c4": {"Remove", "", "", "", "1+1 is 2"},
}

func wanted(s access.Sheet, cells bool) []access.ReturnedRow {
	var rows []access.ReturnedRow
	for i, r := range s.Rows {
		a := answered[r.ID]
		row := access.ReturnedRow{Line: i + 2, ID: r.ID, MAC: r.MAC, Cells: r.Cells, Decision: strings.TrimSpace(a[0]), Reason: a[1], ChangeTo: a[2], PassTo: a[3], Comment: a[4]}
		if !cells {
			row.Cells, row.Line = nil, 0
		}
		rows = append(rows, row)
	}
	return rows
}

// filledIn is a worksheet's workbook with answers, as excelize saves it.
func filledIn(t *testing.T, b []byte) []byte {
	t.Helper()
	return edited(t, b, func(f *excelize.File) {
		rows, err := f.GetRows(sheetReview)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows[1:] {
			for n, head := range []string{headDecision, headReason, headChange, headPass, headComment} {
				if text := answered[row[0]][n]; text != "" {
					set(t, f, fmt.Sprintf("%s%d", campaignColumns.letter(head), i+2), text)
				}
			}
		}
	})
}

func set(t *testing.T, f *excelize.File, cell, text string) {
	t.Helper()
	if err := f.SetCellStr(sheetReview, cell, text); err != nil {
		t.Fatal(err)
	}
}

// edited is a workbook after somebody did something to it.
func edited(t *testing.T, b []byte, do func(*excelize.File)) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	do(f)
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sent is what was sent to the first reviewer of the test campaign.
func sent(t *testing.T) (sheet access.Sheet, book, twin []byte) {
	t.Helper()
	dir, sheets, _ := issue(t)
	path := filepath.Join(dir, sheets[0].ID)
	return sheets[0], read(t, path+".xlsx"), read(t, path+".csv")
}

func mustRead(t *testing.T, name string, b []byte) access.ReturnedSheet {
	t.Helper()
	back := ReadReturned(name, b)
	if back.Refused != nil {
		t.Fatalf("%s: %+v", name, *back.Refused)
	}
	if back.SHA256 != access.Digest(b) || back.File != name {
		t.Errorf("%s: %s %s", name, back.File, back.SHA256)
	}
	return back
}

func sameRows(t *testing.T, name string, want, got []access.ReturnedRow) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}
