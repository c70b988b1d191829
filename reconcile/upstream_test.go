package reconcile

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

var pushedKey = access.AccountKey{System: "aws", Scope: "d-1", ID: "90-1"}

// pushing is the world of newLeaving in which Ann is pushed into Identity Center too: a
// group there has been pushed with her.
func pushing(t *testing.T) *leaving {
	l := newLeaving(t)
	center := access.Observation{System: "aws",
		Accounts:     []access.Account{{System: "aws", Scope: "d-1", ID: "90-1", Kind: access.IdentityCenter, Login: "ann", HRID: "1", Status: access.AccountActive, Upstream: "https://scim.example.com/okta"}},
		Entitlements: []access.Entitlement{{System: "aws", Scope: "d-1", Kind: access.SSOGroup, ID: "g-1", Name: "Staff", Read: 1}},
		Grants:       []access.Grant{{}},
	}
	for _, kind := range []string{"sso_users", "sso_memberships", "sso_assignments", "sso_applications"} {
		center.Reads = append(center.Reads, access.Read{System: "aws", Scope: "d-1", Kind: kind, Complete: true, Lists: kind == "sso_users"})
	}
	l.w.Systems = append(l.w.Systems, center)
	return l
}

// withoutOkta is pushing where no Okta is collected.
func (l *leaving) withoutOkta() { l.w.Systems = l.w.Systems[1:] }

// assignedAdmin gives the user a permission set directly.
func assignedAdmin(o *access.Observation) {
	o.Entitlements = append(o.Entitlements, access.Entitlement{System: "aws", Scope: "111", Kind: access.PermissionSet, ID: "ps-1", Name: "Admin", Read: 2})
	o.Grants = append(o.Grants, access.Grant{Entitlement: 1})
}

// unreadOkta is Okta on a night on which it refuses the token.
func unreadOkta() access.Observation {
	return access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "all", Lists: true, Gap: "the token was refused"}}}
}

func (l *leaving) pushed(blocked time.Time) {
	l.t.Helper()
	if at := l.w.Memory.Endings[pushedKey].BlockedAt; !at.Equal(blocked) {
		l.t.Errorf("night %d: in Identity Center blocked %s, want %s", l.night, at, blocked)
	}
}

// said are the findings of tonight about the user in Identity Center, in words.
func (l *leaving) said() string {
	var out []string
	for _, f := range Decide(l.w).Findings {
		if f.Account == pushedKey {
			out = append(out, string(f.Kind)+" "+string(f.Disposition)+": "+f.Reason)
		}
	}
	return strings.Join(out, "\n")
}

func (l *leaving) says(parts ...string) {
	l.t.Helper()
	said := l.said()
	for _, part := range parts {
		if not, no := strings.CutPrefix(part, "- "); strings.Contains(said, not) == no {
			l.t.Errorf("night %d: %q is wrong in %q", l.night, part, said)
		}
	}
}

func TestWhilePushedFromAnUnreadSystemNobodyIsReadAsBlocked(t *testing.T) {
	l, never := pushing(t), time.Time{}
	okta := l.w.Systems[0]
	l.w.Systems[0] = unreadOkta()
	l.passes(access.Done)
	l.pushed(never)
	l.says("- has worked since", "- not known")
	l.w.Systems[0] = okta
	blocked := l.w.Now.Add(2 * time.Minute)
	l.passes(access.Done)
	l.pushed(blocked)
	l.w.Systems[0] = unreadOkta()
	l.passes(access.Done)
	l.pushed(blocked) // nobody could tell: what was read before stands
	l.says("was read as blocked on", "- has worked since")
	l.w.Systems[0] = okta
	l.is(access.AccountSuspended, "SUSPENDED")
	l.passes(access.Done)
	l.pushed(blocked)
	l.says("has worked since", "- urgent")
}

func TestThatASystemIsKnownOnlyInPartProvesNobodyBlocked(t *testing.T) {
	l, never := pushing(t), time.Time{}
	l.is(access.AccountSuspended, "SUSPENDED")
	l.w.Memory.Blocked = map[access.AccountKey]access.BlockRecord{{System: "okta", ID: "00u1"}: {Verbs: []access.Verb{access.OktaClearSessions}}}
	l.w.Systems[0].Reads[0].Complete = false // there may be another account of hers
	l.passes(access.Done)
	l.pushed(never)
	l.w.Systems[0].Reads[0].Complete = true
	blocked := l.w.Now
	l.passes(access.Done)
	l.pushed(blocked)
}

