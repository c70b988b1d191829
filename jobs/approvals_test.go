package jobs_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
