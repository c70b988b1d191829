package jobs_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// stops makes the journal fail for ever from record n on.
func stops(n int) *tape {
	return &tape{before: func(now int, _ note) error {
		if now >= n {
			return errDisk
		}
		return nil
	}}
}

func TestStoppedAtAnyRecordTheNextRunEndsWhereAnUninterruptedOneDoes(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "leo", "mia")
	count := &tape{}
	v.taped(count)
	v.good(jobs.ExitDone)
	want := v.effects()
	if count.n != 14 {
		t.Fatalf("%d records", count.n)
	}
	for n := 1; n <= count.n; n++ {
		t.Run(fmt.Sprintf("record %d", n), func(t *testing.T) {
			t.Parallel()
			v := newVillage(t, fakeokta.Options{})
			v.is(access.StatusLeft, "leo", "mia")
			v.stopped(n)
			v.good(jobs.ExitDone)
			if diff := cmp.Diff(want, v.effects()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, who := range []string{"leo", "mia"} {
				if v.events(who, "user.lifecycle.suspend") != 1 || v.events(who, "user.session.clear") == 0 {
					t.Errorf("%s: suspended %d times, cleared %d times", who, v.events(who, "user.lifecycle.suspend"), v.events(who, "user.session.clear"))
				}
			}
			v.verified()
		})
	}
}

// stopped is a night that aborts because record n cannot be written.
func (v *village) stopped(n int) {
	v.t.Helper()
	v.taped(stops(n))
	if _, err := v.night(); !errors.Is(err, errDisk) {
		v.t.Fatalf("the night was to abort, and gave %v", err)
	}
	v.records = nil
}

func TestOutcomesOfAnInterruptedRunAreReadBackAndNamed(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	v.stopped(2) // suspended, and not written down
	n := v.good(jobs.ExitDone)
	o := outcome(t, n, access.OktaSuspend, mia)
	if o.Result != access.Done || o.AdoptedFrom != "run-02" || o.Actor != "cron-2" || !strings.Contains(string(o.Before), "ACTIVE") {
		t.Errorf("%+v", o)
	}
	if b := v.memory().Blocked[o.Action.Account]; b.Run != "run-02" || !b.Verified {
		t.Errorf("%+v", b)
	}
	v.verified()
}

func TestGuardsCountWhatAnInterruptedRunBlocked(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.limits = reconcile.Limits{NightMin: 2, NightPercent: 1, WeekMin: 2, WeekPercent: 1}
	v.is(access.StatusLeft, "jon", "mia")
	v.stopped(8) // two accounts blocked, the last outcome not written down
	v.is(access.StatusLeft, "eve")
	n := v.good(jobs.ExitHeld)
	if len(n.Plan.Trips) == 0 || n.Plan.Trips[0].Guard != "blast_radius" || n.Plan.Trips[0].Count != 3 || v.status("eve") != fakeokta.Active {
		t.Errorf("eve is %s: %+v", v.status("eve"), n.Plan.Trips)
	}
}

func TestSomebodyWhoIsBackIsNotTouchedThoughTheirBlockWasInterrupted(t *testing.T) {
	t.Parallel()
	for _, blocked := range []bool{false, true} { // stopped before the call, or after it
		v := newVillage(t, fakeokta.Options{})
		v.is(access.StatusLeft, "mia")
		v.stopped(map[bool]int{false: 1, true: 2}[blocked])
		v.changes()
		v.is(access.StatusActive, "mia")
		n := v.good(jobs.ExitDone)
		found := false
		for _, f := range n.Findings {
			found = found || f.Kind == access.BlockedActive
		}
		if sent := v.changes(); len(sent) > 0 || found != blocked {
			t.Errorf("blocked %v: sent %s, blocked_active found: %v", blocked, sent, found)
		}
	}
}

func TestWhatIsStillOpenIsFollowedNightAfterNight(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{DeactivatePolls: 1000})
	v.leavesStaged("mia")
	v.good(jobs.ExitFailed)
	for range 2 {
		v.changes()
		n := v.good(jobs.ExitFailed)
		if all := strings.Count(strings.Join(told(n.Outcomes), ","), "deactivate"); all != 2 { // the old one, and tonight's that sends nothing
			t.Errorf("%d outcomes of one deactivation: they pile up", all)
		}
		if o := outcome(t, n, access.OktaDeactivate, mia); o.Result != access.Pending || slices.ContainsFunc(v.changes(), func(s string) bool { return strings.HasSuffix(s, "/deactivate") }) {
			t.Fatalf("%+v", o)
		}
		v.verified()
	}
	v.okta.UpdateUser(v.users["mia"].ID, func(u *fakeokta.User) { u.Status, u.Transitioning = fakeokta.Deprovisioned, "" })
	v.is(access.StatusLeft, "leo")
	v.stopped(2) // settles it, and dies of something else
	if o := outcome(t, v.good(jobs.ExitDone), access.OktaDeactivate, mia); o.Result != access.Done {
		t.Errorf("%+v", o)
	}
	if n := v.good(jobs.ExitDone); len(n.Outcomes) > 0 {
		t.Errorf("told again: %s", told(n.Outcomes))
	}
	v.verified()
}

