package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
)

// newTownThatIsWatched keeps figures and tells changes.
func newTownThatIsWatched(t *testing.T) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	for _, name := range []string{"rollcall.yaml", "observe.yaml"} {
		w.write(name, string(w.bytes(filepath.Join(w.dir, name)))+"metrics: {file: rollcall.prom}\nsiem: {file: changes.jsonl}\n")
	}
	w.watched()
	return w
}

func (w *townsfolk) figures(lines ...string) {
	w.t.Helper()
	text := string(w.bytes(filepath.Join(w.dir, "rollcall.prom")))
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			w.t.Errorf("there is no %s in\n%s", line, text)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		w.t.Errorf("%v %v", problems, err)
	}
}

func (w *townsfolk) changes() []map[string]any {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, "changes.jsonl"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return entries(w.t, string(b))
}

// of is a field below another one.
func of(e map[string]any, outer, inner string) any { return e[outer].(map[string]any)[inner] }

func TestANightAndASweepLeaveFiguresForPrometheus(t *testing.T) {
	w := newTownThatIsWatched(t)
	w.figures(`rollcall_last_run_exit_code{command="nightly"} 0`, `rollcall_system_complete{system="okta"} 1`, `rollcall_system_complete{system="aws"} 1`, `rollcall_leavers_unblocked 0`)
	info, err := os.Stat(filepath.Join(w.dir, "rollcall.prom"))
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("node_exporter cannot read it: %v %v", info.Mode(), err)
	}
	w.leave("leo")
	w.clock.pass(5 * time.Minute)
	w.want(w.now("sweep"), exitDone, "blocked and verified")
	w.figures(`rollcall_last_run_exit_code{command="sweep"} 0`, `rollcall_time_to_block_seconds_count 1`, `rollcall_system_complete{system="okta"} 1`, `rollcall_leavers_unblocked 0`)
	before := w.bytes(filepath.Join(w.dir, "rollcall.prom"))
	unlock := w.lockedBy("the test")
	w.clock.pass(5 * time.Minute)
	w.want(w.now("sweep"), exitDone, "Nothing was done")
	w.want(w.now("nightly"), exitAborted)
	if string(w.bytes(filepath.Join(w.dir, "rollcall.prom"))) != string(before) {
		t.Error("a run that found the lock held counts as one")
	}
	unlock()
	w.write("roster.csv", "not,a,list\n")
	w.want(w.night("nightly"), exitHeld)
	w.figures(`rollcall_last_run_exit_code{command="nightly"} 3`, `rollcall_guard_trips{command="nightly",guard="roster"} 1`)
	w.write("signing.pem", "no key\n")
	w.want(w.night("nightly"), exitRefused)
	w.figures(`rollcall_last_run_exit_code{command="nightly"} 2`, `rollcall_guard_trips{command="nightly",guard="roster"} 1`)
}

func TestFiguresThatCannotBeWrittenAreToldAfterAllElseIsDone(t *testing.T) {
	w := newTownThatIsWatched(t)
	if err := errors.Join(os.Remove(filepath.Join(w.dir, "rollcall.prom")), os.Mkdir(filepath.Join(w.dir, "rollcall.prom"), 0o700)); err != nil {
		t.Fatal(err)
	}
	w.leave("leo")
	w.want(w.night("nightly"), exitAborted, "write the figures for Prometheus (the run itself is as told)", "correct metrics.file")
	w.inOkta("leo", fakeokta.Suspended)
}

func TestEachChangeOfAccessIsToldOnceToTheSIEM(t *testing.T) {
	w := newTownThatIsWatched(t)
	w.leave("leo")
	w.want(w.night("nightly"), exitDone)
	ids, done := map[any]bool{}, 0
	for _, e := range w.changes() {
		if of(e, "event", "outcome") == "success" && of(e, "rollcall", "stage") == "block" && of(e, "rollcall", "run_id") == string(w.memory().Previous) {
			done++
		}
		if id := of(e, "event", "id"); ids[id] {
			t.Errorf("%v is told twice", id)
		} else {
			ids[id] = true
		}
	}
	if done < 3 || done != len(w.changes()) {
		t.Errorf("%d of %d changes", done, len(w.changes()))
	}
	w.want(w.night("nightly"), exitDone)
	if len(w.changes()) != done {
		t.Errorf("a night without changes tells %d", len(w.changes())-done)
	}
}

