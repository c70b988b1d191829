package okta

import (
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
)

// mover is an action on Bob, who works here.
func (s *sandbox) mover(verb access.Verb) access.Action {
	a := s.removal(verb)
	a.Account.ID, a.Login, a.Mover = access.AccountID(s.bob.ID), "bob@example.test", true
	return a
}

func TestOfSomebodyWhoWorksOneRightIsTakenAndNothingElse(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	s.UpdateUser(s.bob.ID, func(u *fakeokta.User) { u.Status = fakeokta.Active })
	r, a, before := s.remover(t), s.mover(access.OktaLeaveGroup), s.left(s.bob.ID)
	if state := inspect(t, r, a); state.Holds || state.Refuse != "" || len(state.Before) == 0 {
		t.Fatalf("before: %+v", state)
	}
	act(t, r, a)
	after := s.left(s.bob.ID)
	before.Groups--
	if state := inspect(t, r, a); !state.Holds || after != before || s.status(t, s.bob) != fakeokta.Active {
		t.Errorf("%+v, left %+v, want %+v", state, after, before)
	}
}

func TestOfSomebodyWhoWorksNoVerbTakesMoreThanOneRight(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	s.UpdateUser(s.bob.ID, func(u *fakeokta.User) { u.Status = fakeokta.Active })
	s.ResetRequests()
	r := s.remover(t)
	for _, verb := range []access.Verb{access.OktaRevokeGrants, access.OktaResetFactors, access.OktaRemoveAdminRole, access.OktaDeactivate, access.OktaSuspend, access.OktaClearSessions, access.OktaDeleteToken} {
		a := s.mover(verb)
		if _, err := r.Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "more than take one right") {
			t.Errorf("%s: %v", verb, err)
		}
	}
	block := s.mover(access.OktaLeaveGroup)
	block.Stage = access.Block
	if _, err := r.Act(t.Context(), block); err == nil {
		t.Error("a block of somebody who works here was admitted")
	}
	if n := len(s.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestWhoWasBlockedSinceItWasPlannedIsPlannedAgain(t *testing.T) {
	for _, status := range []fakeokta.Status{fakeokta.Suspended, fakeokta.Deprovisioned} {
		s := suspended(t, fakeokta.Options{})
		s.UpdateUser(s.bob.ID, func(u *fakeokta.User) { u.Status = status })
		r, a := s.remover(t), s.mover(access.OktaLeaveGroup)
		if state := inspect(t, r, a); !strings.Contains(state.Refuse, "was working when this was planned") {
			t.Errorf("%s: %+v", status, state)
		}
		if _, err := r.Act(t.Context(), a); err == nil || s.writes() != "" {
			t.Errorf("%s: error %v, sent %q", status, err, s.writes())
		}
	}
}
