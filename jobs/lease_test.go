package jobs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
)

// A lock that can be lost is asked for before each change, twice: before the intent
// is written, and before the change is sent. Wherever it says no, nothing more is
// sent, and the next run ends where an uninterrupted one does.
func TestARunThatMayHaveLostItsLockSendsNothingMore(t *testing.T) {
	t.Parallel()
	whole := 0
	for no := 1; no == 1 || no <= whole; no++ {
		t.Run(fmt.Sprint(no), func(t *testing.T) {
			v := newVillage(t, fakeokta.Options{})
			v.is(access.StatusLeft, "leo")
			v.clock.Pass(24 * time.Hour)
			job, asked := v.job(), 0
			job.Outlasts = func(d time.Duration) error {
				if d < 2*time.Minute {
					t.Errorf("it asks for %s, and a call may take longer", d)
				}
				asked++
				if asked == no {
					v.changes() // forgets what was sent before
					return errors.New("the lease lasts 7s more")
				}
				return nil
			}
			_, err := job.Nightly(t.Context())
			if err == nil { // asked fewer times than that
				t.Fatalf("asked %d times, and it went on", asked)
			}
			if !strings.Contains(err.Error(), "which was not sent, for another run may be at work: the lease lasts 7s more") || asked != no {
				t.Errorf("after %d questions it says %v", asked, err)
			}
			if after := v.changes(); len(after) > 0 {
				t.Errorf("it sent more: %v", after)
			}
			if whole == 0 {
				whole = v.questions()
			}
			v.good(0)
			if v.status("leo") != fakeokta.Suspended || v.events("leo", "user.lifecycle.suspend") != 1 {
				t.Errorf("leo is %s after %d suspensions", v.status("leo"), v.events("leo", "user.lifecycle.suspend"))
			}
			v.verified()
		})
	}
	if whole < 8 {
		t.Errorf("only %d questions in a night", whole)
	}
}

// questions is how often the lock is asked for in such a night.
func (v *village) questions() (n int) {
	v.t.Helper()
	other := newVillage(v.t, fakeokta.Options{})
	other.is(access.StatusLeft, "leo")
	other.clock.Pass(24 * time.Hour)
	job := other.job()
	job.Outlasts = func(time.Duration) error { n++; return nil }
	_, err := job.Nightly(v.t.Context())
	v.ok(err)
	return n
}
