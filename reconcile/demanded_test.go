package reconcile

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rollcall/internal/goldentest"
)

// What a file of testdata says of the world in it: by hand in its section must, and by
// -update in the others.

// demanded checks what the file demands by hand, which -update does not touch: texts
// that come after this in what was said.
func demanded(t *testing.T, a *txtar.Archive, said, after string) {
	t.Helper()
	n := section(a, "must")
	if n < 0 {
		t.Error("the file demands nothing: write a section must")
		return
	}
	for line := range strings.Lines(string(a.Files[n].Data)) {
		sign, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if has := strings.Contains(said, after+text); sign == "+" && !has || sign == "-" && has {
			t.Errorf("the rule says: %s %s", sign, text)
		}
	}
	if t.Failed() {
		t.Logf("the outcome is:\n%s", said)
	}
}

// rewritten holds a section of the file against what is said now; -update writes it.
func rewritten(t *testing.T, file string, a *txtar.Archive, name, said string) {
	t.Helper()
	n := section(a, name)
	switch {
	case goldentest.Update() && n < 0:
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(said)})
	case goldentest.Update():
		a.Files[n].Data = []byte(said)
	case n < 0:
		t.Fatalf("no section %s: run with -update and read what it writes", name)
	default:
		if diff := cmp.Diff(string(a.Files[n].Data), said); diff != "" {
			t.Errorf("%s (-golden +now; -update rewrites it):\n%s", name, diff)
		}
		return
	}
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}
