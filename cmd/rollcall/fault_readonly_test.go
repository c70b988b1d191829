package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

// nobody is the user to whom permissions apply, where the tests run as root.
const nobody = 65534

// barred plays a night in a process of its own for which the archive can only be read.
func (w *townsfolk) barred() ran {
	w.t.Helper()
	program := filepath.Join(w.dir, "rollcall.test") // where anybody may start it
	self, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err = errors.Join(err, os.WriteFile(program, b, 0o755)); err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.CommandContext(w.t.Context(), program, "nightly", "--config", filepath.Join(w.dir, "rollcall.yaml"))
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), killEnv+"=never", timeEnv+"="+w.clock.Now().Format(time.RFC3339))
	if os.Geteuid() == 0 {
		if err := os.Chmod(filepath.Dir(w.dir), 0o755); err != nil { // the test's own, too
			w.t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		w.each(w.dir, func(path string, _ fs.DirEntry) error { return os.Chown(path, nobody, nobody) })
	}
	w.writable(false)
	defer w.writable(true)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), string(out), ""}
}

func (w *townsfolk) each(root string, do func(string, fs.DirEntry) error) {
	w.t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error { return errors.Join(err, do(path, d)) })
	if err != nil {
		w.t.Fatal(err)
	}
}

// writable says whether the archive can be written to.
func (w *townsfolk) writable(yes bool) {
	w.t.Helper()
	w.each(filepath.Join(w.dir, "archive"), func(path string, d fs.DirEntry) error {
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() &^ 0o222
		if yes {
			mode |= 0o200
		}
		return os.Chmod(path, mode)
	})
}

func TestAnArchiveThatCanOnlyBeReadStopsTheNightBeforeAnythingIsAsked(t *testing.T) {
	w := leoLeft(t, fakeokta.Options{})
	w.clock.pass(24 * time.Hour)
	w.okta.ResetRequests()
	r := w.barred()
	w.want(r, exitAborted, "permission denied")
	if w.sent() > 0 || len(w.okta.Requests()) > 0 || strings.Contains(r.stdout, "suspend") {
		t.Errorf("%d requests, %d of them changes: %s", len(w.okta.Requests()), w.sent(), r)
	}
	w.untouched("leo")
	w.want(w.now("nightly"), exitDone)
	w.blocked("leo")
	w.verified()
}
