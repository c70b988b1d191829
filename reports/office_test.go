//go:build system

package reports

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/browsertest"
)

// These tests open a campaign's workbook in LibreOffice, a program that nobody here
// wrote. They need soffice and pdftoppm.

func TestTheWorkbookLooksAsInTheGuide(t *testing.T) {
	path, _ := pictured(t, 20)
	out := t.TempDir()
	convert(t, path+".xlsx", "pdf", out)
	run(t, "pdftoppm", "-png", "-r", "80", filepath.Join(out, filepath.Base(path)+".pdf"), filepath.Join(out, "page"))
	pages, err := filepath.Glob(filepath.Join(out, "page-*.png"))
	if err != nil || len(pages) < 5 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for name, page := range map[string]string{"workbook-start.png": pages[0], "workbook-review.png": pages[3]} { // the columns to fill in
		b, err := browsertest.Smaller(read(t, page))
		if err != nil {
			t.Fatal(err)
		}
		keep(t, name, b)
	}
}

func run(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// convert has LibreOffice open a file and save it as another kind.
func convert(t *testing.T, file, kind, dir string) {
	t.Helper()
	run(t, "soffice", "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to", kind, "--outdir", dir, file)
}

func TestLibreOfficeSavesWhatWasIssued(t *testing.T) {
	dir, sheets, _ := issue(t)
	for _, s := range sheets {
		out := t.TempDir()
		convert(t, filepath.Join(dir, s.ID+".xlsx"), "xlsx", out)
		f, heads := open(t, read(t, filepath.Join(out, s.ID+".xlsx")))
		for r, row := range s.Rows {
			if d := cmp.Diff(row.Cells, returned(t, f, heads, r+2)); d != "" {
				t.Errorf("row %s (-issued +saved):\n%s", row.ID, d)
			}
			todo, _ := f.GetCellValue(sheetReview, campaignColumns.letter(headTodo)+strconv.Itoa(r+2))
			if !strings.HasPrefix(todo, "Decide first") && !strings.HasPrefix(todo, "Open") {
				t.Errorf("row %s was calculated as %q", row.ID, todo)
			}
			if mac, _ := f.GetCellValue(sheetLists, "E"+strconv.Itoa(r+2)); mac != row.MAC {
				t.Errorf("row %s is proven by %q", row.ID, mac)
			}
		}
		names := map[string]bool{}
		for _, n := range f.GetDefinedName() {
			names[n.Name] = true
		}
		if !names["signed_by"] || !names["signed_on"] {
			t.Errorf("the cells to sign in lost their names: %v", names)
		}
		drops, err := f.GetDataValidations(sheetReview)
		if err != nil || len(drops) < 2 {
			t.Errorf("%d dropdowns and hints, %v", len(drops), err)
		}
	}
}
