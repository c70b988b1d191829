package main

import (
	"bytes"
	"context"
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
