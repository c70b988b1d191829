package fakeokta_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
)

func TestRoleHoldersThroughGroupsAreListedOnlyWhenAskedForAndOnce(t *testing.T) {
	for through, want := range map[bool]int{false: 1, true: 2} {
		s := fakeokta.New(fakeokta.Options{AllAssignees: through, Tokens: map[string]fakeokta.Token{"t": {}}})
		direct, member := s.AddUser(fakeokta.User{}), s.AddUser(fakeokta.User{})
		g := s.AddGroup(fakeokta.Group{Name: "admins"})
		s.AddMember(g.ID, direct.ID, member.ID)
		s.AddRole(fakeokta.RoleAssignment{Assignee: direct.ID, Type: "SUPER_ADMIN"})
		s.AddRole(fakeokta.RoleAssignment{To: fakeokta.ToGroup, Assignee: g.ID, Type: "APP_ADMIN"})
		r := httptest.NewRequest("GET", "/api/v1/iam/assignees/users", nil)
		r.Header.Set("Authorization", "SSWS t")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var page struct{ Value []struct{ ID string } }
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Value) != want {
			t.Errorf("through groups %v: %d holders, want %d: %s (%v)", through, len(page.Value), want, w.Body, err)
		}
	}
}
