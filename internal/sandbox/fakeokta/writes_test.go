package fakeokta_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/okta/okta-sdk-golang/v2/okta/query"

	"rollcall/internal/sandbox/fakeokta"
)

func kinds(events []fakeokta.Event) []string {
	out := []string{}
	for _, e := range events {
		out = append(out, e.Type)
	}
	return out
}

func (s *sandbox) status(id string) fakeokta.Status {
	s.t.Helper()
	u, ok := s.User(id)
	if !ok {
		s.t.Fatalf("no user %s", id)
	}
	return u.Status
}

func TestSuspend(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	id := p.users[1].ID
	if _, err := s.client.User.SuspendUser(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	u, _ := s.User(id)
	equal(t, "status", u.Status, fakeokta.Suspended)
	equal(t, "sessions", u.Sessions, 0)
	equal(t, "tokens stay until cleared", u.OAuthTokens, 3)
	if diff := cmp.Diff([]string{"user.lifecycle.suspend", "user.session.clear"}, kinds(s.EventsOf(id))); diff != "" {
		t.Fatal(diff)
	}
	for _, n := range []int{1, 9, 10, 11} {
		resp, err := s.client.User.SuspendUser(t.Context(), p.users[n].ID)
		refused(t, "suspend again", resp, err, 400, "E0000001")
	}
	if _, err := s.client.User.UnsuspendUser(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	equal(t, "restored", s.status(id), fakeokta.Active)
	resp, err := s.client.User.UnsuspendUser(t.Context(), id)
	refused(t, "unsuspend again", resp, err, 400, "E0000001")
}

func TestUnlockThenSuspend(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	id := p.users[10].ID
	if _, err := s.client.User.UnlockUser(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.User.UnlockUser(t.Context(), id)
	refused(t, "unlock again", resp, err, 403, "E0000032")
	if _, err := s.client.User.SuspendUser(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

func TestClearsWhatAUserHolds(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	id, yes := p.users[1].ID, true
	for range 2 {
		if _, err := s.client.User.ClearUserSessions(t.Context(), id, &query.Params{OauthTokens: &yes}); err != nil {
			t.Fatal(err)
		}
	}
	s.raw("DELETE", "/api/v1/users/"+id+"/sessions?oauthTokens=true&forgetDevices=true", nil)
	u, _ := s.User(id)
	equal(t, "oauth tokens", u.OAuthTokens, 0)
	if _, err := s.client.User.RevokeUserGrants(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	equal(t, "grants", len(s.State().Grants), 0)

	s.raw("DELETE", "/api/v1/api-tokens/"+p.token.ID, nil)
	resp, err := s.try("DELETE", "/api/v1/api-tokens/"+p.token.ID, nil)
	refused(t, "token again", resp, err, 404, "E0000007")

	if _, err := s.client.UserFactor.DeleteFactor(t.Context(), id, s.State().Factors[0].ID); err != nil {
		t.Fatal(err)
	}
	equal(t, "factors", len(s.State().Factors), 3)
	if _, err := s.client.User.ResetFactors(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	equal(t, "factors", len(s.State().Factors), 0)
	resp, err = s.client.User.ResetFactors(t.Context(), p.users[11].ID)
	refused(t, "factors of a deactivated user", resp, err, 403, "E0000038")
}

func TestDeactivateTakesAndKeeps(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	id, no := p.users[1].ID, false
	groups := s.GroupsOf(id)
	if _, err := s.client.User.DeactivateUser(t.Context(), id, &query.Params{SendEmail: &no}); err != nil {
		t.Fatal(err)
	}
	st := s.State()
	equal(t, "status", s.status(id), fakeokta.Deprovisioned)
	equal(t, "api tokens", len(st.APITokens), 0)
	equal(t, "factors stay", len(st.Factors), 4)
	equal(t, "own roles", slices.ContainsFunc(st.Roles, func(r fakeokta.RoleAssignment) bool { return r.Assignee == id }), false)
	equal(t, "own apps", slices.ContainsFunc(st.AppUsers, func(a fakeokta.AppUser) bool { return a.UserID == id }), false)
	if diff := cmp.Diff(groups, s.GroupsOf(id)); diff != "" {
		t.Fatalf("memberships stay: %s", diff)
	}
	resp, err := s.client.User.DeactivateUser(t.Context(), id, nil)
	refused(t, "deactivate again", resp, err, 404, "E0000007")

	token, _, err := s.client.User.ActivateUser(t.Context(), id, &query.Params{SendEmail: &no})
	if err != nil || token.ActivationToken == "" {
		t.Fatalf("activate: %v %v", token, err)
	}
	equal(t, "status", s.status(id), fakeokta.Provisioned)
	if _, _, err := s.client.User.ReactivateUser(t.Context(), id, &query.Params{SendEmail: &no}); err != nil {
		t.Fatal(err)
	}
	_, resp, err = s.client.User.ActivateUser(t.Context(), p.users[2].ID, &query.Params{SendEmail: &no})
	refused(t, "activate an active user", resp, err, 403, "E0000016")
}

func TestDeactivateKeepsTheLastSuperAdmin(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	if _, err := s.client.User.DeactivateUser(t.Context(), p.users[0].ID, nil); err != nil {
		t.Fatal(err)
	}
	kept := slices.ContainsFunc(s.State().Roles, func(r fakeokta.RoleAssignment) bool { return r.ID == p.super.ID })
	equal(t, "role kept", kept, true)
}

func TestDeactivateTakesItsTime(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{DeactivatePolls: 2})
	id := p.users[2].ID
	if _, err := s.client.User.DeactivateUser(t.Context(), id, nil); err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.User.DeactivateUser(t.Context(), id, nil)
	refused(t, "in transition", resp, err, 403, "E0000107")
	got := []string{}
	for range 3 {
		u, _, err := s.client.User.GetUser(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, u.Status+">"+u.TransitioningToStatus)
	}
	if diff := cmp.Diff([]string{"ACTIVE>DEPROVISIONED", "ACTIVE>DEPROVISIONED", "DEPROVISIONED>"}, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestMemberships(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	id := p.users[1].ID
	for range 2 {
		if _, err := s.client.Group.RemoveUserFromGroup(t.Context(), p.team.ID, id); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "member", slices.Contains(s.MembersOf(p.team.ID), id), false)
	for _, g := range []string{p.ad.ID, s.Everyone()} {
		resp, err := s.client.Group.RemoveUserFromGroup(t.Context(), g, id)
		refused(t, "not an Okta group", resp, err, 403, "E0000006")
	}
	if _, err := s.client.Group.RemoveUserFromGroup(t.Context(), p.byRule.ID, id); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{id}, s.State().Rules[0].Excluded); diff != "" {
		t.Fatalf("exclusions: %s", diff)
	}
	if _, err := s.client.Group.AddUserToGroup(t.Context(), p.team.ID, id); err != nil {
		t.Fatal(err)
	}
	equal(t, "member", slices.Contains(s.MembersOf(p.team.ID), id), true)
}

func TestRolesAndApps(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	if _, err := s.client.User.RemoveRoleFromUser(t.Context(), p.users[1].ID, p.custom.ID); err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.User.RemoveRoleFromUser(t.Context(), p.users[1].ID, p.byGroup.ID)
	refused(t, "the group's role", resp, err, 404, "E0000007")
	resp, err = s.client.User.RemoveRoleFromUser(t.Context(), p.users[0].ID, p.super.ID)
	refused(t, "the last super admin", resp, err, 403, "E0000006")

	if _, err := s.client.Application.DeleteApplicationUser(t.Context(), p.saml.ID, p.users[4].ID, nil); err != nil {
		t.Fatal(err)
	}
	resp, err = s.client.Application.DeleteApplicationUser(t.Context(), p.saml.ID, p.users[2].ID, nil)
	refused(t, "granted by a group", resp, err, 403, "E0000046")
	resp, err = s.client.Application.DeleteApplicationUser(t.Context(), p.saml.ID, p.users[5].ID, nil)
	refused(t, "not assigned", resp, err, 404, "E0000007")
}

func TestDeleteIsTwoCalls(t *testing.T) {
	s, p := openPopulated(t, fakeokta.Options{})
	id := p.users[2].ID
	for _, want := range []bool{true, false} {
		if _, err := s.client.User.DeactivateOrDeleteUser(t.Context(), id, nil); err != nil {
			t.Fatal(err)
		}
		_, found := s.User(id)
		equal(t, "still there", found, want)
	}
	equal(t, "memberships", len(s.GroupsOf(id)), 0)
}
