package layout

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The numbers of the house style. A file or a function that is longer says why in its
// own comment, in a sentence that begins as one of the two below: then a reader knows
// that somebody thought about it.
const (
	longestFile     = 300
	longestFunction = 60
	fileIsLong      = "This file is long because "
	functionIsLong  = "It is long because "

	medianFunction   = 12 // lines; half of all functions are shorter
	tallestOfTen     = 35 // nine of ten are shorter
	methodsOfASmall  = 3  // methods of an interface
	biggestInterface = 8
)

// vague are names that say nothing of what a package gives.
var vague = []string{"util", "utils", "common", "helper", "helpers", "manager", "service", "services", "types", "misc", "base", "shared", "lib"}

// shape is what is measured of one file.
type shape struct {
	lines     int
	reason    bool
	functions []function
}

type function struct {
	name   string
	lines  int
	reason bool
}

func shapeOf(lines *token.FileSet, file *ast.File) shape {
	s := shape{lines: lines.File(file.Pos()).LineCount()}
	for _, c := range file.Comments {
		s.reason = s.reason || says(c, fileIsLong)
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Body != nil {
			length := lines.Position(f.End()).Line - lines.Position(f.Pos()).Line + 1
			s.functions = append(s.functions, function{f.Name.Name, length, says(f.Doc, functionIsLong)})
		}
	}
	return s
}

// says: the sentence may be broken anywhere between its words.
func says(c *ast.CommentGroup, sentence string) bool {
	return c != nil && strings.Contains(strings.Join(strings.Fields(c.Text()), " "), sentence)
}

// faults are the lengths that have no reason, and the reasons that have no length.
func (s shape) faults() []string {
	var all []string
	switch long := s.lines > longestFile; {
	case long && !s.reason:
		all = append(all, fmt.Sprintf("has %d lines: split it by idea, or say why not: %q", s.lines, fileIsLong+"..."))
	case !long && s.reason:
		all = append(all, "says why it is long, and is not")
	}
	for _, f := range s.functions {
		switch long := f.lines > longestFunction; {
		case long && !f.reason:
			all = append(all, fmt.Sprintf("has %s with %d lines: split it, or say why not: %q", f.name, f.lines, functionIsLong+"..."))
		case !long && f.reason:
			all = append(all, f.name+" says why it is long, and is not")
		}
	}
	return all
}

// Tests too: a table or a scenario may be long, and says so.
func TestWhatIsLongSaysWhy(t *testing.T) {
	for _, p := range packages(t) {
		for _, fault := range p.faults() {
			t.Error(fault)
		}
	}
}

// faults are those of all files of the package, tests and others.
func (p goPackage) faults() []string {
	var all []string
	for _, files := range []map[string]*ast.File{p.files, p.tests} {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			for _, fault := range shapeOf(p.lines, files[name]).faults() {
				all = append(all, path.Join(p.rel, name)+" "+fault)
			}
		}
	}
	return all
}

// Most functions are a few lines.
func TestFunctionsAreSmall(t *testing.T) {
	var all []int
	for _, p := range packages(t) {
		for _, file := range p.files {
			for _, f := range shapeOf(p.lines, file).functions {
				all = append(all, f.lines)
			}
		}
	}
	slices.Sort(all)
	median, ninth := all[len(all)/2], all[len(all)*9/10]
	t.Logf("%d functions: median %d lines, nine of ten at most %d, longest %d", len(all), median, ninth, all[len(all)-1])
	if median > medianFunction || ninth > tallestOfTen {
		t.Errorf("of %d functions the median has %d lines and nine of ten have at most %d; the style says %d and %d", len(all), median, ninth, medianFunction, tallestOfTen)
	}
}

// An interface is what a caller needs: most have one to three methods.
func TestInterfacesAreSmall(t *testing.T) {
	small, count := 0, 0
	for _, p := range packages(t) {
		for _, name := range slices.Sorted(maps.Keys(p.files)) {
			for what, methods := range interfacesIn(p.files[name]) {
				count++
				if methods <= methodsOfASmall {
					small++
				}
				if methods > biggestInterface {
					t.Errorf("%s: interface %s has %d methods", path.Join(p.rel, name), what, methods)
				}
			}
		}
	}
	t.Logf("%d of %d interfaces have at most %d methods", small, count, methodsOfASmall)
	if small*10 < count*7 {
		t.Errorf("only %d of %d interfaces have at most %d methods", small, count, methodsOfASmall)
	}
}

func interfacesIn(file *ast.File) map[string]int {
	found := map[string]int{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if i, ok := spec.Type.(*ast.InterfaceType); ok {
			found[spec.Name.Name] = i.Methods.NumFields()
		}
		return true
	})
	return found
}

