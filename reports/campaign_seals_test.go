package reports

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// returned reads the locked cells of a workbook's Review sheet, as they would come back.
func returned(t *testing.T, f *excelize.File, heads map[string]int, row int) []string {
	t.Helper()
	var out []string
	for _, c := range campaignColumns {
		at, _ := excelize.CoordinatesToCellName(heads[c.Head]+1, row)
		v, err := f.GetCellValue(sheetReview, at)
		if err != nil {
			t.Fatal(err)
		}
		if !c.Answer {
			out = append(out, normalCell(v))
		}
	}
	return out
}

func TestWhatComesBackUnchangedEqualsWhatWasIssued(t *testing.T) {
	dir, sheets, _ := issue(t)
	for _, s := range sheets {
		f, heads := open(t, read(t, filepath.Join(dir, s.ID+".xlsx")))
		records, err := csv.NewReader(bytes.NewReader(read(t, filepath.Join(dir, s.ID+".csv"))[3:])).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range s.Rows {
			if d := cmp.Diff(row.Cells, returned(t, f, heads, r+2)); d != "" {
				t.Errorf("workbook, row %s:\n%s", row.ID, d)
			}
			var twin []string
			for c, col := range campaignColumns {
				if !col.Answer {
					twin = append(twin, normalCell(records[r+1][c]))
				}
			}
			if d := cmp.Diff(row.Cells, twin); d != "" {
				t.Errorf("CSV, row %s:\n%s", row.ID, d)
			}
			if got := records[r+1][len(campaignColumns)]; got != row.MAC {
				t.Errorf("CSV, row %s is proven by %q, want %q", row.ID, got, row.MAC)
			}
			at, _ := f.GetCellValue(sheetLists, "E"+strconv.Itoa(r+2))
			if id, _ := f.GetCellValue(sheetLists, "B"+strconv.Itoa(r+2)); id != row.ID || at != row.MAC || len(at) != 32 {
				t.Errorf("hidden: row %q is proven by %q, want %s by %q", id, at, row.ID, row.MAC)
			}
		}
	}
}

func TestTextsThatProgramsTurnIntoOneAnotherAreTheSame(t *testing.T) {
	for _, s := range []string{"plain", " =1+1", "=1+1", "'=1+1", "'quoted'", "a;=b", `say "=x"`, "a\r\n=b", "x\u00a0 y", "\u200b=1", "＝1", "O'Neil; '+1'", "e\u0301t\u00e9", "'", "", "-", "2026-11-23"} {
		want := normalCell(s)
		for how, got := range map[string]string{"twice": normalCell(want), "workbook": normalCell(neutral(s)), "CSV": normalCell(neutralField(s)), "spaces": normalCell("  " + neutral(s) + "\t")} {
			if got != want {
				t.Errorf("%q, %s: %q is not %q", s, how, got, want)
			}
		}
	}
	for a, b := range map[string]string{"Ann Lee": "Ann Leo", "=1": "=2", "a": "", "é": "e"} {
		if normalCell(a) == normalCell(b) {
			t.Errorf("%q passes for %q", b, a)
		}
	}
}

func TestAChangeOfAnythingLockedBreaksTheProofOfTheRow(t *testing.T) {
	key, cells := []byte("key"), []string{"a", "b", ""}
	mac := rowMAC(key, "2026-q4", "sheet", "r1", cells)
	if mac != rowMAC(key, "2026-q4", "sheet", "r1", slices.Clone(cells)) {
		t.Error("the same row has two proofs")
	}
	others := map[string]string{
		"key":       rowMAC([]byte("kez"), "2026-q4", "sheet", "r1", cells),
		"campaign":  rowMAC(key, "2026-q3", "sheet", "r1", cells),
		"worksheet": rowMAC(key, "2026-q4", "sheet2", "r1", cells),
		"row":       rowMAC(key, "2026-q4", "sheet", "r2", cells),
		"cell":      rowMAC(key, "2026-q4", "sheet", "r1", []string{"a", "c", ""}),
		"moved":     rowMAC(key, "2026-q4", "sheet", "r1", []string{"ab", "", ""}),
		"shifted":   rowMAC(key, "2026-q4", "sheetr", "1", cells),
		"shorter":   rowMAC(key, "2026-q4", "sheet", "r1", cells[:2]),
	}
	for what, other := range others {
		if other == mac {
			t.Errorf("another %s has the same proof", what)
		}
	}
}
