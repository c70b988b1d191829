package jobs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/jobs"
)

func TestTwoDamagedRecordsStopTheRunBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "leo")
	for _, n := range []string{"000001.json", "000002.json"} {
		name := filepath.Join(v.root, "journal", "run-00", n)
		v.ok(os.MkdirAll(filepath.Dir(name), 0o750))
		v.ok(os.WriteFile(name, []byte(`{"n":1,`), 0o640))
	}
	_, err := v.night()
	if err == nil || !strings.Contains(err.Error(), "2 records are damaged, and the guards rest on them; the first: journal record journal/run-00/000001.json is damaged") || !strings.Contains(err.Error(), "move those files out of the archive") || len(v.changes()) > 0 {
		t.Errorf("error %v", err)
	}
}

// TestARecordThatIsCutIsToldAndKeepsNoLeaverIn cuts the intent of a suspension that
// nobody closed, and the intent and the outcome of one that somebody did.
func TestARecordThatIsCutIsToldAndKeepsNoLeaverIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		record, stop int
		adopted      bool
	}{{"open intent", 1, 2, false}, {"intent", 1, 3, true}, {"outcome", 2, 3, true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			record := fmt.Sprintf("journal/run-02/%06d.json", c.record)
			for cut, more := 0, true; more; cut += 150 {
				v := newVillage(t, fakeokta.Options{})
				v.is(access.StatusLeft, "mia", "leo")
				v.stopped(c.stop) // one suspension is done
				name := filepath.Join(v.root, record)
				whole, err := os.ReadFile(name)
				v.ok(err)
				if more = cut < len(whole)-2; !more {
					cut = len(whole) - 2 // the last byte ends the line
				}
				v.ok(os.WriteFile(name, whole[:cut], 0o640))
				n := v.good(jobs.ExitFailed)
				if !strings.Contains(strings.Join(n.Notes, "\n"), record+" is damaged") || !slices.Equal(n.Damaged, []string{record}) {
					t.Errorf("cut after %d bytes: %v, notes %v", cut, n.Damaged, n.Notes)
				}
				adopted := slices.ContainsFunc(n.Outcomes, func(o access.Outcome) bool {
					return o.Action.Verb == access.OktaSuspend && o.AdoptedFrom == "run-02" && o.Result == access.Done
				})
				if adopted != c.adopted {
					t.Errorf("cut after %d bytes: recognised as done: %t: %s", cut, adopted, told(n.Outcomes))
				}
				for _, who := range []string{"leo", "mia"} {
					if v.status(who) != fakeokta.Suspended || v.events(who, "user.lifecycle.suspend") != 1 || v.events(who, "user.session.clear") == 0 {
						t.Errorf("cut after %d bytes: %s is %s, suspended %d times", cut, who, v.status(who), v.events(who, "user.lifecycle.suspend"))
					}
				}
				v.good(jobs.ExitDone)
				v.verified()
			}
		})
	}
}

// TestADamagedRecordThatIsMovedAwayCostsNoWork is what its message says to do.
func TestADamagedRecordThatIsMovedAwayCostsNoWork(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.is(access.StatusLeft, "mia")
	v.stopped(2) // the suspension is done, and its intent is all that is known of it
	v.ok(os.Rename(filepath.Join(v.root, "journal", "run-02", "000001.json"), filepath.Join(t.TempDir(), "000001.json")))
	v.good(jobs.ExitDone)
	if v.status("mia") != fakeokta.Suspended || v.events("mia", "user.lifecycle.suspend") != 1 || v.events("mia", "user.session.clear") == 0 {
		t.Errorf("mia is %s, suspended %d times", v.status("mia"), v.events("mia", "user.lifecycle.suspend"))
	}
	v.verified()
}
