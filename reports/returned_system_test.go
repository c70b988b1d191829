//go:build system

package reports

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// office is a file as LibreOffice saves it.
func office(t *testing.T, b []byte, from, to string) []byte {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "in."+from)
	if err := os.WriteFile(in, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	cmd := exec.CommandContext(t.Context(), "soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--infilter="+map[string]string{"csv": "CSV:44,34,76"}[from], "--convert-to", to, "--outdir", out, in)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v: %s", err, said)
	}
	files, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("LibreOffice wrote %q: %v", files, err)
	}
	return read(t, files[0])
}

func TestAWorkbookThatLibreOfficeSavedIsRead(t *testing.T) {
	sheet, book, twin := sent(t)
	saved := office(t, filledIn(t, book), "xlsx", "xlsx")
	back := mustRead(t, "saved.xlsx", saved)
	sameRows(t, "xlsx", wanted(sheet, true), back.Rows)
	if back.Campaign != "2026-q4" || back.Worksheet != sheet.ID {
		t.Errorf("%+v", back)
	}
	marked, _, err := MarkedUp(saved, back, judgedBack(back))
	if err != nil {
		t.Fatal(err)
	}
	again := mustRead(t, "again.xlsx", office(t, marked, "xlsx", "xlsx"))
	Recognise(&again, []access.Sheet{sheet})
	sameRows(t, "marked up, and saved again", wanted(sheet, true), again.Rows)

	back = mustRead(t, "saved.csv", office(t, twin, "csv", "csv:Text - txt - csv (StarCalc):59,34,1")) // semicolons, western letters
	Recognise(&back, []access.Sheet{sheet})
	for i, r := range back.Rows {
		if strings.Join(r.Cells, "|") != strings.Join(sheet.Rows[i].Cells, "|") || r.MAC != sheet.Rows[i].MAC {
			t.Errorf("%q\nissued %q", r.Cells, sheet.Rows[i].Cells)
		}
	}
	for _, old := range []string{"ods", "xls"} {
		if back := ReadReturned("saved."+old, office(t, book, "xlsx", old)); back.Refused == nil || !strings.Contains(back.Refused.Says, "."+old) {
			t.Errorf("%s: %+v", old, back.Refused)
		}
	}
}
