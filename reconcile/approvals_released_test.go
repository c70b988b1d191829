package reconcile

import (
	"reflect"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

func TestWhoElseHoldsWhatAnApprovalNamesIsSaidOnceAndInOrder(t *testing.T) {
	a, b, c := account("okta", 1), account("okta", 2), account("okta", 3)
	trip := func(guard, scope string, cohort ...access.AccountKey) access.GuardError {
		return access.GuardError{Guard: guard, Scope: scope, Cohort: cohort}
	}
	j := &judge{trips: []access.GuardError{
		trip("reads", "okta", c), trip("protected", "okta", a), trip("blast_radius", "okta", a, c), trip("protected", "okta", b), trip("irreversible", "aws", c, b), trip("irreversible", "okta", a),
	}}
	g := &grant{release: access.Release{Approval: "ap-1", Guard: "irreversible", Scope: "okta"}, stakes: stakeSet([]access.Stake{{Account: a}, {Account: b}})}
	if got, want := j.othersHold(g), []string{"blast_radius (okta)", "irreversible (aws)", "protected (okta)"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAnApprovalSaysHowManyAccountsItReleases(t *testing.T) {
	j := &judge{}
	g := &grant{release: access.Release{Approval: "ap-1", Guard: "blast_radius", Scope: "okta"}}
	by := []access.Release{{Approval: "ap-2", Guard: "blast_radius", Scope: "okta"}, g.release}
	var v access.ApprovalVerdict
	j.passedBy(&v, g, access.Plan{Actions: []access.Action{
		{Account: account("okta", 1), Released: by}, {Account: account("okta", 1), Released: by}, {Account: account("okta", 2), Released: by}, {Account: account("okta", 3), Released: by[:1]},
	}})
	if v.Accounts != 2 || !v.Counts || v.Says != "it releases 3 actions on 2 accounts" {
		t.Errorf("%+v", v)
	}
}

func TestWhatStaysAfterAnApprovalOfWhatCannotBeUndoneIsJudgedByTheSameNumber(t *testing.T) {
	three := many(3, "okta", access.Block, forEver)
	leavers := map[access.AccountKey]bool{}
	var stakes []access.Stake
	for _, c := range three {
		leavers[c.Action.Account] = true
		stakes = append(stakes, access.Stake{Account: c.Action.Account, Stage: access.Block, Action: c.Action.ID})
	}
	before := verbsOf(2*time.Hour, access.OktaDeactivate, access.OktaDeleteToken, access.OktaDeactivate)
	for _, one := range []struct {
		what           string
		all            []Candidate
		stakes         []access.Stake
		before         map[access.AccountKey]access.BlockRecord
		runs, released int
	}{
		{"nothing was approved", three, nil, nil, 0, 0},
		{"one was, and two are not too many", three, stakes[:1], nil, 3, 1},
		{"two are not too many, so that an approval of one is kept", three[:2], stakes[:1], nil, 2, 0},
		{"all were, after a night that is full", three, stakes, before, 3, 3},
		{"one was, after a night that is full", three, stakes[:1], before, 1, 1},
	} {
		f := Facts{Now: tonight, Mode: access.Enforce, Memory: access.Memory{Accounts: map[access.System]int{"okta": 1000}, Blocked: one.before},
			Limits: Limits{NightMin: 90, WeekMin: 90, Concentration: 90, Irreversible: 2}, Leavers: leavers, ApprovalAge: 72 * time.Hour}
		if one.stakes != nil {
			f.Approvals = []access.GivenApproval{given("a", "irreversible", "all systems", one.stakes, tonight)}
		}
		p, _ := Judge(one.all, f)
		if len(p.Actions) != one.runs || releasedOf(p) != one.released || (len(p.Trips) > 0) != (one.runs < len(one.all)) {
			t.Errorf("%s: %d run, %d of them by it, and %+v", one.what, len(p.Actions), releasedOf(p), p.Trips)
		}
	}
}

// releasedOf counts the actions of a plan that run by an approval.
func releasedOf(p access.Plan) (n int) {
	for _, a := range p.Actions {
		n += len(a.Released)
	}
	return n
}

func TestAnApprovalOfWhatReviewersDecidedIsKeptWhereTheyDecidedNotTooMuch(t *testing.T) {
	reviewed := func(a *access.Action) { ofAReview(a); a.ID = reviewAction(a.Review) }
	for n, released := range map[int]int{10: 0, 11: 11} {
		all := many(n, "okta", access.Remove, reviewed)
		f := Facts{Now: tonight, Mode: access.Enforce, Limits: Limits{Concentration: 90}, ApprovalAge: 72 * time.Hour,
			Memory: access.Memory{Accounts: map[access.System]int{"okta": 100}, Removals: map[string]access.Removal{}}}
		var stakes []access.Stake
		for _, c := range all {
			f.Memory.Removals[c.Action.Review] = access.Removal{RowID: c.Action.Review}
			stakes = append(stakes, reviewStake(c.Action))
		}
		f.Approvals = []access.GivenApproval{given("a", guardReviewed, "all systems", stakes, tonight)}
		p, _ := Judge(all, f)
		if len(p.Actions) != n || releasedOf(p) != released {
			t.Errorf("of %d %d run, %d of them by the approval: %+v", n, len(p.Actions), releasedOf(p), p.Trips)
		}
	}
}

func TestWhatSeveralGuardsHoldIsHeldByTheFirstAndThePlanIsSealed(t *testing.T) {
	p, _ := Judge(heldToo(many(2, "sso", access.Block)), Facts{Now: tonight, Mode: access.Enforce})
	by := map[string]string{}
	for _, h := range p.Held {
		by[h.Action.ID] = h.Guard
	}
	if want := map[string]string{"block-sso-00": "baseline", "block-sso-01": "protected"}; !reflect.DeepEqual(by, want) {
		t.Errorf("%v, want %v", by, want)
	}
	if p.SHA256 == "" || p.SHA256 != PlanDigest(p) {
		t.Errorf("the digest is %q", p.SHA256)
	}
}

func TestAnAccountOfNobodyIsNoLeaversWhereSomethingWasApproved(t *testing.T) {
	w := loadWorld(t, txtar.Parse([]byte("-- employees.csv --\nemployee_id,name,status,end_date\n1,Ann,left,2026-11-20\n-- system/okta --\nread users lists\naccount 00u1 login=one hr=1\naccount 00u2 login=two\n")))
	w.Approvals = []access.GivenApproval{given("a", "blast_radius", "okta", nil, w.Now)}
	if got := Identify(w).e.leaversAccounts(); len(got) != 1 || !got[access.AccountKey{System: "okta", ID: "00u1"}] {
		t.Errorf("%v", got)
	}
}
