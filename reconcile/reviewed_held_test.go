package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

const annHolds = `
-- employees.csv --
employee_id,name,email,status,manager_id
1,Ann,ann@example.com,active,
-- contacts.csv --
system,responsibility,name,business_hours_contact
aws,owner,Alma,alma@example.com
okta,compliance,Cora,cora@example.com
okta,owner,Otto,otto@example.com
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1
right group:X name=GroupX
right app:X name=AppX
right group:Y scope=s name=Scoped
right group:C name=Carried
grant 00u1 group:C via=group:X
grant 00u1 app:X
grant 00u1 group:Y
grant 00u1 group:X
`

// What a review decided to remove is one right: no other with the same id, of another kind or scope, and
// none that comes by something else.
func TestWhatIsTakenIsTheRightThatWasDecided(t *testing.T) {
	w := loadWorld(t, archive(annHolds))
	e := decided(w, Decide(w))
	for _, c := range []struct {
		kind      access.EntitlementKind
		scope, id string
		want      string
	}{
		{access.OktaGroup, "", "X", "GroupX"}, {access.OktaApp, "", "X", "AppX"}, {access.OktaGroup, "s", "Y", "Scoped"}, {access.OktaGroup, "", "Y", ""}, {access.OktaApp, "s", "Y", ""}, {access.OktaGroup, "", "C", ""}, {access.OktaGroup, "", "Z", ""},
	} {
		got := ""
		if n := e.heldDirectly(0, 0, access.Removal{Kind: c.kind, Scope: c.scope, Entitlement: c.id}); n >= 0 {
			got = e.systems[0].Entitlements[e.systems[0].Grants[n].Entitlement].Name
		}
		if got != c.want {
			t.Errorf("%s %s of %q is %q, not %q", c.kind, c.id, c.scope, got, c.want)
		}
	}
}

func TestWithoutAManagerTheOwnerOfThatSystemIsAsked(t *testing.T) {
	d := Decide(loadWorld(t, archive(annHolds)))
	if len(d.Worksheets) != 1 || d.Worksheets[0].ReviewerName != "Otto" || d.Worksheets[0].ReviewerMail != "otto@example.com" {
		t.Errorf("%+v", d.Worksheets)
	}
}

// Who did what, and from where, is for security alone: no reviewer reads it.
func TestWhatSomebodyDidIsOnNoWorksheet(t *testing.T) {
	w := loadWorld(t, archive(annHolds))
	k := w.Systems[0].Accounts[0].Key()
	for kind, want := range map[access.FindingKind]int{access.UsedAfterExit: 0, access.BreakGlassUsed: 0, access.DormantAccess: 1} {
		if r := decided(w, Decide(w)).routing([]access.Finding{{Kind: kind, Account: k}}); len(r.findings) != want {
			t.Errorf("%s: %v", kind, r.findings)
		}
	}
}