// What looks at no system is committed after a night too, and leaves its open ends to the
// next one.
func TestWhatIsStillOpenIsFollowedPastAReviewAndAChangeOfKeys(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(*village){"a review": (*village).reviewed, "another key": (*village).rekeyed} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVillage(t, fakeokta.Options{DeactivatePolls: 1000})
			v.leavesStaged("mia")
			v.good(jobs.ExitFailed)
			between(v)
			if o := outcome(t, v.good(jobs.ExitFailed), access.OktaDeactivate, mia); o.AdoptedFrom != "run-02" || o.Result != access.Pending {
				t.Errorf("%+v", o)
			}
			between(v)
			v.okta.UpdateUser(v.users["mia"].ID, func(u *fakeokta.User) { u.Status, u.Transitioning = fakeokta.Deprovisioned, "" })
			n := v.good(jobs.ExitDone)
			if o := outcome(t, n, access.OktaDeactivate, mia); o.AdoptedFrom != "run-03" || o.Result != access.Done {
				t.Errorf("%+v", o)
			}
			if b := v.memory().Blocked[access.AccountKey{System: "okta", ID: access.AccountID(v.users["mia"].ID)}]; !slices.Contains(b.Verbs, access.OktaDeactivate) {
				t.Errorf("nobody knows that it was deactivated: %+v", b)
			}
			if n := v.good(jobs.ExitDone); len(n.Outcomes) > 0 {
				t.Errorf("told again: %s", told(n.Outcomes))
			}
			v.verified()
		})
	}
}

// aside is the archive, and the head of a run that looks at no system.
func (v *village) aside(trigger string) (*archive.Archive, access.Memory, access.Run) {
	v.t.Helper()
	v.clock.Pass(time.Minute)
	v.kinds++
	key, err := archive.ParsePrivateKey(v.signer)
	v.ok(err)
	a, err := archive.Open(v.root, key)
	v.ok(err)
	m, now := v.memory(), v.clock.Now()
	return a, m, access.Run{ID: access.RunID(fmt.Sprintf("aside-%d", v.kinds)), StartedAt: now, FinishedAt: now, Trigger: trigger, Previous: m.Previous}
}

// reviewed opens a review.
func (v *village) reviewed() {
	v.t.Helper()
	a, m, run := v.aside("review open")
	_, err := a.RecordCampaign(run, access.CampaignRecord{Campaign: access.Campaign{ID: access.CampaignID(run.ID), OpenedAt: run.StartedAt}}, m)
	v.ok(err)
}

// rekeyed hands the archive over to another key.
func (v *village) rekeyed() {
	v.t.Helper()
	a, _, run := v.aside("audit rotate-key")
	next, _, err := archive.NewKey()
	v.ok(err)
	key, err := archive.ParsePrivateKey(next)
	v.ok(err)
	_, err = a.RotateKey(run, key, "ann", "yearly")
	v.ok(err)
	v.signer = next
}

func TestARunThatFailsToCommitIsTakenOver(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	job := v.job()
	job.Report = func(*access.Night) error { return errDisk }
	if _, err := job.Nightly(t.Context()); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	v.changes()
	n := v.good(jobs.ExitDone)
	if sent := v.changes(); len(sent) > 0 || len(n.Outcomes) != 2 || n.Outcomes[0].AdoptedFrom == "" {
		t.Errorf("sent %s, outcomes %s", sent, told(n.Outcomes))
	}
	v.verified()
}

func TestARevokerThatCannotReadLeavesItUnknownAndNothingIsSentAgain(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	v.stopped(2)
	v.changes()
	rule := faults.OktaError(http.StatusInternalServerError, "E0000009", "Internal Server Error")
	rule.Match = faults.Path(http.MethodGet, "/api/v1/users/"+v.users["mia"].ID)
	v.oktaFaults.Add(rule)
	n := v.good(jobs.ExitFailed)
	if o := outcome(t, n, access.OktaSuspend, mia); o.Result != access.Unknown || len(v.changes()) > 0 {
		t.Errorf("%+v", o)
	}
}
