package main

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestKilledAnywhereAnApprovedCohortEndsWhereAnUninterruptedNightDoes kills the
// process at every record, those by which the approvals are spent included.
func TestKilledAnywhereAnApprovedCohortEndsWhereAnUninterruptedNightDoes(t *testing.T) {
	w := newTownThatIsHeld(t)
	w.approveAll()
	before := w.save()
	w.want(w.night("nightly"), exitDone, "Counts: it releases")
	want, run := w.effects(), w.journals()[0]
	spent, err := filepath.Glob(filepath.Join(w.dir, "archive", "spent", "*", "first.json"))
	if err != nil || len(spent) < 2 {
		t.Fatalf("%d approvals are spent: %v", len(spent), err)
	}
	records := w.records(run) + len(spent) // each of which is a file of its own
	for n := 1; n <= records; n++ {
		for _, when := range []string{fmt.Sprintf("before %d", n), fmt.Sprintf("after %d", n)} {
			if n > 2*len(spent)+2 && n < records {
				continue // the middle is as without approvals (crash_test.go)
			}
			t.Run(when, func(t *testing.T) {
				w.back(t, before)
				w.killed(when)
				w.want(w.night("nightly"), exitDone)
				for name, got := range w.effects() {
					if fmt.Sprint(got) != fmt.Sprint(want[name]) {
						t.Errorf("%s is %v, and %v after an uninterrupted night", name, got, want[name])
					}
				}
				if w.events("leo", "user.lifecycle.suspend") != 1 || w.events("mia", "user.lifecycle.suspend") != 1 {
					t.Error("somebody was suspended twice, or not at all")
				}
				w.verified()
			})
		}
	}
}
