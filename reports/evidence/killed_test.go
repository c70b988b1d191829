//go:build cgo

package evidence

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/archive"
)

// TestExportsUntilItIsKilled is no test: the one below starts it, and kills it.
func TestExportsUntilItIsKilled(t *testing.T) {
	root, dir := os.Getenv("ROLLCALL_TEST_ARCHIVE"), os.Getenv("ROLLCALL_TEST_PACK")
	if root == "" {
		return
	}
	if _, err := Export(t.Context(), reopened(t, archive.NewFolder(root)), request("2026-03-01", "2026-03-02"), dir); err != nil {
		t.Fatal(err)
	}
}

func TestAKilledProcessLeavesNoHalfPack(t *testing.T) {
	root := t.TempDir()
	_, store := played(t, "2026-03-01", "2026-03-02")
	for name, b := range store.All() {
		if err := archive.NewFolder(root).Create(name, b); err != nil {
			t.Fatal(err)
		}
	}
	const never = 1 << 20
	for _, files := range []int{0, 40, never} {
		dir := filepath.Join(t.TempDir(), "pack")
		whole := killed(t, root, dir, files)
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) == whole || whole && files == 0 {
			t.Fatalf("killed after %d files: whole %v, %v", files, whole, err)
		}
		if whole {
			isWhole(t, dir)
			continue
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".pack.partial-*")); len(left) != 1 {
			t.Errorf("killed after %d files, it left %v", files, left)
		}
	}
}

// isWhole checks every file of the list of digests.
func isWhole(t *testing.T, dir string) {
	t.Helper()
	for l := range strings.Lines(text(t, dir, sumsName)) {
		if got := access.Digest([]byte(text(t, dir, strings.TrimSpace(l[66:])))); got != l[:64] {
			t.Errorf("%s has %s", l, got)
		}
	}
}

// killed starts an export and kills it once it has written so many files. It reports
// whether the pack was whole first.
func killed(t *testing.T, root, dir string, files int) (whole bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestExportsUntilItIsKilled$")
	cmd.Env = append(os.Environ(), "ROLLCALL_TEST_ARCHIVE="+root, "ROLLCALL_TEST_PACK="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatalf("the export ended by itself: %v", err)
			}
			return true
		case <-time.After(time.Millisecond):
		}
		if got, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".pack.partial-*", "*", "*")); len(got) > files {
			_ = cmd.Process.Kill() // it may just have ended
			<-done
			_, err := os.Stat(dir)
			return err == nil
		}
	}
}
