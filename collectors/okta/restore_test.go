package okta

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

const restorerToken = "00restorerTokenThatMustNeverBeSeen0000000"

func (s *sandbox) restorer(t *testing.T) *Restorer {
	t.Helper()
	s.SetToken(restorerToken, fakeokta.Token{Name: "restorer", UserID: s.job.ID})
	r, err := NewRestorer(s.config(restorerToken))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// undo is the action that undoes a suspension of now.
func (s *sandbox) undo(u fakeokta.User) access.Action {
	a := action(access.OktaUnsuspend, u)
	a.Stage, a.Undoes = access.Restore, &access.Undone{Verb: access.OktaSuspend, At: s.Now()}
	return a
}

func TestUnsuspendInEachState(t *testing.T) {
	for _, c := range []inState{
		{fakeokta.Suspended, fakeokta.Active, false, false, "POST unsuspend"},
		{fakeokta.Active, fakeokta.Active, true, false, ""},
		{fakeokta.LockedOut, fakeokta.LockedOut, true, false, ""},
		{fakeokta.PasswordExpired, fakeokta.PasswordExpired, true, false, ""},
		{fakeokta.Deprovisioned, fakeokta.Deprovisioned, false, true, ""},
	} {
		t.Run(string(c.was), func(t *testing.T) {
			s := newSandbox(t, fakeokta.Options{})
			u := s.AddUser(person("zoe@example.test", "Zoe", "Z", "99", c.was))
			c.try(t, s, s.restorer(t), u, s.undo(u))
		})
	}
}

func TestASuspensionBySomebodyElseSinceIsNotLifted(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r, a := s.restorer(t), s.undo(s.ann)
	s.Pass(time.Hour)
	act(t, s.revoker(t), action(access.OktaSuspend, s.ann))
	state, err := r.Inspect(t.Context(), a)
	if err != nil || !strings.Contains(state.Refuse, "suspended anew") {
		t.Errorf("%+v, %v", state, err)
	}
	if _, err := r.Act(t.Context(), a); err == nil || s.status(t, s.ann) != fakeokta.Suspended {
		t.Errorf("it was lifted: %v", err)
	}
	a.Undoes = nil
	if state, err := r.Inspect(t.Context(), a); err != nil || state.Refuse == "" {
		t.Errorf("nothing says what is undone: %+v, %v", state, err)
	}
}

func TestAUserWhoIsGoneOrChangedHandsIsNotRestored(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r := s.restorer(t)
	a := s.undo(s.cid)
	a.Account.ID = "00uNobodyNobodyNob01"
	if state, err := r.Inspect(t.Context(), a); err != nil || state.Holds || state.Refuse == "" {
		t.Errorf("gone: %+v, %v", state, err)
	}
	s.UpdateUser(s.cid.ID, func(u *fakeokta.User) { u.Profile["login"] = "new.cid@example.test" })
	if state, err := r.Inspect(t.Context(), s.undo(s.cid)); err != nil || !strings.Contains(state.Refuse, "new.cid@example.test") {
		t.Errorf("changed hands: %+v, %v", state, err)
	}
	if _, err := r.Act(t.Context(), s.undo(s.cid)); err == nil || s.writes() != "" {
		t.Errorf("acted: %v, sent %q", err, s.writes())
	}
}

func TestALostAnswerToAnUnsuspensionIsSettledByReading(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r, a := s.restorer(t), s.undo(s.cid)
	s.Add(faults.Rule{Kind: faults.CloseAfterWork, Match: func(r *http.Request) bool { return r.Method != http.MethodGet }})
	if _, err := r.Act(t.Context(), a); err == nil {
		t.Error("a lost answer is no error")
	}
	if state, err := r.Inspect(t.Context(), a); err != nil || !state.Holds || s.writes() != "POST unsuspend" {
		t.Errorf("%+v, %v, sent %q", state, err, s.writes())
	}
}

func TestARefusedUnsuspensionIsAnErrorAndNeverASuccess(t *testing.T) {
	for _, refusal := range []faults.Rule{
		faults.OktaError(403, "E0000006", "You do not have permission"),
		faults.OktaError(404, "E0000007", "Not found: Resource not found: user (User)"),
		faults.OktaError(409, "E0000112", "Unable to update the user"),
		faults.Unavailable(), {Kind: faults.CloseBeforeReply},
	} {
		s := newSandbox(t, fakeokta.Options{})
		r, a := s.restorer(t), s.undo(s.cid)
		refusal.Match = func(r *http.Request) bool { return r.Method != http.MethodGet }
		fired := s.Add(refusal)
		if _, err := r.Act(t.Context(), a); err == nil || strings.Contains(err.Error(), restorerToken) || fired() != 1 {
			t.Errorf("error %v, sent %d times", err, fired())
		}
		if state, err := r.Inspect(t.Context(), a); err != nil || state.Holds || state.Refuse != "" {
			t.Errorf("%+v, %v", state, err)
		}
	}
}

func TestARestorerTakesNothingAndARevokerGivesNothing(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	restorer, revoker := s.restorer(t), s.revoker(t)
	for _, verb := range allVerbs {
		a := s.tokenAction()
		a.Verb = verb
		if _, err := restorer.Act(t.Context(), a); err == nil {
			t.Errorf("a restorer did %s", verb)
		}
		// It reads what a night did, to close what was interrupted.
		if _, err := restorer.Inspect(t.Context(), a); err != nil {
			t.Errorf("%s cannot be read back: %v", verb, err)
		}
	}
	if _, err := revoker.Act(t.Context(), s.undo(s.cid)); err == nil {
		t.Error("a revoker lifted a suspension")
	}
	if state, err := revoker.Inspect(t.Context(), s.undo(s.cid)); err != nil || state.Holds {
		t.Errorf("a night cannot read what a restore did: %+v, %v", state, err)
	}
	for _, path := range []string{"/lifecycle/suspend", "/lifecycle/deactivate", "/lifecycle/activate"} {
		if _, _, err := restorer.r.c.send(t.Context(), http.MethodPost, "/api/v1/users/"+s.cid.ID+path, nil); err == nil {
			t.Errorf("the transport of a restorer carries %s", path)
		}
	}
	if _, _, err := revoker.c.send(t.Context(), http.MethodPost, "/api/v1/users/"+s.cid.ID+"/lifecycle/unsuspend", nil); err == nil {
		t.Error("the transport of a revoker carries an unsuspension")
	}
	if s.writes() != "" {
		t.Errorf("sent %q", s.writes())
	}
}

func TestAnEmptyOrMalformedIdIsNotRestored(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r := s.restorer(t)
	for _, id := range []string{"", "me", "ann@example.test", "../groups/00g0000000001", s.cid.ID + "?x=1"} {
		a := s.undo(s.cid)
		a.Account.ID = access.AccountID(id)
		_, seen := r.Inspect(t.Context(), a)
		_, acted := r.Act(t.Context(), a)
		if seen == nil || acted == nil {
			t.Errorf("%q: %v, %v", id, seen, acted)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestNobodyElseIsTouchedByARestore(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	others := func() []fakeokta.User {
		return slices.DeleteFunc(s.State().Users, func(u fakeokta.User) bool { return u.ID == s.cid.ID })
	}
	before := others()
	if _, err := s.restorer(t).Act(t.Context(), s.undo(s.cid)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, others()); d != "" {
		t.Error(d)
	}
}

func TestAServiceAppWithTheScopesOfARestorerRestores(t *testing.T) {
	a := newApps(t, func(app *fakeokta.ServiceApp) { app.Scopes = RestorerScopes() })
	cfg := a.config(readApp)
	cfg.Scopes = RestorerScopes()
	r, err := NewRestorer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	undo := action(access.OktaUnsuspend, a.cid)
	undo.Undoes = &access.Undone{At: a.Now()}
	token := action(access.OktaDeleteToken, a.ann)
	token.EntitlementID = a.annsToken.ID
	if _, err := r.Inspect(t.Context(), token); err != nil {
		t.Error(err)
	}
	if _, err := r.Act(t.Context(), undo); err != nil {
		t.Error(err)
	}
	if u, _ := a.User(a.cid.ID); u.Status != fakeokta.Active {
		t.Errorf("cid is %s", u.Status)
	}
}
