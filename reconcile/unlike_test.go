package reconcile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// comparedPlan is a plan with one of each thing, and two actions.
func comparedPlan() access.Plan {
	leo := access.AccountKey{System: "okta", ID: "leo"}
	suspend := access.Action{ID: "a1", Verb: access.OktaSuspend, Account: leo, Login: "leo", Rests: []string{"okta/users"}}
	leave := access.Action{ID: "a2", Verb: access.OktaLeaveGroup, Account: leo, Login: "leo", EntitlementKind: access.OktaGroup, EntitlementID: "g1", Entitlement: "Code"}
	return access.Plan{
		RunID: "r1", CreatedAt: time.Date(2026, 11, 23, 2, 0, 0, 5, time.UTC), SHA256: "d1",
		Inputs:  []access.Input{{Name: "rolemap", File: "rolemap.csv"}},
		Actions: []access.Action{suspend, leave},
		Held:    []access.Held{{Action: access.Action{ID: "a3", Verb: access.OktaSuspend, Account: leo, Login: "mia"}, Guard: "reads"}},
		Trips:   []access.GuardError{{Guard: "reads", Scope: "okta", Count: 1}, {Guard: "reads", Scope: "okta", Count: 2}},
		Behind:  []access.GuardError{{Guard: "irreversible", Scope: "all systems", Count: 3, Limit: 2}},
	}
}

func TestInWhatTwoPlansDifferIsSaidOfEachFieldAndOfWhatOnlyOneHas(t *testing.T) {
	for _, c := range []struct {
		change func(*access.Plan)
		want   []string
	}{
		{func(*access.Plan) {}, nil},
		{func(p *access.Plan) { p.RunID, p.SHA256 = "", "d2" }, []string{`the plan: run_id was "r1", and is nothing`, `the plan: sha256 was "d1", and is "d2"`}},
		{func(p *access.Plan) { p.CreatedAt = p.CreatedAt.Add(1) }, []string{`the plan: created_at was "2026-11-23T02:00:00.000000005Z", and is "2026-11-23T02:00:00.000000006Z"`}},
		{func(p *access.Plan) { p.Inputs[0].File = "other.csv" }, []string{`input rolemap: file was "rolemap.csv", and is "other.csv"`}},
		{func(p *access.Plan) { p.Inputs = nil }, []string{"input rolemap: it was recorded, and does not follow"}},
		{func(p *access.Plan) { p.Actions[0].Rests = []string{"okta/users", "roster:hr"} }, []string{
			`action suspend of leo in okta (a1): rests was "["okta/users"]", and is "["okta/users","roster:hr"]"`}},
		{func(p *access.Plan) { p.Actions[0].Account.ID = "lea" }, []string{
			`action suspend of leo in okta (a1): account.account_id was "leo", and is "lea"`}},
		{func(p *access.Plan) { p.Actions = p.Actions[:1] }, []string{"action leave_group group Code of leo in okta (a2): it was recorded, and does not follow"}},
		{func(p *access.Plan) { p.Actions[0], p.Actions[1] = p.Actions[1], p.Actions[0] }, []string{`the plan: order of actions was "a1 a2", and is "a2 a1"`}},
		{func(p *access.Plan) { p.Held[0].Guard = "protected" }, []string{`hold suspend of mia in okta (a3): guard was "reads", and is "protected"`}},
		{func(p *access.Plan) { p.Trips[1].Count = 7 }, []string{`guard reads (okta), no. 2: count was "2", and is "7"`}},
		{func(p *access.Plan) { p.Behind[0].Limit = 4 }, []string{`guard irreversible (all systems), behind another: limit was "2", and is "4"`}},
		{func(p *access.Plan) { p.Trips = append(p.Trips, access.GuardError{Guard: "reads", Scope: "okta"}) }, []string{"guard reads (okta), no. 3: it follows, and was not recorded"}},
	} {
		anew := comparedPlan()
		c.change(&anew)
		var got []string
		for _, u := range ComparePlans(comparedPlan(), anew) {
			got = append(got, u.String())
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}
