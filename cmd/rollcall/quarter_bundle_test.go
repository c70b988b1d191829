//go:build cgo

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAWholeQuarterGivesASampleItsJournalAndItsWorksheets: what stands beside a sampled
// row, down to the records of each action and the file that a decision came in, is what
// a manifest of the archive lists, and the manifest is there too.
func TestAWholeQuarterGivesASampleItsJournalAndItsWorksheets(t *testing.T) {
	q := auditedQuarter(t)
	for _, one := range []struct {
		question string
		about    []string
		wanted   []string
	}{
		{"leavers", []string{"--from", "2026-01-01", "--to", "2026-03-31"}, []string{"actions.csv", "endings.csv", "journal"}},
		{"removals", nil, []string{"decisions.csv", "items.csv", "worksheets"}},
	} {
		question, dir := one.question, filepath.Join(t.TempDir(), "bundle")
		ask := []string{"rollcall", "audit", "ask", "--question", question, "--sample", "100", "--seed", "7", "--bundle", dir, "--archive", q.root, "--key", q.key}
		r := typed(t, append(ask, one.about...)...)
		if r.code != exitDone {
			t.Fatalf("%s: %s", question, r)
		}
		listed := manifestsIn(t, filepath.Join(dir, "manifests"), q.root)
		found := map[string]int{}
		for path, sum := range sumsUnder(t, dir) {
			parts := strings.Split(path, "/")
			if len(parts) < 2 || !strings.HasPrefix(parts[0], "item-") {
				continue
			}
			found[parts[1]]++
			if original := parts[1] == "journal" || parts[1] == "worksheets"; original && !listed[sum] {
				t.Errorf("%s: %s is in none of the manifests beside it", question, path)
			}
		}
		for _, what := range one.wanted {
			if found[what] == 0 {
				t.Errorf("%s: no item has %s (there are %v)", question, what, found)
			}
		}
	}
}

// manifestsIn are the digests that manifests list, each of which has to be the
// archive's own, byte for byte.
func manifestsIn(t *testing.T, dir, root string) map[string]bool {
	t.Helper()
	listed := map[string]bool{}
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no manifests in %s: %v", dir, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		own, err := os.ReadFile(filepath.Join(root, "manifests", filepath.Base(name)))
		if err != nil || string(own) != string(b) {
			t.Fatalf("%s is not the archive's: %v", name, err)
		}
		var m struct {
			Files []struct {
				SHA256 string `json:"sha256"`
			} `json:"files"`
		}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		for _, f := range m.Files {
			listed[f.SHA256] = true
		}
	}
	return listed
}

func sumsUnder(t *testing.T, dir string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		sum := sha256.Sum256(b)
		sums[filepath.ToSlash(rel)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}
