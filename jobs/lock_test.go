package jobs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestOneRunAtATimeHasTheLockAndTheNextOneGetsIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive", "new")
	first, err := Lock(dir, "nightly by ann")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir, "revoke by bob"); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "(nightly by ann); wait until it is done") {
		t.Errorf("the second: %v", err)
	}
	first()
	again, err := Lock(dir, "revoke by bob")
	if err != nil {
		t.Fatal(err)
	}
	again()
}

// A lock that cannot be had is no lock, and is not said to be another run's.
func TestALockThatCannotBeHadIsAnError(t *testing.T) {
	noFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(noFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	noFile := t.TempDir()
	if err := os.Mkdir(filepath.Join(noFile, "lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	for dir, says := range map[string]string{noFolder: "make the archive folder: ", noFile: "lock " + filepath.Join(noFile, "lock")} {
		if _, err := Lock(dir, "nightly"); err == nil || errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	full := t.TempDir()
	if err := os.Symlink("/dev/full", filepath.Join(full, "lock")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it is given back each time
		if _, err := Lock(full, "nightly"); !errors.Is(err, syscall.ENOSPC) || errors.Is(err, ErrLocked) {
			t.Errorf("a full disk: %v", err)
		}
	}
}

// Whoever may add a link to the archive's folder must not have another file overwritten.
func TestALockThatIsALinkOverwritesNothing(t *testing.T) {
	for _, there := range []bool{true, false} {
		dir, other := t.TempDir(), filepath.Join(t.TempDir(), "roster.csv")
		if there {
			if err := os.WriteFile(other, []byte("employee_id"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink(other, filepath.Join(dir, "lock")); err != nil {
			t.Fatal(err)
		}
		_, err := Lock(dir, "nightly")
		b, _ := os.ReadFile(other)
		if _, none := os.Lstat(other); err == nil || errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "is a link") || (none == nil) != there || there && string(b) != "employee_id" {
			t.Errorf("there %v: it holds %q: %v", there, b, err)
		}
	}
}

func TestWaitingEndsWithTheLockOrTheLimitOrTheRun(t *testing.T) {
	busy := func(who string) error { return errors.Join(ErrLocked, errors.New(who)) }
	broken, stop := errors.New("broken"), errors.New("stop")
	for _, tt := range []struct {
		name  string
		takes []error // the last one stays
		sleep error
		want  error
		slept time.Duration
		told  int
	}{
		{"free at once", []error{nil}, nil, nil, 0, 0},
		{"free later", []error{busy("ann"), busy("ann"), nil}, nil, nil, 4 * time.Second, 1},
		{"from hand to hand", []error{busy("ann"), busy("bob"), busy("bob"), nil}, nil, nil, 6 * time.Second, 2},
		{"never free", []error{busy("ann")}, nil, ErrLocked, 10 * time.Second, 1},
		{"broken is not busy", []error{broken}, nil, broken, 0, 0},
		{"stopped", []error{busy("ann")}, stop, stop, 2 * time.Second, 1},
	} {
		tries, told, slept := 0, []string{}, time.Duration(0)
		got, err := Wait(t.Context(), func() (int, error) {
			tries++
			return tries, tt.takes[min(tries, len(tt.takes))-1]
		}, 10*time.Second, func(_ context.Context, d time.Duration) error { slept += d; return tt.sleep }, func(holder error) { told = append(told, holder.Error()) })
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) || slept != tt.slept || len(told) != tt.told || got != tries || len(slices.Compact(told)) != tt.told {
			t.Errorf("%s: %v after %s and %d tries, told %q", tt.name, err, slept, tries, told)
		}
		if errors.Is(err, ErrLocked) && !strings.Contains(err.Error(), "after 10s of waiting") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
