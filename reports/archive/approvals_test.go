package archive

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnActionNamesTheApprovalsThatReleasedIt(t *testing.T) {
	for _, a := range readTable[ActionRow](t, archiveOf(t, 1), "actions") {
		if want := map[string]string{"a1": "ap-1 ap-2"}[a.ActionID]; a.ApprovalID != want {
			t.Errorf("%s: approval %q, want %q", a.ActionID, a.ApprovalID, want)
		}
	}
}

func TestEveryApprovalIsKeptWithWhatBecameOfItAndNothingThatIsNotProven(t *testing.T) {
	rows := readTable[ApprovalRow](t, archiveOf(t, 1), "approvals")
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	forged, spent := rows[0], rows[1]
	if forged.ApprovalID+forged.Guard+forged.ApprovedBy+forged.Reason != "" || !forged.SpentAt.IsZero() || !forged.ExpiresAt.IsZero() || forged.File != "approvals/forged.json" || forged.Detail == "" || forged.Counted {
		t.Errorf("what is not proven: %+v", forged)
	}
	want := fixtureNight(1).Approvals[0]
	if spent.ApprovalID != "ap-1" || spent.Guard != "blast_radius" || spent.Scope != "okta" || spent.Count != 1 || spent.CohortSHA256 != want.CohortSHA256 || spent.ApprovedBy != "Ann" ||
		!spent.SpentAt.Equal(want.SpentAt) || !spent.ExpiresAt.Equal(want.ExpiresAt) || !spent.Counted {
		t.Errorf("%+v", spent)
	}
}

func TestWhatMadeAnApprovalASpentOneIsListed(t *testing.T) {
	root := archiveOf(t, 2)
	mustVerify(t, root)
	name := "spent/ap-1-" + string(runID(1)) + "/first.json"
	if err := os.Remove(filepath.Join(root, name)); err != nil {
		t.Fatal(err)
	}
	report, err := verified(root, testPub)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Faults) != 1 || report.Faults[0].Path != name {
		t.Errorf("without it: %v", report.Faults)
	}
}

func TestAnApprovalSpentByARunThatDiedIsNotedUntilTheNextRunAdoptsIt(t *testing.T) {
	root := archiveOf(t, 1)
	if err := NewFolder(root).Create("spent/ap-9/first.json", []byte(`{"run_id":"died"}`)); err != nil {
		t.Fatal(err)
	}
	if report := mustVerify(t, root); len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "spent/ap-9/first.json makes an approval a spent one") {
		t.Errorf("%v", report.Notes)
	}
}
