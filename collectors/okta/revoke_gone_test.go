package okta

import (
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

func TestAUserWhoIsGoneHoldsOnlyWhenListsAndTheLogAgree(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r := s.revoker(t)
	s.deleted()
	if state := inspect(t, r, s.ofNobody()); !state.Holds || !strings.Contains(state.Detail, "user.lifecycle.delete") {
		t.Errorf("%+v", state)
	}
	// A 404 for a user who is listed is a fault, never a success.
	rule := faults.OktaError(404, "E0000007", "Not found: Resource not found")
	rule.Match = faults.Path("GET", "/api/v1/users/"+s.ann.ID)
	s.Add(rule)
	if state, err := r.Inspect(t.Context(), action(access.OktaSuspend, s.ann)); err == nil {
		t.Errorf("%+v", state)
	}
}

// deleted has the log tell that nobody, of ofNobody, was deleted.
func (s *sandbox) deleted() {
	s.AddEvent(fakeokta.Event{
		Type: "user.lifecycle.delete.initiated", Outcome: "SUCCESS",
		Targets: []fakeokta.Party{{ID: string(s.ofNobody().Account.ID), Type: "User"}},
	})
}

// outOfReach lets Okta answer about a user as it may answer an admin whose role does not
// cover them: there is none, and no list has them.
func (s *sandbox) outOfReach(u fakeokta.User) {
	rule := faults.OktaError(404, "E0000007", "Not found: Resource not found: "+u.ID+" (User)")
	rule.Match = func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/v1/users/"+u.ID) }
	s.Add(rule)
	s.Add(faults.Rule{Match: func(r *http.Request) bool { return r.URL.Path == "/api/v1/users" }, Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = []byte("[]") }})
}

// A revoker whose admin role leaves somebody out sees nothing of them: what it cannot see
// is not ended, and was not deleted.
func TestWhoIsOutOfTheReachOfTheRoleIsNotTakenForGone(t *testing.T) {
	logDenied := faults.OktaError(403, "E0000006", "You do not have permission to perform the requested action")
	logDenied.Match = faults.Path("GET", "/api/v1/logs")
	for rule, c := range map[string]struct {
		denied bool
		says   string
	}{"a log that says nothing of it": {false, "its log has no deletion"}, "a log that may not be read": {true, "403 E0000006"}} {
		s := newSandbox(t, fakeokta.Options{})
		s.outOfReach(s.ann)
		if c.denied {
			s.Add(logDenied)
		}
		for _, verb := range allVerbs {
			a := action(verb, s.ann)
			if verb == access.OktaDeleteToken { // whose owner is not seen is in no list either
				a = s.tokenAction()
				s.Add(nothing("/api/v1/api-tokens"))
			}
			if state, err := s.revoker(t).Inspect(t.Context(), a); err == nil || state.Holds || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "role") {
				t.Errorf("%s, %s: %+v, %v", rule, verb, state, err)
			}
		}
	}
}
