package reconcile

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"rollcall/internal/access"
)

// TestNothingComesBackByAListOfWhichNoneIsInForce whatever is said of tonight's.
func TestNothingComesBackByAListOfWhichNoneIsInForce(t *testing.T) {
	people := &People{list: []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1"}, Standing: access.StandingActive}}}
	people.index()
	for digest, refused := range map[string]bool{"n1": false, "": true} {
		v := access.RosterVerdict{Source: "employees", Accepted: true, InForce: access.AcceptedRoster{SHA256: digest}}
		r := restoring{e: &evaluation{people: people, w: World{Rosters: []SourceRoster{{Verdict: v}}}}}
		if _, got := r.standing(employee(1)); (got != nil) != refused {
			t.Errorf("in force %q: %+v", digest, got)
		}
	}
}

func TestABeforeImageThatCannotBeReadHasNoStatus(t *testing.T) {
	for image, want := range map[string]string{`{"status":"Active"}`: "Active", `{"status":"Active","status":1}`: "", `{"status":"Act`: "", ``: ""} {
		if got := imageStatus(json.RawMessage(image)); got != want {
			t.Errorf("%s: %q", image, got)
		}
	}
}

// TestOfTwoThatForbidARightTheSameIsNamedInWhateverOrderTheyWereRead, held by the person or carried
// by the group that is to come back.
func TestOfTwoThatForbidARightTheSameIsNamedInWhateverOrderTheyWereRead(t *testing.T) {
	const world = `
-- world --
blocked sso::U1 employees/1 2026-11-20T02:00:00Z delete_assignment delete_membership
-- employees.csv --
employee_id,name,email,status,start_date,end_date,last_working_day,timezone
1,Ann,,active,2020-01-01,,,
2,Ben,,active,2020-01-01,,,
-- rolemap.csv --
role,system,kind,entitlement,requirement
Everyone,sso,permission_set,Pay,allowed
Everyone,sso,sso_group,Payers,allowed
-- sod.csv --
rule,left_system,left_scope,left_kind,left_entitlement,right_system,right_scope,right_kind,right_entitlement,reason
S1,sso,,permission_set,Pay,sso,,permission_set,Approve*,fraud
S2,sso,,permission_set,Pay1,sso,,permission_set,Approve1,fraud
S3,sso,,permission_set,Pay2,sso,,permission_set,Approve2,fraud
-- done --
sso::U1 employees/1 ann delete_assignment right=permission_set:P name=Pay scope=111
sso::U1 employees/1 ann delete_membership right=sso_group:G name=Payers
-- system/sso --
read users lists
account U1 login=ann hr=1
account U2 login=ben hr=2
right permission_set:P1 scope=111 name=Pay1
right permission_set:P2 scope=111 name=Pay2
right permission_set:A1 scope=111 name=Approve1
right permission_set:A2 scope=111 name=Approve2
right sso_group:G name=Payers editable
`
	grants := []string{"grant U1 permission_set:A1\n", "grant U1 permission_set:A2\n", "grant U2 permission_set:P1 via=sso_group:G\n", "grant U2 permission_set:P2 via=sso_group:G\n"}
	var outcomes []string
	for range 2 {
		a := txtar.Parse([]byte(world + strings.Join(grants, "")))
		_, r := Restore(loadWorld(t, a), loadAsked(t, a))
		if len(r.Plan.Held) != 2 {
			t.Fatalf("not refused:\n%s", renderRestoration(r))
		}
		outcomes = append(outcomes, renderRestoration(r))
		slices.Reverse(grants)
	}
	if d := diff.Diff(outcomes[0], outcomes[1]); d != "" {
		t.Errorf("in another order (-first +second):\n%s", d)
	}
}
