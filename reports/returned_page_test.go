package reports

import (
	"encoding/json"
	"testing"

	"rollcall/internal/access"
)

func pageFile(sheet access.Sheet) map[string]any {
	var rows []map[string]string
	for _, r := range sheet.Rows {
		a := answered[r.ID]
		rows = append(rows, map[string]string{"id": r.ID, "mac": r.MAC, "decision": a[0], "reason": a[1], "change_to": a[2], "pass_to": a[3], "comment": a[4]})
	}
	return map[string]any{"schema": campaignSchema, "campaign": "2026-q4", "sheet": sheet.ID, "signed_by": "Mara Boss", "rows": rows}
}

func TestTheFileThatThePageSavesIsRead(t *testing.T) {
	sheet, _, _ := sent(t)
	b, err := json.MarshalIndent(pageFile(sheet), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	back := mustRead(t, "x.decisions.json", append([]byte("\ufeff\n"), b...))
	sameRows(t, "page", wanted(sheet, false), back.Rows)
	if back.Format != "html" || back.Campaign != "2026-q4" || back.Worksheet != sheet.ID || back.SignedBy != "Mara Boss" {
		t.Errorf("%+v", back)
	}
}
