package archive

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"rollcall/internal/access"
)

// rewritten is a copy of an archive in which manifest n says something else and a stranger
// has signed it under the right name; with links, all manifests after it too, each naming
// the one before.
func rewritten(t *testing.T, sound string, n int, links bool) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(sound)); err != nil {
		t.Fatal(err)
	}
	replace := func(sequence int, from, to []byte) (before, after string) {
		path := filepath.Join(root, manifestName(sequence))
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(b, from, to, 1)
		if bytes.Equal(b, changed) {
			t.Fatalf("%q is not in manifest %d", from, sequence)
		}
		signature := ed25519.Sign(strayKey, changed)
		err = errors.Join(os.Remove(path), os.WriteFile(path, changed, 0o600), os.WriteFile(filepath.Join(root, signatureName(sequence, access.Digest(changed))), signature, 0o600))
		if bytes.Contains(b, []byte(`"key_change"`)) {
			err = errors.Join(err, os.WriteFile(filepath.Join(root, nextName(sequence, access.Digest(changed))), signature, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
		return access.Digest(b), access.Digest(changed)
	}
	before, after := replace(n, []byte(`"created_at": "2`), []byte(`"created_at": "3`))
	for sequence := n + 1; links && sequence <= 7; sequence++ {
		before, after = replace(sequence, []byte(before), []byte(after))
	}
	return root
}

// Of a chain whose last manifests of each key are signed, and whose links hold, no other
// manifest can be changed: whoever asks is given nothing then.
func TestTheEndOfTheChainVouchesForAllBeforeIt(t *testing.T) {
	sound := rotated(t)
	refused := func(name, root string) {
		t.Helper()
		for _, key := range []ed25519.PrivateKey{testKey, secondKey, thirdKey} {
			if runs, err := Committed(NewFolder(root), pub(key)); err == nil || runs != nil {
				t.Errorf("%s: %d runs were given", name, len(runs))
			}
		}
	}
	for n := 1; n <= 7; n++ {
		refused("changed", rewritten(t, sound, n, false))
		refused("changed with all after it", rewritten(t, sound, n, true))
		h, _, err := New(NewFolder(sound), nil).read(n)
		if err != nil {
			t.Fatal(err)
		}
		root := t.TempDir()
		if err := os.CopyFS(root, os.DirFS(sound)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(root, signatureName(n, h.sum))); err != nil {
			t.Fatal(err)
		}
		refused("without its signature", root)
	}
}

// A signature that another one stands in for is damage all the same: verify tells of it.
func TestVerifyChecksEachSignatureAlsoWhereTheChainVouches(t *testing.T) {
	sound := rotated(t)
	for _, n := range []int{1, 4} {
		root := t.TempDir()
		if err := os.CopyFS(root, os.DirFS(sound)); err != nil {
			t.Fatal(err)
		}
		h, b, err := New(NewFolder(sound), nil).read(n)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, signatureName(n, h.sum)), ed25519.Sign(strayKey, b), 0o600); err != nil {
			t.Fatal(err)
		}
		if runs, err := Committed(NewFolder(root), pub(thirdKey)); err != nil || len(runs) != 7 {
			t.Errorf("manifest %d is proved by the one after it: %v", n, err)
		}
		if r := verifiedWith(t, root, thirdKey); len(r.Faults) == 0 {
			t.Errorf("manifest %d: verify takes a stranger's signature", n)
		}
	}
}

// What a run lists beside its own tables (inputs, files of a run that died, names that
// only look like a table's) is none of its tables, whatever stands before it.
func TestOnlyFilesOfItsOwnTablesAreTablesOfARun(t *testing.T) {
	const run = "20260302T010000Z-a"
	for path, want := range map[string]string{
		"grants/date=2026-03-02/run=20260302T010000Z-a/part-00000.parquet":            "grants 2026-03-02",
		"worksheets/date=2024-02-29/run=20260302T010000Z-a/part-00000.parquet":        "worksheets 2024-02-29",
		"grants/date=2026-03-02/run=20260301T010000Z-b/part-00000.parquet":            "",
		"grants/date=2026-03-02/run=20260302T010000Z-a/more/part-00000.parquet":       "",
		"grants/date=2026-03-02/run=20260302T010000Z-a/part-00000.csv":                "",
		"grants/date=2026-02-30/run=20260302T010000Z-a/part-00000.parquet":            "",
		"grants/date=/run=20260302T010000Z-a/part-00000.parquet":                      "",
		"/date=2026-03-02/run=20260302T010000Z-a/part-00000.parquet":                  "",
		"inputs/grants/date=2026-03-02/run=20260302T010000Z-a/part-00000.parquet":     "",
		"inputs/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f": "",
	} {
		before := "reads/date=2026-03-02/run=" + run + "/part-00000.parquet"
		for _, files := range [][]Entry{{{Path: path}}, {{Path: before}, {Path: path}}} {
			got := ""
			made := committed(head{Manifest: Manifest{RunID: run, Files: files}})
			for _, f := range made.Tables {
				if f.Path == path {
					got = f.Table + " " + made.Date
				}
			}
			if got != want {
				t.Errorf("%s after %d others is %q, want %q", path, len(files)-1, got, want)
			}
		}
	}
	none := committed(head{Manifest: Manifest{RunID: run, Files: []Entry{{Path: "inputs/0f"}}}})
	if none.Date != "" || len(none.Tables) != 0 {
		t.Errorf("a run without tables is of %q, with %d", none.Date, len(none.Tables))
	}
}