// Each package has one comment, which begins as Go's documentation wants it, and says
// more than its name: what the package must never do, and what holds always. Whether that
// is true and worth saying is for a reader to judge; that it is said is judged here.
func TestEveryPackageSaysItsJob(t *testing.T) {
	for _, p := range packages(t) {
		if slices.Contains(vague, path.Base(p.rel)) {
			t.Errorf("%s: the name does not say what the package gives", p.rel)
		}
		var said []string
		for _, name := range slices.Sorted(maps.Keys(p.files)) {
			if doc := p.files[name].Doc; doc != nil {
				said = append(said, name)
				text := doc.Text()
				if begins := "Package " + p.files[name].Name.Name + " "; p.files[name].Name.Name == "main" {
					if !strings.HasPrefix(text, "Command ") {
						t.Errorf("%s: its comment does not begin with \"Command\"", path.Join(p.rel, name))
					}
				} else if !strings.HasPrefix(text, begins) {
					t.Errorf("%s: its comment does not begin with %q", path.Join(p.rel, name), begins)
				}
				for _, missing := range unsaid(text) {
					t.Errorf("%s: its comment does not say %s", path.Join(p.rel, name), missing)
				}
			}
		}
		if len(p.files) > 0 && len(said) != 1 {
			t.Errorf("%s: %d files have a package comment %v, and one should", p.rel, len(said), said)
		}
	}
}

var (
	saysNever     = regexp.MustCompile(`\bnever\b`)
	saysInvariant = regexp.MustCompile(`\b[Ii]ts\s+(one\s+)?invariant\b`)
)

// unsaid is what the comment of a package leaves out.
func unsaid(text string) (missing []string) {
	if strings.Count(text, ".") < 2 {
		missing = append(missing, "more than one sentence")
	}
	if !saysNever.MatchString(text) {
		missing = append(missing, "what it must never do")
	}
	if !saysInvariant.MatchString(text) {
		missing = append(missing, "its invariant")
	}
	return missing
}

func TestWhatACommentLeavesOutIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"Package p gives. It must never take. Its one\ninvariant: it gives.": "[]",
		"Package p gives. It must never\ntake, and its invariant is that.":   "[]",
		"Package p gives. It takes nothing. Its invariant: it gives.":        "[what it must never do]",
		"Package p gives. It must never take: always it gives.":              "[its invariant]",
		"Package p gives.": "[more than one sentence what it must never do its invariant]",
	} {
		if got := fmt.Sprint(unsaid(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// The measure itself, on a file that breaks the rules in every way.
func TestShapesAreMeasured(t *testing.T) {
	body := func(n int) string { return strings.Repeat("\t_ = 0\n", n) }
	src := "package p\n\nfunc long() {\n" + body(59) + "}\n\n// reasoned does. It is long\n// because of the table.\nfunc reasoned() {\n" + body(80) + "}\n\n// It is long because it was.\nfunc short() {\n" + body(58) + "}\n"
	for _, tt := range []struct {
		src, want string
	}{
		{src, "[has long with 61 lines: split it, or say why not: \"It is long because ...\" short says why it is long, and is not]"},
		{"package p\n// This file is long because of something.\n", "[says why it is long, and is not]"},
		{"package p\n" + strings.Repeat("\n", 299) + "var x = 0", "[has 301 lines: split it by idea, or say why not: \"This file is long because ...\"]"},
		{"package p\n// This file is long\n// because of something.\n" + strings.Repeat("\n", 299) + "var x = 0", "[]"},
	} {
		lines := token.NewFileSet()
		file, err := parser.ParseFile(lines, "p.go", tt.src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(shapeOf(lines, file).faults()); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// A test is measured under every build tag, and is no code of which the median is taken.
func TestALongTestIsFoundUnderEveryBuildTag(t *testing.T) {
	root, byDir := t.TempDir(), map[string]goPackage{}
	file := strings.Repeat("\n", longestFile) + "var x = 0"
	function := "func f() {" + strings.Repeat("\n", longestFunction) + "}"
	for name, src := range map[string]string{
		"p.go":            "package p\n",
		"plain_test.go":   "package p\n" + file,
		"browser_test.go": "//go:build browser\n\npackage p\n" + file,
		"spark_test.go":   "//go:build spark && !unix\n\npackage p_test\n\n" + function,
		"table_test.go":   "package p\n\n// This file is long because of its table.\n" + file,
	} {
		to := filepath.Join(root, name)
		if err := errors.Join(os.WriteFile(to, []byte(src), 0o600), addFile(byDir, root, to)); err != nil {
			t.Fatal(err)
		}
	}
	var found []string
	for _, fault := range byDir["."].faults() {
		name, _, _ := strings.Cut(fault, ":")
		found = append(found, name)
	}
	want := []string{"browser_test.go has 304 lines", "plain_test.go has 302 lines", "spark_test.go has f with 61 lines"}
	if !slices.Equal(found, want) {
		t.Errorf("got %q, want %q", found, want)
	}
	if code := slices.Collect(maps.Keys(byDir["."].files)); !slices.Equal(code, []string{"p.go"}) {
		t.Errorf("%q count as code", code)
	}
}
