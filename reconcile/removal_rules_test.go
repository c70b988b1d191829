package reconcile

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestARemnantIsOverWhenNobodyHasAnythingLeftToTake: neither rollcall nor somebody else.
func TestARemnantIsOverWhenNobodyHasAnythingLeftToTake(t *testing.T) {
	step, wait := []removal{{access.OktaDeactivate, -1, nil}}, []string{"an application"}
	for name, c := range map[string]struct {
		r    remnant
		over bool
	}{"nothing": {remnant{}, true}, "a step": {remnant{steps: step}, false}, "what waits": {remnant{waits: wait}, false}, "one of each": {remnant{steps: step, waits: wait}, false}, "what stays": {remnant{stays: wait}, true}} {
		if got := c.r.over(); got != c.over {
			t.Errorf("%s: over: %t", name, got)
		}
	}
}

const aBlockedLeaver = `
-- employees.csv --
employee_id,name,email,status,last_working_day
1,Ann,ann@example.com,left,2026-11-01
-- system/okta --
read users lists
read group_members
account 00u1 login=ann@example.com hr=1 vendor=SUSPENDED
right group:G1 name=Wiki editable
right group:G2 name=Zeta
right group:G3 name=Alpha ruled editable
right app:A1 name=Direct
right app:A2 name=Carried
grant 00u1 group:G1
grant 00u1 group:G2
grant 00u1 group:G3
grant 00u1 app:A1
grant 00u1 app:A2 via=group:G1
-- system/aws --
read users lists
account U1 login=ann kind=iam_user
right iam_policy:P1 name=Read
right assume_role:R1 name=Deploy
right iam_policy:P2 name=Carried
right iam_group:IG name=Team
grant U1 iam_policy:P1
grant U1 assume_role:R1
grant U1 iam_group:IG
grant U1 iam_policy:P2 via=iam_group:IG
-- system/sso --
read users lists
account S1 login=ann kind=identity_center_user upstream=scim
account S2 login=bea kind=identity_center_user
right sso_group:Z name=Zeta editable
right sso_group:A name=Alpha editable
right permission_set:P name=Admin
right permission_set:Q name=Carried
right sso_app:W name=Wiki
grant S1 sso_group:Z
grant S1 sso_group:A
grant S1 permission_set:P
grant S1 sso_app:W
grant S1 permission_set:Q via=sso_group:A
grant S2 sso_group:A
`

// TestWhatIsLeftOfAnAccount: of what it holds itself. What a group carries goes with the group, and what nobody
// can take by itself is no step.
func TestWhatIsLeftOfAnAccount(t *testing.T) {
	w := loadWorld(t, archive(aBlockedLeaver))
	w.Settings.Removal.AppsAndRoles = true
	e, _ := evaluated(w)
	said := func(s, a int) string {
		r, all := e.remnant(s, a), []string{}
		for _, st := range r.steps {
			word := string(st.verb)
			if st.ent >= 0 {
				word += " " + e.systems[s].Entitlements[st.ent].Name
			}
			all = append(all, word)
		}
		return strings.Join(all, ", ") + "; waits: " + strings.Join(r.waits, ", ")
	}
	for _, c := range []struct {
		s, a int
		want string
	}{
		{0, 0, "revoke_grants, reset_factors, leave_group Wiki, unassign_app Direct, deactivate; waits: "},
		{1, 0, "remove_from_group Team, detach_policy Read, remove_mfa, tag_removed; waits: "},
		{2, 0, "; waits: Identity Center group Zeta (it goes with the group that it comes from), Identity Center group Alpha (it goes with the group that it comes from)"},
		{2, 1, "; waits: "},
	} {
		if got := said(c.s, c.a); got != c.want {
			t.Errorf("%s: %s", w.Systems[c.s].Accounts[c.a].Login, got)
		}
	}
	if got := e.words(0, e.remnant(0, 0)); !strings.HasSuffix(got, "; what stays: Okta group Alpha (a rule of Okta fills it), Okta group Zeta (an application, a directory or Okta itself fills it)") {
		t.Errorf("in words: %s", got)
	}
	if got := e.words(2, e.remnant(2, 0)); !strings.HasPrefix(got, "Identity Center group Alpha") {
		t.Errorf("in words, in order: %s", got)
	}
}

