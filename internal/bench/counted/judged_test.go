package counted

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/population"
)

// leaver is a person whom every population has.
var leaver = map[string]bool{population.EmployeeID(2): true}

func TestWhoIsTouchedBesideLeaversIsNamed(t *testing.T) {
	org, err := population.Okta(population.OktaSizes[0], fakeokta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	judge, err := judgeOkta(org)
	if err != nil {
		t.Fatal(err)
	}
	told := func() Judged {
		j, err := judge(leaver)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	if j := told(); j.Theirs != 0 || len(j.Others) != 0 || j.Okta.Live != 1 {
		t.Errorf("before anything: %+v", j)
	}
	users := org.Rows().Users
	suspend := func(u *fakeokta.User) { u.Status = fakeokta.Suspended }
	org.UpdateUser(users[2].ID, suspend)
	if j := told(); j.Theirs != 1 || len(j.Others) != 0 || j.Okta.Live != 0 {
		t.Errorf("the leaver is suspended: %+v", j)
	}
	org.UpdateUser(users[3].ID, suspend)
	org.AddRole(fakeokta.RoleAssignment{Assignee: users[4].ID, Type: "ORG_ADMIN"})
	org.RemoveMember(org.Rows().Members[0].GroupID, users[5].ID)
	org.AddGroup(fakeokta.Group{Name: "more"})
	want := []string{users[3].ID, users[4].ID, users[5].ID, nobody}
	slices.Sort(want)
	if j := told(); !slices.Equal(j.Others, want) {
		t.Errorf("a bystander, a role, a membership and a group: %v, want %v", j.Others, want)
	}
}

func TestWhoIsTouchedInAWSIsNamedAndReadingTouchesNobody(t *testing.T) {
	z := population.AWSSizes[0]
	org, err := population.AWS(z, fakeaws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	judge, err := judgeAWS(org)
	if err != nil {
		t.Fatal(err)
	}
	ask(org, "Action=GenerateCredentialReport", population.AWSKeyID)
	if j, err := judge(leaver); err != nil || j.Theirs != 0 || len(j.Others) != 0 || j.AWS.IAMUsers != 1 {
		t.Errorf("after a reading: %+v, %v", j, err)
	}
	state := org.State()
	for _, u := range state.Users[2:4] {
		org.UpdateIAMUser(u.Account, u.Name, func(u *fakeaws.IAMUser) { u.Boundary = "arn:aws:iam::aws:policy/AWSDenyAll" })
	}
	org.AddCenterMember(state.Center.Groups[0].ID, state.Center.Users[5].ID)
	org.AddRole(fakeaws.Role{Account: state.Accounts[0].ID, Name: "more"})
	want := []string{state.Users[3].ID, state.Center.Users[5].ID, nobody}
	slices.Sort(want)
	if j, err := judge(leaver); err != nil || j.Theirs != 1 || !slices.Equal(j.Others, want) || j.AWS.IAMUsers != 0 {
		t.Errorf("a bystander, a membership and a role: %+v, want %v, %v", j, want, err)
	}
}

// ask sends one request of IAM's and gives the answer.
func ask(h http.Handler, form, key string) string {
	r := httptest.NewRequest("POST", "/", strings.NewReader(form+"&Version=2010-05-08"))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261123/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}

func TestADayLaterABlockIsStillThereAndNoReport(t *testing.T) {
	z := population.AWSSizes[2] // it has IAM users in the account of the key
	z.Blocks = true
	m, _, _, err := build(Target{System: "aws", AWSSize: &z})
	if err != nil {
		t.Fatal(err)
	}
	const deny = "Action=AttachUserPolicy&UserName=user-0000&PolicyArn=arn:aws:iam::aws:policy/AWSDenyAll"
	if got := ask(m, deny, population.AWSKeyID); !strings.Contains(got, "AccessDenied") {
		t.Errorf("who reads may block: %s", got)
	}
	first := question{Judge: true, People: []string{population.EmployeeID(0)}}
	if j, err := m.reply(first); err != nil || j.(Judged).AWS.IAMUsers != 1 {
		t.Errorf("before the block: %+v, %v", j, err)
	}
	ask(m, deny, population.AWSBlockingKeyID)
	ask(m, "Action=GenerateCredentialReport", population.AWSKeyID)
	if _, err := m.reply(question{}); err != nil {
		t.Fatal(err)
	}
	if j, err := m.reply(first); err != nil || j.(Judged).AWS.IAMUsers != 0 || j.(Judged).Theirs != 1 {
		t.Errorf("a day later: %+v, %v", j, err)
	}
	if got := ask(m, "Action=GenerateCredentialReport", population.AWSKeyID); !strings.Contains(got, "STARTED") {
		t.Errorf("the report is that of the day before: %s", got)
	}
}

func TestASystemThatNobodyMayChangeJudgesNothing(t *testing.T) {
	m, _, _, err := build(Target{System: "okta", Size: "500"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.reply(question{Judge: true}); err == nil {
		t.Error("it judges")
	}
}

func TestWhatChangesIsToldFromWhatReads(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"GET /api/v1/users/{id}": false, "POST /api/v1/users/{id}/lifecycle/suspend": true, "DELETE /api/v1/users/{id}/sessions": true,
		"iam:GetUser": false, "iam:GenerateCredentialReport": false, "sts:AssumeRole": false, "sso:DescribeAccountAssignmentDeletionStatus": false,
		"identitystore:ListGroupMembershipsForMember": false, "iam:AttachUserPolicy": true, "iam:UpdateAccessKey": true, "sso:DeleteAccountAssignment": true,
		"iam:PutUserPermissionsBoundary": true, "identitystore:DeleteGroupMembership": true, "sso:CreateAccountAssignment": true,
	} {
		if got := Changes(endpoint); got != want {
			t.Errorf("%s changes something: %v", endpoint, got)
		}
	}
}

func TestRequestsAreToldApartByWhenTheyCame(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	a := Asked{Calls: []Call{{"a", at(1), at(2)}, {"b", at(2), at(7)}, {"c", at(3), at(6)}}}
	if before, after := a.Until(at(3)), a.Since(at(3)); len(before) != 2 || len(after) != 1 || before[1].Endpoint != "b" || after[0].Endpoint != "c" || len(a.Calls) != 3 {
		t.Errorf("%v and %v", before, after)
	}
}
