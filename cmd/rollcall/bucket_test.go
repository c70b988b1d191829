package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakes3"
	"rollcall/reports/archive"
	"rollcall/reports/archive/bucket"
)

// leaseEnv shortens the lease of a rollcall that kills itself.
const leaseEnv = "ROLLCALL_TEST_LEASE"

func leaseTime() time.Duration {
	d, err := time.ParseDuration(os.Getenv(leaseEnv))
	if err != nil { // as usual
		return 0
	}
	return d
}

// s3Root is the archive of a town that has it in a bucket.
const s3Root = "s3://evidence/rollcall"

// inBucket moves the town's archive into a bucket that locks what is written.
func (w *townsfolk) inBucket(endpoint string) {
	w.t.Helper()
	w.t.Setenv("AWS_ENDPOINT_URL_S3", endpoint)
	for _, name := range []string{"observe.yaml", "rollcall.yaml", "restore.yaml"} {
		if _, err := os.Stat(filepath.Join(w.dir, name)); err != nil {
			continue
		}
		w.write(name, strings.Replace(w.read(name), "archive: {root: archive,",
			"archive: {root: "+s3Root+", s3: {region: eu-west-1, path_style: true, retain_mode: compliance, retain_days: 30},", 1))
	}
}

// newTownInBucket is a town after its first night, with its archive in a bucket.
func newTownInBucket(t *testing.T, endpoint string) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	w.inBucket(endpoint)
	w.watched()
	return w
}

