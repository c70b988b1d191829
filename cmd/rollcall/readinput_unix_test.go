//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rollcall/internal/config"
	"rollcall/jobs"
)

// Whoever may put HR's list there could put a pipe there, for which a night would wait
// for ever.
func TestAListThatIsNoFileIsRefusedAndNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	large, err := os.Create(filepath.Join(dir, "large.csv"))
	if err == nil {
		err = large.Truncate(1<<30 + 1)
	}
	if err != nil || large.Close() != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{"pipe.csv": "no file", ".": "no file", "/dev/zero": "no file", "large.csv": "are the most", "none.csv": "no such file"} {
		var in jobs.Inputs
		wiring{cfg: config.Config{Dir: dir}, e: &environ{}}.roster(&in, config.Roster{Name: "employees", File: name})
		if p := in.Rosters[0].Problems; len(p) != 1 || !strings.Contains(p[0].Says, says) {
			t.Errorf("%s: %+v", name, p)
		}
		_, files := readPolicy(config.Config{Dir: dir, Policy: config.Policy{RoleMap: name}})
		if p := files[0].problems; len(p) != 1 || !strings.Contains(p[0].Says, says) || !files[0].unusable {
			t.Errorf("%s as a role map: %+v", name, p)
		}
	}
}
