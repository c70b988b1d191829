package okta

import (
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

func TestClearedSessionsHoldOnlyAfterOktasAnswerAndASignThatItWorked(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	s.UpdateUser(s.ann.ID, func(u *fakeokta.User) { u.Sessions, u.OAuthTokens = 2, 3 })
	r, a := s.revoker(t), action(access.OktaClearSessions, s.ann)

	act(t, r, action(access.OktaSuspend, s.ann)) // its log has a session event already, and tokens live on
	if inspect(t, r, a).Holds {
		t.Error("cleared before anything was sent: OAuth tokens survive a suspension")
	}
	receipt := act(t, r, a)
	if u, _ := s.User(s.ann.ID); u.Sessions != 0 || u.OAuthTokens != 0 {
		t.Errorf("left: %d sessions, %d tokens", u.Sessions, u.OAuthTokens)
	}
	if !strings.Contains(receipt.Detail, "204") || !strings.Contains(receipt.Detail, "inside apps live on") &&
		!strings.Contains(receipt.Detail, "live on until they end") {
		t.Errorf("receipt %+v", receipt)
	}
	if state := inspect(t, r, a); !state.Holds || !strings.Contains(state.Detail, "live on") {
		t.Errorf("after: %+v", state)
	}
	if inspect(t, s.revoker(t), a).Holds {
		t.Error("another revoker takes the word of nobody")
	}
}

func TestClearedSessionsOfAUserWhoCanLogInAreProvenByTheLog(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r, a := s.revoker(t), action(access.OktaClearSessions, s.ann)
	act(t, r, a)
	hidden := faults.Rule{
		Match: faults.Path("GET", "/api/v1/logs"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = []byte("[]") }, Times: 1,
	}
	s.Add(hidden)
	if state := inspect(t, r, a); state.Holds || !state.InProgress {
		t.Errorf("the log lags: %+v", state)
	}
	if state := inspect(t, r, a); !state.Holds || !strings.Contains(state.Detail, "user.session.clear") {
		t.Errorf("the log says so: %+v", state)
	}
	deny := faults.OktaError(403, "E0000006", "You do not have permission")
	deny.Match, deny.Times = faults.Path("GET", "/api/v1/logs"), 1
	s.Add(deny)
	if state := inspect(t, r, a); state.Holds || !state.InProgress {
		t.Errorf("the log is denied: %+v", state)
	}
	s.UpdateUser(s.ann.ID, func(u *fakeokta.User) { u.LastLogin = s.Now().AddDate(0, 0, 1) })
	if state := inspect(t, r, a); state.Holds || state.InProgress {
		t.Errorf("logged in since: %+v", state)
	}
}

func TestADeactivatedUserHasNoSessions(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r, a := s.revoker(t), action(access.OktaClearSessions, s.dan)
	if state := inspect(t, r, a); !state.Holds {
		t.Errorf("%+v", state)
	}
	act(t, r, a)
	if got := s.writes(); got != "" {
		t.Errorf("sent %q", got)
	}
}
