//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"rollcall/internal/access"
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

// What the night does not wait for, neither check nor lint waits for.
func TestCheckDoesNotWaitForAListThatIsNoFile(t *testing.T) {
	one := config.Roster{Name: "employees", File: "pipe.csv"}
	cfg := config.Config{Dir: t.TempDir(), Rosters: []config.Roster{one}}
	if err := syscall.Mkfifo(cfg.Path(one.File), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() bool{
		"check": func() bool {
			e := &environ{now: time.Now, getenv: func(string) string { return "" }}
			k := checkAll(t.Context(), e, cfg)
			return !slices.ContainsFunc(k.Problems, func(p access.Problem) bool { return p.File == one.File && strings.Contains(p.Says, "no file") })
		},
		"lint": func() bool { return len((&environ{}).readLists(cfg).unread) != 1 },
	} {
		wrong := make(chan bool, 1)
		go func() { wrong <- read() }()
		select {
		case is := <-wrong:
			if is {
				t.Errorf("%s does not say that it is no file", name)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s waits for it", name)
		}
	}
}
