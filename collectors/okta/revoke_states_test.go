package okta

import (
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
)

func TestSuspendInEachState(t *testing.T) {
	for _, c := range []inState{
		{fakeokta.Active, fakeokta.Suspended, false, false, "POST suspend"},
		{fakeokta.LockedOut, fakeokta.Suspended, false, false, "POST unlock, POST suspend"},
		{fakeokta.Suspended, fakeokta.Suspended, true, false, ""},
		{fakeokta.Deprovisioned, fakeokta.Deprovisioned, true, false, ""},
		{fakeokta.Staged, fakeokta.Staged, false, true, ""},
		{fakeokta.Provisioned, fakeokta.Provisioned, false, true, ""},
		{fakeokta.Recovery, fakeokta.Recovery, false, true, ""},
		{fakeokta.PasswordExpired, fakeokta.PasswordExpired, false, true, ""},
	} {
		t.Run(string(c.was), func(t *testing.T) {
			s := newSandbox(t, fakeokta.Options{})
			u := s.AddUser(person("zoe@example.test", "Zoe", "Z", "99", c.was))
			c.try(t, s, s.revoker(t), u, action(access.OktaSuspend, u))
		})
	}
}

// Okta names the state that a user is on the way to: one whom somebody is activating again
// is about to sign in, however deactivated they still are.
func TestWhoIsBeingActivatedAgainIsNotTakenForDeactivated(t *testing.T) {
	for _, to := range []fakeokta.Status{fakeokta.Active, fakeokta.Provisioned} {
		for _, verb := range []access.Verb{access.OktaSuspend, access.OktaDeactivate, access.OktaClearSessions} {
			s := newSandbox(t, fakeokta.Options{})
			u := person("zoe@example.test", "Zoe", "Z", "99", fakeokta.Deprovisioned)
			u.Transitioning = to
			if state := inspect(t, s.revoker(t), action(verb, s.AddUser(u))); state.Holds || !strings.Contains(state.Refuse, "activated again") {
				t.Errorf("%s on the way to %s: %+v", verb, to, state)
			}
		}
	}
}

// inState is what becomes of a user in a state, and whether there is nothing to do or
// nothing that may be done.
type inState struct {
	was, becomes  fakeokta.Status
	holds, refuse bool
	writes        string
}

func (c inState) try(t *testing.T, s *sandbox, r hand, u fakeokta.User, a access.Action) {
	t.Helper()
	state := inspect(t, r, a)
	if state.Holds != c.holds || (state.Refuse != "") != c.refuse {
		t.Errorf("before: %+v", state)
	}
	if !strings.Contains(string(state.Before), `"status":"`+string(c.was)+`"`) {
		t.Errorf("before-image %s", state.Before)
	}
	receipt, err := r.Act(t.Context(), a)
	if (err != nil) != c.refuse {
		t.Errorf("act: %v", err)
	}
	if c.writes != "" && receipt.RequestID == "" {
		t.Errorf("no request id: %+v", receipt)
	}
	if got := s.writes(); got != c.writes {
		t.Errorf("sent %q, want %q", got, c.writes)
	}
	if got := s.status(t, u); got != c.becomes {
		t.Errorf("is %s now", got)
	}
	if !c.refuse && !inspect(t, r, a).Holds {
		t.Error("does not hold afterwards")
	}
}

func TestDeactivateInEachState(t *testing.T) {
	for _, was := range []fakeokta.Status{
		fakeokta.Active, fakeokta.LockedOut, fakeokta.Suspended, fakeokta.Staged, fakeokta.Provisioned,
		fakeokta.Recovery, fakeokta.PasswordExpired, fakeokta.Deprovisioned,
	} {
		t.Run(string(was), func(t *testing.T) {
			s := newSandbox(t, fakeokta.Options{})
			u := s.AddUser(person("zoe@example.test", "Zoe", "Z", "99", was))
			r, a := s.revoker(t), action(access.OktaDeactivate, u)
			already := was == fakeokta.Deprovisioned
			if state := inspect(t, r, a); state.Holds != already || state.Refuse != "" {
				t.Errorf("before: %+v", state)
			}
			act(t, r, a)
			if got := s.writes(); (got == "") != already {
				t.Errorf("sent %q", got)
			}
			if s.status(t, u) != fakeokta.Deprovisioned || !inspect(t, r, a).Holds {
				t.Error("not deactivated")
			}
			for _, req := range s.Requests() {
				if req.Method == http.MethodPost && req.Query != "sendEmail=false" {
					t.Errorf("the user gets a mail: %q", req.Query)
				}
			}
		})
	}
}

func TestADeactivationThatTakesTimeIsInProgressUntilItIsDone(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{DeactivatePolls: 3})
	r, a := s.revoker(t), action(access.OktaDeactivate, s.ann)
	act(t, r, a)
	for i := range 10 {
		state := inspect(t, r, a)
		if state.Holds {
			if i == 0 {
				t.Error("done at once")
			}
			return
		}
		if !state.InProgress {
			t.Fatalf("look %d: %+v", i, state)
		}
		// asked again meanwhile, nothing is sent twice
		if suspend := inspect(t, r, action(access.OktaSuspend, s.ann)); suspend.Refuse != "" {
			t.Errorf("suspend meanwhile: %+v", suspend)
		}
	}
	t.Error("never done")
}