// elsewhere goes on as another runner: with the configuration and the files that
// people gave, and nothing else on its disk.
func (w *townsfolk) elsewhere() {
	w.t.Helper()
	w.diskIsEmpty()
	dir := w.t.TempDir()
	entries, err := os.ReadDir(w.dir)
	for _, e := range entries {
		switch from, to := filepath.Join(w.dir, e.Name()), filepath.Join(dir, e.Name()); {
		case e.Name() == "approvals":
			err = errors.Join(err, os.CopyFS(to, os.DirFS(from)))
		case e.Type().IsRegular():
			b, readErr := os.ReadFile(from)
			err = errors.Join(err, readErr, os.WriteFile(to, b, 0o600))
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.dir = dir
}

// diskIsEmpty checks that nothing of the archive came to lie on this disk.
func (w *townsfolk) diskIsEmpty() {
	w.t.Helper()
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "approvals" && e.Name() != "reports" {
			w.t.Errorf("the folder %s was made", e.Name())
		}
	}
}

// kept is the town's archive, opened as a command opens it.
func (w *townsfolk) kept() *archive.Archive {
	w.t.Helper()
	e := inSandbox(w.clock, io.Discard, io.Discard)
	cfg, err := configOf(e, filepath.Join(w.dir, "rollcall.yaml"))
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := e.past(w.t.Context(), cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// lastRun is the run that was committed last, and how many there are.
func (w *townsfolk) lastRun() (access.RunID, int) {
	w.t.Helper()
	n, _, run, err := w.kept().Head()
	if err != nil {
		w.t.Fatal(err)
	}
	return run, n
}

func newBucket(t *testing.T) (*fakes3.Server, string) {
	s := fakes3.New(fakes3.Options{Bucket: "evidence", Lock: true, MaxPage: 50})
	return s, serve(t, s)
}

func TestEveryCommandWorksFromAnEmptyDiskOnAnArchiveInABucket(t *testing.T) {
	s3, endpoint := newBucket(t)
	everyCommandFromAnEmptyDisk(t, endpoint)
	for _, key := range s3.Keys() {
		all := s3.Versions(key)
		if lease := key == "rollcall/state/lease.json"; lease != (all[0].Mode == "") || !lease && len(all) != 1 {
			t.Errorf("%s has %d versions, the first with lock %q", key, len(all), all[0].Mode)
		}
	}
}

// everyCommandFromAnEmptyDisk plays a story in which each command runs on a machine
// of its own.
func everyCommandFromAnEmptyDisk(t *testing.T, endpoint string) {
	w := newTown(t, fakeokta.Options{})
	w.restorable()
	w.answering()
	w.inBucket(endpoint)
	w.watched()
	plain := w.dir

	w.leave("leo")
	w.elsewhere()
	w.want(w.night("plan", "--out", filepath.Join(w.dir, "plan.json")), exitDone, "leo@example.test")
	w.elsewhere()
	w.want(w.now("apply", "--plan", filepath.Join(w.dir, "plan.json")), exitDone, "blocked and verified")
	blocking, n := w.lastRun()
	if w.status("leo") != fakeokta.Suspended || n != 2 {
		t.Fatalf("leo is %s after %d runs", w.status("leo"), n)
	}
	w.elsewhere()
	w.want(w.now("sweep"), exitDone, "No news")
	w.elsewhere()
	w.want(w.now("why", "--person", w.id("leo")), exitDone, "suspend of leo@example.test in okta: done")
	w.write("new.csv", w.read("rolemap.csv"))
	w.elsewhere()
	w.want(w.rolemap("diff", "--new", filepath.Join(w.dir, "new.csv"), "--nights", "30"), exitDone)
	w.elsewhere()
	w.want(w.rolemap("lint"), exitDone)
	w.elsewhere()
	w.staffed()
	w.want(w.now("check"), exitDone)

	w.corrected("leo")
	w.elsewhere()
	w.want(w.restore("--run", string(blocking), "--show"), exitHeld, "would be restored lift the suspension, leo@example.test in okta")
	w.elsewhere()
	w.want(w.restore("--run", string(blocking), "--reason", "HR's mistake"), exitHeld, "restored lift the suspension, leo@example.test in okta")
	w.inOkta("leo", fakeokta.Active)

	w.elsewhere()
	w.roster("ann", "bob", "cid")
	w.want(w.night("nightly"), exitHeld, "roster.csv has 9 people, the list in force has 12")
	w.elsewhere()
	list := filepath.Join(w.dir, "roster.csv")
	w.want(w.now("check", "--roster", list), exitDone, "It would not be believed")
	w.want(w.now("approve", "--guard", "roster", "--roster", list, "--by", "Ann", "--reason", "an office closed"), exitDone)
	w.elsewhere()
	w.want(w.night("nightly"), exitDone, "approval", "is spent")
	w.elsewhere()
	w.manual("enforce")
	w.want(w.revoked(w.id("mia")), exitDone, "blocked and verified")
	w.elsewhere()
	w.want(w.night("nightly"), exitDone, "mia@example.test in okta was blocked by hand")

	w.elsewhere()
	w.verified()
	t.Setenv("AWS_REGION", "eu-west-1")
	w.want(play(t.Context(), w.clock, nil, "audit", "verify", "--archive", s3Root, "--key", filepath.Join(w.dir, "public.pem")), exitDone, "Archive "+s3Root, "Every byte is as it was written.")
	w.diskIsEmpty()
	if _, err := os.Stat(filepath.Join(plain, "archive")); err == nil {
		t.Error("the folder archive was made")
	}
}

func TestWhileARunnerHoldsTheLeaseNoOtherRunIsAtWork(t *testing.T) {
	_, endpoint := newBucket(t)
	whileHeld(t, endpoint)
}

func whileHeld(t *testing.T, endpoint string) {
	w := newTownInBucket(t, endpoint)
	w.manual("enforce")
	w.leave("leo")
	e := inSandbox(w.clock, io.Discard, io.Discard)
	cfg, err := configOf(e, filepath.Join(w.dir, "rollcall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	held, err := e.lock(t.Context(), cfg, "nightly")
	if err != nil {
		t.Fatal(err)
	}
	requests := len(w.okta.Requests())
	holder := "another run of rollcall is at work (the lease is held by nightly by " + whoami()
	w.elsewhere()
	w.want(w.night("nightly"), exitAborted, holder)
	w.want(w.now("sweep"), exitDone, "Nothing was done", holder)
	r := w.now("revoke", "--person", w.id("mia"), "--reason", "x", "--wait", "1m")
	w.want(r, exitAborted, "waiting for up to 1m0s", "nothing was done: after 1m0s of waiting", holder)
	if n := strings.Count(r.stderr, "waiting for up to"); n != 1 {
		t.Errorf("the holder is told %d times: %s", n, r)
	}
	if _, runs := w.lastRun(); runs != 1 || len(w.okta.Requests()) != requests {
		t.Errorf("%d runs, %d requests", runs, len(w.okta.Requests())-requests)
	}
	held.unlock()
	w.want(w.now("nightly"), exitDone, "blocked and verified")
}

func TestOfTwoRunnersAtOnceOneRuns(t *testing.T) {
	_, endpoint := newBucket(t)
	twoRunners(t, endpoint)
}

func twoRunners(t *testing.T, endpoint string) {
	w := newTownInBucket(t, endpoint)
	w.leave("leo")
	w.clock.pass(24 * time.Hour)
	results := make([]ran, 4)
	var wg sync.WaitGroup
	for n := range results {
		wg.Go(func() { results[n] = w.now("nightly") })
	}
	wg.Wait()
	done := 0
	for _, r := range results {
		switch {
		case r.code == exitDone:
			done++
		case r.code != exitAborted || !strings.Contains(r.stderr, "another run of rollcall is at work"):
			t.Errorf("a runner ended with %s", r)
		}
	}
	// One that came when another had ended found nothing to do, and may have run too.
	if _, runs := w.lastRun(); done == 0 || runs != 1+done || w.events("leo", "user.lifecycle.suspend") != 1 {
		t.Errorf("%d runners were done, the archive has %d runs, leo was suspended %d times", done, runs, w.events("leo", "user.lifecycle.suspend"))
	}
	w.verified()
}

func TestWithoutALeaseTheChainStillCannotFork(t *testing.T) {
	_, endpoint := newBucket(t)
	noFork(t, endpoint)
}

// noFork lets two runs be at work that both began on the same memory, as if the
// lease had failed altogether.
func noFork(t *testing.T, endpoint string) {
	w := newTownInBucket(t, endpoint)
	w.clock.pass(24 * time.Hour)
	cfg, err := configOf(inSandbox(w.clock, io.Discard, io.Discard), filepath.Join(w.dir, "observe.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	results := make([]error, 3)
	var begun, wg sync.WaitGroup
	begun.Add(len(results))
	for n := range results {
		wg.Go(func() { results[n] = unlockedNight(t, w, cfg, &begun) })
	}
	wg.Wait()
	done := slices.DeleteFunc(slices.Clone(results), func(err error) bool { return err != nil })
	if len(done) != 1 {
		t.Fatalf("%d of the runs were recorded: %v", len(done), results)
	}
	for _, err := range results {
		if err != nil && !strings.Contains(err.Error(), "another run committed first") && !strings.Contains(err.Error(), "another run finished meanwhile") {
			t.Errorf("a loser was told %v", err)
		}
	}
	if _, runs := w.lastRun(); runs != 2 {
		t.Errorf("%d runs", runs)
	}
	w.verified()
}

func unlockedNight(t *testing.T, w *townsfolk, cfg config.Config, begun *sync.WaitGroup) error {
	var stderr bytes.Buffer
	n, err := inSandbox(w.clock, io.Discard, &stderr).wire(t.Context(), cfg, "nightly", access.Observe)
	if err != nil {
		begun.Done()
		return err
	}
	collect := n.job.Collect
	n.job.Collect = func(ctx context.Context) []access.Observation {
		seen := collect(ctx)
		begun.Done()
		begun.Wait()
		return seen
	}
	_, err = n.job.Nightly(t.Context())
	if err != nil {
		return fmt.Errorf("%w\n%s", err, stderr.String())
	}
	return nil
}

// The process is killed at work: nobody else begins while its lease lasts; then the
// next run, on another machine, ends where an uninterrupted one does.
func TestKilledOnABucketTheNextRunnerEndsWhereAnUninterruptedOneDoes(t *testing.T) {
	whole := newTown(t, fakeokta.Options{})
	whole.watched()
	whole.leave("leo")
	whole.want(whole.night("nightly"), exitDone)
	want := whole.effects()
	for _, when := range []string{"after 1", "before 2", "after 2", "before the outcome of deny_all", "after 12"} {
		t.Run(strings.ReplaceAll(when, " ", "-"), func(t *testing.T) {
			w, clock := newTown(t, fakeokta.Options{}), &tick{now: firstNight}
			w.inBucket(serve(t, fakes3.New(fakes3.Options{Bucket: "evidence", Lock: true, Now: clock.Now})))
			w.watched()
			w.leave("leo")
			w.killed(when)
			w.elsewhere()
			clock.pass(bucket.LeaseTime)
			w.want(w.now("nightly"), exitAborted, "another run of rollcall is at work (the lease is held by nightly by "+whoami())
			clock.pass(time.Minute)
			w.want(w.now("nightly"), exitDone, "was not given back", "took over the journal of 1 earlier run(s)")
			if diff := cmp.Diff(want, w.effects()); diff != "" {
				t.Errorf("it ends elsewhere than an uninterrupted night (-want +got):\n%s", diff)
			}
			if n := w.events("leo", "user.lifecycle.suspend"); n != 1 {
				t.Errorf("leo was suspended %d times", n)
			}
			w.verified()
		})
	}
}

func TestAnArchiveThatNothingLocksIsNoted(t *testing.T) {
	_, endpoint := newBucket(t)
	w := newTown(t, fakeokta.Options{})
	w.inBucket(endpoint)
	w.staffed()
	const says = "What the nights write is not locked"
	if r := w.now("check"); strings.Contains(r.stdout, says) {
		t.Errorf("it is locked: %s", r)
	}
	w.rewrites("rollcall.yaml", ", retain_mode: compliance, retain_days: 30", "")
	w.want(w.now("check"), exitDone, says)
}

func TestAStoreThatCannotBeReachedIsToldAndNothingIsDone(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.inBucket("http://127.0.0.1:1")
	for _, command := range []string{"nightly", "sweep"} {
		w.want(w.now(command), exitAborted, "take the lease that keeps a second run out (nothing was read or changed)")
	}
	if len(w.okta.Requests()) != 0 {
		t.Error("systems were asked")
	}
	w.want(play(t.Context(), w.clock, nil, "audit", "verify", "--config", filepath.Join(w.dir, "rollcall.yaml")), exitAborted, "list s3://evidence/rollcall/")
}
