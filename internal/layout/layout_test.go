// Package layout holds the rules of how the code lies: which package may know which, how
// long a file and a function may be, what the documents name. It is a test only: nothing
// imports it. Its invariant: facts, decisions, effects and records stay apart, since the
// imports themselves say so.
package layout

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "rollcall"

// table says what of this module a package may import. The first line that
// matches counts; a path that ends in /... is the folder with all below it.
// What a program imports is nobody's business, so it has no line.
var table = []struct {
	pkg string
	may []string
}{
	{pkg: "internal/access"},
	{pkg: "internal/access/accesstest"},
	{pkg: "internal/csvfile", may: []string{"internal/access", "internal/phrase"}},
	{pkg: "internal/config", may: []string{"internal/access", "internal/phrase", "internal/zones"}},
	{pkg: "internal/awsreach"},
	{pkg: "internal/garbage"},
	{pkg: "internal/phrase"},
	{pkg: "internal/wholefile"},
	{pkg: "internal/zones"},
	{pkg: "internal/browsertest"},
	{pkg: "internal/deploytest"},
	{pkg: "internal/goldentest"},
	{pkg: "internal/layout"},
	{pkg: "internal/sandbox/...", may: []string{"internal/sandbox/...", "internal/zones"}},
	{pkg: "reconcile", may: []string{"internal/access", "internal/phrase", "internal/zones"}},
	{pkg: "jobs", may: []string{"internal/access", "internal/phrase", "reconcile"}},
	{pkg: "notify", may: []string{"internal/access", "internal/phrase"}},
	{pkg: "collectors/aws", may: []string{"internal/access", "internal/awsreach", "internal/csvfile", "collectors"}},
	{pkg: "collectors/roster", may: []string{"internal/access", "internal/csvfile", "internal/garbage", "internal/phrase", "internal/zones"}},
	{pkg: "collectors/policy", may: []string{"internal/access", "internal/csvfile", "internal/phrase", "internal/zones"}},
	{pkg: "collectors/...", may: []string{"internal/access", "internal/csvfile", "internal/phrase", "collectors"}},
	{pkg: "reports", may: []string{"internal/access", "internal/csvfile", "internal/garbage", "internal/phrase", "internal/wholefile", "reconcile", "reports/archive", "reports/page", "reports/picture"}},
	{pkg: "reports/archive/bucket", may: []string{"internal/awsreach", "reports/archive"}},
	{pkg: "reports/audit", may: []string{"internal/access", "internal/csvfile", "internal/garbage", "internal/phrase", "internal/wholefile", "reconcile", "reports/archive"}},
	{pkg: "reports/audit/athena", may: []string{"internal/awsreach", "reports/archive", "reports/audit"}},
	{pkg: "reports/evidence", may: []string{"internal/access", "internal/phrase", "internal/wholefile", "reports/archive", "reports/audit", "reports/page", "reports/picture"}},
	{pkg: "reports/page"},
	{pkg: "reports/picture"},
	{pkg: "reports/runbook", may: []string{"internal/access", "internal/config", "internal/phrase", "reconcile", "reports", "reports/page"}}, // its pages are about one configuration
	{pkg: "reports/...", may: []string{"internal/access", "internal/phrase", "internal/wholefile", "reconcile", "reports/archive", "reports/page"}},
}

// testKits are imported by tests alone: a kit may use the sandbox that its
// tests run against, and what the tests themselves may use of the process.
var testKits = []string{"internal/access/accesstest", "collectors/collectortest", "collectors/aws/awstest", "internal/sandbox/fakeokta/oktaspec", "internal/deploytest", "internal/browsertest", "internal/goldentest", "reports/archive/storetest"}

// programs end the imports: they may use everything, and touch the outside world.
var programs = []string{"cmd/...", "internal/bench/...", "internal/mutants"}

func program(pkg string) bool {
	return slices.ContainsFunc(programs, func(p string) bool { return covers(p, pkg) })
}

// goPackage is one package: its path below the module, and its files, parsed, by name:
// those that are no tests, and those that are.
type goPackage struct {
	rel          string
	lines        *token.FileSet
	files, tests map[string]*ast.File
}

