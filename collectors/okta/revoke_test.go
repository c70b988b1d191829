package okta

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

var allVerbs = []access.Verb{access.OktaSuspend, access.OktaDeactivate, access.OktaClearSessions, access.OktaDeleteToken}

func TestTheStateIsToldEvenOfAnAccountWhoseLoginChanged(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r, a := s.revoker(t), s.tokenAction()
	a.Verb = access.OktaSuspend
	s.UpdateUser(s.ann.ID, func(u *fakeokta.User) { u.Status, u.Profile["login"] = "SUSPENDED", "ann.gone@example.test" })
	if state := inspect(t, r, a); !state.Holds || state.Refuse == "" {
		t.Errorf("a run that was interrupted could not be read back: %+v", state)
	}
}

func TestAnAccountThatChangedHandsIsRefused(t *testing.T) {
	for _, verb := range allVerbs {
		s := newSandbox(t, fakeokta.Options{})
		r, a := s.revoker(t), s.tokenAction()
		a.Verb = verb
		s.UpdateUser(s.ann.ID, func(u *fakeokta.User) { u.Profile["login"] = "new.ann@example.test" })
		if state := inspect(t, r, a); !strings.Contains(state.Refuse, "new.ann@example.test") {
			t.Errorf("%s: %+v", verb, state)
		}
		a.Login = ""
		if state := inspect(t, r, a); state.Refuse == "" {
			t.Errorf("%s without a login: %+v", verb, state)
		}
		if _, err := r.Act(t.Context(), a); err == nil {
			t.Errorf("%s was carried out", verb)
		}
		if got := s.writes(); got != "" {
			t.Errorf("%s: sent %q", verb, got)
		}
		a.Login = "NEW.Ann@example.test"
		if state := inspect(t, r, a); state.Refuse != "" {
			t.Errorf("%s: the case of letters is no difference: %s", verb, state.Refuse)
		}
	}
}

