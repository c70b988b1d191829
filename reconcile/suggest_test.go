package reconcile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// offices is a company of small roles; the first letter of an id is the role's.
var offices = []struct{ ids, title, department, workerType string }{
	{"a1 a2 a3 a4", "Dev", "IT", "employee"}, {"b1 b2", "Dev", "Ops", "employee"}, {"c1 c2", "Dev", "IT", "contractor"}, {"d1 d2", "Clerk", "IT", "employee"},
	{"e1", "Boss", "IT", "employee"},
	{"f1 f2", "", "Sales", "employee"},
	{"g1 g2", "Lead*", "IT", "employee"}, {"h1 h2", "Head", "I?", "employee"}, {"i1 i2", "Cook", "IT", "*"},
	{"j1 j2", "Temp", "Sales", ""}, {"k1 k2", "Temp", "Sales", "agency"},
	{"l1 l2", "unwritable", "IT", "employee"}, {"m1 m2", "Guard", "unwritable", "employee"}, {"n1 n2", "Nurse", "IT", "unwritable"},
}

// rightsOf are the groups, and who has them.
var rightsOf = []struct{ name, holders string }{
	{"All", "a1 a2 a3 a4 b1 b2 c1 c2 d1 d2 e1 f1 f2 g1 g2"}, // 15 of 30
	{"Most", "a1 a2 a3 a4 b1 b2 c1 c2 d1 d2 e1 f1 f2 g1"},
	{"Half", "a1 a2 y1 b1 c1 d1"},
	{"Few", "a1"},
	{"Boss", "e1"}, {"Sales", "f1 f2 j1 j2 k1 k2"}, {"Odd", "g1 g2 h1 h2 i1 i2"}, {"Strange", "l1 l2 m1 m2 n1 n2"},
	{"unwritable", "d1 d2"}, {"Any*", "d1 d2"},
}

func officeWorld(t *testing.T) World {
	t.Helper()
	var people, okta, grants strings.Builder
	for _, o := range offices {
		for _, id := range strings.Fields(o.ids) {
			fmt.Fprintf(&people, "%s,P%s,%s,%s,%s,active,2020-01-01,\n", id, id, o.title, o.department, o.workerType)
			fmt.Fprintf(&okta, "account u%s login=%s hr=%s\n", id, id, id)
		}
	}
	for _, r := range rightsOf {
		fmt.Fprintf(&okta, "right group:%s name=%s\n", r.name, r.name)
		for _, id := range strings.Fields(r.holders) {
			fmt.Fprintf(&grants, "grant u%s group:%s\n", id, r.name)
		}
	}
	return loadWorld(t, txtar.Parse(fmt.Appendf(nil, `
-- employees.csv --
employee_id,name,title,department,worker_type,status,start_date,end_date
%sx1,Left,Dev,IT,employee,left,,2026-11-20
y1,Leaves,Dev,IT,employee,left,,2026-12-24
z1,Starts,Dev,IT,employee,active,2027-01-01,
-- system/okta --
read users lists
%saccount ux1 login=x1 hr=x1
account uy1 login=y1 hr=y1
account second login=a1-admin hr=a1
account ended login=a2-old hr=a2 vendor=DEPROVISIONED
account nobody login=nobody
right group:Admins name=Admins privileged
right group:Place name=Place scope=s*
right group:Unnamed name=
right app:Wiki name=Wiki
right api_token:T1 name=T1
right app:Secret name=Secret credential
%s
# what is not counted: a second time, an account that has ended, one of nobody or of who left, what a group carries
grant second group:Few
grant ended group:Few
grant nobody group:Few
grant ux1 group:Few
grant ua1 app:Wiki via=group:Few
grant ua1 api_token:T1
grant ua1 app:Secret
grant ud1 group:Admins
grant ud2 group:Admins
grant ud1 group:Place
grant ud2 group:Place
grant ud1 group:Unnamed
grant ud2 group:Unnamed
`, people.String(), okta.String(), grants.String())))
}

