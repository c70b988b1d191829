package reconcile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

const aMover = `
-- world --
remove 7 movers
moved employees/1 2026-10-10T02:00:00Z Clerk Sales
announced employees/1 okta::00u1 group:G1 Orders 2026-10-10T02:00:00Z
-- employees.csv --
employee_id,name,email,title,department,status,last_working_day
1,Ann,ann@example.com,Dev,IT,active,
2,Ben,ben@example.com,Dev,IT,active,
-- rolemap.csv --
role,title,department,system,kind,entitlement,requirement
Clerk,Clerk,Sales,okta,group,Orders,allowed
Dev,Dev,IT,okta,group,Code,allowed
-- system/okta --
read users lists
read group_members
read group_rules
read app_users
read admin_roles
account 00u1 login=ann@example.com hr=1
account 00u2 login=other@example.com
right group:G1 name=Orders read=group_members editable
right admin_role:SUPER_ADMIN name=Super
grant 00u1 group:G1
`

// TestWhatKeepsARightOfAFormerJob says each reason that is about the person or the account.
func TestWhatKeepsARightOfAFormerJob(t *testing.T) {
	grant := func(w *World, account uint32) {
		w.Systems[0].Grants = append(w.Systems[0].Grants, access.Grant{Account: account, Entitlement: 1})
	}
	for name, c := range map[string]struct {
		change func(*World)
		says   string
		now    bool
	}{
		"nothing": {func(*World) {}, "; announced for 2026-11-10, it is due tonight", true},
		"who leaves next week": {func(w *World) {
			w.Rosters[0].Rows[0].Status, w.Rosters[0].Rows[0].LastWorkingDay = access.StatusLeft, dayOf(midnight.AddDate(0, 0, 7))
		}, "", false},
		"the company does not want it": {func(w *World) { w.Settings.Removal.Movers = false }, "", false},
		"two people in one": {func(w *World) {
			w.Policy.Answers = []access.Answer{{Person: personKey("employees/2"), Answer: "same_as", SameAs: "1"}}
		}, "the HR lists have them more than once", false},
		"somebody else has the address":  {func(w *World) { w.Rosters[0].Rows[1].Email = "ann@example.com" }, "the address of ann@example.com is that of somebody else too", false},
		"the only super admin":           {func(w *World) { grant(w, 0) }, "ann@example.com is protected: nobody else is known to stay as super admin", false},
		"a super admin, and another one": {func(w *World) { grant(w, 0); grant(w, 1) }, "; announced for 2026-11-10, it is due tonight", true},
		"a protected account":            {func(w *World) { grant(w, 0); w.Settings.Protected = []string{"ann@example.com"} }, "ann@example.com is protected: it is on the protected list as ann@example.com", false},
		"who was a super admin, and nobody could read who is": {func(w *World) {
			w.Memory.GrantsSeen = map[uint64]uint32{access.HashGrant(w.Systems[0].Accounts[0].Key(), access.OktaAdminRole, "", superAdmin, ""): 1}
			w.Systems[0].Reads[4].Complete, w.Systems[0].Reads[4].Gap = false, "denied"
		}, "ann@example.com is protected: its admin roles could not be read", false},
	} {
		w := loadWorld(t, archive(aMover))
		c.change(&w)
		e, _ := evaluated(w)
		got := e.fateOf(0, 0, 0, e.person(0, 0))
		if !strings.Contains(got.says, c.says) || (got.says == "") != (c.says == "") || got.now != c.now {
			t.Errorf("%s: %q, taken now: %t", name, got.says, got.now)
		}
	}
}

// TestWhatIsAnnouncedIsKept: of what it is, since when, and for a week that it was begun; each once, in order.
func TestWhatIsAnnouncedIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		begun time.Time
		kept  bool
	}{
		"never": {time.Time{}, false}, "a week ago": {midnight.AddDate(0, 0, -7), true}, "a moment more": {midnight.AddDate(0, 0, -7).Add(-time.Second), false}, "yesterday": {midnight.AddDate(0, 0, -1), true},
	} {
		w := loadWorld(t, archive(aMover))
		for id, r := range w.Memory.Residues {
			r.RemovingAt = c.begun
			w.Memory.Residues[id] = r
		}
		if c.begun.IsZero() {
			w.Memory.Residues = nil // the first night that tells of it
		}
		e, d := evaluated(w)
		if len(d.Residues) != 1 {
			t.Fatalf("%s: %+v", name, d.Residues)
		}
		r := d.Residues[0]
		if r.Kind != access.OktaGroup || r.ID != "G1" || r.Person != personKey("employees/1") || !r.RemovingAt.Equal(c.begun) && c.kept || !r.RemovingAt.IsZero() && !c.kept {
			t.Errorf("%s: %+v", name, r)
		}
		e.residues = []access.Residue{{FindingID: "b"}, r, {FindingID: "a"}, {FindingID: "b"}}
		ids := ""
		for _, r := range e.announced() {
			ids += r.FindingID[:1]
		}
		if !slices.Equal([]byte(ids), []byte("ab"+r.FindingID[:1])) {
			t.Errorf("%s: in the order %s", name, ids)
		}
	}
}

// TestTakingARightOfAFormerJobSaysWhy, and is no other action than blocking somebody's would be.
func TestTakingARightOfAFormerJobSaysWhy(t *testing.T) {
	_, d := evaluated(loadWorld(t, archive(aMover)))
	if len(d.Plan.Actions) != 1 {
		t.Fatalf("%+v", d.Plan.Actions)
	}
	act := d.Plan.Actions[0]
	if act.Reason != "Ann works here, and Okta group Orders belonged to an earlier job (employees.csv row 2)" {
		t.Errorf("it says %q", act.Reason)
	}
	if act.ID == stableID("a", string(access.Remove), string(act.Verb), act.Account.String(), string(act.EntitlementKind), act.GrantScope, act.EntitlementID) {
		t.Error("its id is that of a removal after a block")
	}
}
