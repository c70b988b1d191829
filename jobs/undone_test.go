package jobs_test

import (
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/jobs"
	"rollcall/reconcile"
)

func TestAMistakeThatWasUndoneGivesNoRoomToTheSameMistake(t *testing.T) {
	t.Parallel()
	v := newHospital(t)
	v.limits = reconcile.Limits{NightMin: 5, WeekMin: 5, NightPercent: 1, WeekPercent: 1}
	run := v.mistake() // three accounts of one person
	v.undo(run, jobs.ExitHeld)
	if m := v.memory(); len(m.Blocked) != 0 || len(m.Undone) != 3 {
		t.Fatalf("%d are blocked, %d undone", len(m.Blocked), len(m.Undone))
	}
	v.changes()
	v.is(access.StatusLeft, "leo")
	v.people[0].Title = "Cook, again"
	n := v.good(jobs.ExitHeld)
	if sent := v.changes(); len(sent) > 0 || len(n.Plan.Trips) == 0 || n.Plan.Trips[0].Guard != "blast_radius" {
		t.Errorf("the same mistake again: sent %s, trips %+v", sent, n.Plan.Trips)
	}
	v.inOkta("leo", fakeokta.Active)
	v.verified()
}
