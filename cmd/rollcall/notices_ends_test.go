package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rollcall/internal/config"
)

func TestASweepWithoutNewsSaysAtOnceThatTheAbortedOneIsOver(t *testing.T) {
	w, r := newTownThatTells(t)
	lock := filepath.Join(w.dir, "archive", "lock")
	w.must(errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)))
	w.want(w.now("sweep"), exitAborted)
	w.contains("the pager", r.took("v2"), "test/run_aborted/sweep", `"event_action":"trigger"`)
	w.must(os.Remove(lock))
	w.clock.pass(5 * time.Minute)
	w.want(w.now("sweep"), exitDone, "No news")
	w.contains("the pager", r.took("v2"), "test/run_aborted/sweep", `"event_action":"resolve"`)
	w.want(w.now("sweep"), exitDone, "No news")
	if again := r.took("v2"); again != "" {
		t.Errorf("told once more: %s", again)
	}
}

func TestAnArchiveThatCannotBeReadIsToldByWhoeverSendsNotices(t *testing.T) {
	w, r := newTownThatTells(t)
	manifests, err := filepath.Glob(filepath.Join(w.dir, "archive", "manifests", "*.json"))
	w.must(err)
	whole := w.bytes(manifests[len(manifests)-1])
	w.must(errors.Join(os.Chmod(manifests[len(manifests)-1], 0o600), os.WriteFile(manifests[len(manifests)-1], []byte("{"), 0o600)))
	w.want(w.notices("send"), exitAborted, "read who has to be told of what")
	w.contains("the pager", r.took("v2"), "test/run_aborted/notices", `"event_action":"trigger"`)
	w.clock.pass(10 * time.Minute)
	w.want(w.notices("send"), exitAborted)
	if again := r.took("v2"); again != "" {
		t.Errorf("told again within half an hour: %s", again)
	}
	w.must(os.WriteFile(manifests[len(manifests)-1], whole, 0o600))
	w.want(w.notices("send"), exitDone)
	w.contains("the pager", r.took("v2"), "test/run_aborted/notices", `"event_action":"resolve"`)

	w.must(os.Rename(filepath.Join(w.dir, "archive"), filepath.Join(w.dir, "away"))) // nothing can be recorded either
	w.must(os.WriteFile(filepath.Join(w.dir, "archive"), nil, 0o600))
	w.want(w.notices("send"), exitAborted)
	w.contains("the pager", r.took("v2"), "test/run_aborted/notices", `"event_action":"trigger"`)
	w.clock.pass(10 * time.Minute)
	w.want(w.notices("send"), exitAborted)
	if again := r.took("v2"); again != "" {
		t.Errorf("told again within half an hour: %s", again)
	}
}

// An empty folder where the archive was is no first day.
func TestAnArchiveThatIsGoneIsNoFirstDay(t *testing.T) {
	w, r := newTownThatTells(t)
	r.took("v2")
	w.must(os.Rename(filepath.Join(w.dir, "archive"), filepath.Join(w.dir, "away")))
	w.must(os.Mkdir(filepath.Join(w.dir, "archive"), 0o700))
	w.want(w.notices("send"), exitAborted, "has no run", "see that its disk is mounted")
	w.contains("the pager", r.took("v2"), "test/run_aborted/notices", `"event_action":"trigger"`)

	w.want(w.night("nightly"), exitAborted, "has no run", "see that its disk is mounted")
	w.contains("the pager", r.took("v2"), "test/run_aborted/nightly", `"event_action":"trigger"`)
	if begun, err := filepath.Glob(filepath.Join(w.dir, "archive", "manifests", "*")); err != nil || len(begun) > 0 {
		t.Errorf("another chain was begun: %v, %v", begun, err)
	}
}

func TestRunsThatEndAtOnceLoseNoFigureOfEachOther(t *testing.T) {
	e := &environ{now: func() time.Time { return firstNight }}
	dir := t.TempDir()
	commands := []string{"nightly", "sweep", "apply", "revoke", "restore", "notices", "a", "b"}
	var all sync.WaitGroup
	for _, command := range commands {
		all.Go(func() {
			m := e.measuring(config.Config{}, command)
			m.file = filepath.Join(dir, "rollcall.prom")
			for range 10 {
				if err := m.ended(nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	b, err := os.ReadFile(filepath.Join(dir, "rollcall.prom"))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		if !strings.Contains(string(b), `rollcall_last_success_timestamp_seconds{command="`+command+`"}`) {
			t.Errorf("the success of %s is gone", command)
		}
	}
}

func TestOrdersAndNoticesHaveFiguresToo(t *testing.T) {
	w, _ := newTownThatTells(t)
	w.write("rollcall.yaml", w.read("rollcall.yaml")+"metrics: {file: rollcall.prom}\n")
	w.leave("mia")
	w.refusesSuspension()
	w.want(w.night("nightly"), exitFailed)
	w.figures(`rollcall_notices_open{urgency="critical"} 1`)
	findings := strings.Count(w.read("rollcall.prom"), "rollcall_findings{")
	w.manual("enforce")
	w.want(w.revoked(w.id("leo")), exitFailed)
	w.figures(`rollcall_last_run_exit_code{command="revoke"} 5`)
	if got := strings.Count(w.read("rollcall.prom"), "rollcall_findings{"); got != findings {
		t.Errorf("an order changed the findings of the night: %d, were %d", got, findings)
	}
	for _, word := range strings.Fields(w.notices("list").stdout) {
		if strings.HasPrefix(word, "test/leaver_block_failed") {
			w.want(w.notices("ack", "--key", word, "--by", "dana"), exitDone)
		}
	}
	w.want(w.notices("send"), exitDone)
	w.figures(`rollcall_notices_open{urgency="critical"} 0`, `rollcall_last_run_exit_code{command="notices"} 0`)
}