func TestWhoIsPushedFromWhereNobodyLooksIsToldUntilSomebodyLooks(t *testing.T) {
	l, never := pushing(t), time.Time{}
	okta := l.w.Systems[0]
	for name, change := range map[string]func(){
		"no Okta is collected":        l.withoutOkta,
		"her account matches nobody":  func() { l.w.Systems[0].Accounts[0].HRID = "" },
		"only a client there is hers": func() { l.w.Systems[0].Accounts[0].Kind = access.OktaClient },
	} {
		l.w.Systems = []access.Observation{okta, l.w.Systems[len(l.w.Systems)-1]}
		l.w.Systems[0].Accounts = []access.Account{okta.Accounts[0]}
		l.w.Memory = access.Memory{}
		change()
		l.passes(access.Done)
		l.passes(access.Done)
		l.pushed(never)
		if said := l.said(); !strings.HasPrefix(said, "leaver_access urgent: Ann left on 2026-11-01, and it is not known whether they can still sign in") || strings.Contains(said, "has worked since") {
			t.Errorf("%s: %s", name, said)
		}
		if _, tracked := l.w.Memory.Endings[pushedKey]; !tracked {
			t.Errorf("%s: no clock runs", name)
		}
		last := len(l.w.Systems) - 1
		center := l.w.Systems[last]
		l.w.Systems[last].Grants = nil // whoever pushes them took them out of the group
		gone := l.w.Now
		l.passes(access.Done)
		l.pushed(gone)
		l.w.Systems[last] = center
	}
}

// TestAnAccountOfNobodyWithTheSameAddressIsNamed: it may be the one by which they sign in.
func TestAnAccountOfNobodyWithTheSameAddressIsNamed(t *testing.T) {
	l := pushing(t)
	acc := &l.w.Systems[0].Accounts[0]
	acc.HRID, acc.Login, acc.Email = "", "ann.newname", "ANN"
	l.says("ann.newname in okta has the same address, works and matches nobody", "links.csv")
	l.is(access.AccountSuspended, "SUSPENDED")
	l.says("- ann.newname")
	l.is(access.AccountDisabled, "DEPROVISIONED")
	l.says("- ann.newname")
	acc.Email = ""
	l.is(access.AccountActive, "ACTIVE")
	l.says("- ann.newname")
	acc.Login = "ANN"
	l.says("ANN in okta has the same address, works and matches nobody")
	l.w.Rosters[0].Rows = append(l.w.Rosters[0].Rows, access.Identity{Source: "employees", EmployeeID: "2", Name: "Ben", Status: access.StatusActive, Row: 3})
	acc.HRID = "2"
	l.says("urgent", "- ANN in okta") // it matches Ben
}

// TestTheFirstOfWhatAPushedUserReachesIsToldAndHowMuchMore in whatever order the rights come.
func TestTheFirstOfWhatAPushedUserReachesIsToldAndHowMuchMore(t *testing.T) {
	l := pushing(t)
	l.w.Systems = append([]access.Observation{{System: "okta2", Reads: []access.Read{{System: "okta2", Kind: "users", Complete: true, Lists: true}}, Accounts: []access.Account{
		{System: "okta2", ID: "00u9", Kind: access.OktaUser, Login: "zoe", Email: "ann", Status: access.AccountActive},
		{System: "okta2", ID: "00u8", Kind: access.OktaUser, Login: "Ann", Email: "ann", Status: access.AccountActive}}}}, l.w.Systems...)
	l.w.Systems[1].Accounts[0].HRID = ""
	l.w.Systems[1].Accounts[0].Login = "other"
	o := &l.w.Systems[2]
	o.Accounts[0].Email = "ann"
	o.Entitlements = append(o.Entitlements,
		access.Entitlement{System: "aws", Scope: "d-1", Kind: access.SSOGroup, ID: "g-0", Name: "All", Read: 1},
		access.Entitlement{System: "aws", Scope: "d-1", Kind: access.SSOApp, ID: "a-1", Name: "Wiki", Read: 3})
	l.says("It has Identity Center group Staff. Look")
	o.Grants = []access.Grant{{}, {Entitlement: 2, Carrier: 1}} // the group gives it
	l.says("It has Identity Center group Staff. Look")
	for _, grants := range [][]access.Grant{{{}, {Entitlement: 1}}, {{Entitlement: 1}, {}}} {
		o.Grants = grants
		l.says("It has Identity Center group All and 1 more. Look", ": Ann in okta2, zoe in okta2 has the same address, works and matches nobody")
	}
}

