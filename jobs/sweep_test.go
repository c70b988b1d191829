package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/jobs"
)

// sweep plays a sweep five minutes later.
func (v *village) sweep() jobs.Result {
	v.t.Helper()
	v.clock.Pass(5 * time.Minute)
	j := v.job()
	j.Run.Trigger = "sweep"
	j.Recall = j.Archive.(*shelf).LastRun
	r, err := j.Sweep(v.t.Context())
	v.ok(err)
	return r
}

// What a night could not see to its end is asked for by every sweep, and recorded
// when it has ended.
func TestASweepFollowsWhatIsUnderWayAndRecordsItsEndOnce(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{DeactivatePolls: 14})
	v.leavesStaged("mia")
	v.good(jobs.ExitFailed)
	quiet, sweeps := 0, 0
	var r jobs.Result
	for ; r.Head == "" && sweeps < 30; sweeps++ {
		v.changes()
		if r = v.sweep(); r.Head == "" {
			quiet++
		}
		for _, c := range v.changes() {
			t.Errorf("it sent %s", c)
		}
	}
	if quiet == 0 || r.Head == "" || v.status("mia") != fakeokta.Deprovisioned {
		t.Fatalf("%d quiet sweeps of %d, mia is %s", quiet, sweeps, v.status("mia"))
	}
	if o := outcome(t, r.Night, access.OktaDeactivate, mia); o.Result != access.Done || o.AdoptedFrom == "" {
		t.Errorf("%+v", o)
	}
	if again := v.sweep(); again.Head != "" {
		t.Errorf("and then again: %s", told(again.Night.Outcomes))
	}
	v.verified()
}

func TestWaitingForTheLockNamesTheHolderAndEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unlock, err := jobs.Lock(dir, "nightly by ann")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	slept := time.Duration(0)
	wait := func(limit time.Duration) (func(), error) {
		return jobs.Wait(t.Context(), func() (func(), error) { return jobs.Lock(dir, "revoke") }, limit, func(_ context.Context, d time.Duration) error {
			if slept += d; slept > 20*time.Second {
				unlock()
			}
			return nil
		}, func(holder error) { told = append(told, holder.Error()) })
	}
	if _, err := wait(10 * time.Second); !errors.Is(err, jobs.ErrLocked) || slept != 10*time.Second || len(told) != 1 {
		t.Errorf("after %s: %v, told %q", slept, err, told)
	}
	mine, err := wait(time.Minute)
	if err != nil || slept < 20*time.Second {
		t.Fatalf("after %s: %v", slept, err)
	}
	mine()
}