func TestAnEmptyOrMalformedIdIsRefusedBeforeAnyRequest(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r := s.revoker(t)
	for _, verb := range allVerbs {
		for _, id := range []string{"", "me", "ann@example.test", "00u1", s.ann.ID + "/", "../groups/00g0000000001", s.ann.ID + "?x=1"} {
			for _, which := range []string{"account", "token"} {
				if which == "token" && verb != access.OktaDeleteToken {
					continue
				}
				a := s.tokenAction()
				a.Verb = verb
				if which == "token" {
					a.EntitlementID = id
				} else {
					a.Account.ID = access.AccountID(id)
				}
				if _, err := r.Inspect(t.Context(), a); err == nil {
					t.Errorf("%s: inspected %s %q", verb, which, id)
				}
				if _, err := r.Act(t.Context(), a); err == nil {
					t.Errorf("%s: acted on %s %q", verb, which, id)
				}
			}
		}
	}
	foreign := action(access.OktaSuspend, s.ann)
	foreign.Account.System = "aws"
	unknown := action("erase", s.ann)
	for _, a := range []access.Action{foreign, unknown} {
		if _, err := r.Act(t.Context(), a); err == nil {
			t.Errorf("acted: %+v", a)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// refused acts where okta answers every change by a rule: that is an error which tells
// nobody the token, and nothing is sent twice.
func (s *sandbox) refused(t *testing.T, r *Revoker, a access.Action, rule faults.Rule) {
	t.Helper()
	rule.Match = func(r *http.Request) bool { return r.Method != http.MethodGet }
	fired := s.Add(rule)
	if _, err := r.Act(t.Context(), a); err == nil || strings.Contains(err.Error(), revokerToken) {
		t.Errorf("%s: error %v", a.Verb, err)
	}
	if fired() != 1 {
		t.Errorf("%s was sent %d times", a.Verb, fired())
	}
}

func TestARefusalIsAnErrorAndNeverASuccess(t *testing.T) {
	for _, refusal := range []faults.Rule{
		faults.OktaError(403, "E0000006", "You do not have permission"),
		faults.OktaError(404, "E0000007", "Not found: Resource not found: user (User)"),
		faults.OktaError(500, "E0000009", "Internal Server Error"),
		faults.Unavailable(),
		{Kind: faults.CloseBeforeReply},
	} {
		for _, verb := range allVerbs {
			s := newSandbox(t, fakeokta.Options{})
			r, a := s.revoker(t), s.tokenAction()
			a.Verb = verb
			s.refused(t, r, a, refusal)
			if state := inspect(t, r, a); state.Holds {
				t.Errorf("%s holds: %+v", verb, state)
			}
		}
	}
}

func TestALostAnswerIsSettledByReading(t *testing.T) {
	for _, verb := range []access.Verb{access.OktaSuspend, access.OktaDeactivate, access.OktaDeleteToken} {
		s := newSandbox(t, fakeokta.Options{})
		r, a := s.revoker(t), s.tokenAction()
		a.Verb = verb
		s.Add(faults.Rule{Kind: faults.CloseAfterWork, Match: func(r *http.Request) bool { return r.Method != http.MethodGet }})
		if _, err := r.Act(t.Context(), a); err == nil {
			t.Errorf("%s: a lost answer is no error", verb)
		}
		if !inspect(t, r, a).Holds {
			t.Errorf("%s: it was done and does not hold", verb)
		}
		if got := s.writes(); strings.Contains(got, ",") {
			t.Errorf("%s: sent %q", verb, got)
		}
	}
}

// Once a locked-out leaver is unlocked, the suspension has to follow.
func TestWhoWasUnlockedIsSuspendedWhateverHappens(t *testing.T) {
	suspend := faults.Path("POST", "/lifecycle/suspend")
	for rule, fault := range map[string]faults.Rule{
		"the answer to the unlock is lost":     {Match: faults.Path("POST", "/lifecycle/unlock"), Kind: faults.CloseAfterWork},
		"the suspension fails twice":           {Match: suspend, Kind: faults.Status, Code: 500, Body: "{}", Times: 2},
		"the answer to the suspension is lost": {Match: suspend, Kind: faults.CloseAfterWork},
	} {
		s := newSandbox(t, fakeokta.Options{})
		s.Add(fault)
		act(t, s.revoker(t), action(access.OktaSuspend, s.bob))
		if got := s.status(t, s.bob); got != fakeokta.Suspended {
			t.Errorf("%s: %s (sent %q)", rule, got, s.writes())
		}
	}
	t.Run("the run is cancelled in between", func(t *testing.T) {
		s := newSandbox(t, fakeokta.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		s.Add(faults.Rule{Match: suspend, Kind: faults.Pass})
		s.Add(faults.Rule{Match: func(r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/unlock") {
				defer cancel()
			}
			return false
		}})
		_, _ = s.revoker(t).Act(ctx, action(access.OktaSuspend, s.bob)) // how it ends is read below
		if got := s.status(t, s.bob); got == fakeokta.Active {
			t.Errorf("left unlocked (sent %q)", s.writes())
		}
	})
	t.Run("the suspension never works", func(t *testing.T) {
		s := newSandbox(t, fakeokta.Options{})
		s.Add(faults.Rule{Match: suspend, Kind: faults.Status, Code: 500, Body: "{}"})
		_, err := s.revoker(t).Act(t.Context(), action(access.OktaSuspend, s.bob))
		if err == nil || !strings.Contains(err.Error(), "suspend them by hand") {
			t.Errorf("error %v", err)
		}
	})
}

func TestNobodyElseIsTouchedAndNobodyIsErased(t *testing.T) {
	for _, verb := range allVerbs {
		s := newSandbox(t, fakeokta.Options{})
		others := func() (users []fakeokta.User, members []fakeokta.Member) {
			state := s.State()
			return slices.DeleteFunc(state.Users, func(u fakeokta.User) bool { return u.ID == s.ann.ID }), state.Members
		}
		users, members := others()
		a := s.tokenAction()
		a.Verb = verb
		act(t, s.revoker(t), a)
		nowUsers, nowMembers := others()
		if d := cmp.Diff(users, nowUsers) + cmp.Diff(members, nowMembers); d != "" {
			t.Errorf("%s: %s", verb, d)
		}
		for _, r := range s.Requests() {
			if r.Method == http.MethodDelete && r.Path == "/api/v1/users/"+s.ann.ID {
				t.Errorf("%s erases the user", verb)
			}
		}
	}
}
