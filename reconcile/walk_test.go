package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// evaluated is a world of which everything is concluded.
func evaluated(w World) (*evaluation, Decision) {
	k := Identify(w)
	return k.e, k.Evaluate()
}

// annsLines is a world in which Ann holds rights by lines of each kind, and by groups that
// carry them.
const annsLines = `
-- employees.csv --
employee_id,name,email,status,title
1,Ann,ann@example.com,active,Dev
-- rolemap.csv --
role,title,department,worker_type,system,scope,kind,entitlement,requirement
Dev,Dev,,,okta,,app,ByItself,allowed
Dev,Dev,,,okta,,group,Ruled,allowed
Dev,Dev,,,okta,,app,Two*,allowed
Lead,Lead,,,okta,,app,TwoRules,allowed
-- exceptions.csv --
id,source,employee_id,system,kind,entitlement,reason,approved_by,approved_on,expires_on
X1,employees,1,okta,group,Lent,handover,Eve,2026-11-10,2026-12-31
X2,employees,1,okta,group,Lent,handover,Eve,2026-10-10,2026-11-01
X3,employees,1,okta,group,Over,handover,Eve,2026-10-10,2026-11-01
X4,employees,1,okta,app,Twice,handover,Eve,2026-10-10,2026-11-01
X5,employees,1,okta,group,Plain,handover,Eve,2026-11-10,2026-12-31
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1
right group:G1 name=Ruled
right group:G2 name=Lent
right group:G3 name=Over
right group:G4 name=Other
right group:G5 name=Plain
right app:A1 name=ByItself
right app:A2 name=Carried
right app:A3 name=Twice
right app:A4 name=TwoRules
grant 00u1 group:G1
grant 00u1 group:G2
grant 00u1 group:G3
grant 00u1 group:G4
grant 00u1 app:A1 via=group:G4
grant 00u1 app:A2 via=group:G1
grant 00u1 app:A2 via=group:G2
grant 00u1 app:A2 via=group:G3
grant 00u1 app:A2 via=group:G4
grant 00u1 app:A3 via=group:G5
grant 00u1 app:A4 via=group:G4
`

// TestWhichLineLetsSomebodyHaveARight: a rule of the right itself, else one of the group that carries it, else an
// exception about either, of which one that lives counts before one that is over.
func TestWhichLineLetsSomebodyHaveARight(t *testing.T) {
	w := loadWorld(t, archive(annsLines))
	_, d := evaluated(w)
	o, got := &d.Systems[0], ""
	for n, g := range o.Grants {
		v, via := o.Verdicts[n], ""
		if !g.Direct() {
			via = " by " + o.Entitlements[g.Carrier-1].Name
		}
		line := "nothing"
		switch {
		case v.Rule() != 0:
			line = cite("rolemap.csv", w.Policy.RoleMap.Rules[v.Rule()-1].Row)
		case v.Exception() != 0:
			line = w.Policy.Exceptions[v.Exception()-1].ID
		}
		got += fmt.Sprintf("%s%s: %s, expected: %t\n", o.Entitlements[g.Entitlement].Name, via, line, v.Expected())
	}
	const want = `Ruled: rolemap.csv row 3, expected: true
Lent: X1, expected: true
Over: X3, expected: false
Other: nothing, expected: false
ByItself by Other: rolemap.csv row 2, expected: true
Carried by Ruled: rolemap.csv row 3, expected: true
Carried by Lent: X1, expected: true
Carried by Over: X3, expected: false
Carried by Other: nothing, expected: false
Twice by Plain: X5, expected: true
TwoRules by Other: rolemap.csv row 4, expected: true
`
	if got != want {
		t.Errorf("it is\n%s", got)
	}
}

// TestSinceWhenARightIsKnownAndHowManyHoldItIsNotedOfEveryAccount: of who left, of nobody's and of what is off, too.
func TestSinceWhenARightIsKnownAndHowManyHoldItIsNotedOfEveryAccount(t *testing.T) {
	w := loadWorld(t, archive(`
-- world --
seen okta::00u1 group:G1
seen okta::00u2 group:G1
seen okta::00u3 group:G1
seen okta::00u4 group:G1
-- employees.csv --
employee_id,name,email,status,last_working_day
1,Ann,ann@example.com,active,
2,Ben,ben@example.com,left,2026-11-10
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1
account 00u2 login=ben@example.com hr=2
account 00u3 login=ghost
account 00u4 login=old hr=1 vendor=DEPROVISIONED
account 00u5 login=new
right group:G1 name=Wiki
grant 00u1 group:G1
grant 00u2 group:G1
grant 00u3 group:G1
grant 00u4 group:G1
grant 00u5 group:G1
`))
	e, d := evaluated(w)
	for n, want := range []uint16{1, 1, 1, 1, uint16(days(w.Now))} {
		if got := d.Systems[0].FirstSeen(n); got != want {
			t.Errorf("%s: since day %d, not %d", w.Systems[0].Accounts[n].Login, got, want)
		}
	}
	if got := e.holders[0][0]; got != 5 {
		t.Errorf("%d grants of it, of 5", got)
	}
}

