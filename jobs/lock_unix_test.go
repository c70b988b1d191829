//go:build unix

package jobs

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestALockThatIsAPipeIsRefusedAndNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	pipe, link := filepath.Join(dir, "lock"), filepath.Join(dir, "linked", "lock")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Dir(link), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{dir, filepath.Dir(link)} {
		said := make(chan error, 1)
		go func() {
			_, err := Lock(folder, "nightly")
			said <- err
		}()
		select {
		case err := <-said:
			if err == nil || !strings.Contains(err.Error(), "it is a pipe") {
				t.Errorf("%s: %v", folder, err)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: it waits for ever", folder)
		}
	}
}