// suggestedForTheOffice is what half of a role, and two at least, hold there, and what is
// left unexplained.
var suggestedForTheOffice = []string{
	"Clerk: Clerk/IT/employee may have okta:group:Admins allowed, privileged",
	"Everybody: // may have okta:group:All allowed, standard",
	"Clerk: Clerk/IT/employee may have okta:group:Half allowed, standard",
	"Dev: Dev/IT/contractor may have okta:group:Half allowed, standard",
	"Dev: Dev/IT/employee may have okta:group:Half allowed, standard",
	"Dev: Dev/Ops/employee may have okta:group:Half allowed, standard",
	"Clerk: Clerk/IT/employee may have okta:group:Most allowed, standard",
	"Dev: Dev/IT/contractor may have okta:group:Most allowed, standard",
	"Dev: Dev/IT/employee may have okta:group:Most allowed, standard",
	"Dev: Dev/Ops/employee may have okta:group:Most allowed, standard",
	"Temp: Temp/Sales/agency may have okta:group:Sales allowed, standard",
	"6 have Odd unexplained, privileged false",
	"6 have Strange unexplained, privileged false",
	"4 have Most unexplained, privileged false",
	"4 have Sales unexplained, privileged false",
	"2 have  unexplained, privileged false",
	"2 have Any* unexplained, privileged false",
	"2 have unwritable unexplained, privileged false",
	"2 have Places* unexplained, privileged false",
	"1 have Boss unexplained, privileged false",
	"1 have Few unexplained, privileged false",
	"2 of Clerk/IT/employee have 8 unexplained",
	"2 of /Sales/employee have 4 unexplained",
	"2 of Lead*/IT/employee have 3 unexplained",
	"1 of Boss/IT/employee have 2 unexplained",
	"2 of Cook/IT/* have 2 unexplained",
	"2 of Guard/unwritable/employee have 2 unexplained",
	"2 of Head/I?/employee have 2 unexplained",
	"2 of Nurse/IT/unwritable have 2 unexplained",
	"2 of Temp/Sales/ have 2 unexplained",
	"2 of unwritable/IT/employee have 2 unexplained",
	"5 of Dev/IT/employee have 1 unexplained",
	"35 of 65 covered, 1 privileged",
}

func TestALineIsSuggestedForWhatEnoughOfARoleHoldAndMeansThatRoleAlone(t *testing.T) {
	w := officeWorld(t)
	for n := range w.Systems[0].Entitlements {
		if e := &w.Systems[0].Entitlements[n]; e.ID == "Unnamed" {
			e.Name = ""
		}
	}
	s := Suggest(w, 0.5, 2, func(s string) bool { return s != "unwritable" })
	var got []string
	for _, r := range s.Rules {
		got = append(got, fmt.Sprintf("%s: %s/%s/%s may have %s:%s:%s %s, %s", r.Role, r.Title, r.Department, r.WorkerType, r.System, r.Kind, r.Entitlement, r.Requirement, r.Risk))
	}
	for _, r := range s.Rights {
		got = append(got, fmt.Sprintf("%d have %s%s unexplained, privileged %t", r.People, r.Entitlement, r.Scope, r.Privileged))
	}
	for _, r := range s.Roles {
		got = append(got, fmt.Sprintf("%d of %s/%s/%s have %d unexplained", r.People, r.Title, r.Department, r.WorkerType, r.Held))
	}
	got = append(got, fmt.Sprintf("%d of %d covered, %d privileged", s.Covered, s.Held, s.Privileged))
	if d := cmp.Diff(suggestedForTheOffice, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if none := Suggest(w, 0.5, 2, func(string) bool { return false }); len(none.Rules) > 0 || none.Covered > 0 || none.Held != s.Held {
		t.Errorf("nothing can be written, and it suggests %v", none.Rules)
	}
}
