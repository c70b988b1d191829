package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/jobs"
)

// The variables by which this test starts itself as a rollcall that kills itself.
const (
	killEnv = "ROLLCALL_TEST_KILL" // such as "after 3": journal record 3 is durable, nothing more is done
	timeEnv = "ROLLCALL_TEST_NOW"
)

// init turns this program into that rollcall, before the tests' own main.
func init() {
	when := os.Getenv(killEnv)
	if when == "" {
		return
	}
	now, err := time.Parse(time.RFC3339, os.Getenv(timeEnv))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitAborted)
	}
	r := play(context.Background(), &tick{now: now}, func(next jobs.Records) jobs.Records { return &fuse{Records: next, when: when} }, os.Args[1:]...)
	fmt.Fprintln(os.Stderr, r)
	os.Exit(r.code)
}

// fuse kills the process at a journal record of its own run.
type fuse struct {
	jobs.Records
	when string
	n    int
}

func (f *fuse) Create(name string, b []byte) error {
	f.n++
	verb := ""
	var record struct {
		Outcome struct{ Action access.Action } `json:"outcome"`
	}
	if json.Unmarshal(b, &record) == nil {
		verb = string(record.Outcome.Action.Verb)
	}
	f.burn(fmt.Sprintf("before %d", f.n), "before the outcome of "+verb)
	err := f.Records.Create(name, b)
	f.burn(fmt.Sprintf("after %d", f.n))
	return err
}

func (f *fuse) burn(moments ...string) {
	if !slices.Contains(moments, f.when) {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the kernel is at it
}

// killed plays a night that dies where when says.
func (w *townsfolk) killed(when string) {
	w.t.Helper()
	w.clock.pass(24 * time.Hour)
	w.killedIn(when, "nightly", "--config", filepath.Join(w.dir, "rollcall.yaml"))
}

// killedIn plays a command that dies where when says.
func (w *townsfolk) killedIn(when string, args ...string) {
	w.t.Helper()
	self, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.CommandContext(w.t.Context(), self, args...)
	cmd.Env = append(os.Environ(), killEnv+"="+when, timeEnv+"="+w.clock.Now().Format(time.RFC3339))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		w.t.Fatalf("it was to be killed %s, but ended with %v: %s", when, err, out)
	}
}

// saved is a town at rest, to go back to.
type saved struct {
	okta, aws []byte
	archive   string
	at        time.Time
}

func (w *townsfolk) save() saved {
	w.t.Helper()
	okta, err := w.okta.Snapshot()
	if err != nil {
		w.t.Fatal(err)
	}
	aws, err := w.aws.Snapshot()
	if err != nil {
		w.t.Fatal(err)
	}
	s := saved{okta, aws, filepath.Join(w.t.TempDir(), "archive"), w.clock.Now()}
	if err := os.CopyFS(s.archive, os.DirFS(filepath.Join(w.dir, "archive"))); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// back restores the town for a test.
func (w *townsfolk) back(t *testing.T, s saved) {
	t.Helper()
	w.t, w.clock.now = t, s.at
	root := filepath.Join(w.dir, "archive")
	err := errors.Join(w.okta.Restore(s.okta), w.aws.Restore(s.aws), os.RemoveAll(root), os.CopyFS(root, os.DirFS(s.archive)))
	if err != nil {
		t.Fatal(err)
	}
	w.quiet()
}

// journals are the runs that have a journal, oldest first.
func (w *townsfolk) journals() []access.RunID {
	w.t.Helper()
	entries, err := os.ReadDir(filepath.Join(w.dir, "archive", "journal"))
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	var runs []access.RunID
	for _, e := range entries {
		runs = append(runs, access.RunID(e.Name()))
	}
	return runs
}

// lastJournal is the latest of them.
func (w *townsfolk) lastJournal() access.RunID {
	w.t.Helper()
	runs := w.journals()
	return runs[len(runs)-1]
}

// records counts the journal records of a run.
func (w *townsfolk) records(run access.RunID) int {
	w.t.Helper()
	entries, err := os.ReadDir(filepath.Join(w.dir, "archive", "journal", string(run)))
	if err != nil {
		w.t.Fatal(err)
	}
	return len(entries)
}

// sent counts the changes that anybody asked the systems for.
func (w *townsfolk) sent() (n int) {
	for _, r := range w.okta.Requests() {
		if r.Method != "GET" {
			n++
		}
	}
	for _, r := range w.aws.Requests() {
		if r.Write && r.Action != "AssumeRole" && r.Action != "GenerateCredentialReport" {
			n++
		}
	}
	return n
}

// firstBlocked is the account that a run acted on first.
func (w *townsfolk) firstBlocked(run access.RunID) access.AccountKey {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, "archive", "journal", string(run), "000001.json"))
	var intent struct{ Action access.Action }
	if err := errors.Join(err, json.Unmarshal(b, &intent)); err != nil || intent.Action.Account.ID == "" {
		w.t.Fatalf("the first record of %s: %v %s", run, err, b)
	}
	return intent.Action.Account
}