// TestWhatAnotherRoleMapWouldChangeIsToldWithTheLinesOfBoth, in an order of its own.
func TestWhatAnotherRoleMapWouldChangeIsToldWithTheLinesOfBoth(t *testing.T) {
	w := loadWorld(t, archive(`
-- employees.csv --
employee_id,name,email,status,title
1,Ann,ann@example.com,active,Dev
2,Ben,ben@example.com,active,Dev
-- rolemap.csv --
role,title,department,worker_type,system,scope,kind,entitlement,requirement
Dev,Dev,,,okta,,group,Old,allowed
Dev,Dev,,,okta,,group,Lent,allowed
-- exceptions.csv --
id,source,employee_id,system,kind,entitlement,reason,approved_by,approved_on,expires_on
X1,employees,1,okta,group,Lent,handover,Eve,2026-11-10,2026-12-31
X2,employees,1,okta,group,Over,handover,Eve,2026-10-10,2026-11-01
-- system/okta --
read users lists
account 00u2 login=ben@example.com hr=2
account 00u1 login=ann@example.com hr=1
account 00u3 login=ghost
right group:G3 name=Lent
right group:G1 name=Old
right group:G2 name=New
right group:G4 name=Over
grant 00u2 group:G1
grant 00u1 group:G1
grant 00u2 group:G2
grant 00u1 group:G2
grant 00u3 group:G2
grant 00u2 group:G3
grant 00u1 group:G3
grant 00u1 group:G4
`))
	newer := access.RoleMap{Rules: []access.Rule{{Line: access.Line{File: "new.csv", Row: 7}, Title: "Dev", System: "okta", Kind: "group", Entitlement: "New"},
		{Line: access.Line{File: "new.csv", Row: 8}, Title: "Dev", System: "okta", Kind: "group", Entitlement: "Over"}}}
	d := CompareMaps(w, w.Policy.RoleMap, newer)
	told := func(all []GrantChange) string {
		lines := []string{}
		for _, c := range all {
			lines = append(lines, strings.Join([]string{c.Name, c.Entitlement, c.Before, c.After}, "|"))
		}
		return strings.Join(lines, "; ")
	}
	if got := told(d.Allowed); got != "Ann|New||new.csv row 7; Ann|Over||new.csv row 8; Ben|New||new.csv row 7" {
		t.Errorf("allowed: %s", got)
	}
	if got := told(d.Unexpected); got != "Ann|Old|rolemap.csv row 2|; Ben|Lent|rolemap.csv row 3|; Ben|Old|rolemap.csv row 2|" {
		t.Errorf("unexpected: %s", got)
	}
	for n, c := range map[access.Verdict]string{{}: "", {By: 1}: "rolemap.csv row 2", access.ByException(1, false): "exceptions.csv row 2", access.ByException(2, true): "", access.ByException(2, false): "exceptions.csv row 3"} {
		if got := allowedBy(w.Policy, n); got != c {
			t.Errorf("%+v is allowed by %q, not %q", n, got, c)
		}
	}
}

func TestAFileIsCitedByItsRowIfThereIsOne(t *testing.T) {
	if a, b := cite("rolemap.csv", 0), cite("rolemap.csv", 3); a != "rolemap.csv" || b != "rolemap.csv row 3" {
		t.Errorf("%q, %q", a, b)
	}
}

// TestWhatIsLackingIsToldInTheOrderOfTheRoleMap, whichever line is about more people.
func TestWhatIsLackingIsToldInTheOrderOfTheRoleMap(t *testing.T) {
	e, _ := evaluated(loadWorld(t, archive(`
-- employees.csv --
employee_id,name,email,status,title,department
1,Ann,ann@example.com,active,Dev,IT
-- rolemap.csv --
role,title,department,worker_type,system,scope,kind,entitlement,requirement
Dev,Dev,,,okta,,group,First,required
All,,,,okta,,group,Second,required
Dev,Dev,,,okta,,group,Third,required
IT,,IT,,okta,,group,Fourth,required
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1
right group:G1 name=First
right group:G2 name=Second
right group:G3 name=Third
right group:G4 name=Fourth
`)))
	var rules []int32
	for _, l := range e.lacks {
		rules = append(rules, l.rule)
	}
	if !slices.Equal(rules, []int32{0, 1, 2, 3}) {
		t.Errorf("lines %v", rules)
	}
}
