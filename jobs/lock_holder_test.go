package jobs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Who holds the lock is for a message: a file that somebody made long is not read whole for it.
func TestOfALongLockOnlyTheBeginningIsTold(t *testing.T) {
	dir := t.TempDir()
	unlock, err := Lock(dir, "nightly by ann")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := os.Truncate(filepath.Join(dir, "lock"), 64<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir, "revoke by bob"); !errors.Is(err, ErrLocked) || len(err.Error()) > 8<<10 {
		t.Errorf("%d bytes, held: %t", len(err.Error()), errors.Is(err, ErrLocked))
	}
}
