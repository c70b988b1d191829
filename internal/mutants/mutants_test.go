package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// ask writes a module and goes through it.
func ask(t *testing.T, module string, args ...string) (stdout string, err error) {
	t.Helper()
	folder := t.TempDir()
	for _, f := range txtar.Parse([]byte(module)).Files {
		if err := os.WriteFile(filepath.Join(folder, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := contents(t, folder)
	var out, log bytes.Buffer
	err = start(t.Context(), append(args, folder), &out, &log)
	if after := contents(t, folder); after != before {
		t.Errorf("the source tree was written to: it has %s, and had %s", after, before)
	}
	return out.String(), err
}

func contents(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(e.Name() + "\n" + string(text))
	}
	return out.String()
}

// lines counts those that begin with a word.
func lines(out, word string) (n int) {
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, word+"\t") {
			n++
		}
	}
	return n
}

const module = "-- go.mod --\nmodule m\n\ngo 1.26\n"

// Whatever is changed, a test that looks at the result notices, but for what makes no
// difference; one that only comes by does not.
func TestAChangeIsNoticedByWhoeverLooksAtWhatItDoes(t *testing.T) {
	looks, comesBy := module, module
	want := map[string]string{}
	for _, line := range []struct {
		file, code    string // F says whether a is less than b
		changes, left int
	}{
		{"order", "func F(a, b int) bool { return a < b }", 2, 0},
		{"orders", "func F(a, b int) bool { if a > b { return false }; return a <= b && b >= a && a != b }", 16, 8},
		{"nothing", "func F(a, b int) bool { var e error; if a < b { e = os.ErrExist }; return e != nil }", 6, 0},
		{"number", "func F(a, b int) bool { return (a-b)*4/2+1 < 1 }", 6, 1},
		{"leftout", "func F(a, b int) (out bool) { func() { if a >= b { return }; out = true }(); return }", 7, 0},
		{"deferred", "func F(a, b int) (out bool) { defer func() { out = !out }(); return a >= b }", 5, 0},
		{"cases", "func F(a, b int) bool { switch { case a < b: return true; case a == b: return false }; return false }", 9, 2},
		{"loop", "func F(a, b int) bool { n := 0; for i := a; i < b; i++ { if n == 1 { break }; n++ }; return n > 0 }", 9, 2},
		{"texts", "func F(a, b int) bool { return len(\"a\"+\"b\") == 2 && a < b }", 5, 1},
		{"generic", "func F(a, b int) bool { return least(a, b) == a && a != b }\n\nfunc least[T int | string](a, b T) T { if a < b { return a }; return b }", 7, 0},
	} {
		f := "F" + line.file
		code := "package m\n\nimport \"os\"\n\nvar _ = os.Args\n\n" + strings.Replace(line.code, "func F(", "func "+f+"(", 1)
		test := "package m\n\nimport \"testing\"\n\nfunc Test" + f + "(t *testing.T) {\n\tfor a := range 9 {\n\t\tfor b := range 9 {\n\t\t\tif " + f + "(a-4, b-4) %[3]s {\n\t\t\t\tt.Fatal(a, b)\n\t\t\t}\n\t\t}\n\t}\n}\n"
		looks += fmt.Sprintf("-- %s.go --\n%s\n-- %[1]s_test.go --\n"+test, line.file, code, "!= (a < b)")
		comesBy += fmt.Sprintf("-- %s.go --\n%s\n-- %[1]s_test.go --\n"+test, line.file, code, "&& false")
		want[line.file] = fmt.Sprintf("file\t%s.go\t%d changes\t%d noticed\t%d left\t0 of them not run\n", line.file, line.changes, line.changes-line.left, line.left)
	}
	looks += "-- uncalled.go --\npackage m\n\nfunc G(a bool) bool { return a }\n"
	want["uncalled"] = "file\tuncalled.go\t1 changes\t0 noticed\t1 left\t1 of them not run\n"
	listed, err := ask(t, looks, "-list")
	if err != nil {
		t.Fatal(err)
	}
	seen, err := ask(t, looks)
	if err != nil {
		t.Fatal(err)
	}
	for file, counts := range want {
		if !strings.Contains(seen, counts) {
			t.Errorf("%s.go is not counted as %s", file, counts)
		}
	}
	if strings.Count(listed, "\n") != 73 || lines(seen, "left") != 14 || lines(seen, "not run") != 1 {
		t.Errorf("of the changes\n%s\nthis is left:\n%s", listed, seen)
	}
	unseen, err := ask(t, comesBy)
	if err != nil || lines(unseen, "left") != 72 {
		t.Errorf("tests that look at nothing leave %d changes: %v\n%s", lines(unseen, "left"), err, unseen)
	}
}

// A change that makes a test go on for ever, or take all memory, ends: it is noticed.
func TestAChangeThatNeverEndsIsNoticed(t *testing.T) {
	const pkg = module + `-- m.go --
package m

func F(n int) (out int) {
	for out < n {
		out++
	}
	return out
}

func G(n int) (out []int) {
	for len(out) < n {
		out = append(out, n)
	}
	return out
}
-- m_test.go --
package m

import "testing"

func TestF(t *testing.T) { F(3) }

func TestG(t *testing.T) { G(3) }
`
	out, err := ask(t, pkg)
	// What nobody looks at: how many times, and whether at all.
	if err != nil || lines(out, "left") != 6 || !strings.Contains(out, "8 changes\t2 noticed") {
		t.Errorf("%v\n%s", err, out)
	}
}

// On a machine that is busy with other work a test may wait for long: that it takes its time says nothing.
func TestAChangeThatOnlyWaitsIsNotNoticed(t *testing.T) {
	const pkg = module + `-- m.go --
package m

import "time"

func F(long bool) {
	if long {
		time.Sleep(11 * time.Second)
	}
}
-- m_test.go --
package m

import "testing"

func TestF(t *testing.T) { F(false) }
`
	if out, err := ask(t, pkg); err != nil || !strings.Contains(out, "\t0 noticed") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAFolderThatIsNotThereIsNamed(t *testing.T) {
	err := start(t.Context(), []string{"nowhere"}, io.Discard, io.Discard)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nowhere") {
		t.Error(err)
	}
}

// Where the tests fail already, or nothing is there to change, nothing is judged.
func TestWhatCannotBeJudgedIsAnError(t *testing.T) {
	const code = "-- m.go --\npackage m\n\nfunc F(a int) bool { return a > 1 }\n"
	const fine = "-- m_test.go --\npackage m\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { F(1) }\n"
	for _, line := range []struct {
		name, module string
		args         []string
		say          string
	}{
		{"tests that fail", code + "-- m_test.go --\npackage m\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { t.Fatal(\"as ever\") }\n", nil, "TestF fails without any change"},
		{"no tests", code, nil, "has no test"},
		{"tests that are all passed over", code + fine, []string{"-skip", "."}, "has no test"},
		{"no file", code + fine, []string{"-files", "^other.go$"}, "nothing to change"},
		{"code that does not compile", "-- m.go --\npackage m\n\nfunc F() bool { return 1 }\n", nil, "cannot use 1"},
		{"a pattern that is none", code + fine, []string{"-files", "("}, "-files: error parsing regexp"},
		{"two folders", code + fine, []string{"."}, "one folder at a time"},
	} {
		t.Run(line.name, func(t *testing.T) {
			if out, err := ask(t, module+line.module, line.args...); err == nil || !strings.Contains(err.Error(), line.say) || out != "" {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
