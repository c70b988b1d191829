package reconcile

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

// rowsOf are the rows of all worksheets of a world, by person and name of the right.
func rowsOf(w World) map[string]access.Item {
	rows := map[string]access.Item{}
	for _, s := range Decide(w).Worksheets {
		for _, i := range s.Items {
			rows[i.Person.Name+" "+i.Entitlement] = i
		}
	}
	return rows
}

// TestPeersAreWhoDoesNotLeave: HR's list may keep who has left for years, and what a whole role holds is not rare for it.
func TestPeersAreWhoDoesNotLeave(t *testing.T) {
	rows := rowsOf(loadWorld(t, archive(`
-- employees.csv --
employee_id,name,email,title,department,status,last_working_day
1,Ann,ann@example.com,Dev,IT,active,
2,Ben,ben@example.com,dev,it,active,
3,Cid,cid@example.com,Dev,IT,active,
4,Dee,dee@example.com,Dev,IT,left,2025-06-30
5,Eve,eve@example.com,Dev,IT,left,2025-06-30
6,Fay,fay@example.com,Dev,IT,left,2025-06-30
7,Gus,gus@example.com,Dev,Sales,active,
8,Hal,hal@example.com,Clerk,IT,active,
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1
account 00u1b login=ann2@example.com hr=1
account 00u2 login=ben@example.com hr=2
account 00u3 login=cid@example.com hr=3
account 00u4 login=dee@example.com hr=4
account 00u7 login=gus@example.com hr=7
account 00u8 login=hal@example.com hr=8
right group:G1 name=Wiki
right group:G2 name=Code
right group:G3 name=Notes
grant 00u1 group:G1
grant 00u1b group:G1
grant 00u2 group:G1
grant 00u4 group:G1
grant 00u7 group:G1
grant 00u8 group:G1
grant 00u1 group:G2
grant 00u2 group:G2 via=group:G1
grant 00u3 group:G2 via=group:G3
grant 00u4 group:G2
`)))
	for row, want := range map[string][2]int{"Ann Wiki": {2, 3}, "Ben Wiki": {2, 3}, "Gus Wiki": {1, 1}, "Hal Wiki": {1, 1}, "Ann Code": {1, 3}} {
		if i := rows[row]; [2]int{i.PeersHave, i.PeersAll} != want {
			t.Errorf("%s: %d of %d, not %d of %d", row, i.PeersHave, i.PeersAll, want[0], want[1])
		}
	}
	if i := rows["Ann Wiki"]; i.Suggested != "Keep" {
		t.Errorf("two of the three who work here have it, and it says %s: %s", i.Suggested, i.SuggestedWhy)
	}
}

// TestWhoIsOnGardenLeaveIsAPeerAsLongAsTheirAccessStays, which is the company's choice.
func TestWhoIsOnGardenLeaveIsAPeerAsLongAsTheirAccessStays(t *testing.T) {
	w := loadWorld(t, archive(`
-- employees.csv --
employee_id,name,email,status,end_date
1,Ann,ann@example.com,active,
2,Ben,ben@example.com,garden_leave,2026-12-31
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1
account 00u2 login=ben@example.com hr=2
right group:G1 name=Wiki
grant 00u1 group:G1
grant 00u2 group:G1
`))
	for revoke, want := range map[bool]int{false: 2, true: 1} {
		w.Settings.RevokeGardenLeave = revoke
		if i := rowsOf(w)["Ann Wiki"]; i.PeersHave != want || i.PeersAll != want {
			t.Errorf("their access ends: %t, and %d of %d have it", revoke, i.PeersHave, i.PeersAll)
		}
	}
}

// annsWaysToHold is a world in which Ann holds something by a rule, for a time, and by nothing.
const annsWaysToHold = `
-- employees.csv --
employee_id,name,email,title,department,status,manager_id
1,Ann,ann@example.com,Dev,IT,active,9
2,Ben,ben@example.com,Dev,IT,active,8
9,Max,max@example.com,Lead,IT,active,
-- rolemap.csv --
role,title,department,system,kind,entitlement,requirement,meaning,approved_by,risk
Lead,Lead,IT,okta,group,Code,allowed,what leads call it,Lou,
Dev,Dev,IT,okta,group,Code,allowed,the code,Lou,
Any,Dev,IT,okta,group,All-*,allowed,,Lou,sensitive
Lead,Lead,IT,okta,group,Shared,allowed,what leads share,Lou,
Lead,Lead,IT,okta,group,Shared,allowed,something else,Lou,
Star,Lead,IT,okta,group,*,allowed,anything,Lou,
Same,Lead,IT,okta,app,Wiki,allowed,the pages,Lou,
-- exceptions.csv --
id,source,employee_id,system,kind,entitlement,reason,approved_by,approved_on,expires_on
X1,employees,1,okta,group,Lent,handover,Kim,2026-11-01,2026-12-31
X2,employees,1,okta,group,Over,handover,Kim,2026-10-01,2026-11-01
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1 used=2026-11-20
account 00u2 login=ben@example.com hr=2
right group:G1 name=Code
right group:G2 name=All-night
right group:G3 name=Shared
right group:G4 name=Lent
right group:G5 name=Over
right group:G6 name=Plain
right app:A1 name=Wiki
right app:A2 name=Wiki-inside
grant 00u1 group:G1 used=2026-11-19T01:00:00Z
grant 00u1 group:G2
grant 00u1 group:G3
grant 00u1 group:G4
grant 00u1 group:G5
grant 00u1 group:G6
grant 00u1 app:A2 via=group:G6
grant 00u1 app:A1 via=group:G6
grant 00u1 app:A1 via=group:G5
grant 00u2 group:G6
`