// imports gives what the package imports of this module, sorted.
func (p goPackage) imports() []string {
	var all []string
	for _, file := range p.files {
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if rel, ours := strings.CutPrefix(path, module+"/"); err == nil && ours {
				all = append(all, rel)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	all, err := readModule()
	if err != nil {
		t.Fatalf("read the module: %v", err)
	}
	if len(all) < 5 {
		t.Fatalf("only %d packages were found", len(all))
	}
	return all
}

// readModule reads it from the disk: whatever the build tags, and so that a cached test
// result notices every change.
var readModule = sync.OnceValues(func() ([]goPackage, error) {
	byDir := map[string]goPackage{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || aModule(path)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		return addFile(byDir, root, path)
	})
	all := slices.Collect(maps.Values(byDir))
	slices.SortFunc(all, func(a, b goPackage) int { return strings.Compare(a.rel, b.rel) })
	return all, err
})

// aModule: a folder with a go.mod is a module of its own, and none of ours.
func aModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func addFile(byDir map[string]goPackage, root, path string) error {
	rel, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return err
	}
	rel = filepath.ToSlash(rel)
	p, ok := byDir[rel]
	if !ok {
		p = goPackage{rel: rel, lines: token.NewFileSet(), files: map[string]*ast.File{}, tests: map[string]*ast.File{}}
		byDir[rel] = p
	}
	file, err := parser.ParseFile(p.lines, path, nil, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return err
	}
	if name := filepath.Base(path); strings.HasSuffix(name, "_test.go") {
		p.tests[name] = file
	} else {
		p.files[name] = file
	}
	return nil
}

func covers(pattern, pkg string) bool {
	root, all := strings.CutSuffix(pattern, "/...")
	return pkg == root || all && strings.HasPrefix(pkg, root+"/")
}

// allowed says whether one package may import the other.
func allowed(from, to string) (bool, error) {
	if program(from) {
		return true, nil
	}
	for _, line := range table {
		if !covers(line.pkg, from) {
			continue
		}
		if slices.ContainsFunc(line.may, func(may string) bool { return covers(may, to) }) {
			return true, nil
		}
		return slices.Contains(testKits, from) && kitMay(to), nil
	}
	return false, fmt.Errorf("%s has no line in the table of imports: decide what it may know, and add one", from)
}

// kitMay: a test kit may use the sandbox and the kit it is made with.
func kitMay(to string) bool {
	return covers("internal/sandbox/...", to) || slices.Contains(testKits, to)
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		for _, rel := range p.imports() {
			ok, err := allowed(p.rel, rel)
			if err != nil {
				t.Error(err)
			} else if !ok {
				t.Errorf("%s imports %s: the table of imports forbids it", p.rel, rel)
			}
		}
	}
}

func TestEveryPackageHasALine(t *testing.T) {
	for _, p := range packages(t) {
		if _, err := allowed(p.rel, "nothing"); err != nil {
			t.Error(err)
		}
	}
}

func TestNobodyImportsATestKit(t *testing.T) {
	for _, p := range packages(t) {
		for _, rel := range p.imports() {
			if slices.Contains(testKits, rel) && !slices.Contains(testKits, p.rel) {
				t.Errorf("%s imports the test kit %s outside its tests", p.rel, rel)
			}
		}
	}
}

// The rules of imports themselves, on packages that there are not.
func TestTheTableForbidsWhatTheDesignForbids(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"reconcile", "internal/access", true},
		{"reconcile", "internal/config", false},
		{"reconcile", "jobs", false},
		{"internal/access", "reconcile", false},
		{"jobs", "reconcile", true},
		{"jobs", "collectors", false},
		{"jobs", "reports/archive", false},
		{"jobs", "notify", false},
		{"notify", "internal/access", true},
		{"notify", "internal/config", false},
		{"collectors/okta", "collectors", true},
		{"collectors/okta", "collectors/aws", false},
		{"collectors/okta", "reconcile", false},
		{"collectors/okta", "internal/sandbox/fakeokta", false},
		{"reports", "reports/archive", true},
		{"reports/archive", "collectors", false},
		{"reports/archive/bucket", "reports/archive", true},
		{"reports/archive/bucket", "jobs", false},
		{"reports/audit", "jobs", false},
		{"reports/audit", "reports/audit/athena", false},
		{"internal/sandbox/fakeaws", "internal/sandbox/faults", true},
		{"internal/sandbox/fakeaws", "internal/access", false},
		{"collectors/aws/awstest", "internal/sandbox/fakeaws", true},
		{"cmd/rollcall", "jobs", true},
		{"internal/bench/collect", "collectors/okta", true},
		{"collectors/okta", "internal/bench/collect", false},
	} {
		if got, err := allowed(tt.from, tt.to); err != nil || got != tt.want {
			t.Errorf("%s imports %s: allowed is %v (%v), want %v", tt.from, tt.to, got, err, tt.want)
		}
	}
	if _, err := allowed("internal/newcomer", "internal/access"); err == nil {
		t.Error("a package without a line passes")
	}
}
