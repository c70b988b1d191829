package layout

import (
	"errors"
	"io/fs"
	"os"
	"path"
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

// A claim is worth what holds it: each test and each decision that one of these documents
// names is there. The numbers are how many are named at least.
func TestWhatHoldsAClaimOfADocumentIsThere(t *testing.T) {
	root := filepath.Join("..", "..")
	there := declaredTests(t, root)
	for _, document := range []struct {
		name             string
		tests, decisions int
	}{
		{"docs/security.md", 50, 30},
		{"docs/design.md", 30, 10},
		{"CONTRIBUTING.md", 5, 0},
	} {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(document.name)))
		if err != nil {
			t.Fatal(err)
		}
		named, decisions := aTest.FindAllStringSubmatch(string(text), -1), aDecision.FindAllStringSubmatch(string(text), -1)
		for _, m := range named {
			if !there[m[1]] {
				t.Errorf("%s names the test %s, and there is none", document.name, m[1])
			}
		}
		for _, m := range decisions {
			if !isDecision(root, m[1]) {
				t.Errorf("%s names the decision %s, and there is none", document.name, m[1])
			}
		}
		if len(named) < document.tests || len(decisions) < document.decisions {
			t.Errorf("only %d tests and %d decisions were found in %s", len(named), len(decisions), document.name)
		}
	}
}

// packageRow is a line of the table of packages in docs/design.md.
var (
	packageRow   = regexp.MustCompile("(?m)^\\| (`[a-z0-9/]+`(?:, `[a-z0-9/]+`)*) \\|")
	packageNamed = regexp.MustCompile("`([a-z0-9/]+)`")
)

// The table names each package, or a folder that is none itself for all that is in it.
func TestTheTableOfPackagesIsWhole(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "design.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n| package | it | it never |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if !found {
		t.Fatal("docs/design.md has no table of packages")
	}
	there, named := map[string]bool{}, map[string]bool{}
	for _, p := range packages(t) {
		there[p.rel] = true
	}
	for _, row := range packageRow.FindAllStringSubmatch(table, -1) {
		for _, m := range packageNamed.FindAllStringSubmatch(row[1], -1) {
			if named[m[1]] {
				t.Errorf("the table of packages names %s twice", m[1])
			}
			named[m[1]] = true
		}
	}
	used := map[string]bool{}
	for _, p := range packages(t) {
		line := p.rel
		for !named[line] && line != "." {
			line = path.Dir(line)
		}
		if !named[line] || line != p.rel && there[line] {
			t.Errorf("the table of packages in docs/design.md lacks %s", p.rel)
		}
		used[line] = true
	}
	for line := range named {
		if !used[line] {
			t.Errorf("the table of packages names %s, and there is no such package", line)
		}
	}
}

// isDecision: a file below reconcile/testdata has that name.
func isDecision(root, name string) bool {
	for _, folder := range []string{"", "*"} {
		if found, err := filepath.Glob(filepath.Join(root, "reconcile", "testdata", folder, name+".txtar")); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}

// Whoever begins at the README comes to every document, and at the list of decisions to
// every decision.
func TestEveryDocumentIsLinkedFromItsIndex(t *testing.T) {
	root := filepath.Join("..", "..")
	for _, index := range []struct{ file, documents string }{
		{"README.md", "docs/*.md"},
		{"docs/adr/README.md", "docs/adr/0*.md"},
	} {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(index.file)))
		if err != nil {
			t.Fatal(err)
		}
		documents, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(index.documents)))
		if err != nil || len(documents) < 10 {
			t.Fatalf("only %d documents were found (%v)", len(documents), err)
		}
		for _, document := range documents {
			link, err := filepath.Rel(filepath.Join(root, filepath.Dir(index.file)), document)
			if err != nil || !strings.Contains(string(text), "]("+filepath.ToSlash(link)+")") {
				t.Errorf("%s has no link to %s (%v)", index.file, link, err)
			}
		}
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

var fuzzRow = regexp.MustCompile("(?m)^\\| `(Fuzz[A-Za-z0-9]+)`(?: \\(([a-z0-9/]+)\\))? \\|")

// Each target that is fuzzed stands in the table that says for how long it was, with its
// package where others have its name.
func TestEveryFuzzTargetIsInTheTable(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{} // with a package, or without
	for _, row := range fuzzRow.FindAllStringSubmatch(string(text), -1) {
		listed[row[1]+" "+row[2]] = true
	}
	places := map[string][]string{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		rel, relErr := filepath.Rel(root, filepath.Dir(path))
		for _, m := range declared.FindAllStringSubmatch(string(b), -1) {
			if strings.HasPrefix(m[1], "Fuzz") {
				places[m[1]] = append(places[m[1]], filepath.ToSlash(rel))
			}
		}
		return errors.Join(err, relErr)
	})
	if err != nil || len(places) < 40 {
		t.Fatalf("only %d targets were found (%v)", len(places), err)
	}
	for name, packages := range places {
		for _, one := range packages {
			if !listed[name+" "+one] && (len(packages) > 1 || !listed[name+" "]) {
				t.Errorf("docs/security.md has no row of %s (%s) in the table of what is fuzzed", name, one)
			}
		}
	}
}
