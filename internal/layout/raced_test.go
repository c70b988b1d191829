package layout

import (
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// raced are the files of cmd/rollcall in which something may run beside something else,
// and a test that the race detector plays (RACED in the Makefile) which runs it.
var raced = map[string]string{
	"app.go":           "TestEachLineOfARunNamesTheRunAndNobody",
	"clock.go":         "TestAWSTellsOfAWrongClockToo",
	"completion.go":    "TestScript",
	"demo_sandbox.go":  "TestServeLeavesTheSystemsUpForOtherCommands",
	"init_ask.go":      "TestScript",
	"log.go":           "TestEachLineOfARunNamesTheRunAndNobody",
	"progress.go":      "TestOnATerminalThereAreBarsAndTextWithoutColours",
	"review_import.go": "TestOfFilesThatComeInTogetherTheOneThatWasSavedLastIsTheNewest",
	"secrets.go":       "TestOneAWSSecretIsFetchedOnceForAllThatItHolds",
}

// Imported, these say that a file is about things that run side by side.
var sideBySide = []string{"sync", "sync/atomic", "golang.org/x/sync/errgroup"}

// concurrent says whether something in a file may run beside something else: it starts a
// goroutine, passes something through a channel, or keeps two apart.
func concurrent(file *ast.File) (found bool) {
	for _, spec := range file.Imports {
		found = found || slices.Contains(sideBySide, strings.Trim(spec.Path.Value, `"`))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt, *ast.ChanType, *ast.SelectStmt, *ast.SendStmt:
			found = true
		case *ast.CallExpr: // of a group that another file made
			call, is := n.Fun.(*ast.SelectorExpr)
			found = found || is && call.Sel.Name == "Go"
		}
		return !found
	})
	return found
}

// The race detector plays all tests of the other packages, but of cmd/rollcall only some:
// they run whatever there may run side by side.
func TestWhateverRunsSideBySideIsPlayedUnderTheRaceDetector(t *testing.T) {
	root := filepath.Join("..", "..")
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`(?m)^RACED := ((?:.*\\\n)*.*)$`).FindSubmatch(makefile)
	if list == nil {
		t.Fatal("the Makefile has no RACED")
	}
	played, there := strings.Fields(strings.ReplaceAll(string(list[1]), "\\\n", " ")), declaredTests(t, filepath.Join(root, "cmd", "rollcall"))
	for _, name := range played {
		if !there[name] {
			t.Errorf("RACED in the Makefile names %s, and cmd/rollcall has no such test", name)
		}
	}
	for _, p := range packages(t) {
		if p.rel != "cmd/rollcall" {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(p.files)) {
			test, has := raced[name]
			if needs := concurrent(p.files[name]); needs != has {
				t.Errorf("%s: something in it runs beside something else: %v; raced names a test for it: %v", name, needs, has)
			} else if has && !slices.Contains(played, test) {
				t.Errorf("%s: the race detector does not play %s: add it to RACED in the Makefile", name, test)
			}
		}
		for name := range raced {
			if p.files[name] == nil {
				t.Errorf("raced names %s, and there is no such file", name)
			}
		}
	}
}
