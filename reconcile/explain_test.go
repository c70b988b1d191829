package reconcile

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// explained has two people of one id in two lists; the first of them has an account in Okta
// and one in an AWS account.
const explained = `
-- employees.csv --
employee_id,name,email,title,department,status,start_date,end_date,last_working_day,timezone
1,Ann,ann@example.com,Engineer,R&D,active,2020-01-01,,,
2,Bob,bob@example.com,Clerk,Sales,active,2020-01-01,,,
-- contractors.csv --
employee_id,name,email,title,department,status,start_date,end_date,last_working_day,timezone
1,Cy,cy@example.com,,,active,2020-01-01,,,
-- rolemap.csv --
role,title,department,worker_type,system,scope,kind,entitlement,requirement,risk,owner,meaning,approved_by,expires_on
Engineers,Engineer,,,okta,,group,Code,allowed,,,,cto,
,Engineer,,,okta,,group,Chat,allowed,,,,,
Engineers,Engineer,,,okta,,group,Build,required,,it@example.com,,,
Engineers,Engineer,,,okta,,app,Wiki,allowed,,,,,
-- exceptions.csv --
id,source,employee_id,system,kind,entitlement,reason,approved_by,expires_on
X1,employees,1,okta,group,Audit,the audit,cfo,2026-12-31
X2,employees,1,okta,group,Archive,,cfo,2026-10-31
-- system/okta --
read users lists
account 00u1 login=ann hr=1 email=ann@example.com
account 00u2 login=bob email=bob@example.com
right group:g1 name=Code
right group:g2 name=Chat
right group:g3 name=Build
right group:g4 name=Audit
right group:g5 name=Archive
right group:g6 name=Odd
right group:g7 name=Spare
right app:a1 name=Wiki
grant 00u1 group:g6
grant 00u1 group:g1
grant 00u1 group:g2
grant 00u1 group:g4
grant 00u1 group:g5
grant 00u1 app:a1 via=group:g1
grant 00u2 group:g3
-- system/aws --
read iam scope=111122223333 lists
account AIDA1 scope=111122223333 login=ann email=ann@example.com read=111122223333/iam
-- links.csv --
system,scope,account_id,source,employee_id
okta,,00u1,employees,1
`

// whyOf plays the world and gives what is explained, a line for each thing.
func whyOf(t *testing.T, id, right string, unread bool) (out []string) {
	t.Helper()
	w := loadWorld(t, txtar.Parse([]byte(explained)))
	w.Policy.ExceptionsUnread = unread
	for _, x := range Explain(w, Decide(w), id, right) {
		out = append(out, x.Who, x.Stands)
		for _, a := range x.Accounts {
			out = append(out, fmt.Sprintf("%s, because %s", a.Account, a.Because))
			out = append(out, a.Rights...)
		}
		if x.Lacks != "" {
			out = append(out, x.Lacks)
		}
	}
	return out
}

func TestWhySomebodyHasARightIsToldWithItsPathAndItsLine(t *testing.T) {
	const since = "; known since 2026-11-23"
	want := []string{
		"Ann (employees/1), Engineer, R&D", "active: works here [employees.csv row 2]",
		"ann in okta [00u1], active, because links.csv says so",
		"app Wiki, through group Code: role map, Engineers (rolemap.csv row 5)" + since,
		"group Archive, directly: only the expired exception X2 (exceptions.csv row 3) until 2026-10-31: none given" + since,
		"group Audit, directly: exception X1 (exceptions.csv row 2) until 2026-12-31: the audit" + since,
		"group Chat, directly: role map, none given (rolemap.csv row 3)" + since,
		"group Code, directly: role map, Engineers (rolemap.csv row 2), approved by cto" + since,
		"group Odd, directly: nothing allows it" + since,
		"ann in aws 111122223333 [AIDA1], active, because its e-mail address",
	}
	if d := cmp.Diff(want, whyOf(t, "employees/1", "", false)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, line := range whyOf(t, "employees/1", "Code", true) {
		if line == "group Code, directly: not judged tonight: a policy file could not be used"+since {
			return
		}
	}
	t.Error("with a policy file that cannot be used nothing is judged, and it is not said")
}

func TestAnIDExplainsEverybodyWhoHasItAndOneWithItsListThatOneAlone(t *testing.T) {
	cy := []string{"Cy (contractors/1), none given, none given", "active: works here [contractors.csv row 2]"}
	if d := cmp.Diff(cy, whyOf(t, "contractors/1", "", false)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	both := whyOf(t, "1", "", false)
	if !slices.Contains(both, cy[0]) || !slices.Contains(both, "Ann (employees/1), Engineer, R&D") || len(both) != 12 {
		t.Errorf("%q", both)
	}
	if nobody := whyOf(t, "7", "", false); nobody != nil {
		t.Errorf("%q", nobody)
	}
}

func TestOfARightThatSomebodyDoesNotHoldItIsToldWhatWouldGiveIt(t *testing.T) {
	for right, want := range map[string]string{
		"g3": "they do not hold group Build in okta, though the role map lets them have it (required, rolemap.csv row 4): ask it@example.com to grant it",
		// asked by its name, in any case
		"SPARE": "they do not hold SPARE, and no line of the role map gives it to a Engineer in R&D: it would need a rule, or an exception with an end",
		"G7":    `no system that was read has a right called "G7"`,
	} {
		if got := whyOf(t, "employees/1", right, false); len(got) != 5 || got[4] != want {
			t.Errorf("%s: %q, want %q", right, got, want)
		}
	}
	held := []string{
		"Ann (employees/1), Engineer, R&D", "active: works here [employees.csv row 2]", "ann in okta [00u1], active, because links.csv says so",
		"group Code, directly: role map, Engineers (rolemap.csv row 2), approved by cto; known since 2026-11-23", "ann in aws 111122223333 [AIDA1], active, because its e-mail address",
	}
	if d := cmp.Diff(held, whyOf(t, "employees/1", "code", false)); d != "" {
		t.Errorf("of a right that they hold (-want +got):\n%s", d)
	}
}
