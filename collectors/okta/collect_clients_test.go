package okta

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

func clientOf(t *testing.T, obs access.Observation, id string) access.Account {
	t.Helper()
	for _, a := range obs.Accounts {
		if string(a.ID) == id {
			return a
		}
	}
	t.Fatalf("no account %s", id)
	return access.Account{}
}

func TestAClientWithRolesIsAnAccountOfItsOwnKind(t *testing.T) {
	obs := newSandbox(t, fakeokta.Options{}).collect(t)
	got := clientOf(t, obs, "sync-client.1")
	if obs.Reads[got.Read].Kind != "admin_clients" {
		t.Errorf("listed by %s", obs.Reads[got.Read].Kind)
	}
	want := access.Account{
		System: "okta", ID: "sync-client.1", Kind: access.OktaClient, Login: "Sync (sync-client.1)", Name: "Sync",
		Status: access.AccountActive, VendorStatus: "ACTIVE", Privileged: true, MFA: access.MFANotApplicable, Read: got.Read,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestOnlyServiceAppsAndClientsThatABindingNamesAreAskedForRoles(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	portal := s.AddApp(fakeokta.App{Label: "Portal", SignOnMode: "OPENID_CONNECT"})
	s.AddApp(fakeokta.App{Label: "Shop", SignOnMode: "OPENID_CONNECT"})
	idle := s.AddApp(fakeokta.App{Label: "Idle", SignOnMode: "OPENID_CONNECT", ClientType: "service"})
	off := s.AddApp(fakeokta.App{Label: "Off", SignOnMode: "OPENID_CONNECT", ClientType: "service", Status: "INACTIVE"})
	for _, id := range []string{portal.ClientID, off.ClientID} {
		s.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToClient, Assignee: id, RoleID: s.helpDesk.ID, ResourceSetID: s.berlin.ID})
	}
	obs := s.collect(t)
	wantComplete(t, obs)
	grants := held(obs)
	for _, line := range []string{"Portal: admin_role Help Desk on Berlin", "Sync: admin_role Read-only Administrator"} {
		if !slices.Contains(grants, line) {
			t.Errorf("lost: %s", line)
		}
	}
	if a := clientOf(t, obs, off.ClientID); a.Status != access.AccountUnknown {
		t.Errorf("a client whose app is in no list of active ones: %+v", a)
	}
	var asked []string
	for _, r := range s.Requests() {
		if id, ok := strings.CutPrefix(r.Path, "/oauth2/v1/clients/"); ok {
			asked = append(asked, strings.TrimSuffix(id, "/roles"))
		}
	}
	slices.Sort(asked)
	want := []string{portal.ClientID, idle.ClientID, off.ClientID, "sync-client.1"}
	if d := cmp.Diff(want, asked); d != "" {
		t.Error(d)
	}
	if slices.ContainsFunc(obs.Accounts, func(a access.Account) bool { return string(a.ID) == idle.ClientID }) {
		t.Error("a client without roles is an account")
	}
}

// A person's address as an app's name must not make the client theirs.
func TestAClientsLoginIsNeverAnAddress(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	app := s.AddApp(fakeokta.App{Label: "ann@example.test", SignOnMode: "OPENID_CONNECT", ClientType: "service"})
	s.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToClient, Assignee: app.ClientID, Type: "SUPER_ADMIN"})
	if a := clientOf(t, s.collect(t), app.ClientID); a.Login == "ann@example.test" || a.Email != "" || a.HRID != "" {
		t.Errorf("%+v", a)
	}
}

func TestAClientWhoseRolesAreDeniedLeavesTheRolesIncomplete(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	rule := faults.OktaError(403, "E0000006", "You do not have permission to perform the requested action")
	rule.Match = faults.Path("GET", "/oauth2/v1/clients/*/roles")
	s.Add(rule)
	obs := s.collect(t)
	if r := readOf(t, obs, "admin_clients"); r.Complete || !strings.Contains(r.Gap, "the roles of client sync-client.1") {
		t.Errorf("%+v", r)
	}
	if r := readOf(t, obs, "admin_roles"); r.Complete || !strings.Contains(r.Gap, "it rests on admin_clients") {
		t.Errorf("%+v", r)
	}
	if r := readOf(t, obs, "users"); !r.Complete {
		t.Errorf("%+v", r)
	}
}

func TestAMemberOfABindingThatIsNothingKnownIsAGap(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.Add(replace("/api/v1/iam/resource-sets/*/bindings/*/members", "/api/v1/groups/", "/api/v1/robots/"))
	if r := readOf(t, s.collect(t), "admin_roles"); r.Complete || !strings.Contains(r.Gap, "neither user, group nor client") {
		t.Errorf("%+v", r)
	}
}

func TestAnIDThatIsNoneOfAClientIsNeverSent(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.Add(replace("/api/v1/iam/resource-sets/*/bindings/*/members", "/api/v1/groups/"+s.support.ID, "/oauth2/v1/clients/a%20b?c"))
	s.ResetRequests()
	if r := readOf(t, s.collect(t), "admin_clients"); r.Complete || !strings.Contains(r.Gap, "nothing is sent") {
		t.Errorf("%+v", r)
	}
	for _, r := range s.Requests() {
		if strings.HasPrefix(r.Path, "/oauth2/v1/clients/a") {
			t.Error(r.Path)
		}
	}
}

// A client id that an admin chose may sort before every user's.
func TestGrantsFollowTheirAccountsIntoTheOrderOfTheTable(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	want := append(held(s.collect(t)), "First: admin_role Super Administrator")
	app := s.AddApp(fakeokta.App{Label: "First", SignOnMode: "OPENID_CONNECT", ClientType: "service", ClientID: "+first-client"})
	s.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToClient, Assignee: app.ClientID, Type: "SUPER_ADMIN", Label: "Super Administrator"})
	obs := s.collect(t)
	if string(obs.Accounts[0].ID) != app.ClientID {
		t.Errorf("first is %s", obs.Accounts[0].ID)
	}
	slices.Sort(want)
	if d := cmp.Diff(want, held(obs)); d != "" {
		t.Error(d)
	}
}
