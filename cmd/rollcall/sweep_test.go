package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// swept plays a sweep five minutes later, and counts its requests.
func (w *townsfolk) swept() (r ran, requests int) {
	w.t.Helper()
	w.clock.pass(5 * time.Minute)
	w.quiet()
	r = w.now("sweep")
	return r, len(w.okta.Requests()) + len(w.aws.Requests())
}

// runs counts the committed runs.
func (w *townsfolk) runs() int {
	w.t.Helper()
	a, err := archive.Open(filepath.Join(w.dir, "archive"), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	sequence, _, _, err := a.Head()
	if err != nil {
		w.t.Fatal(err)
	}
	return sequence
}

// everything is every file of the archive but the lock.
func (w *townsfolk) everything() (n int) {
	w.t.Helper()
	err := filepath.WalkDir(filepath.Join(w.dir, "archive"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "lock" {
			n++
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestASweepBlocksWhoHasLeftAndTheNextOneIsSilent(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	quiet, requests := w.swept()
	w.want(quiet, exitDone, "No news", "as of 2041-03-04 01:00 UTC")
	if requests != 0 || w.runs() != 1 {
		t.Errorf("a sweep without news sent %d requests, and there are %d runs", requests, w.runs())
	}
	w.leave("leo")
	before := w.memory()
	r, requests := w.swept()
	w.want(r, exitDone, "blocked and verified", "the systems were not read: these are the accounts as of 2041-03-04 01:00 UTC")
	t.Logf("%d requests for one leaver", requests)
	if requests > 60 {
		t.Errorf("%d requests for one leaver", requests)
	}
	if w.status("leo") != fakeokta.Suspended || w.runs() != 2 {
		t.Errorf("leo is %s after %d runs", w.status("leo"), w.runs())
	}
	if after := w.memory(); after.Accounts["okta"] != before.Accounts["okta"] || after.Counts["okta/users"] != before.Counts["okta/users"] || after.Counts["okta/api_tokens"].Records != before.Counts["okta/api_tokens"].Records-1 {
		t.Errorf("what is normal changed: %+v", after.Counts)
	}
	files := w.everything()
	for range 2 {
		again, requests := w.swept()
		w.want(again, exitDone, "No news")
		if requests != 0 || w.runs() != 2 || w.everything() != files {
			t.Errorf("%d requests, %d runs: %s", requests, w.runs(), again)
		}
	}
	if sheets, err := filepath.Glob(filepath.Join(w.dir, "reports", "*", "worksheets", "*")); err != nil || len(sheets) == 0 {
		t.Fatal(err, sheets)
	}
	if of, _ := filepath.Glob(filepath.Join(w.dir, "reports", string(w.memory().Previous), "worksheets")); len(of) > 0 {
		t.Error("a sweep asks nobody anything")
	}
	w.verified()
}

func TestASweepEndsWhereANightWouldAndTheNextNightDecidesTheSame(t *testing.T) {
	plays := func(second string) (*townsfolk, ran) {
		w := newTown(t, fakeokta.Options{})
		w.watched()
		w.leave("leo")
		w.clock.pass(5 * time.Minute)
		w.want(w.now(second), exitDone)
		w.clock.now = firstNight.Add(12 * time.Hour)
		w.left["leo"], w.left["mia"] = false, true // a mistake of HR's, and a second leaver
		w.roster()
		w.want(w.now(second), exitDone)
		w.clock.now = firstNight.Add(24 * time.Hour)
		return w, w.now("nightly")
	}
	swept, a := plays("sweep")
	nightly, b := plays("nightly")
	if diff := cmp.Diff(nightly.effects(), swept.effects()); diff != "" {
		t.Errorf("the systems (-night +sweep): %s", diff)
	}
	if diff := cmp.Diff(recollection(t, nightly), recollection(t, swept)); diff != "" {
		t.Errorf("the last night (-after nights +after sweeps): %s", diff)
	}
	if a.code != b.code {
		t.Errorf("after sweeps %s, after nights %s", a, b)
	}
	swept.verified()
}

// What it did is told of a person; of what people held it says nothing new.
func TestASweepIsNoNightOfRightsAndIsToldOfThePerson(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	r, _ := w.swept()
	w.want(r, exitDone)
	w.want(w.now("why", "--person", w.id("leo")), exitDone, "suspend of leo@example.test in okta: done")
	w.write("new.csv", w.read("rolemap.csv"))
	replayed := play(t.Context(), w.clock, nil, "rolemap", "diff", "--config", filepath.Join(w.dir, "rollcall.yaml"), "--new", filepath.Join(w.dir, "new.csv"), "--nights", "30", "--json")
	if n := len(differs[reconcile.Replay](t, replayed).Nights); n != 1 {
		t.Errorf("%d nights, and there was one: %s", n, replayed)
	}
}

func TestASweepThatFindsTheLockHeldDoesNothing(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	unlock := w.lockedBy("nightly by somebody, process 1")
	r, requests := w.swept()
	w.want(r, exitDone, "another run of rollcall is at work (nightly by somebody, process 1)")
	if requests != 0 || w.runs() != 1 {
		t.Errorf("%d requests", requests)
	}
	unlock()
	r, _ = w.swept()
	w.want(r, exitDone, "blocked and verified")
}

func TestARefusedListIsToldByEverySweepAndRecordedOnce(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.roster("ann", "bob", "cid")
	for n, runs := range []int{2, 2, 2} {
		r, requests := w.swept()
		w.want(r, exitHeld, "roster.csv has 9 people, the list in force has 12")
		if w.runs() != runs || requests != 0 {
			t.Errorf("sweep %d: %d runs, %d requests", n, w.runs(), requests)
		}
	}
	w.roster("ann", "bob", "cid", "dan")
	r, _ := w.swept()
	w.want(r, exitHeld, "has 8 people")
	if w.runs() != 3 {
		t.Errorf("another list that is refused is recorded: %d runs", w.runs())
	}
}

func TestASweepInObserveModeTellsOnceAndChangesNothing(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	for range 3 {
		w.clock.pass(5 * time.Minute)
		w.want(play(t.Context(), w.clock, nil, "sweep", "--config", filepath.Join(w.dir, "observe.yaml")), exitDone)
	}
	if w.status("leo") != fakeokta.Active || w.runs() != 2 {
		t.Errorf("leo is %s, %d runs", w.status("leo"), w.runs())
	}
}

func TestASweepGoesByNoNightOfLongAgo(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	r, _ := w.swept()
	w.want(r, exitRefused, "no night has run yet; run rollcall nightly once")
	w.watched()
	w.leave("leo")
	w.clock.pass(37 * time.Hour)
	r, requests := w.swept()
	w.want(r, exitRefused, "36 hours is the most that is relied on", "run rollcall nightly")
	if requests != 0 || w.runs() != 1 || w.status("leo") != fakeokta.Active {
		t.Errorf("%d requests, %d runs", requests, w.runs())
	}
}

// TestKilledInASweepTheNextRunEndsWhereAnUninterruptedOneDoes kills a sweep after
// every journal record; the next run is a sweep, or a night.
func TestKilledInASweepTheNextRunEndsWhereAnUninterruptedOneDoes(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	before, want, last := w.unbroken(12, func() ran { return w.now("sweep") })
	for n := 1; n <= last; n += 3 {
		for _, when := range []string{"after", "before"} {
			w.back(t, before)
			w.killedIn(when+" "+strconv.Itoa(n), "sweep", "--config", filepath.Join(w.dir, "rollcall.yaml"))
			next := "sweep"
			if n%2 == 0 {
				next = "nightly"
			}
			w.clock.pass(5 * time.Minute)
			r := w.now(next)
			w.want(r, exitDone)
			if died := w.journals()[0]; when == "after" && !w.memory().Journals[died] {
				t.Errorf("%s %d: the journal of %s is not accounted for", when, n, died)
			}
			if diff := cmp.Diff(want, w.effects()); diff != "" {
				t.Errorf("%s %d, then %s (-want +got):\n%s", when, n, next, diff)
			}
			if suspended := w.events("leo", "user.lifecycle.suspend"); suspended != 1 {
				t.Errorf("%s %d: leo was suspended %d times", when, n, suspended)
			}
			if quiet, _ := w.swept(); !strings.Contains(quiet.stdout, "No news") {
				t.Errorf("%s %d: then another sweep: %s", when, n, quiet)
			}
			w.verified()
		}
	}
}

func TestASweepDoesNotGoByAlteredTables(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leave("leo")
	w.altered("accounts/*/*/*.parquet")
	r, requests := w.swept()
	w.want(r, exitAborted, "was altered")
	if requests != 0 || w.status("leo") != fakeokta.Active {
		t.Error("and yet it did something")
	}
}

// recollection is what the last run decided and remembers, without what no two towns have
// in common.
func recollection(t *testing.T, w *townsfolk) map[string]any {
	t.Helper()
	a, err := archive.Open(filepath.Join(w.dir, "archive"), nil)
	if err != nil {
		t.Fatal(err)
	}
	last, err := a.LastRun()
	if err != nil {
		t.Fatal(err)
	}
	m := w.memory()
	blocked := map[access.AccountKey]access.BlockRecord{}
	for k, b := range m.Blocked {
		b.Run, b.At = "", b.At.Truncate(time.Minute) // a night takes longer to come to it
		blocked[k] = b
	}
	counts := map[string]int{}
	for name, c := range m.Counts {
		counts[name] = c.Records
	}
	return map[string]any{"actions": last.Plan.Actions, "held": last.Plan.Held, "trips": last.Plan.Trips, "accounts": m.Accounts, "counts": counts,
		"blocked": blocked, "findings": m.FirstSeen, "grants": m.GrantsSeen, "left": m.FirstSeenLeft, "vanished": m.Vanished}
}
