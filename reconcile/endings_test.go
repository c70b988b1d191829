package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// leaving is a world in which Ann has left, with one account that she had.
type leaving struct {
	t     *testing.T
	w     World
	night int
}

func newLeaving(t *testing.T) *leaving {
	end := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	ann := access.Identity{Source: "employees", EmployeeID: "1", Name: "Ann", Status: access.StatusLeft, EndDate: access.Day{At: end}, Row: 2}
	o := access.Observation{System: "okta",
		Accounts:     []access.Account{{System: "okta", ID: "00u1", Kind: access.OktaUser, Login: "ann", HRID: "1", Status: access.AccountActive, VendorStatus: "ACTIVE"}},
		Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "00g1", Name: "Staff", Editable: true, Read: 1}},
		Grants:       []access.Grant{{}},
	}
	for _, kind := range []string{"users", "group_members", "group_rules", "app_users", "admin_roles", "api_tokens"} {
		o.Reads = append(o.Reads, access.Read{System: "okta", Kind: kind, Complete: true, Lists: kind == "users"})
	}
	l := &leaving{t: t, w: World{Now: end.AddDate(0, 0, 3), Systems: []access.Observation{o},
		Rosters: []SourceRoster{{Verdict: access.RosterVerdict{Source: "employees", Accepted: true, InForce: access.AcceptedRoster{Source: "employees", SHA256: "x"}}, Rows: []access.Identity{ann}}}}}
	l.w.Settings.Removal = Removal{Enforce: true, AfterDays: 2}
	return l
}

func (l *leaving) is(status access.AccountStatus, vendor string) {
	l.w.Systems[0].Accounts[0].Status, l.w.Systems[0].Accounts[0].VendorStatus = status, vendor
}

// passes plays a night of which every action ends with result, and gives what is
// remembered of the account; the next one is a day later.
func (l *leaving) passes(result access.Result) access.Ending {
	l.t.Helper()
	d := Decide(l.w)
	var outcomes []access.Outcome
	for n, a := range d.Plan.Actions {
		o := access.Outcome{Action: a, Result: result, SentAt: l.w.Now}
		if settled(o) {
			o.VerifiedAt = l.w.Now.Add(time.Duration(n+1) * time.Minute)
		}
		outcomes = append(outcomes, o)
	}
	l.w.Memory = Remember(l.w, d, outcomes, "r")
	l.w.Now = l.w.Now.AddDate(0, 0, 1)
	l.night++
	return l.w.Memory.Endings[access.AccountKey{System: "okta", ID: "00u1"}]
}

func (l *leaving) wants(end access.Ending, blocked, removed time.Time) {
	l.t.Helper()
	if !end.BlockedAt.Equal(blocked) || !end.RemovedAt.Equal(removed) {
		l.t.Errorf("night %d: blocked %s, removed %s; want %s, %s", l.night, end.BlockedAt, end.RemovedAt, blocked, removed)
	}
}

func TestTheClocksOfALeaverRunFromNightToNight(t *testing.T) {
	l, never := newLeaving(t), time.Time{}
	l.wants(l.passes(access.Failed), never, never)
	blocked := l.w.Now.Add(2 * time.Minute) // two actions
	l.wants(l.passes(access.Done), blocked, never)
	l.is(access.AccountSuspended, "SUSPENDED")
	l.wants(l.passes(access.Done), blocked, never) // grace
	l.is(access.AccountActive, "ACTIVE")           // somebody let them in again
	l.wants(l.passes(access.Failed), never, never)
	l.is(access.AccountSuspended, "SUSPENDED")
	again := l.w.Now
	l.wants(l.passes(access.Done), again, never)
	l.wants(l.passes(access.Done), again, never)
	end := l.passes(access.Failed)
	l.wants(end, again, never)
	if !end.RemovingAt.IsZero() || len(end.Verbs) > 0 {
		t.Errorf("what failed counts as begun: %+v", end)
	}
	removed := l.w.Now.Add(4 * time.Minute) // consents, factors, the group and the account
	end = l.passes(access.Done)
	l.wants(end, again, removed)
	if end.RemovingAt.IsZero() {
		t.Errorf("nothing was begun: %+v", end)
	}
	l.is(access.AccountDisabled, "DEPROVISIONED")
	l.wants(l.passes(access.Failed), again, never) // the list has the group all the same
	l.w.Systems[0].Grants = nil
	seen := l.w.Now
	l.wants(l.passes(access.Done), again, seen)
}

