package population

import (
	"testing"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

func TestAUserOfOktaIsOpenUntilSuspendedAndSignedOut(t *testing.T) {
	s, err := Okta(OktaSizes[0], fakeokta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id := s.Rows().Users[1].ID // the owner of an API token
	people := map[string]bool{EmployeeID(1): true}
	for _, step := range []struct {
		name   string
		change func(*fakeokta.User)
		open   OktaOpen
	}{
		{"as they worked", func(*fakeokta.User) {}, OktaOpen{Live: 1, Tokens: 1}},
		{"with a session", func(u *fakeokta.User) { u.Status, u.Sessions = fakeokta.Suspended, 1 }, OktaOpen{Live: 1, Tokens: 1}},
		{"with a token of an app", func(u *fakeokta.User) { u.Sessions, u.OAuthTokens = 0, 1 }, OktaOpen{Live: 1, Tokens: 1}},
		{"on the way", func(u *fakeokta.User) { u.OAuthTokens, u.Transitioning = 0, fakeokta.Deprovisioned }, OktaOpen{Live: 1, Tokens: 1}},
		{"suspended", func(u *fakeokta.User) { u.Transitioning = "" }, OktaOpen{Tokens: 1}},
		{"deactivated", func(u *fakeokta.User) { u.Status = fakeokta.Deprovisioned }, OktaOpen{Tokens: 1}},
	} {
		s.UpdateUser(id, step.change)
		if open, users := OpenOkta(s.Rows(), people); open != step.open || len(users) != 1 || users[0] != id {
			t.Errorf("%s: %+v of %v", step.name, open, users)
		}
	}
}

func TestAUserOfAWSIsOpenUntilDeniedWithNoCredentialAndNoAssignmentLeft(t *testing.T) {
	z := AWSSizes[0]
	s, err := AWS(z, fakeaws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	people := map[string]bool{EmployeeID(0): true}
	before := s.State()
	want := AWSOpen{IAMUsers: 1, Credentials: len(before.Users[0].AccessKeys), Accounts: 1}
	for _, a := range before.Center.Assignments {
		want.Assignments += one(a.PrincipalID == before.Center.Users[0].ID)
	}
	if open, users := OpenAWS(before, people); open != want || want.Credentials == 0 || want.Assignments == 0 || len(users) != 2 {
		t.Errorf("as they worked: %+v of %v, want %+v", open, users, want)
	}
	deny := func(u *fakeaws.IAMUser) { u.Attached = append(u.Attached, denyAll) }
	s.UpdateIAMUser(before.Users[0].Account, before.Users[0].Name, deny)
	want.IAMUsers = 0
	if open, _ := OpenAWS(s.State(), people); open != want {
		t.Errorf("denied: %+v, want %+v", open, want)
	}
	s.UpdateIAMUser(before.Users[0].Account, before.Users[0].Name, func(u *fakeaws.IAMUser) {
		u.Attached, u.Boundary = nil, denyAll
		for i := range u.AccessKeys {
			u.AccessKeys[i].Status = "Inactive"
		}
		u.SSHKeys = []fakeaws.SSHKey{{Status: "Active"}}
		u.Certificates = []fakeaws.Certificate{{Status: "Active"}}
		u.ServiceCredentials = []fakeaws.ServiceCredential{{Status: "Active"}}
	})
	want.Credentials = 3
	if open, _ := OpenAWS(s.State(), people); open != want {
		t.Errorf("with other credentials: %+v, want %+v", open, want)
	}
}

func TestWhoMayBlockIsThereOnlyWhereTheSizeSaysSo(t *testing.T) {
	z := AWSSizes[0]
	plain, c := countAWS(t, z)
	z.Blocks = true
	with, d := countAWS(t, z)
	equal(t, "roles more", len(with.Roles)-len(plain.Roles), z.Accounts)
	equal(t, "users of IAM more", len(with.Users)-len(plain.Users), 0)
	equal(t, "memberships more", d.Memberships-c.Memberships, 0)
}
