package reconcile

import (
	"strings"
	"testing"

	"rollcall/internal/access"
)

// rightsOfAllRisks is a world in which what the system says of a right and what the rules say
// of it differ.
const rightsOfAllRisks = `
-- employees.csv --
employee_id,name,email,status,title,manager_id
1,Ann,ann@example.com,active,Engineer,9
9,Max,max@example.com,active,Lead,
-- rolemap.csv --
role,title,department,worker_type,system,scope,kind,entitlement,requirement,risk,meaning
Lead,Lead,,,okta,,group,Named,allowed,sensitive,what leads do
Lead,Lead,,,okta,,group,Twice,allowed,standard,
Boss,Boss,,,okta,,group,Twice,allowed,privileged,what the boss does
Held,Engineer,,,okta,,group,Held*,allowed,sensitive,
Any,Lead,,,okta,,group,*,allowed,privileged,
Empty,Lead,,,okta,,group,Quiet,allowed,,
Aws,Lead,,,aws,,group,Plain,allowed,privileged,
Carried,Lead,,,okta,,app,Deploy,allowed,sensitive,
-- nonhuman.csv --
system,scope,account,kind,owner_id,purpose,review_by
okta,,robot,service,1,builds,2026-01-01
-- system/okta --
read users lists
account 00u1 login=ann@example.com hr=1
account 00u2 login=robot
account 00u3 login=ghost
account 00u4 login=chief privileged
right group:n name=Named
right group:t name=Twice
right group:h name=Held-1
right group:q name=Quiet
right group:p name=Plain
right group:v name=Very privileged
right group:c name=Carrier
right group:e name=Empty
right app:d name=Deploy
right app:r name=Root privileged
grant 00u1 group:n
grant 00u1 group:t
grant 00u1 group:h
grant 00u1 group:q
grant 00u1 group:p
grant 00u1 group:v
grant 00u1 group:c
grant 00u1 group:e
grant 00u1 app:d via=group:c
grant 00u2 group:p
grant 00u2 app:d via=group:p
grant 00u2 group:n
grant 00u3 group:p
`

// TestTheRiskOfARow: what the system says, what the rule says by which it is held, what any rule says that
// names it, and what goes with it; the highest counts.
func TestTheRiskOfARow(t *testing.T) {
	got := map[string]access.Item{}
	w := loadWorld(t, archive(rightsOfAllRisks))
	for _, s := range Decide(w).Worksheets {
		for _, i := range s.Items {
			got[i.Entitlement] = i
		}
	}
	for name, want := range map[string]access.Risk{
		"Named": access.RiskSensitive, "Twice": access.RiskPrivileged, "Held-1": access.RiskSensitive, "Quiet": access.RiskStandard, "Plain": access.RiskStandard, "Very": access.RiskPrivileged,
		"Carrier": access.RiskSensitive, "Empty": access.RiskStandard, "robot": access.RiskSensitive, "ghost": access.RiskStandard, "chief": access.RiskPrivileged,
	} {
		if got[name].Risk != want {
			t.Errorf("%s is %q, not %s", name, got[name].Risk, want)
		}
	}
	if got["Named"].Meaning != "what leads do" || got["Twice"].Meaning != "what the boss does" || got["Plain"].Meaning != "" {
		t.Errorf("what they mean: %q, %q, %q", got["Named"].Meaning, got["Twice"].Meaning, got["Plain"].Meaning)
	}
	if c := strings.Join(got["Carrier"].Carries, ","); c != "app Deploy" {
		t.Errorf("with it goes %q", c)
	}
	if c := strings.Join(got["robot"].Carries, ","); c != "app Deploy,group Named,group Plain" || !strings.HasPrefix(got["robot"].HowHeld, "Registered as service") || got["robot"].Meaning != "builds" {
		t.Errorf("the robot has %q: %s, %s", c, got["robot"].HowHeld, got["robot"].Meaning)
	}
}