// TestARowSaysHowTheRightIsHeld: by a rule, for a time, or by nothing, who approved it and what it means.
func TestARowSaysHowTheRightIsHeld(t *testing.T) {
	w := loadWorld(t, archive(annsWaysToHold))
	w.Policy.Exceptions[0].Ticket = "T-9"
	for n := range w.Systems[0].Entitlements {
		if r := &w.Systems[0].Entitlements[n]; r.ID == "A1" || r.ID == "G6" {
			r.ScopeName = "Production"
		}
	}
	rows := rowsOf(w)
	for name, want := range map[string]access.Item{
		"Code":      {HowHeld: "Role map: Dev", Meaning: "the code", ApprovedBy: "Lou", ApprovalRef: "rolemap.csv row 3", Risk: access.RiskStandard},
		"All-night": {HowHeld: "Role map: Any", ApprovedBy: "Lou", ApprovalRef: "rolemap.csv row 4", Risk: access.RiskSensitive},
		"Shared":    {HowHeld: "Directly; no rule covers it", Meaning: "what leads share", Risk: access.RiskStandard},
		"Lent":      {HowHeld: "Exception until 2026-12-31", ApprovedBy: "Kim", ApprovalRef: "X1 T-9", Risk: access.RiskStandard},
		"Over":      {HowHeld: "Exception until 2026-11-01", ApprovedBy: "Kim", ApprovalRef: "X2", Risk: access.RiskStandard},
		"Plain":     {HowHeld: "Directly; no rule covers it", Risk: access.RiskStandard},
	} {
		got := rows["Ann "+name]
		if got.HowHeld != want.HowHeld || got.Meaning != want.Meaning || got.ApprovedBy != want.ApprovedBy || got.ApprovalRef != want.ApprovalRef || got.Risk != want.Risk {
			t.Errorf("%s: %q, %q, by %q (%q), %s", name, got.HowHeld, got.Meaning, got.ApprovedBy, got.ApprovalRef, got.Risk)
		}
	}
	plain := rows["Ann Plain"]
	if plain.ScopeName != "Production" || strings.Join(plain.Carries, "; ") != "app Wiki in Production; app Wiki-inside" || plain.ManagerName != "Max" {
		t.Errorf("where it is, what goes with it, whose manager: %q, %q, %q", plain.ScopeName, plain.Carries, plain.ManagerName)
	}
	if n := rows["Ben Plain"].ManagerName; n != "8" {
		t.Errorf("of a manager who is in no list the id is told, not %q", n)
	}
	if code := rows["Ann Code"]; !code.UsageKnown || code.LastUsedAt.Format("2006-01-02T15") != "2026-11-19T01" || plain.UsageKnown {
		t.Errorf("last used: %v, %v; and of the other %v", code.UsageKnown, code.LastUsedAt, plain.UsageKnown)
	}
	w.Policy.RoleMapUnread = true
	if i := rowsOf(w)["Ann Plain"]; i.HowHeld != "Directly; not judged tonight: a policy file could not be used" {
		t.Errorf("nothing was judged, and the row says %q", i.HowHeld)
	}
}

