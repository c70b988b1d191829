//go:build emulators

package reports

import (
	std "cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"rollcall/internal/access"
)

// openpyxlWriter fills in a worksheet as another library does: it writes the answers
// under their headings, by row id, and saves the workbook anew.
const openpyxlWriter = `
import json, sys
from openpyxl import load_workbook
book = load_workbook(sys.argv[1])
answers = json.loads(sys.argv[3])
review = book["Review"]
at = {c.value: c.column for c in review[1]}
for row in range(2, review.max_row + 1):
    for head, text in zip(["Decision", "Reason", "Change to", "Pass to", "Comment"], answers.get(review.cell(row, at["Row ID"]).value, [])):
        if text: review.cell(row, at[head]).value = text
sheet, cell = book.defined_names["signed_by"].attr_text.split("!")
book[sheet.strip("'")][cell.replace("$", "")].value = "Mara Boss"
review.title = "Mine"
book.save(sys.argv[2])
`

func TestAWorkbookThatAnotherLibraryFilledInIsRead(t *testing.T) {
	python := std.Or(os.Getenv("ROLLCALL_PYTHON"), "python3")
	sheet, book, _ := sent(t)
	in, out := filepath.Join(t.TempDir(), "in.xlsx"), filepath.Join(t.TempDir(), "out.xlsx")
	if err := os.WriteFile(in, book, 0o600); err != nil {
		t.Fatal(err)
	}
	answers, err := json.Marshal(answered)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", openpyxlWriter, in, out, string(answers))
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v (set ROLLCALL_PYTHON to a Python that has openpyxl)", err)
	}
	back := mustRead(t, "out.xlsx", read(t, out))
	Recognise(&back, []access.Sheet{sheet}) // openpyxl takes _x003D_ for an equals sign
	sameRows(t, "openpyxl", wanted(sheet, true), back.Rows)
	if back.Campaign != "2026-q4" || back.Worksheet != sheet.ID || back.SignedBy != "Mara Boss" {
		t.Errorf("%+v", back)
	}
	marked, _, err := MarkedUp(read(t, out), back, judgedBack(back))
	if err != nil {
		t.Fatal(err)
	}
	again := mustRead(t, "marked.xlsx", marked)
	Recognise(&again, []access.Sheet{sheet})
	sameRows(t, "marked up", wanted(sheet, true), again.Rows)
}
