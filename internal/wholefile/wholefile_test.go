package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// has fails unless these are all that is in a folder, the hidden included.
func has(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("%v %v, want %v", names, err, want)
	}
}

func holds(t *testing.T, path, text string, perm fs.FileMode) {
	t.Helper()
	b, err := os.ReadFile(path)
	info, errInfo := os.Stat(path)
	if err := errors.Join(err, errInfo); err != nil {
		t.Fatal(err)
	}
	if string(b) != text || info.Mode().Perm() != perm {
		t.Errorf("%s: %q %v", path, b, info.Mode())
	}
}

func TestAFileIsReplacedWholeAndTheRightsAreThoseAskedFor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "of", "two")
	file := filepath.Join(dir, "a")
	for _, text := range []string{"first", "2nd"} {
		if err := Put(file, []byte(text), 0o604); err != nil {
			t.Fatal(err)
		}
		holds(t, file, text, 0o604)
	}
	has(t, dir, "a")
}

func TestWhatCannotBeReplacedIsAsItWasAndNothingIsLeftBesideIt(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "in the way"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := Put(filepath.Join(dir, "a"), []byte("x"), 0o640); err == nil {
		t.Error("a folder was replaced")
	}
	has(t, dir, "a")
	has(t, filepath.Join(dir, "a"), "in the way")
}

func TestANewFileNeverTakesThePlaceOfAnother(t *testing.T) {
	file := filepath.Join(t.TempDir(), "of", "a")
	if err := New(file, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := New(file, []byte("second"), 0o640); !errors.Is(err, fs.ErrExist) {
		t.Errorf("written twice: %v", err)
	}
	holds(t, file, "first", 0o600)
}

func TestAFolderGetsItsNameWhenAllIsInIt(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "of", "pack")
	err := NewFolder(dir, func(draft string) error {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it has its name already: %v", err)
		}
		return New(filepath.Join(draft, "in", "a"), []byte("x"), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	has(t, filepath.Dir(dir), "pack")
	holds(t, filepath.Join(dir, "in", "a"), "x", 0o600)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestAFolderThatCannotBeFilledLeavesNothing(t *testing.T) {
	top, broken := t.TempDir(), errors.New("broken")
	err := NewFolder(filepath.Join(top, "pack"), func(draft string) error {
		return errors.Join(New(filepath.Join(draft, "a"), []byte("x"), 0o600), broken)
	})
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	has(t, top)
}

// TestAFolderThatNobodyCanSyncIsNoFailure: some shares and file systems have no sync of folders at all; what was
// written is there all the same.
func TestAFolderThatNobodyCanSyncIsNoFailure(t *testing.T) {
	const folder = "/proc/self" // has none
	if _, err := os.Stat(folder); err != nil {
		t.Skip("this system has no /proc")
	}
	if err := SyncFolder(folder); err != nil {
		t.Error(err)
	}
	if SyncFolder(filepath.Join(t.TempDir(), "nowhere")) == nil {
		t.Error("a folder that is not there is synced")
	}
}
