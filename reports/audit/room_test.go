package audit

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/reports/archive"
)

func TestOnlySmallCopiesLieInMemory(t *testing.T) {
	r := room{disk: t.TempDir(), memory: t.TempDir()}
	if got := r.of(archive.Entry{Size: smallFile}); got != r.memory {
		t.Errorf("a small file lies in %s", got)
	}
	if got := r.of(archive.Entry{Size: smallFile + 1}); got != r.disk {
		t.Errorf("a large file lies in %s", got)
	}
	r.memory = ""
	if got := r.of(archive.Entry{Size: 1}); got != r.disk {
		t.Errorf("without memory a file lies in %s", got)
	}
}

func TestNoMemoryIsTakenForCopiesWhereTheyWouldFillIt(t *testing.T) {
	if where := inMemory(math.MaxInt64 / 2); where != "" {
		t.Errorf("%s is said to have room for that", where)
	}
	many := make([]File, smallInHand/smallFile)
	for n := range many {
		many[n].Size = smallFile
	}
	r, err := newRoom("", many)
	if err != nil {
		t.Fatal(err)
	}
	if r.memory != "" {
		t.Errorf("%d MiB of small files are copied to %s", smallInHand>>20, r.memory)
	}
	if err := r.clear(); err != nil {
		t.Error(err)
	}
}

func TestCopiesAreForTheirUserAloneAndLeaveNothingBehind(t *testing.T) {
	r, err := newRoom("", []File{{TableFile: archive.TableFile{Entry: archive.Entry{Size: 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	folders := []string{r.disk}
	if r.memory != "" {
		folders = append(folders, r.memory)
	}
	for _, dir := range folders {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", dir, info, err)
		}
		if err := write(filepath.Join(dir, "grants", "date=2026-03-02", "one.parquet"), func(f *os.File) error { _, err := f.WriteString("x"); return err }); err != nil {
			t.Error(err)
		}
	}
	if err := r.clear(); err != nil {
		t.Error(err)
	}
	for _, dir := range folders {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", dir, err)
		}
	}
}

// Whoever says where copies lie has a reason.
func TestCopiesLieWhereTheArchivesReaderSays(t *testing.T) {
	temp := t.TempDir()
	r, err := newRoom(temp, []File{{TableFile: archive.TableFile{Entry: archive.Entry{Size: 1}}}})
	if err != nil || r.memory != "" || !strings.HasPrefix(r.disk, temp) {
		t.Errorf("%+v %v", r, err)
	}
}