func TestTheHigherOfTwoRisks(t *testing.T) {
	all := []access.Risk{"", access.RiskStandard, access.RiskSensitive, access.RiskPrivileged}
	for a := range all {
		for b := range all {
			if got := riskier(all[a], all[b]); got != all[max(a, b)] {
				t.Errorf("of %q and %q it is %q", all[a], all[b], got)
			}
		}
	}
}

// TestWhatIsSuggested: nothing of what is not flagged, and Keep only where most of more than two have it.
func TestWhatIsSuggested(t *testing.T) {
	for name, c := range map[string]struct {
		kind      access.FindingKind
		have, all int
		want      string
	}{
		"of a former job": {access.MoverResidue, 9, 9, "Remove"}, "an exception that is over": {access.ExpiredException, 9, 9, "Remove"}, "most of three have it": {access.UnexpectedGrant, 2, 3, "Keep"},
		"half of four": {access.UnexpectedGrant, 2, 4, "Remove"}, "both of two": {access.UnexpectedGrant, 2, 2, "Remove"}, "nothing is flagged": {"", 3, 3, ""}, "another finding": {access.DormantAccess, 3, 3, ""},
	} {
		i := access.Item{FindingKind: c.kind, PeersHave: c.have, PeersAll: c.all}
		if (&routing{}).suggest(&i); i.Suggested != c.want || (i.SuggestedWhy == "") != (c.want == "") {
			t.Errorf("%s: %s, %s", name, i.Suggested, i.SuggestedWhy)
		}
	}
}

// TestTheOrderOfRows: what somebody must look at first; then by name, person, system, account and right.
func TestTheOrderOfRows(t *testing.T) {
	one := func(change func(*access.Item)) access.Item {
		i := access.Item{RowID: "5", FindingKind: access.UnexpectedGrant, Person: access.Person{Identity: access.Identity{Source: "b", EmployeeID: "5", Name: "M"}}, System: "m", Account: access.Account{System: "m", ID: "5"}, Entitlement: "M"}
		change(&i)
		return i
	}
	same := one(func(*access.Item) {})
	for name, change := range map[string]func(*access.Item){
		"not flagged, though all else is before": func(i *access.Item) { i.FindingKind, i.Person.Name, i.RowID = "", "A", "1" }, "allowed for a time": func(i *access.Item) { i.FindingKind, i.Person.Name = access.Excepted, "A" },
		"by name": func(i *access.Item) { i.Person.Name, i.Person.EmployeeID = "N", "1" }, "by person": func(i *access.Item) { i.Person.EmployeeID, i.System = "6", "a" },
		"by system": func(i *access.Item) { i.System, i.Account.ID = "n", "1" }, "by account": func(i *access.Item) { i.Account.ID, i.Entitlement = "6", "A" }, "by right": func(i *access.Item) { i.Entitlement, i.RowID = "N", "1" }, "by row": func(i *access.Item) { i.RowID = "6" },
	} {
		if later := one(change); compareItems(same, later) >= 0 || compareItems(later, same) <= 0 {
			t.Errorf("%s: it does not come later", name)
		}
	}
	if compareItems(same, same) != 0 {
		t.Error("a row is where it is")
	}
}

// TestWhoseManagerSomebodyIs: of the same list or else of another; two with that id are none.
func TestWhoseManagerSomebodyIs(t *testing.T) {
	st := staffIn(t, `
-- employees.csv --
employee_id,name,email,status,manager_id
1,Ann,,active,9
2,Ben,,active,
9,Max,,active,
7,Sam,,active,
-- contractors.csv --
employee_id,name,email,status,manager_id
5,Joe,,active,9
6,Kim,,active,7
7,Tom,,active,
-- agency.csv --
employee_id,name,email,status,manager_id
3,Lou,,active,7
4,Pat,,active,99
`)
	for key, want := range map[string]string{"employees/1": "Max", "employees/2": "", "contractors/5": "Max", "contractors/6": "Tom", "agency/3": "", "agency/4": ""} {
		got := ""
		if m := st.people.manager(*st.people.Get(personKey(key))); m != nil {
			got = m.Name
		}
		if got != want {
			t.Errorf("the manager of %s is %q, not %q", key, got, want)
		}
	}
}
