//go:build cgo

package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/reports/archive"
)

func askFor(t *testing.T, a *Archive, name string, values map[string]string) *Answer {
	t.Helper()
	for _, q := range mustQuestions(t) {
		if q.Name != name {
			continue
		}
		answer, err := a.Ask(t.Context(), q, values)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	t.Fatalf("there is no question %s", name)
	return nil
}

// Each file of a bundle leads back to an entry of a signed manifest.
func TestABundleLeadsBackToSignedManifests(t *testing.T) {
	a, root := oneNight(t)
	sample := askFor(t, a, "who-reaches", nil)
	sample.Sample(1, 7)
	dir := filepath.Join(t.TempDir(), "b")
	sum, err := a.Bundle(t.Context(), sample, dir)
	if err != nil {
		t.Fatal(err)
	}
	list := read1(t, dir, "SHA256SUMS")
	if sha(list) != sum {
		t.Errorf("the digest of SHA256SUMS is %s, and %s was told", sha(list), sum)
	}
	listed := map[string]bool{"SHA256SUMS": true}
	for line := range strings.Lines(string(list)) {
		digest, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if got := sha(read1(t, dir, name)); got != digest {
			t.Errorf("%s: %s, and the list says %s", name, got, digest)
		}
		listed[name] = true
	}
	for _, name := range []string{"README.md", "sample.csv", "evidence.txt", "item-0001/row.csv", "item-0001/identities.csv", "item-0001/grants.csv", "item-0001/accounts.csv", "item-0001/proof.csv"} {
		if !listed[name] {
			t.Errorf("the bundle has no %s", name)
		}
	}
	proven := 0
	rows, err := csv.NewReader(bytes.NewReader(read1(t, dir, "item-0001/proof.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		manifest := read1(t, dir, "manifests/"+row[4])
		if sha(manifest) != row[5] {
			t.Errorf("%s is not the manifest that the proof names", row[4])
		}
		signature := read1(t, dir, "manifests/"+strings.TrimSuffix(row[4], "json")+row[5]+".sig")
		if !ed25519.Verify(testKey.Public().(ed25519.PublicKey), manifest, signature) {
			t.Errorf("%s is not signed", row[4])
		}
		var m archive.Manifest
		if err := json.Unmarshal(manifest, &m); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(m.Files, func(e archive.Entry) bool { return e.Path == row[0] && e.SHA256 == row[1] }) {
			t.Errorf("%s does not list %s", row[4], row[0])
		}
		if sha(read1(t, root, row[0])) != row[1] {
			t.Errorf("%s is another file than the proof says", row[0])
		}
		proven++
	}
	if proven < 4 {
		t.Errorf("only %d files are proven", proven)
	}
	if _, err := a.Bundle(t.Context(), sample, dir); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second bundle in the same place: %v", err)
	}
}

func read1(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestAValueIsUnderstoodOrTheNearestAreNamed(t *testing.T) {
	a, _ := oneNight(t)
	questions := mustQuestions(t)
	q := questions[slices.IndexFunc(questions, func(q Question) bool { return q.Name == "who-reaches" })]
	for given, want := range map[string]string{"200": "200", "employees/200": "employees/200", "bob": "employees/200"} {
		u, err := a.Understand(q, map[string]string{"person": given})
		if err != nil || u.Values["person"] != want {
			t.Errorf("%s: %v, %v", given, u, err)
		}
		if told := len(u.Says) > 0; told != (given != want) {
			t.Errorf("%s: %q", given, u.Says)
		}
	}
	for name, v := range map[string][2]string{"person": {"201", "employees/200 (Bob)"}, "entitlement": {"emg", "eng"}, "system": {"octa", "okta"}} {
		_, err := a.Understand(q, map[string]string{name: v[0]})
		var wrong *MisuseError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "the nearest are "+v[1]) {
			t.Errorf("%s: %v", v[0], err)
		}
	}
	u, err := a.Understand(q, map[string]string{"date": "2026-03-09"})
	if err != nil || len(u.Says) != 1 || !strings.Contains(u.Says[0], "2026-03-02, the newest") {
		t.Errorf("%v, %v", u, err)
	}
}
