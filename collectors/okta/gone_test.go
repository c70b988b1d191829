package okta

import (
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// unreachable lets Okta answer as it may answer an admin whose role does not cover the
// group or the app of an action: there is none, and no list has it.
func (s *sandbox) unreachable(a access.Action, status int) {
	rule := faults.OktaError(404, "E0000007", "Not found: Resource not found: "+a.EntitlementID)
	if status == http.StatusForbidden {
		rule = faults.OktaError(403, "E0000006", "You do not have permission to perform the requested action")
	}
	rule.Match = func(r *http.Request) bool {
		return r.Method == http.MethodGet && (strings.HasPrefix(r.URL.Path, "/api/v1/groups/"+a.EntitlementID) || strings.HasPrefix(r.URL.Path, "/api/v1/apps/"+a.EntitlementID))
	}
	s.Add(rule)
	s.Add(nothing("/api/v1/users/" + s.cid.ID + "/groups"))
}

var partlySeen = map[access.Verb]string{access.OktaLeaveGroup: "group.lifecycle.delete", access.OktaUnassignApp: "application.lifecycle.delete"}

func TestAGroupOrAnAppOutOfTheReachOfTheRoleIsNotTakenForLeft(t *testing.T) {
	for verb := range partlySeen {
		for _, status := range []int{http.StatusNotFound, http.StatusForbidden} {
			s := suspended(t, fakeokta.Options{})
			r, a := s.remover(t), s.removal(verb)
			s.unreachable(a, status)
			if state, err := r.Inspect(t.Context(), a); err == nil || state.Holds || status == http.StatusNotFound && !strings.Contains(err.Error(), "role") {
				t.Errorf("%s, %d: cid has it still, the credential cannot see it, and yet: %+v, %v", verb, status, state, err)
			}
			if _, err := r.Act(t.Context(), a); err == nil || s.writes() != "" {
				t.Errorf("%s, %d: error %v, sent %q", verb, status, err, s.writes())
			}
		}
	}
}

func TestAGroupOrAnAppOfWhoseDeletionTheLogTellsIsLeft(t *testing.T) {
	for verb, event := range partlySeen {
		for _, outcome := range []string{"SUCCESS", "FAILURE"} {
			s := suspended(t, fakeokta.Options{})
			a := s.removal(verb)
			s.unreachable(a, http.StatusNotFound)
			s.AddEvent(fakeokta.Event{Type: event, Outcome: outcome, Targets: []fakeokta.Party{{ID: a.EntitlementID, Type: "UserGroup"}}})
			state, err := s.remover(t).Inspect(t.Context(), a)
			if gone := outcome == "SUCCESS"; state.Holds != gone || (err == nil) != gone || gone && !strings.Contains(state.Detail, event) {
				t.Errorf("%s, deleted with %s: %+v, %v", verb, outcome, state, err)
			}
		}
	}
}

func TestAGroupThatTheCredentialSeesIsLeftWhenTheUsersListHasItNot(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	r, a := s.remover(t), s.removal(access.OktaLeaveGroup)
	act(t, r, a)
	if state := inspect(t, r, a); !state.Holds {
		t.Errorf("%+v", state)
	}
	s.Add(faults.Rule{Match: faults.Path("GET", "/api/v1/groups/"+a.EntitlementID), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = []byte(`{"id":"00g0000000009"}`) }})
	if state, err := r.Inspect(t.Context(), a); err == nil {
		t.Errorf("okta answered with another group, and yet: %+v", state)
	}
}