// unbroken plays what has nothing in its way: how the town is before it, where it ends,
// and how many records of it there are, at each of which it can be killed.
func (w *townsfolk) unbroken(fewest int, play func() ran) (before saved, want map[string]any, last int) {
	w.t.Helper()
	before = w.save()
	w.want(play(), exitDone)
	want, last = w.effects(), w.records(w.lastJournal())
	if last < fewest {
		w.t.Fatalf("only %d records: too few to be killed at", last)
	}
	return before, want, last
}

// death is a run that was killed: where, which one, and at what time.
type death struct {
	when string
	run  access.RunID
	at   time.Time
}

// killedAnywhere kills a night after every journal record, and between every effect
// and its outcome: the next one has to end where an uninterrupted one does. also is
// what else is asked of it.
func (w *townsfolk) killedAnywhere(t *testing.T, fewest int, also func(*testing.T, death)) {
	before, want, last := w.unbroken(fewest, func() ran { return w.night("nightly") })
	for n := 1; n <= last; n++ {
		w.killAndMend(t, before, want, fmt.Sprintf("after %d", n), n == last, also)
		if n%2 == 0 { // records come in pairs: intent, outcome
			w.killAndMend(t, before, want, fmt.Sprintf("before %d", n), false, also)
		}
	}
}

func (w *townsfolk) killAndMend(t *testing.T, from saved, want map[string]any, when string, allDone bool, also func(*testing.T, death)) {
	t.Run(when, func(t *testing.T) {
		w.back(t, from)
		w.killed(when)
		died := death{when: when, run: w.lastJournal(), at: w.clock.Now()}
		w.quiet()
		w.want(w.night("nightly"), exitDone, "took over the journal of 1 earlier run(s)")
		if diff := cmp.Diff(want, w.effects()); diff != "" {
			t.Errorf("it ends elsewhere than an uninterrupted night (-want +got):\n%s", diff)
		}
		if sent := w.sent(); allDone && sent > 0 {
			t.Errorf("all was done already, and %d changes were sent again", sent)
		}
		if !w.memory().Journals[died.run] {
			t.Errorf("the journal of %s is not accounted for", died.run)
		}
		also(t, died)
		w.verified()
	})
}

func TestKilledAnywhereTheNextRunEndsWhereAnUninterruptedOneDoes(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	w.killedAnywhere(t, 12, func(t *testing.T, died death) {
		if suspended := w.events("leo", "user.lifecycle.suspend"); suspended != 1 {
			t.Errorf("leo was suspended %d times", suspended)
		}
		if w.events("leo", "user.session.clear") == 0 {
			t.Error("leo's sessions were never cleared")
		}
		if b := w.memory().Blocked[w.firstBlocked(died.run)]; died.when != "after 1" && (b.Run != died.run || !b.Verified) {
			t.Errorf("the block of the killed run %s is not counted as its: %+v", died.run, b)
		}
	})
}

func TestSomebodyBackAfterAKilledNightIsNotTouchedAgain(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	w.killed("before the outcome of suspend") // and nobody wrote it down
	if w.status("leo") != fakeokta.Suspended {
		t.Fatalf("leo is %s", w.status("leo"))
	}
	w.left["leo"] = false
	w.roster()
	w.quiet()
	r := w.night("nightly")
	w.want(r, exitDone, "blocked_active", "Leo Test works here, but rollcall blocked leo@example.test in okta")
	if w.sent() > 0 {
		t.Errorf("%d changes were sent: %s", w.sent(), r)
	}
	w.verified()
}

func TestTheLockIsGoneWithAKilledRun(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	w.killed("after 1")
	unlock := w.lockedBy("nightly by somebody, process 1") // the dead do not hold it
	held := w.night("nightly")
	w.want(held, exitAborted, "another run of rollcall is at work (nightly by somebody, process 1)")
	if len(w.journals()) != 1 || slices.ContainsFunc(w.okta.Requests(), func(r fakeokta.Request) bool { return r.Method != "GET" }) {
		t.Errorf("the second run did something: %s", held)
	}
	unlock()
	w.want(w.now("nightly"), exitDone)
}
