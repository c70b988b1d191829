package reports

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/goldentest"
)

// sheets are all worksheets of a night.
func sheets(n *access.Night) (all []*sheet) {
	each := newNightSheets(n)
	for i := range n.Worksheets {
		all = append(all, each.sheet(i))
	}
	return all
}

func write(t *testing.T, n *access.Night) (string, []WorksheetFile) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sheets")
	files, err := WriteWorksheets(dir, n)
	if err != nil {
		t.Fatal(err)
	}
	return dir, files
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFilesHaveSafeUniqueNamesAndAreForTheGroupOnly(t *testing.T) {
	dir, files := write(t, testNight())
	want := []string{"access-review_2026-11-23_mara-boss_employees-0010001", "access-review_2026-11-23_mara-boss_mara2-example-com",
		"access-review_2026-11-23_employees-0010002"}
	for i, f := range files {
		if f.XLSX != want[i]+".xlsx" || f.CSV != want[i]+".csv" {
			t.Errorf("file %d is %s and %s, want %s", i, f.XLSX, f.CSV, want[i])
		}
		for name, sum := range map[string]string{f.XLSX: f.XLSXSHA256, f.CSV: f.CSVSHA256} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("%s: %v %v", name, info.Mode(), err)
			}
			if access.Digest(read(t, filepath.Join(dir, name))) != sum {
				t.Errorf("%s: its digest is not what was said", name)
			}
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestNamesNeverCollide(t *testing.T) {
	n := testNight()
	n.Worksheets = []access.Worksheet{{ReviewerName: "../../Etc Passwd"}, {ReviewerName: "etc passwd"}, {ReviewerName: "ETC/PASSWD"}, {}, {ReviewerName: "etc passwd 2"}}
	seen := map[string]bool{}
	for _, name := range fileNames(n) {
		if seen[name] || !regexp.MustCompile(`^access-review_2026-11-23_[a-z0-9][a-z0-9_-]*$`).MatchString(name) {
			t.Errorf("%q is taken or unsafe", name)
		}
		seen[name] = true
	}
}

func TestTheSameNightGivesTheSameBytes(t *testing.T) {
	first, files := write(t, testNight())
	second, again := write(t, testNight())
	if d := cmp.Diff(files, again); d != "" {
		t.Fatal(d)
	}
	for _, f := range files {
		for _, name := range []string{f.XLSX, f.CSV} {
			if !bytes.Equal(read(t, filepath.Join(first, name)), read(t, filepath.Join(second, name))) {
				t.Errorf("%s differs", name)
			}
		}
	}
}

func TestOneFailureDoesNotKeepTheOthersFromBeingWritten(t *testing.T) {
	n := testNight()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, fileNames(n)[0]+".xlsx", "in the way"), 0o750); err != nil {
		t.Fatal(err)
	}
	files, err := WriteWorksheets(dir, n)
	if err == nil || !strings.Contains(err.Error(), "Mara Boss") || len(files) != 2 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCSVIsAsAgreed(t *testing.T) {
	n := testNight()
	n.Worksheets[0].Items[7].Meaning = "cut short for the golden file"
	got := sheets(n)[0].csvBytes()
	goldentest.Same(t, "testdata/worksheet.csv", string(got))
	if !bytes.HasPrefix(got, []byte("\xef\xbb\xbf\"Row ID\",")) {
		t.Error("no byte order mark, or the head is not quoted")
	}
	records, err := csv.NewReader(bytes.NewReader(got[3:])).ReadAll()
	if err != nil || len(records) != 11 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, r := range records {
		for _, f := range r {
			if csvfile.StartsFormula(f) {
				t.Errorf("%q is live", f)
			}
		}
	}
}

func TestManagersDoNotLearnWhoLeavesOrWhyOrOnWhichLeave(t *testing.T) {
	for i, b := range made(t, testNight()) {
		text := part(t, b, "xl/sharedStrings.xml") + string(sheets(testNight())[i].csvBytes())
		for _, secret := range []string{"2026-12-18", "2026-12-24", "2027-01-31", "leaves on", "arental leave", "Sick note", "garden", "Leaving", "scheduled", "on leave"} {
			if strings.Contains(text, secret) {
				t.Errorf("worksheet %d tells %q", i, secret)
			}
		}
	}
}

func TestEmploymentIsOneOfFourThings(t *testing.T) {
	for standing, want := range map[access.Standing]string{access.StandingActive: "Employed", access.StandingScheduled: "Employed", access.StandingGarden: "Employed",
		access.StandingLeft: "Left", access.StandingPending: "Not started yet", access.StandingHeld: "To be confirmed", access.StandingVanished: "To be confirmed", "": "To be confirmed"} {
		if got := employment(person("1", "x", "y", standing)); got != want {
			t.Errorf("%s shows as %q", standing, got)
		}
	}
	if got := employment(access.Person{}); got != "" {
		t.Errorf("nobody shows as %q", got)
	}
}
