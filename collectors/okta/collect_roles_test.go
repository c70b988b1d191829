package okta

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// Okta's flag on groups was wrong for custom roles until 2026.
func TestAGroupWithRolesWhoseFlagSaysNoIsFoundByItsBindingsAndItsMembers(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	desk := s.AddGroup(fakeokta.Group{Name: "Desk"}) // nobody in it has a role of their own
	s.AddMember(desk.ID, s.eve.ID)
	s.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToGroup, Assignee: desk.ID, RoleID: s.helpDesk.ID, ResourceSetID: s.berlin.ID})
	s.Add(faults.Rule{Match: faults.Path("GET", "/api/v1/groups"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		a.Body = []byte(strings.ReplaceAll(string(a.Body), `"hasAdminPrivlege":true`, `"hasAdminPrivlege":false`))
	}})
	grants := held(s.collect(t))
	for _, line := range []string{
		"Bob Baker: admin_role Help Desk on Berlin via group Support",
		"Eve Ellis: admin_role Help Desk on Berlin via group Desk",
		"Bob Baker: admin_role Application Administrator via group Engineering", // ann's own roles name the group
	} {
		if !slices.Contains(grants, line) {
			t.Errorf("lost: %s", line)
		}
	}
}

func TestAHolderWhoseRolesAreDeniedIsNamedAsAnAdmin(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	whole := s.collect(t)
	if len(whole.AdminsUnread) != 0 {
		t.Fatalf("all roles were read, and yet %v", whole.AdminsUnread)
	}
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "no permission")
	rule.Match = faults.Path("GET", "/api/v1/users/"+s.cid.ID+"/roles")
	s.Add(rule)
	obs := s.collect(t)
	if len(obs.AdminsUnread) != 1 || obs.AdminsUnread[0].ID != access.AccountID(s.cid.ID) {
		t.Errorf("named as admins: %v, want cid", obs.AdminsUnread)
	}
	if r := readOf(t, obs, "admin_roles"); r.Complete {
		t.Errorf("called complete: %+v", r)
	}
}

func TestMembersOfAnAdminGroupWhoseRolesAreDeniedAreNamedAsAdmins(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	rule := faults.OktaError(http.StatusForbidden, "E0000006", "no permission")
	rule.Match = faults.Path("GET", "/api/v1/groups/*/roles")
	s.Add(rule)
	if obs := s.collect(t); !slices.ContainsFunc(obs.AdminsUnread, func(k access.AccountKey) bool { return k.ID == access.AccountID(s.bob.ID) }) {
		t.Errorf("named as admins: %v, want bob among them", obs.AdminsUnread)
	}
}