// TestTheFindingOnARow: the right's own, else that its account is not used; nothing else that is said of the account.
func TestTheFindingOnARow(t *testing.T) {
	w := loadWorld(t, archive(annHolds))
	e := decided(w, Decide(w))
	k := w.Systems[0].Accounts[0].Key()
	own := access.Finding{ID: "own", Kind: access.UnexpectedGrant, Account: k, EntitlementKind: access.OktaGroup, EntitlementID: "X", Reason: "no rule"}
	second := access.Finding{ID: "second", Kind: access.SoDConflict, Account: k, EntitlementKind: access.OktaGroup, EntitlementID: "X", Reason: "two duties"}
	dormant := access.Finding{ID: "dormant", Kind: access.DormantAccess, Account: k, Reason: "not used"}
	noMFA := access.Finding{ID: "mfa", Kind: access.NoMFA, Account: k, Reason: "no second factor"}
	for name, c := range map[string]struct {
		findings    []access.Finding
		group, app  string
		kind        access.FindingKind
		why, appWhy string
	}{
		"nothing":                       {nil, "", "", "", "", ""},
		"its own":                       {[]access.Finding{own}, "own", "", access.UnexpectedGrant, "no rule", ""},
		"the first is the most":         {[]access.Finding{own, second}, "own", "", access.UnexpectedGrant, "no rule", ""},
		"the other way round":           {[]access.Finding{second, own}, "second", "", access.SoDConflict, "two duties", ""},
		"the account is not used":       {[]access.Finding{dormant}, "dormant", "dormant", access.DormantAccess, "not used", "not used"},
		"its own comes first":           {[]access.Finding{dormant, own}, "own", "dormant", access.UnexpectedGrant, "no rule", "not used"},
		"something else of the account": {[]access.Finding{noMFA}, "", "", "", "", ""},
	} {
		r := e.routing(c.findings)
		group, app := r.grantItem(0, 0, e.heldDirectly(0, 0, access.Removal{Kind: access.OktaGroup, Entitlement: "X"})), r.grantItem(0, 0, e.heldDirectly(0, 0, access.Removal{Kind: access.OktaApp, Entitlement: "X"}))
		if group.FindingID != c.group || group.FindingKind != c.kind || group.Why != c.why || app.FindingID != c.app || app.Why != c.appWhy {
			t.Errorf("%s: %q %s %q, and the application %q %q", name, group.FindingID, group.FindingKind, group.Why, app.FindingID, app.Why)
		}
	}
}

// TestTheRowOfAnAccountSaysWhatIsAskedOfItsRights: the account's own finding first, else the first of a right of it.
func TestTheRowOfAnAccountSaysWhatIsAskedOfItsRights(t *testing.T) {
	w := loadWorld(t, archive(`
-- system/okta --
read users lists
account 00u1 login=robot
right group:A name=A
right group:B name=B
grant 00u1 group:B
grant 00u1 group:A
grant 00u1 group:A via=group:B
`))
	e := decided(w, Decide(w))
	k := w.Systems[0].Accounts[0].Key()
	about := func(id, right string) access.Finding {
		f := access.Finding{ID: id, Kind: access.SoDConflict, Account: k, Reason: "why " + id}
		if right != "" {
			f.EntitlementKind, f.EntitlementID = access.OktaGroup, right
		}
		return f
	}
	for name, c := range map[string]struct {
		findings []access.Finding
		want     string
	}{
		"nothing": {nil, ""}, "of the account": {[]access.Finding{about("own", "")}, "own"}, "of a right": {[]access.Finding{about("a", "A")}, "a"},
		"of two rights": {[]access.Finding{about("a", "A"), about("b", "B")}, "b"}, "of both": {[]access.Finding{about("a", "A"), about("own", "")}, "own"}, "of another": {[]access.Finding{about("c", "C")}, ""},
	} {
		i := e.routing(c.findings).accountItem(0, 0)
		if i.FindingID != c.want || (i.Why == "") != (c.want == "") || strings.Join(i.Carries, "; ") != "group A; group B" {
			t.Errorf("%s: %q %q, with %q", name, i.FindingID, i.Why, i.Carries)
		}
	}
}

// TestTheRiskOfTheRuleByWhichARightIsHeld: a rule about whatever there is says it of who holds something by it, and of nobody else.
func TestTheRiskOfTheRuleByWhichARightIsHeld(t *testing.T) {
	rows := rowsOf(loadWorld(t, archive(`
-- employees.csv --
employee_id,name,email,status,title
1,Ann,ann@example.com,active,Chief
2,Ben,ben@example.com,active,Clerk
-- rolemap.csv --
role,title,department,worker_type,system,scope,kind,entitlement,requirement,risk
Chief,Chief,,,okta,,group,*,allowed,sensitive
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1
account 00u2 login=ben@example.com hr=2
right group:G1 name=Wiki
grant 00u1 group:G1
grant 00u2 group:G1
`)))
	if rows["Ann Wiki"].Risk != access.RiskSensitive || rows["Ben Wiki"].Risk != access.RiskStandard {
		t.Errorf("of whom the rule is about: %s, and of whom it is not: %s", rows["Ann Wiki"].Risk, rows["Ben Wiki"].Risk)
	}
}
