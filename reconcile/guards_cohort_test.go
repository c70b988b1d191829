package reconcile

import (
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// The people of a cohort are found in the order of their ids; who approves reads accounts.
func TestACohortIsListedByAccountWhoeverTheirPeopleAre(t *testing.T) {
	few := Limits{NightMin: 2, WeekMin: 2, RemoveNightMin: 2, RemoveWeekMin: 2, Concentration: 2, Irreversible: 2, ReviewMin: 2}
	wide := Limits{NightMin: 90, WeekMin: 90, RemoveNightMin: 90, RemoveWeekMin: 90, Concentration: 90, Irreversible: 90, ReviewMin: 90}
	only := func(change func(*Limits)) Facts {
		f := Facts{Now: tonight, Mode: access.Enforce, Limits: wide, Groups: groupsOf(4, "department Sales", "department Arts"), Memory: access.Memory{Accounts: map[access.System]int{"okta": 1}}}
		change(&f.Limits)
		return f
	}
	for guard, one := range map[string]struct {
		all []Candidate
		f   Facts
	}{
		"blast_radius":     {many(4, "okta", access.Block), only(func(l *Limits) { l.NightMin = few.NightMin })},
		"concentration":    {many(4, "okta", access.Block), only(func(l *Limits) { l.Concentration = few.Concentration })},
		"irreversible":     {many(4, "okta", access.Block, forEver), only(func(l *Limits) { l.Irreversible = few.Irreversible })},
		"review_removals":  {many(4, "okta", access.Remove, ofAReview), only(func(l *Limits) { l.ReviewMin = few.ReviewMin })},
		"of former jobs":   {many(4, "okta", access.Remove, ofAMove), only(func(l *Limits) { l.Concentration = few.Concentration })},
		"rights by review": {many(4, "okta", access.Remove, ofAReview), only(func(l *Limits) { l.Concentration = few.Concentration })},
	} {
		slices.Reverse(one.all)
		p, _ := Judge(one.all, one.f)
		if len(p.Trips) == 0 {
			t.Errorf("%s does not trip", guard)
		}
		for _, trip := range p.Trips {
			if trip.Approvable && len(trip.Stakes) != 4 || !slices.IsSortedFunc(trip.Stakes, access.CompareStakes) {
				t.Errorf("%s, %s %s: %v", guard, trip.Guard, trip.Scope, trip.Stakes)
			}
			if len(trip.Cohort) != 4 || !slices.IsSortedFunc(trip.Cohort, func(a, b access.AccountKey) int { return strings.Compare(a.String(), b.String()) }) {
				t.Errorf("%s, %s %s: %v", guard, trip.Guard, trip.Scope, trip.Cohort)
			}
		}
	}
}

// What half of everybody has in common says nothing of six who leave.
func TestWhatHalfOfAllShareIsNoGroup(t *testing.T) {
	for n, want := range map[int][]string{4: {"department Sales", "manager employees/90", "okta_group Sales"}, 5: nil, 6: nil} {
		w := World{Now: tonight, Rosters: []SourceRoster{{}}}
		list := &w.Rosters[0]
		list.Verdict.Source, list.Verdict.InForce.SHA256 = "employees", "x"
		o := access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "users", Complete: true, Lists: true}}, Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "g", Name: "Sales"}}}
		o.Entitlements[0].Kind = "okta_group"
		for i := range 10 {
			p := access.Identity{Source: "employees", EmployeeID: employee(i).EmployeeID, Status: access.StatusActive, Row: i + 2}
			if i < n {
				p.Department, p.ManagerID = "Sales", "90"
				o.Grants = append(o.Grants, access.Grant{Account: uint32(i)})
			}
			if i == 0 {
				p.Status, p.EndDate.At = access.StatusLeft, tonight.AddDate(0, 0, -3)
			}
			list.Rows = append(list.Rows, p)
			o.Accounts = append(o.Accounts, access.Account{System: "okta", ID: account("okta", i).ID, Kind: access.OktaUser, Status: access.AccountActive, VendorStatus: "ACTIVE", HRID: p.EmployeeID})
		}
		w.Systems = []access.Observation{o}
		e := Identify(w).e
		e.judgeGrants()
		e.findAll()
		if len(e.planned) == 0 {
			t.Fatal("nobody leaves")
		}
		if got := e.groups()[account("okta", 0)]; !slices.Equal(got, want) {
			t.Errorf("%d of 10 have it: %q, want %q", n, got, want)
		}
	}
}

func TestWhoseFormerDepartmentIsNotKnownShareNone(t *testing.T) {
	e := &evaluation{moves: map[access.PersonKey][]access.Move{employee(1): {{}, {}}}}
	if got := e.formerly(access.Action{Person: employee(1), EntitlementKind: access.OktaGroup, Entitlement: "Sales"}); !slices.Equal(got, []string{"the loss of group Sales"}) {
		t.Errorf("%q", got)
	}
}
