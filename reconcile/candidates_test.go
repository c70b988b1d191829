package reconcile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// someCandidates are actions in an order in which nobody plans them.
func someCandidates() []Candidate {
	leaver := func(stage access.Stage, verb access.Verb, id string) Candidate {
		return Candidate{Action: access.Action{ID: id, Stage: stage, Verb: verb, Person: bob, Account: access.AccountKey{System: "okta", ID: "b"}, AccountKind: access.OktaUser}}
	}
	mover := func(right, id string) Candidate {
		return Candidate{Action: access.Action{ID: id, Stage: access.Remove, Verb: access.OktaLeaveGroup, Mover: true, Person: ada, Account: access.AccountKey{System: "okta", ID: "a"}, AccountKind: access.OktaUser, EntitlementID: right}}
	}
	another := mover("zz", "take zz of another account")
	another.Action.Account.ID = "0"
	return []Candidate{
		mover("z", "take z"), another, mover("a", "take a"), mover("z", "take z"),
		leaver(access.Remove, access.OktaRevokeGrants, "revoke"), leaver(access.Remove, access.OktaLeaveGroup, "leave"), leaver(access.Remove, access.OktaLeaveGroup, "leave"),
		leaver(access.Block, access.OktaSuspend, "suspend"), leaver(access.Block, access.OktaClearSessions, "clear"),
	}
}

func TestALeaversStepsKeepTheirOrderAndRightsThatAreTakenAreSortedEachOnce(t *testing.T) {
	e := evaluation{planned: someCandidates()}
	e.candidates()
	var got []string
	for _, c := range e.planned {
		got = append(got, c.Action.ID)
	}
	if d := cmp.Diff([]string{"suspend", "clear", "take zz of another account", "take a", "take z", "revoke", "leave", "leave"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestOnlyANightRemoves(t *testing.T) {
	for name, w := range map[string]World{"a run over what an earlier one read": {SeenAt: midnight.Add(-time.Hour)}, "a run about one person": {Order: &access.Order{Person: bob}}} {
		e := evaluation{w: w, planned: someCandidates()}
		for _, c := range e.candidates() {
			if c.Action.Stage != access.Block {
				t.Errorf("%s: %s", name, c.Action.ID)
			}
		}
		if len(e.planned) != 2 {
			t.Errorf("%s: %d actions, want both blocks", name, len(e.planned))
		}
	}
}

func TestTheAccountsToLookAtOneByOneAreThoseOfLeaversThatAreNotOver(t *testing.T) {
	const world = `-- employees.csv --
employee_id,name,email,status,start_date,end_date,last_working_day,timezone
1,Ann,ann@example.com,active,,,,
2,Ben,ben@example.com,left,,2026-11-19,,
3,Cy,cy@example.com,garden_leave,,,,
-- system/okta --
read users lists
account nobodys login=x@example.com
account works login=ann hr=1
account left login=ben hr=2
account over login=ben.old hr=2 status=disabled
account garden login=cy hr=3
account suspended login=ben.two hr=2 status=suspended
`
	for policy, want := range map[string][][]int{"": {{2, 5}}, "-- world --\ngarden-revoke\n": {{2, 4, 5}}} {
		if d := cmp.Diff(want, Leavers(aWorld(t, policy+world))); d != "" {
			t.Errorf("%q (-want +got):\n%s", policy, d)
		}
	}
}
