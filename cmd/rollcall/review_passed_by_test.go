package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever takes in a folder is told of each folder and link in it, behind which answers
// may lie that nobody looked at.
func TestWhatIsNotLookedAtInAFolderOfAnswersIsNamed(t *testing.T) {
	w := newTownInReview(t, "")
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Mkdir(in("Finance"), 0o700), os.Mkdir(in(".git"), 0o700), os.WriteFile(in("~$back.xlsx"), nil, 0o600),
		os.WriteFile(in("Finance/back.csv"), []byte("x"), 0o600), os.Symlink(in("Finance/back.csv"), in("late.csv"))); err != nil {
		t.Fatal(err)
	}
	for _, withFile := range []bool{false, true} {
		code := exitRefused
		if withFile {
			code = exitHeld
			if err := os.WriteFile(in("back.csv"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got := w.reviews("import", "--dir", dir)
		w.want(got, code)
		if n := strings.Count(got.stderr, "not looked at: "); n != 2 || !strings.Contains(got.stderr, "not looked at: "+in("Finance")) || !strings.Contains(got.stderr, "not looked at: "+in("late.csv")) {
			t.Errorf("with a file %v: %s", withFile, got.stderr)
		}
	}
}
