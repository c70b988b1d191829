package jobs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
	"rollcall/jobs"
	"rollcall/reconcile"
)

func TestWhoWasBlockedByMistakeGetsBackWhatPolicyLetsThemHave(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	before := v.held()
	run := v.mistake()
	if v.status("leo") != fakeokta.Suspended || cmp.Equal(before, v.held()) {
		t.Fatal("leo was not blocked")
	}
	v.changes()
	r := v.undo(run, jobs.ExitHeld) // nobody lets leo have Admin
	for _, o := range r.Night.Outcomes {
		if o.Action.Stage != access.Restore || o.Action.Reason == "" || o.Actor == "" || o.Action.Undoes.Run != run {
			t.Errorf("the record: %+v", o)
		}
	}
	want := before
	want["assignments"] = want["assignments"].(int) - 1
	if d := cmp.Diff(want, v.held(), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("after the restore (-want +got):\n%s", d)
	}
	if n := len(v.memory().Blocked); n > 0 {
		t.Errorf("%d accounts are remembered as blocked", n)
	}
	sent := v.changes()
	if len(sent) != 5 || sent[0] != "POST /api/v1/users/"+v.users["leo"].ID+"/lifecycle/unsuspend" {
		t.Errorf("sent %s", sent)
	}
	words := strings.Join(fates(r), "\n")
	for _, said := range []string{"refused create_assignment Admin: no rule", "cannot_be_undone clear_sessions", "cannot_be_undone delete_api_token script"} {
		if !strings.Contains(words, said) {
			t.Errorf("it does not say %q: %s", said, words)
		}
	}
	n := v.good(jobs.ExitDone)
	if sent := v.changes(); len(sent) > 0 || blockedActive(n) > 0 || len(n.Outcomes) > 0 {
		t.Errorf("the next night: sent %s, %d blocked_active, %s", sent, blockedActive(n), told(n.Outcomes))
	}
	v.verified()

	again := v.undo(run, jobs.ExitHeld)
	if sent := v.changes(); len(sent) > 0 || len(again.Plan.Actions) > 0 {
		t.Errorf("restored twice: sent %s, planned %d", sent, len(again.Plan.Actions))
	}
	v.verified()
}

func TestALeaverIsGivenNothingBack(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	run := v.mistake()
	v.is(access.StatusLeft, "leo")
	v.people[0].Title = "Cook"
	blocked := v.held()
	v.changes()
	r := v.undo(run, jobs.ExitHeld)
	if sent := v.changes(); len(sent) > 0 || len(r.Plan.Actions) > 0 || !cmp.Equal(blocked, v.held()) {
		t.Errorf("sent %s", sent)
	}
	if len(v.memory().Blocked) != 3 {
		t.Errorf("remembered as blocked: %+v", v.memory().Blocked)
	}
	v.verified()
}

func TestShowingARestoreLeavesNoTrace(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	run := v.mistake()
	blocked, memory := v.held(), v.memory()
	v.changes()
	job := v.restoreJob()
	job.Restorers = nil
	r, err := job.ShowRestore(t.Context(), wish(run))
	v.ok(err)
	if sent := v.changes(); len(sent) > 0 || len(r.Plan.Actions) != 5 || !cmp.Equal(blocked, v.held()) || !cmp.Equal(memory, v.memory()) {
		t.Errorf("sent %s, planned %d", sent, len(r.Plan.Actions))
	}
	v.verified()
}

