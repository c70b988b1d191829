package archive

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// flip changes one bit of a file; a negative place counts from the end.
func flip(t *testing.T, path string, place int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if place < 0 {
		place += len(b)
	}
	b[place] ^= 1
	if err := os.WriteFile(path, b, 0o640); err != nil {
		t.Fatal(err)
	}
}

// verified is Verify with one key, and nothing else to ask.
func verified(root string, key ed25519.PublicKey) (Report, error) {
	return Verify(root, Checks{Keys: []ed25519.PublicKey{key}})
}

func paths(r Report) []string {
	var all []string
	for _, f := range r.Faults {
		all = append(all, f.Path)
	}
	return all
}

func TestASoundArchiveVerifiesWithoutNotes(t *testing.T) {
	root := archiveOf(t, 3)
	r := mustVerify(t, root)
	if len(r.Notes) != 0 || r.Manifests != 3 || r.Sequence != 3 || r.RunID != runID(3) || r.Files == 0 || r.Rows == 0 || !r.OK() {
		t.Errorf("%+v", r)
	}
	sequence, sum, run, err := New(NewFolder(root), nil).Head()
	if err != nil || sequence != r.Sequence || sum != r.SHA256 || run != r.RunID {
		t.Errorf("head %d %s %s: %v", sequence, sum, run, err)
	}
}