// TestWhyNothingOfALeaverIsRemoved, by one account and by several of one person: an account of which nothing is left
// keeps none of the others.
func TestWhyNothingOfALeaverIsRemoved(t *testing.T) {
	w := loadWorld(t, archive(`
-- world --
remove 7
ending okta::00u1 employees/1 2026-11-02T02:00:00Z
-- employees.csv --
employee_id,name,email,status,last_working_day
1,Ann,ann@example.com,left,2026-11-01
-- system/okta --
read users lists
read api_tokens
read admin_roles
account 00u1 login=ann@example.com hr=1 vendor=DEPROVISIONED
account 00u2 login=ann2@example.com hr=1 vendor=DEPROVISIONED
account 00u3 login=ann3@example.com hr=1 vendor=DEPROVISIONED
right group:G1 name=Wiki editable
grant 00u1 group:G1
grant 00u3 group:G1
`))
	e, d := evaluated(w)
	for _, c := range []struct {
		accounts []int
		want     string
	}{{[]int{0}, ""}, {[]int{0, 1}, ""}, {[]int{0, 1, 2}, "ann3@example.com was first read as blocked tonight"}} {
		if got := e.waits(0, c.accounts); got != c.want {
			t.Errorf("%v: %q", c.accounts, got)
		}
	}
	for _, c := range d.Closings {
		if c.Account.ID == "00u2" {
			t.Errorf("nothing is left of it and nothing is known of it: %+v", c)
		}
	}
}

func TestWhatBecomesOfARemovalWhenSomebodyIsBack(t *testing.T) {
	k, at := access.AccountKey{System: "okta", ID: "1"}, time.Date(2026, 11, 10, 2, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		end     access.Ending
		stands  access.Standing
		enforce bool
		want    string
	}{
		"nothing is known":             {access.Ending{}, access.StandingActive, true, ""},
		"it was blocked":               {access.Ending{BlockedAt: at}, access.StandingActive, true, "; its removal, due on 2026-11-17, is cancelled"},
		"it was blocked, and in doubt": {access.Ending{BlockedAt: at}, access.StandingHeld, true, "; its removal, due on 2026-11-17, waits until it is known whether they left"},
		"and nothing would be done":    {access.Ending{BlockedAt: at}, access.StandingScheduled, false, ""},
		"it began, and in doubt":       {access.Ending{BlockedAt: at, RemovingAt: at.AddDate(0, 0, 7)}, access.StandingHeld, false, "; its removal began on 2026-11-17 and waits until it is known whether they left, and what it took does not come back by itself"},
		"it began":                     {access.Ending{BlockedAt: at, RemovingAt: at.AddDate(0, 0, 7)}, access.StandingScheduled, false, "; its removal began on 2026-11-17 and is cancelled, and what it took does not come back by itself"},
	} {
		w := World{Settings: Settings{Removal: Removal{Enforce: c.enforce, AfterDays: 7}}}
		if !c.end.BlockedAt.IsZero() {
			w.Memory.Endings = map[access.AccountKey]access.Ending{k: c.end}
		}
		if got := (&evaluation{w: w}).cancelled(k, c.stands); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTheFirstMidnightIsThatOfUTC(t *testing.T) {
	east := time.FixedZone("east", 9*3600)
	for at, want := range map[time.Time]string{
		time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC): "2026-11-10T00:00:00Z", time.Date(2026, 11, 10, 0, 0, 0, 1, time.UTC): "2026-11-11T00:00:00Z",
		time.Date(2026, 11, 10, 9, 0, 0, 0, east): "2026-11-10T00:00:00Z", time.Date(2026, 11, 10, 8, 0, 0, 0, east): "2026-11-10T00:00:00Z",
	} {
		if got := nextMidnight(at).Format(time.RFC3339); got != want {
			t.Errorf("after %s: %s", at, got)
		}
	}
}

// TestWithoutABlockedAccountThereMayBeNoSuperAdmin: one that is off already is none, whoever it was.
func TestWithoutABlockedAccountThereMayBeNoSuperAdmin(t *testing.T) {
	for vendor, want := range map[string]string{"SUSPENDED": "without it nobody would be left as super admin", "DEPROVISIONED": ""} {
		e, _ := evaluated(loadWorld(t, archive(`
-- employees.csv --
employee_id,name,email,status,last_working_day
1,Ann,ann@example.com,left,2026-11-01
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1 vendor=`+vendor+`
account 00u2 login=ann2@example.com hr=1 vendor=SUSPENDED
right admin_role:SUPER_ADMIN name=Super
right group:SUPER_ADMIN_FANS name=Namesake
grant 00u1 admin_role:SUPER_ADMIN
grant 00u2 group:SUPER_ADMIN_FANS
`)))
		if got := e.onlySuperAdmin(0, 0); got != want {
			t.Errorf("%s: %q", vendor, got)
		}
		if got := e.onlySuperAdmin(0, 1); got != "" {
			t.Errorf("who is in a group of that name: %q", got)
		}
	}
}