func TestAChangeThatFailsIsToldToTheSIEM(t *testing.T) {
	w := newTownThatIsWatched(t)
	w.leave("leo")
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "no")
	rule.Match = faults.Path(http.MethodPost, "/api/v1/users/"+w.users["leo"].ID+"/lifecycle/suspend")
	w.oktaFaults.Add(rule)
	w.want(w.night("nightly"), exitFailed)
	for _, e := range w.changes() {
		if of(e, "event", "action") == "suspend" && of(e, "event", "outcome") == "failure" && of(e, "rollcall", "outcome") == "failed" {
			w.figures(`rollcall_leavers_unblocked 1`, `rollcall_actions_total{outcome="failed",stage="block",system="okta"} 1`)
			return
		}
	}
	t.Errorf("%v", w.changes())
}

func TestASIEMThatCannotBeToldKeepsNobodyIn(t *testing.T) {
	w := newTownThatIsWatched(t)
	if err := os.Mkdir(filepath.Join(w.dir, "changes.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.leave("leo")
	w.want(w.night("nightly"), exitAborted, "a change of access was not told to the SIEM", "the changes are in the table actions of run")
	if w.status("leo") != fakeokta.Suspended || w.runs() != 2 {
		t.Errorf("leo is %s after %d runs", w.status("leo"), w.runs())
	}
}

func TestALineThatADiskCutShortDoesNotSpoilTheNextOne(t *testing.T) {
	w := newTownThatIsWatched(t)
	w.write("changes.jsonl", "{\"cut\": 1}\n{\"cut")
	w.leave("leo")
	w.want(w.night("nightly"), exitDone)
	text := string(w.bytes(filepath.Join(w.dir, "changes.jsonl")))
	whole, is := strings.CutPrefix(text, "{\"cut\": 1}\n{\"cut\n")
	if !is || len(entries(t, whole)) < 3 {
		t.Error(text)
	}
}

// outOfRoom is a journal whose disk is full after some records.
type outOfRoom struct {
	jobs.Records
	left int
}

func (o *outOfRoom) Create(name string, b []byte) error {
	if o.left--; o.left < 0 {
		return errors.New("no space left on device")
	}
	return o.Records.Create(name, b)
}

func TestWhatADyingRunDidIsToldByTheNextOneWithTheSameID(t *testing.T) {
	w := newTownThatIsWatched(t)
	w.leave("leo")
	w.clock.pass(24 * time.Hour)
	full := func(next jobs.Records) jobs.Records { return &outOfRoom{next, 3} } // the second outcome is lost
	w.want(play(t.Context(), w.clock, full, "nightly", "--config", filepath.Join(w.dir, "rollcall.yaml")), exitAborted)
	first := w.changes()
	if len(first) != 1 {
		t.Fatalf("%v", first)
	}
	died := of(first[0], "rollcall", "run_id")
	w.want(w.night("nightly"), exitDone)
	again, lost := 0, 0
	for _, e := range w.changes()[1:] {
		switch {
		case of(e, "event", "id") == of(first[0], "event", "id"):
			again++
		case of(e, "rollcall", "run_id") == died && of(e, "rollcall", "found_by") == string(w.memory().Previous) && of(e, "event", "action") == "clear_sessions":
			lost++
		}
	}
	if again != 1 || lost != 1 {
		t.Errorf("told again %d, found %d: %v", again, lost, w.changes())
	}
}

func TestWhatIsGivenBackIsToldToTheSIEM(t *testing.T) {
	w := newTownThatIsWatched(t)
	w.okta.SetToken(giveToken, fakeokta.Token{Name: "give", UserID: w.users["ann"].ID})
	w.leave("leo")
	w.want(w.night("nightly"), exitDone)
	run, before := w.memory().Previous, len(w.changes())
	w.write("restore.yaml", strings.NewReplacer("revoke_token: {env: OKTA_REVOKE_TOKEN}", "revoke_token: {env: OKTA_REVOKE_TOKEN}, restore_token: {env: OKTA_RESTORE_TOKEN}",
		"management_revoke_role: block", "management_revoke_role: block, restore_role: give, management_restore_role: give").Replace(string(w.bytes(filepath.Join(w.dir, "rollcall.yaml"))))+"manual: enforce\n")
	delete(w.left, "leo")
	w.roster()
	w.rewrites("roster.csv", "ann Test,Clerk", "ann Test,Baker") // the very list of before is an old one
	w.clock.pass(time.Hour)
	r := play(t.Context(), w.clock, nil, "restore", "--config", filepath.Join(w.dir, "restore.yaml"), "--run", string(run), "--reason", "HR's mistake")
	if w.status("leo") != fakeokta.Active {
		t.Fatal(r)
	}
	given := 0
	for _, e := range w.changes()[before:] {
		if of(e, "rollcall", "stage") == string(access.Restore) && of(e, "event", "outcome") == "success" {
			given++
		}
	}
	if given == 0 {
		t.Errorf("%s\n%v", r, w.changes()[before:])
	}
}
