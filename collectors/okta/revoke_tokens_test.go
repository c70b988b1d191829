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

// Whoever suspends the owner of the token by which it acts does nothing more that night.
func TestTheAccountByWhoseTokenTheRevokerActsIsLeftAlone(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	own := s.AddAPIToken(fakeokta.APIToken{Name: "revoker", UserID: s.job.ID, Created: epoch, ExpiresAt: epoch.AddDate(2, 0, 0)})
	token := action(access.OktaDeleteToken, s.job)
	token.EntitlementKind, token.EntitlementID = access.OktaAPIToken, own.ID
	r := s.revoker(t)
	if own, err := r.Self(t.Context()); err != nil || !slices.Equal(own, []access.AccountKey{{System: "okta", ID: access.AccountID(s.job.ID)}}) {
		t.Errorf("it says that it acts as %v, %v", own, err)
	}
	for _, a := range []access.Action{action(access.OktaSuspend, s.job), action(access.OktaClearSessions, s.job), action(access.OktaDeactivate, s.job), token} {
		if state := inspect(t, r, a); !strings.Contains(state.Refuse, "the job itself acts as") {
			t.Errorf("%s: %+v", a.Verb, state)
		}
		if _, err := r.Act(t.Context(), a); err == nil || !strings.Contains(err.Error(), "the job itself acts as") {
			t.Errorf("%s: %v", a.Verb, err)
		}
	}
	if sent := s.writes(); sent != "" || s.status(t, s.job) != fakeokta.Active {
		t.Errorf("sent %s; the user is %s", sent, s.status(t, s.job))
	}
}

// That nobody says whose token it is stops no block; an answer that is lost does, since
// it could be the job's own.
func TestWhoseTokenTheRevokersIsHasToBeKnownWhereOktaSaysSo(t *testing.T) {
	me := faults.Path("GET", "/api/v1/users/me")
	for code, stops := range map[int]bool{http.StatusForbidden: false, http.StatusNotFound: false, http.StatusInternalServerError: true} {
		s := newSandbox(t, fakeokta.Options{})
		s.Add(faults.Rule{Kind: faults.Status, Code: code, Body: "{}", Match: me})
		if own, err := s.revoker(t).Self(t.Context()); (err != nil) != stops || len(own) > 0 {
			t.Errorf("%d: it says that it acts as %v, %v", code, own, err)
		}
		_, err := s.revoker(t).Act(t.Context(), action(access.OktaSuspend, s.ann))
		if (err != nil) != stops || stops != (s.writes() == "") {
			t.Errorf("%d: %v, sent %s", code, err, s.writes())
		}
	}
}

func TestATokenIsDeletedAndThenAbsent(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	r, a := s.revoker(t), s.tokenAction()
	before := inspect(t, r, a)
	if before.Holds || !strings.Contains(string(before.Before), "ann's script") {
		t.Errorf("before: %+v, image %s", before, before.Before)
	}
	act(t, r, a)
	if !inspect(t, r, a).Holds || len(s.State().APITokens) != 0 {
		t.Error("the token is still there")
	}
	act(t, r, a)
	if got := s.writes(); strings.Count(got, "DELETE") != 1 {
		t.Errorf("sent %q", got)
	}
}

func TestATokenOfSomebodyElseIsRefused(t *testing.T) {
	s := newSandbox(t, fakeokta.Options{})
	a := s.tokenAction()
	a.Account.ID = access.AccountID(s.cid.ID)
	r := s.revoker(t)
	if state := inspect(t, r, a); state.Refuse == "" {
		t.Errorf("%+v", state)
	}
	if _, err := r.Act(t.Context(), a); err == nil || len(s.State().APITokens) != 1 {
		t.Errorf("error %v, %d tokens left", err, len(s.State().APITokens))
	}
}
