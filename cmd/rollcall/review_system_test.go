//go:build system

package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestAWorkbookThatLibreOfficeSavedCounts: what a reviewer answered and LibreOffice
// saved counts whole, every locked cell as it was issued.
func TestAWorkbookThatLibreOfficeSavedCounts(t *testing.T) {
	q := newQuarter(t)
	saved := t.TempDir()
	q.save = func(t *testing.T, file string) {
		out, err := exec.CommandContext(t.Context(), "soffice", "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to", "xlsx", "--outdir", saved, file).CombinedOutput()
		if err != nil {
			t.Fatalf("soffice: %v: %s", err, out)
		}
	}
	var open opened
	q.into(&open, q.review(exitDone, "open", "--campaign", "2026-q4", "--json"))
	for _, name := range []string{"Carla Clarke", "Mia Laine"} { // people, and accounts of nobody
		sheet := sheetOf(t, open.Worksheets, name)
		q.workbook("2026-q4", sheet.Worksheet, sheet.Worksheet+".xlsx", keep)
		got := q.imports(exitDone, filepath.Join(saved, sheet.Worksheet+".xlsx")).Files[0]
		if got.Counted != sheet.Rows || len(got.Problems) > 0 {
			t.Errorf("%s: of %d rows %d count: %+v", name, sheet.Rows, got.Counted, got.Problems)
		}
	}
}
