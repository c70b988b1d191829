package archive

import (
	"crypto/ed25519"
	"strings"
	"testing"
)

// What a reader of the folder could take for a part of a recorded run is a fault, however
// it is spelt: not only what this rollcall would have called so.
func TestAFileThatLooksLikeOneOfARecordedRunIsAFaultHoweverItIsSpelt(t *testing.T) {
	run := string(runID(2))
	for _, name := range []string{
		"grants/date=2026-03-03/run=" + run + "/part-00001.parquet",
		"grants/date=2026-03-03/run=" + run + "/part\n00001.parquet",
		"Grants/date=2026-03-03/run=" + run + "/part-00001.parquet",
		"grants/DATE=2026-03-03/Run=" + run + "/part-00001.PARQUET",
		"grants2/date=2026-03-03/run=" + run + "/part-00001.parquet",
		"Journal/" + run + "/999999.json",
		"STATES/" + run + ".json",
		"grants/run=" + run + "/part-00001.parquet",
		"grants/2026/date=2026-03-03/run=" + run + "/part-00001.parquet",
		"grants/date=2026-03-03/run=" + strings.ToLower(run) + "/part-00001.parquet",
		"states/" + run + ".json.gz",
	} {
		root := archiveOf(t, 3)
		slip(t, root, name)
		report := looked(t, root)
		if len(report.Faults) != 1 || report.Faults[0].Path != name || !strings.Contains(report.Faults[0].Says, "run "+run) {
			t.Errorf("%q: faults %v, notes %q", name, report.Faults, report.Notes)
		}
	}
}

// What is nobody's file is told, and accuses nobody.
func TestAFileThatOnlyMentionsARecordedRunIsNoted(t *testing.T) {
	root := archiveOf(t, 3)
	slip(t, root, "backup/"+string(runID(2))+".txt")
	if report := looked(t, root); !report.OK() || len(report.Notes) != 1 {
		t.Errorf("faults %v, notes %q", report.Faults, report.Notes)
	}
}

func slip(t *testing.T, root, name string) {
	t.Helper()
	if err := NewFolder(root).Create(name, []byte("x")); err != nil {
		t.Fatal(err)
	}
}

func looked(t *testing.T, root string) Report {
	t.Helper()
	report, err := Verify(root, Checks{Keys: []ed25519.PublicKey{testPub}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}
