//go:build emulators

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// openpyxlReviewer fills in a workbook as a reviewer does, by another library than the
// one that wrote it: it keeps all rows but the third, which it removes, and leaves the
// last one blank.
const openpyxlReviewer = `
import sys
from openpyxl import load_workbook
book = load_workbook(sys.argv[1])
review = book["Review"]
at = {c.value: c.column for c in review[1]}
rows = [r for r in range(2, review.max_row + 1) if review.cell(r, at["Row ID"]).value]
for n, r in enumerate(rows[:-1]):
    review.cell(r, at["Decision"]).value = "remove" if n == 2 else "KEEP"
    if n != 2: review.cell(r, at["Reason"]).value = "Needed for what the team runs every week"
book.save(sys.argv[2])
`

func TestAWorkbookThatAnotherLibraryFilledInAndSavedCounts(t *testing.T) {
	q := newQuarter(t)
	var open opened
	q.into(&open, q.review(exitDone, "open", "--campaign", "2026-q4", "--json"))
	carla := sheetOf(t, open.Worksheets, "Carla Clarke")
	python := os.Getenv("ROLLCALL_PYTHON")
	if python == "" {
		python = "python3"
	}
	file := filepath.Join(q.back, "carla by hand.xlsx")
	if out, err := exec.CommandContext(t.Context(), python, "-c", openpyxlReviewer, q.path("reviews", "2026-q4", "worksheets", carla.Worksheet+".xlsx"), file).CombinedOutput(); err != nil {
		t.Fatalf("%v (set ROLLCALL_PYTHON to a Python that has openpyxl): %s", err, out)
	}
	got := q.imports(exitDone, file)
	if f := got.Files[0]; f.Counted != carla.Rows-1 || len(f.Problems) > 0 || got.Open != open.Campaign.Rows-carla.Rows+1 {
		t.Errorf("of %d rows %d count, %d are open in all: %+v", carla.Rows, f.Counted, got.Open, f.Problems)
	}
	var status struct {
		Removals []json.RawMessage `json:"removals"`
	}
	if q.into(&status, q.review(exitDone, "status", "--json")); len(status.Removals) != 1 {
		t.Errorf("%d things are to be removed, want the one", len(status.Removals))
	}
}