// TestWhatIsNotKnownOfAPushedUserIsNothingWhereTheyCanReachNothing, or are disabled.
func TestWhatIsNotKnownOfAPushedUserIsNothingWhereTheyCanReachNothing(t *testing.T) {
	for name, change := range map[string]func(*access.Observation){
		"no group, no application": func(o *access.Observation) { o.Grants = nil },
		"the user is disabled":     func(o *access.Observation) { o.Accounts[0].Status = access.AccountDisabled },
	} {
		l := pushing(t)
		l.withoutOkta()
		change(&l.w.Systems[0])
		if said := l.said(); strings.Contains(said, "urgent") {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// TestThatTheAccountUpstreamIsGoneOpensNothing: it was read as blocked, and a whole list
// has it no more.
func TestThatTheAccountUpstreamIsGoneOpensNothing(t *testing.T) {
	l := pushing(t)
	blocked := l.w.Now.Add(2 * time.Minute)
	l.passes(access.Done)
	l.pushed(blocked)
	l.w.Systems[0].Accounts, l.w.Systems[0].Grants = nil, nil
	l.passes(access.Done)
	l.pushed(blocked)
	l.says("has worked since", "- urgent")
}

// TestWhoHoldsOnlyAnApplicationHasAClockToo: whoever was not known upstream is out once they are out there.
func TestWhoHoldsOnlyAnApplicationHasAClockToo(t *testing.T) {
	l := pushing(t)
	l.w.Systems[1].Entitlements[0].Kind = access.SSOApp
	l.w.Systems[0].Accounts[0].HRID = ""
	l.says("leaver_access urgent")
	l.passes(access.Done)
	l.pushed(time.Time{})
	if _, tracked := l.w.Memory.Endings[pushedKey]; !tracked {
		t.Error("no clock runs")
	}
	l.w.Systems[0].Accounts[0].HRID = "1"
	blocked := l.w.Now.Add(2 * time.Minute)
	l.passes(access.Done)
	l.pushed(blocked)
}

// TestWhatAnOlderNightRecordedWithoutHavingReadItIsTakenBack.
func TestWhatAnOlderNightRecordedWithoutHavingReadItIsTakenBack(t *testing.T) {
	l := pushing(t)
	l.withoutOkta()
	l.w.Memory.Endings = map[access.AccountKey]access.Ending{pushedKey: {Account: pushedKey, Person: access.PersonKey{Source: "employees", EmployeeID: "1"}, BlockedAt: l.w.Now.AddDate(0, 0, -9)}}
	l.says("leaver_access urgent", "- has worked since")
	l.passes(access.Done)
	l.pushed(time.Time{})
}

// TestADirectAssignmentIsStillTakenFromWhomNobodyKnowsHowTheySignIn, and that it is taken
// ends no clock while a group is left.
func TestADirectAssignmentIsStillTakenFromWhomNobodyKnowsHowTheySignIn(t *testing.T) {
	l := pushing(t)
	l.withoutOkta()
	assignedAdmin(&l.w.Systems[0])
	l.says("leaver_access revoke", "leaver_access urgent")
	l.passes(access.Done)
	l.pushed(time.Time{})
}

// TestAUserOfTheOwnDirectoryIsBlockedOnTheNightThatTakesWhatTheyHold, and of whom nothing is left then.
func TestAUserOfTheOwnDirectoryIsBlockedOnTheNightThatTakesWhatTheyHold(t *testing.T) {
	l := pushing(t)
	l.withoutOkta()
	o := &l.w.Systems[0]
	o.Accounts[0].Upstream, o.Entitlements[0].Kind = "", access.PermissionSet
	blocked := l.w.Now.Add(time.Minute)
	l.passes(access.Done)
	l.pushed(blocked)
	o.Grants = nil
	l.passes(access.Done)
	l.pushed(blocked)
}

// TestAUserOfTheOwnDirectoryInAPushedGroupCanStillSignIn: the group is not rollcall's to take.
func TestAUserOfTheOwnDirectoryInAPushedGroupCanStillSignIn(t *testing.T) {
	l := pushing(t)
	l.w.Systems[1].Accounts[0].Upstream = ""
	l.passes(access.Done)
	l.passes(access.Done)
	l.pushed(time.Time{})
	l.says("leaver_access urgent: Ann left on 2026-11-01 and can still use ann in aws through Identity Center group Staff, which another system pushes", "- has worked since")
	assignedAdmin(&l.w.Systems[1]) // that a direct assignment is taken does not change it
	l.says("leaver_access revoke")
	l.passes(access.Done)
	l.pushed(time.Time{})
}