// TestWhoIsPushedIntoIdentityCenterIsBlockedThereWhenTheyAreInOkta: nothing there ends
// their sign-in, and a membership that Okta pushed is nothing that rollcall takes.
func TestWhoIsPushedIntoIdentityCenterIsBlockedThereWhenTheyAreInOkta(t *testing.T) {
	l, never := pushing(t), time.Time{}
	l.passes(access.Failed)
	l.pushed(never)
	blocked := l.w.Now.Add(2 * time.Minute)
	l.wants(l.passes(access.Done), blocked, never)
	l.pushed(blocked)
	l.is(access.AccountSuspended, "SUSPENDED")
	l.passes(access.Failed)
	l.pushed(blocked)
	l.is(access.AccountActive, "ACTIVE") // somebody let them in again
	l.passes(access.Failed)
	l.pushed(never)
	l.is(access.AccountSuspended, "SUSPENDED")
	tokens := &l.w.Systems[0].Reads[5]
	tokens.Complete = false // who knows whether they have a token
	l.passes(access.Failed)
	l.pushed(never)
	tokens.Complete = true
	again := l.w.Now
	l.passes(access.Failed)
	l.pushed(again)
}

func TestAGapStopsNoClockAndStartsNone(t *testing.T) {
	l, never := newLeaving(t), time.Time{}
	l.is(access.AccountSuspended, "SUSPENDED")
	l.w.Memory.Blocked = map[access.AccountKey]access.BlockRecord{{System: "okta", ID: "00u1"}: {Verbs: []access.Verb{access.OktaClearSessions}}}
	tokens := &l.w.Systems[0].Reads[5]
	tokens.Complete = false // who knows whether they have a token
	l.wants(l.passes(access.Done), never, never)
	tokens.Complete = true
	blocked := l.w.Now
	l.wants(l.passes(access.Done), blocked, never)
	tokens.Complete = false
	l.wants(l.passes(access.Done), blocked, never)
	l.wants(l.passes(access.Done), blocked, never)
	if p := Decide(l.w).Plan; len(p.Actions)+len(p.Held) > 0 {
		t.Errorf("the tokens were not read, and something is planned: %s", renderPlan(p))
	}
	l.w.Systems[0].Accounts = nil // the list of users is whole, and has them no more
	l.w.Systems[0].Grants = nil
	l.wants(l.passes(access.Done), never, never)
	if len(l.w.Memory.Endings) != 0 {
		t.Errorf("still known: %+v", l.w.Memory.Endings)
	}
}

func TestOfWhoIsBackOnlyThatSomethingWasRemovedIsRemembered(t *testing.T) {
	l := newLeaving(t)
	key := access.AccountKey{System: "okta", ID: "00u1"}
	l.is(access.AccountSuspended, "SUSPENDED")
	begun := l.w.Now.AddDate(0, 0, -2)
	l.w.Memory.Endings = map[access.AccountKey]access.Ending{key: {Account: key, Person: access.PersonKey{Source: "employees", EmployeeID: "1"},
		BlockedAt: begun, RemovingAt: begun, Verbs: []access.Verb{access.OktaResetFactors}}}
	l.w.Rosters[0].Rows[0].Status, l.w.Rosters[0].Rows[0].EndDate = access.StatusActive, access.Day{}
	end := l.passes(access.Done)
	l.wants(end, time.Time{}, time.Time{})
	if !end.RemovingAt.Equal(begun) || end.Verbs != nil {
		t.Errorf("remembered: %+v", end)
	}
	l.w.Now = l.w.Now.AddDate(0, 0, 30)
	if end := l.passes(access.Done); !end.RemovingAt.Equal(begun) {
		t.Errorf("they still cannot get in, and it is forgotten: %+v", end)
	}
	l.is(access.AccountActive, "ACTIVE")
	l.passes(access.Done)
	if len(l.w.Memory.Endings) != 0 {
		t.Errorf("for ever: %+v", l.w.Memory.Endings)
	}
}

func TestADeactivationIsNoDropOfWhatWentWithIt(t *testing.T) {
	o := access.Observation{System: "okta", Accounts: []access.Account{{System: "okta", ID: "u", Read: 0}},
		Reads:        []access.Read{{System: "okta", Kind: "users", Lists: true, Complete: true, Records: 9}, {System: "okta", Kind: "app_users", Complete: true, Records: 40}, {System: "okta", Kind: "group_members", Complete: true, Records: 30}},
		Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaApp, ID: "a1", Read: 1}, {System: "okta", Kind: access.OktaApp, ID: "a2", Read: 1}, {System: "okta", Kind: access.OktaGroup, ID: "g1", Read: 2}},
		Grants:       []access.Grant{{Entitlement: 0}, {Entitlement: 0, Carrier: 3}, {Entitlement: 1, Carrier: 3}, {Entitlement: 2}}}
	act := access.Action{Stage: access.Remove, Verb: access.OktaDeactivate, Account: o.Accounts[0].Key()}
	leave := access.Action{Stage: access.Remove, Verb: access.OktaLeaveGroup, Account: o.Accounts[0].Key(), EntitlementKind: access.OktaGroup, EntitlementID: "g1"}
	counts := after(World{Systems: []access.Observation{o}}, access.Outcome{Action: act, Result: access.Done}, access.Outcome{Action: leave, Result: access.Done})
	if users, apps, members := counts["okta/users"].Records, counts["okta/app_users"].Records, counts["okta/group_members"].Records; users != 9 || apps != 38 || members != 29 {
		t.Errorf("remembered %d users, %d assignments and %d members; want 9, 38 and 29", users, apps, members)
	}
}
