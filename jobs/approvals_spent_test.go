package jobs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/jobs"
)

func TestAnApprovalIsSpentBeforeTheFirstChangeIsSent(t *testing.T) {
	t.Parallel()
	v := massLeave(t)
	v.approve()
	var log []string
	v.records = func(next jobs.Records) jobs.Records { return &names{Records: next, log: &log} }
	v.good(jobs.ExitDone)
	var order []string
	for _, name := range log {
		order = append(order, strings.SplitN(name, "/", 2)[0])
	}
	spent := len(v.approvals)
	want := slices.Concat(slices.Repeat([]string{"journal", "spent"}, spent), slices.Repeat([]string{"journal"}, len(order)-2*spent))
	if spent == 0 || !slices.Equal(order, want) {
		t.Errorf("%d approvals, and the records are %s", spent, log)
	}
}

// names notes the name of every record.
type names struct {
	jobs.Records
	log *[]string
}

func (r *names) Create(name string, b []byte) error {
	*r.log = append(*r.log, name)
	return r.Records.Create(name, b)
}

func TestStoppedAtAnyRecordAnApprovedCohortEndsWhereAnUninterruptedOneDoes(t *testing.T) {
	t.Parallel()
	v := massLeave(t)
	v.approve()
	count := &tape{}
	v.taped(count)
	v.good(jobs.ExitDone)
	want := v.effects()
	if count.n < 14+2*2 {
		t.Fatalf("only %d records", count.n)
	}
	for n := 1; n <= count.n; n++ {
		t.Run(fmt.Sprintf("record %d", n), func(t *testing.T) {
			t.Parallel()
			v := massLeave(t)
			v.approve()
			v.stopped(n)
			again := v.good(jobs.ExitDone)
			if diff := cmp.Diff(want, v.effects()); diff != "" {
				t.Errorf("-want +got:\n%s\n%s", diff, said(again))
			}
			for _, who := range []string{"leo", "mia"} {
				if v.events(who, "user.lifecycle.suspend") != 1 {
					t.Errorf("%s was suspended %d times", who, v.events(who, "user.lifecycle.suspend"))
				}
			}
			v.verified()
			v.changes()
			if v.good(jobs.ExitDone); len(v.changes()) > 0 {
				t.Error("the night after sends something")
			}
		})
	}
}

// spentInVain is a mass leave of which all approvals are spent, by a run that died before
// anything was sent.
func spentInVain(t *testing.T) *village {
	v := massLeave(t)
	v.approve()
	v.stopped(1 + 2*len(v.approvals))
	return v
}

func TestOnlyTheRunThatTakesOverTheJournalGoesOnWithASpentApproval(t *testing.T) {
	t.Parallel()
	v := spentInVain(t)
	kept := v.approvals
	v.approvals = nil
	v.good(jobs.ExitHeld) // takes over the journal, and has nothing to go on with
	v.approvals = kept
	v.heldFor("it is spent: run run-03 used it")
}

func TestASpentApprovalThatIsTakenOverIsSpentAnew(t *testing.T) {
	t.Parallel()
	v := spentInVain(t)
	died := fmt.Sprintf("run-%02d", v.nights)
	v.stopped(1 + 2*len(v.approvals)) // and the next one dies in the same place
	v.clock.Pass(-time.Hour)          // within the 72 hours
	n := v.good(jobs.ExitDone)
	for _, a := range n.Approvals {
		if _, err := os.Stat(filepath.Join(v.root, "spent", a.ID, "after-"+died+".json")); err != nil || !a.Counts {
			t.Errorf("%s: %v", a.ID, err)
		}
	}
	if v.status("leo") != fakeokta.Suspended || v.status("mia") != fakeokta.Suspended {
		t.Errorf("did %s\n%s", told(n.Outcomes), said(n))
	}
	v.verified()
}

func TestACohortThatChangedWhileTheRunLayDeadIsHeld(t *testing.T) {
	t.Parallel()
	v := spentInVain(t)
	v.is(access.StatusActive, "mia")
	v.is(access.StatusLeft, "jon") // as many as were approved, and not the same
	v.heldFor("the cohort is another one now")
	v.inOkta("jon", fakeokta.Active)
}

// raced takes the name that an approval would be spent under, at the last moment.
type raced struct {
	jobs.Records
}

func (r raced) Create(name string, b []byte) error {
	if strings.HasPrefix(name, "spent/") {
		if err := r.Records.Create(name, []byte(`{"approval_id":"x","run_id":"the-other"}`)); err != nil {
			return err
		}
	}
	return r.Records.Create(name, b)
}

func TestAnApprovalThatAnotherRunSpentMeanwhileSendsNothing(t *testing.T) {
	t.Parallel()
	v := massLeave(t)
	v.approve()
	v.records = func(next jobs.Records) jobs.Records { return raced{next} }
	_, err := v.night()
	if sent := v.changes(); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "was spent by another run while this one was at work") || len(sent) > 0 {
		t.Errorf("error %v, sent %s", err, sent)
	}
	v.records = nil
	v.heldFor("whether it is spent cannot be read")
}

func TestNothingIsSpentByAPlanOrByANightThatObserves(t *testing.T) {
	t.Parallel()
	v := massLeave(t)
	v.approve()
	v.mode = access.Observe
	n := v.good(jobs.ExitDone)
	if !strings.Contains(said(n), "counts=true spent=false") {
		t.Errorf("an observe night:\n%s", said(n))
	}
	v.mode = access.Enforce
	r, err := v.job().Plan(t.Context())
	v.ok(err)
	if !strings.Contains(said(r.Night), "counts=true spent=false") || r.Night.Run.ExitCode != jobs.ExitDone {
		t.Errorf("a plan:\n%s", said(r.Night))
	}
	if _, err := os.Stat(filepath.Join(v.root, "spent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something is spent: %v", err)
	}
}

func TestAnApprovalIsNotSpentForAPlanThatDoesNotUseIt(t *testing.T) {
	t.Parallel()
	v := massLeave(t)
	v.approve()
	v.only = &access.Plan{CreatedAt: v.clock.Now()}
	n := v.good(jobs.ExitDone)
	if sent := v.changes(); len(sent) > 0 || strings.Contains(said(n), "spent=true") {
		t.Errorf("sent %s\n%s", sent, said(n))
	}
}
