package layout

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	aTest     = regexp.MustCompile("`((?:Test|Fuzz)[A-Z0-9][A-Za-z0-9]*)`")
	aDecision = regexp.MustCompile("`([a-z0-9]+(?:-[a-z0-9]+)+)`")
	declared  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z0-9][A-Za-z0-9]*)\(`)
)

// A line of docs/security.md is worth what holds it: each test and each decision that it
// names is there.
func TestWhatHoldsALineOfTheThreatModelIsThere(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := declaredTests(t, root)
	named := aTest.FindAllStringSubmatch(string(text), -1)
	for _, m := range named {
		if !there[m[1]] {
			t.Errorf("docs/security.md names the test %s, and there is none", m[1])
		}
	}
	decisions := 0
	for _, m := range aDecision.FindAllStringSubmatch(string(text), -1) {
		decisions++
		found, err := filepath.Glob(filepath.Join(root, "reconcile", "testdata", "*", m[1]+".txtar"))
		if _, missing := os.Stat(filepath.Join(root, "reconcile", "testdata", m[1]+".txtar")); err != nil || missing != nil && len(found) == 0 {
			t.Errorf("docs/security.md names the decision %s, and there is none", m[1])
		}
	}
	if len(named) < 50 || decisions < 30 {
		t.Errorf("only %d tests and %d decisions were found in it", len(named), decisions)
	}
}

func declaredTests(t *testing.T, root string) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(b), -1) {
			there[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return there
}
