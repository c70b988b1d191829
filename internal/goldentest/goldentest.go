// Package goldentest is what tests share that hold what is said against files of testdata.
// It is for tests only, and must never know what the files mean. Its invariant: nothing but
// -update writes one.
package goldentest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Update says whether the files are to be written anew, for those whose golden text is a
// part of a file.
func Update() bool { return *update }

// Same holds a text against its file.
func Same(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(string(Read(t, file)), got); d != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, d)
	}
}

// Read gives a file that there has to be.
func Read(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Files gives the files of a pattern, of which there have to be so many at least.
func Files(t testing.TB, pattern string, fewest int) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < fewest {
		t.Fatalf("%s: %d files, and at least %d are wanted (%v)", pattern, len(files), fewest, err)
	}
	return files
}

// Each tries a rule on each file of a pattern, as a test of the file's name.
func Each(t *testing.T, pattern string, fewest int, rule func(t *testing.T, file string)) {
	t.Helper()
	for _, file := range Files(t, pattern, fewest) {
		t.Run(Name(file), func(t *testing.T) { rule(t, file) })
	}
}

// Name is the name of a file without folder and ending.
func Name(file string) string {
	return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
}