func TestARestoreThatCannotBeIsRefusedBeforeAnything(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	run := v.mistake()
	memory := v.memory()
	v.changes()
	for name, c := range map[string]struct {
		wish   jobs.Wish
		change func(*jobs.Job)
		says   string
	}{
		"no such run":    {wish("run-99"), nil, "the last runs that have a journal are " + string(run)},
		"another person": {jobs.Wish{Run: run, Person: "E1"}, nil, "it changed something of employees/E7"},
		"no credential":  {wish(run), func(j *jobs.Job) { delete(j.Restorers, "aws") }, "the credential that gives back there is not configured"},
		"only observing": {wish(run), func(j *jobs.Job) { j.Settings.Mode = access.Observe }, "does not let anybody act by hand"},
		"the zero job":   {wish(run), func(j *jobs.Job) { j.Settings = reconcile.Settings{} }, "does not let anybody act by hand"},
	} {
		job := v.restoreJob()
		if c.change != nil {
			c.change(job)
		}
		_, err := job.Restore(t.Context(), c.wish)
		if refused := (jobs.Refused{}); !errors.As(err, &refused) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if sent := v.changes(); len(sent) > 0 || !cmp.Equal(memory, v.memory()) {
		t.Errorf("sent %s", sent)
	}
}

func TestOnlyThePersonWhoIsMeantIsRestored(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	v.is(access.StatusLeft, "leo", "mia")
	run := v.good(jobs.ExitDone).Run.ID
	v.corrects("leo", "mia")
	r, err := v.restoreJob().Restore(t.Context(), jobs.Wish{Run: run, Person: "employees/E8", Reason: "x"})
	v.ok(err)
	if r.Night.Run.ExitCode != jobs.ExitDone || v.status("mia") != fakeokta.Active || v.status("leo") != fakeokta.Suspended {
		t.Errorf("mia %s, leo %s, exit %d", v.status("mia"), v.status("leo"), r.Night.Run.ExitCode)
	}
	if n := blockedActive(v.good(jobs.ExitDone)); n != 3 {
		t.Errorf("%d blocked_active, want leo's three accounts", n)
	}
}

func TestWhoIsBlockedAgainIsRestoredByTheLaterRun(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	first := v.mistake()
	v.undo(first, jobs.ExitHeld)
	v.good(jobs.ExitDone)
	second := v.mistake()
	v.changes()
	r := v.undo(first, jobs.ExitHeld)
	if sent := v.changes(); len(sent) > 0 || !strings.Contains(strings.Join(fates(r), ","), "run "+string(second)+" did the same again later") {
		t.Errorf("sent %s: %s", sent, fates(r))
	}
	v.undo(second, jobs.ExitDone) // Admin was not given back, so it was not taken again
	v.inOkta("leo", fakeokta.Active)
}

func TestASuspensionBySomebodyElseStays(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	v.okta.UpdateUser(v.users["leo"].ID, func(u *fakeokta.User) { u.Status = fakeokta.Suspended })
	run := v.mistake() // blocks the rest
	v.undo(run, jobs.ExitHeld)
	v.inOkta("leo", fakeokta.Suspended)
}

func TestWhatCannotBeSeenToBeGivenBackIsNoSuccess(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	run := v.mistake()
	denied := faults.OktaError(403, "E0000006", "You do not have permission")
	denied.Match = faults.Path("POST", "/lifecycle/unsuspend")
	v.oktaFaults.Add(denied)
	r := v.undo(run, jobs.ExitFailed)
	if o := outcome(t, r.Night, access.OktaUnsuspend, leo); o.Result != access.Failed || !strings.Contains(o.Detail, "E0000006") {
		t.Errorf("%+v", o)
	}
	if len(v.memory().Blocked) != 1 || blockedActive(v.good(jobs.ExitDone)) != 1 {
		t.Errorf("remembered as blocked: %+v", v.memory().Blocked)
	}
	v.verified()
}

func TestANightThatDiedIsClosedByTheRestoreThatUndoesIt(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	before := v.held()
	v.is(access.StatusLeft, "leo")
	v.stopped(2) // suspended, and not written down
	v.corrects("leo")
	r := v.undo("run-03", jobs.ExitDone)
	if o := outcome(t, r.Night, access.OktaSuspend, leo); o.Result != access.Done || o.AdoptedFrom != "run-03" {
		t.Errorf("%+v", o)
	}
	if d := cmp.Diff(before, v.held(), cmpopts.EquateEmpty()); d != "" || len(v.memory().Blocked) > 0 {
		t.Errorf("after the restore (-want +got):\n%s%+v", d, v.memory().Blocked)
	}
	v.verified()
}

// TestARestoreThatDiesAnywhereIsClosedByTheNextRun stops a restore at each of its
// records; the night after it, or the next restore, ends where an uninterrupted
// one would have.
func TestARestoreThatDiesAnywhereIsClosedByTheNextRun(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	run := v.mistake()
	count := &tape{}
	v.taped(count)
	v.undo(run, jobs.ExitHeld)
	v.records = nil
	want := v.held()
	if count.n != 13 { // three are told only, and five have an intent and an outcome
		t.Fatalf("%d records", count.n)
	}
	for n := 1; n <= count.n; n++ {
		for _, first := range []string{"night", "restore"} {
			t.Run(fmt.Sprintf("record %d, then a %s", n, first), func(t *testing.T) {
				t.Parallel()
				v := newHospital(t)
				run := v.mistake()
				v.taped(stops(n))
				if _, err := v.restoreJob().Restore(t.Context(), wish(run)); !errors.Is(err, errDisk) {
					t.Fatalf("it was to abort, and gave %v", err)
				}
				v.records = nil
				if first == "night" {
					v.changes()
					night := v.good(jobs.ExitDone)
					if sent := v.changes(); len(sent) > 0 {
						t.Errorf("the night sent %s", sent)
					}
					v.agrees(night)
				}
				v.undo(run, jobs.ExitHeld)
				if d := cmp.Diff(want, v.held(), cmpopts.EquateEmpty()); d != "" || len(v.memory().Blocked) > 0 {
					t.Errorf("-want +got:\n%s%+v", d, v.memory().Blocked)
				}
				if v.events("leo", "user.lifecycle.unsuspend") != 1 {
					t.Errorf("unsuspended %d times", v.events("leo", "user.lifecycle.unsuspend"))
				}
				if night := v.good(jobs.ExitDone); blockedActive(night) > 0 {
					t.Error("blocked_active after all")
				}
				v.verified()
			})
		}
	}
}
