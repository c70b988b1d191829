//go:build unix

package main

import (
	"fmt"
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
	"rollcall/reports"
)

// inTime fails a test that waits for what never comes, and gives what was said.
func inTime(t *testing.T, what string, do func() string) string {
	t.Helper()
	said := make(chan string, 1)
	go func() { said <- do() }()
	select {
	case s := <-said:
		return s
	case <-time.After(5 * time.Second):
		t.Fatalf("%s: it waits for ever", what)
	}
	return ""
}

// A night that waits holds the lock, so that no later one runs either.
func TestAPipeAmongWhatANightReadsIsRefusedAndNotWaitedFor(t *testing.T) {
	for what, read := range map[string]func(cfg config.Config, pipe string) string{
		"approvals/a.json": func(cfg config.Config, _ string) string {
			return (&environ{}).approvalFiles(cfg, nil)[0].Unproven
		},
		"reports/run/summary.json": func(cfg config.Config, pipe string) string {
			if err := os.WriteFile(filepath.Join(filepath.Dir(pipe), reports.PageName), nil, 0o600); err != nil {
				return err.Error()
			}
			return fmt.Sprint(listRuns(cfg.Path("reports")))
		},
		"m/rollcall.prom": func(_ config.Config, pipe string) string {
			return fmt.Sprint((&measuring{e: &environ{now: time.Now}, file: pipe}).write(0))
		},
		"m/rollcall.prom.lock": func(_ config.Config, pipe string) string {
			return fmt.Sprint((&measuring{e: &environ{now: time.Now}, file: strings.TrimSuffix(pipe, ".lock")}).write(0))
		},
		"back/sheet.xlsx": func(_ config.Config, pipe string) string { return fmt.Sprint(readReturned(pipe, "").err) },
		"list.csv": func(cfg config.Config, _ string) string {
			cfg.Rosters = []config.Roster{{Name: "employees", File: "list.csv"}}
			return fmt.Sprintf("no file: %v", (&environ{now: time.Now}).readLists(cfg).unread[0])
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			pipe := filepath.Join(dir, filepath.FromSlash(what))
			if err := os.MkdirAll(filepath.Dir(pipe), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			cfg := config.Config{Dir: dir, Approvals: config.Approvals{Dir: "approvals"}}
			if said := inTime(t, what, func() string { return read(cfg, pipe) }); !strings.Contains(said, "no file") && !strings.Contains(said, "it is a pipe") {
				t.Error(said)
			}
		})
	}
}

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

// Whoever may write into the folder of approvals is not whoever may approve.
func TestOnlyAnApprovalThatIsProvenIsKeptInMemory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(file, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if a := readApproval(file, nil); a.Unproven == "" || a.SHA256 == "" || len(a.Raw) != 0 {
		t.Errorf("%d bytes are kept, of %q: %s", len(a.Raw), a.SHA256, a.Unproven)
	}
}

// Fifteen megabytes of nothing would be gigabytes of a cohort, before a signature is looked at.
func TestAnApprovalOfMoreValuesThanAnyCohortHasIsNotTakenApart(t *testing.T) {
	for _, value := range []string{"{},", "null,"} {
		file := filepath.Join(t.TempDir(), "a.json")
		if err := os.WriteFile(file, []byte(`{"approval":{"cohort":[`+strings.Repeat(value, mostApproved+1)+`{}]}}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if a := readApproval(file, nil); !strings.Contains(a.Unproven, "more than 1000000 values") {
			t.Errorf("%s: %s", value, a.Unproven)
		}
	}
}
