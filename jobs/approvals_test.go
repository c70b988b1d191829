package jobs_test

import (
	"crypto/sha256"
	"encoding/hex"
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
	"rollcall/reconcile"
)

// massLeave is a village in which leo and mia left on one day, and one account a
// night is the most.
func massLeave(t *testing.T) *village {
	t.Helper()
	v := newVillage(t, fakeokta.Options{})
	v.limits = reconcile.Limits{NightMin: 1, WeekMin: 2, Concentration: 90}
	v.is(access.StatusLeft, "leo", "mia")
	return v
}

// approve answers for everything that a plan of now says a person can answer for.
func (v *village) approve() {
	v.t.Helper()
	p := v.plan()
	for n, g := range slices.Concat(p.Trips, p.Behind) {
		v.approvals = append(v.approvals, approvalOf(fmt.Sprintf("ap-%d-%d", v.nights, n), g, p, v.clock.Now()))
	}
	if len(v.approvals) == 0 {
		v.t.Fatal("nothing trips")
	}
}

func approvalOf(id string, g access.GuardError, p access.Plan, now time.Time) jobs.ApprovalFile {
	sum := sha256.Sum256([]byte(id))
	return jobs.ApprovalFile{Raw: []byte(id), GivenApproval: access.GivenApproval{File: "approvals/" + id + ".json", SHA256: hex.EncodeToString(sum[:]), Approval: access.Approval{
		ID: id, Guard: g.Guard, Scope: g.Scope, Cohort: g.Stakes, Count: len(g.Stakes), CohortSHA256: access.CohortDigest(g.Stakes),
		By: "Ann", Reason: "HR confirmed it", CreatedAt: now, ExpiresAt: now.Add(72 * time.Hour), PlanSHA256: p.SHA256}}}
}

// untouched fails the test unless the two that are held can still sign in. What
// no guard holds (leo's key) goes on meanwhile.
func (v *village) untouched(n *access.Night) {
	v.t.Helper()
	if v.status("leo") != fakeokta.Active || v.status("mia") != fakeokta.Active {
		v.t.Errorf("leo is %s, mia is %s\n%s", v.status("leo"), v.status("mia"), said(n))
	}
}

// heldFor plays a night that holds leo and mia, and says this of an approval.
func (v *village) heldFor(why string) {
	v.t.Helper()
	n := v.good(jobs.ExitHeld)
	v.untouched(n)
	if !strings.Contains(said(n), why) {
		v.t.Errorf("it does not say %q:\n%s", why, said(n))
	}
}

// said are the verdicts on approvals, in words.
func said(n *access.Night) string {
	var all []string
	for _, v := range n.Approvals {
		all = append(all, fmt.Sprintf("%s counts=%t spent=%t: %s", v.ID, v.Counts, !v.SpentAt.IsZero(), v.Says))
	}
	return strings.Join(all, "\n")
}

func TestWhatIsApprovedGoesThroughOnceAndIsRecorded(t *testing.T) {
	t.Parallel()
	v := massLeave(t)
	v.approve()
	kept := v.approvals
	v.approvals = nil
	v.untouched(v.good(jobs.ExitHeld)) // leo's key is blocked, which changes nothing for the others
	v.approvals = kept
	n := v.good(jobs.ExitDone)
	if len(n.Outcomes) != 5 || v.status("leo") != fakeokta.Suspended || v.status("mia") != fakeokta.Suspended {
		t.Fatalf("did %s\n%s", told(n.Outcomes), said(n))
	}
	for _, o := range n.Outcomes {
		if len(o.Action.ApprovalIDs()) == 0 {
			t.Errorf("%s of %s does not say by which approval", o.Action.Verb, o.Action.Login)
		}
	}
	for _, a := range n.Approvals {
		if _, err := os.Stat(filepath.Join(v.root, "spent", a.ID, "first.json")); err != nil || a.SpentAt.IsZero() || !a.Counts {
			t.Errorf("%s is not spent: %v", a.ID, err)
		}
	}
	v.verified()
	v.restored()
	again := v.good(jobs.ExitHeld)
	v.untouched(again)
	if !strings.Contains(said(again), "it is spent: run "+string(n.Run.ID)+" used it") {
		t.Errorf("the same approvals a second time:\n%s", said(again))
	}
	v.verified()
}

// restored lets leo and mia work again, as if nobody had blocked them.
func (v *village) restored() {
	v.t.Helper()
	v.is(access.StatusActive, "leo", "mia")
	v.people[0].Title = "Head of all" // so that the list is none that was there before
	for _, name := range []string{"leo", "mia"} {
		v.okta.UpdateUser(v.users[name].ID, func(u *fakeokta.User) { u.Status = fakeokta.Active })
	}
	v.good(jobs.ExitDone)
	v.is(access.StatusLeft, "leo", "mia")
	v.clock.Pass(-36 * time.Hour) // so that the approvals have not expired
	v.changes()
}

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

func TestApplyCarriesOutWhatThePlanHeldAndAnApprovalReleases(t *testing.T) {
	t.Parallel()
	v := massLeave(t)
	p := roundTrip(t, v.plan())
	v.is(access.StatusLeft, "jon") // who is in no plan
	v.only = &p
	v.untouched(v.good(jobs.ExitHeld))
	for n, g := range slices.Concat(p.Trips, p.Behind) {
		v.approvals = append(v.approvals, approvalOf(fmt.Sprintf("ap-%d", n), g, p, v.clock.Now()))
	}
	n := v.good(jobs.ExitDone)
	if v.status("leo") != fakeokta.Suspended || v.status("mia") != fakeokta.Suspended || v.status("jon") != fakeokta.Active {
		t.Errorf("did %s\n%s", told(n.Outcomes), said(n))
	}
}

func TestWhatAPlanHeldIsNotCarriedOutBecauseALimitIsAnotherOneNow(t *testing.T) {
	t.Parallel()
	v := massLeave(t)
	p := roundTrip(t, v.plan())
	v.only, v.limits = &p, reconcile.Limits{}
	n := v.good(jobs.ExitDone)
	v.untouched(n)
	if o := outcome(t, n, access.OktaSuspend, leo); o.Result != access.Skipped || o.Detail != "not in the plan that was applied" {
		t.Errorf("%+v", o)
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

func TestAnApprovedListTakesForceAndItsApprovalIsSpentAlsoByANightThatObserves(t *testing.T) {
	t.Parallel()
	v := newVillage(t, fakeokta.Options{})
	v.mode, v.limits = access.Observe, reconcile.Limits{NightMin: 50, WeekMin: 50, Concentration: 50}
	v.is(access.StatusLeft, "ann", "bob", "cid", "dan", "eve", "jon")
	refused := v.good(jobs.ExitHeld)
	seen := refused.Rosters[0].Seen
	a := approvalOf("ap-1", access.GuardError{Guard: "roster", Scope: "employees"}, refused.Plan, v.clock.Now())
	a.Roster, a.Count, a.CohortSHA256 = &seen, seen.Gone, seen.Rows
	v.approvals = []jobs.ApprovalFile{a}
	n := v.good(jobs.ExitDone)
	if !n.Rosters[0].Accepted || !strings.Contains(said(n), "counts=true spent=true: by it the list employees is accepted, with 6 people") {
		t.Errorf("%+v\n%s", n.Rosters[0].Refusal, said(n))
	}
	n = v.good(jobs.ExitDone)
	if !n.Rosters[0].Same || !strings.Contains(said(n), "it is spent") {
		t.Errorf("the night after: %s", said(n))
	}
	v.verified()
}