func TestOneBitFlippedAnywhereIsFoundAndNamed(t *testing.T) {
	root := archiveOf(t, 2)
	names, err := NewFolder(root).List("")
	if err != nil || len(names) < 2*17 {
		t.Fatalf("%d files: %v", len(names), err)
	}
	for _, name := range names {
		path := filepath.Join(root, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range []int{0, int(info.Size()) / 2, int(info.Size()) - 1} {
			flip(t, path, place)
			r, err := verified(root, testPub)
			if err != nil {
				t.Fatalf("%s at %d: %v", name, place, err)
			}
			if got := paths(r); !slices.Equal(got, []string{name}) {
				t.Errorf("%s flipped at %d: faults %v", name, place, got)
			}
			flip(t, path, place)
		}
	}
	mustVerify(t, root)
}

func TestEveryMissingFileIsNamed(t *testing.T) {
	root := archiveOf(t, 2)
	names, err := NewFolder(root).List("")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		path := filepath.Join(root, name)
		if name == manifestName(2) {
			continue // the end of the chain: see TestACutChainShowsInTheHeadOnly
		}
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		r, err := verified(root, testPub)
		if err != nil {
			t.Fatal(err)
		}
		want := name
		if m := signaturePattern.FindStringSubmatch(name); m != nil {
			want = "manifests/" + m[1] + ".json" // unsigned now
		}
		if !slices.Contains(paths(r), want) {
			t.Errorf("%s is missing: faults %v", name, paths(r))
		}
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACutChainShowsInTheHeadOnly(t *testing.T) {
	root := archiveOf(t, 2)
	before := mustVerify(t, root)
	if err := os.Remove(filepath.Join(root, manifestName(2))); err != nil {
		t.Fatal(err)
	}
	after := mustVerify(t, root)
	if after.SHA256 == before.SHA256 || after.Sequence != 1 || len(after.Notes) == 0 {
		t.Errorf("%+v", after)
	}
}

func TestAFileAddedToACommittedRunIsAFault(t *testing.T) {
	root := archiveOf(t, 1)
	run := string(runID(1))
	for _, name := range []string{
		"grants/date=2026-03-02/run=" + run + "/part-00001.parquet", "decisions/date=2026-03-02/run=" + run + "/part-00000.parquet",
		"journal/" + run + "/00002.json", "journal/20260228-dead/00002.json", "grants/date=2026-03-03/run=" + run + "/part-00000.parquet",
	} {
		if err := NewFolder(root).Create(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
		r, err := verified(root, testPub)
		if err != nil || !slices.Equal(paths(r), []string{name}) {
			t.Errorf("%s: faults %v, %v", name, paths(r), err)
		}
		if err := os.Remove(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatNoRunVouchesForIsNotedOnly(t *testing.T) {
	root := archiveOf(t, 1)
	for _, name := range []string{
		"grants/date=2026-03-02/run=died/part-00000.parquet", "journal/died/00001.json", "plans/died.json",
		"inputs/" + access.Digest([]byte("y")), signatureName(2, access.Digest([]byte("m"))), "stray.txt", "lock", "reads/" + temporary + "9",
	} {
		if err := NewFolder(root).Create(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	notes := strings.Join(mustVerify(t, root).Notes, "\n")
	for _, want := range []string{"run died has 3 files", "inputs/", signatureName(2, access.Digest([]byte("m"))), "1 files are not of the archive, such as stray.txt", temporary} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note of %s in:\n%s", want, notes)
		}
	}
}

func TestAForgedManifestIsNotBelieved(t *testing.T) {
	root := archiveOf(t, 1)
	h, err := New(NewFolder(root), nil).head()
	if err != nil {
		t.Fatal(err)
	}
	forged := Manifest{Schema: manifestSchema, Sequence: 2, RunID: "forged", Previous: h.sum}
	if err := New(NewFolder(root), secondKey).commit(forged); err != nil {
		t.Fatal(err)
	}
	r, err := verified(root, testPub)
	if err != nil || len(r.Faults) != 1 || r.RunID != runID(1) {
		t.Errorf("faults %v, head %s, %v", r.Faults, r.RunID, err)
	}
}

// place signs a manifest and puts it at a sequence of its own.
func place(t *testing.T, root string, at int, m Manifest) {
	t.Helper()
	m.Schema = manifestSchema
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	folder := NewFolder(root)
	if err := errors.Join(folder.Create(signatureName(at, access.Digest(b)), ed25519.Sign(testKey, b)), folder.Create(manifestName(at), b)); err != nil {
		t.Fatal(err)
	}
}

func TestASignedManifestThatDoesNotFitItsPlaceIsAFault(t *testing.T) {
	root := archiveOf(t, 1)
	h, err := New(NewFolder(root), testKey).head()
	if err != nil {
		t.Fatal(err)
	}
	other := []Entry{{Path: planName(runID(1)), SHA256: access.Digest(nil)}}
	for says, m := range map[string]Manifest{
		"is manifest 7 under another number":            {Sequence: 7, RunID: "r", Previous: h.sum},
		"is not the manifest that":                      {Sequence: 2, RunID: "r", Previous: access.Digest([]byte("fork"))},
		"commits run " + string(runID(1)) + " a second": {Sequence: 2, RunID: runID(1), Previous: h.sum},
		"is listed with two digests":                    {Sequence: 2, RunID: "r", Previous: h.sum, Files: other},
	} {
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(root)); err != nil {
			t.Fatal(err)
		}
		place(t, copied, 2, m)
		if r, err := verified(copied, testPub); err != nil || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].Says, says) {
			t.Errorf("%s: faults %v, %v", says, r.Faults, err)
		}
	}
	empty := t.TempDir()
	place(t, empty, 1, Manifest{Sequence: 1, RunID: "r", Previous: h.sum})
	if r, err := verified(empty, testPub); err != nil || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].Says, "is not the first") {
		t.Errorf("faults %v, %v", r.Faults, err)
	}
}

func TestFaultsSayWhoVouchedAndWhen(t *testing.T) {
	root := archiveOf(t, 2)
	name := stateName(runID(2))
	flip(t, filepath.Join(root, name), 3)
	r, err := verified(root, testPub)
	if err != nil || len(r.Faults) != 1 {
		t.Fatalf("%v, %v", r.Faults, err)
	}
	f := r.Faults[0]
	if f.Path != name || f.RunID != runID(2) || !f.WrittenAt.Equal(fixtureNight(2).Run.FinishedAt) {
		t.Errorf("%s", f)
	}
}

func TestRowsAreCountedAgain(t *testing.T) {
	root := t.TempDir()
	a := New(NewFolder(root), testKey)
	n := fixtureNight(1)
	s, err := a.Begin(n.Run)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(s, "rules", ruleRows(n.Run.ID, n.Policy.RoleMap.Rules)); err != nil {
		t.Fatal(err)
	}
	*s.files[0].Rows++
	if err := a.commit(s.manifest(n.Run.FinishedAt)); err != nil {
		t.Fatal(err)
	}
	r, err := verified(root, testPub)
	if err != nil || len(r.Faults) != 1 || !strings.Contains(r.Faults[0].Says, "has 2 rows, and the run counted 3") {
		t.Errorf("%v, %v", r.Faults, err)
	}
}

func TestVerifyOfNothingIsAnError(t *testing.T) {
	if _, err := verified(filepath.Join(t.TempDir(), "none"), testPub); err == nil {
		t.Error("a folder that is not there verified")
	}
	if _, err := verified(t.TempDir(), nil); err == nil {
		t.Error("verified without a key")
	}
}
