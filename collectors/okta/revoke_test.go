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

func (s *sandbox) revoker(t *testing.T) *Revoker {
	t.Helper()
	r, err := NewRevoker(s.config(revokerToken))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func action(verb access.Verb, u fakeokta.User) access.Action {
	return access.Action{
		ID: "a1", Verb: verb, Login: u.Login(), AccountKind: access.OktaUser,
		Account: access.AccountKey{System: "okta", ID: access.AccountID(u.ID)},
	}
}

// ofNobody is a suspension of Ann under an id that Okta never had.
func (s *sandbox) ofNobody() access.Action {
	a := action(access.OktaSuspend, s.ann)
	a.Account.ID = "00uNobodyNobodyNob01"
	return a
}

func (s *sandbox) tokenAction() access.Action {
	a := action(access.OktaDeleteToken, s.ann)
	a.EntitlementKind, a.EntitlementID = access.OktaAPIToken, s.annsToken.ID
	return a
}

// hand is a Revoker or a Restorer.
type hand interface {
	Inspect(context.Context, access.Action) (access.State, error)
	Act(context.Context, access.Action) (access.Receipt, error)
}

func inspect(t *testing.T, r hand, a access.Action) access.State {
	t.Helper()
	state, err := r.Inspect(t.Context(), a)
	if err != nil {
		t.Fatalf("inspect %s: %v", a.Verb, err)
	}
	return state
}

func act(t *testing.T, r hand, a access.Action) access.Receipt {
	t.Helper()
	receipt, err := r.Act(t.Context(), a)
	if err != nil {
		t.Fatalf("act %s: %v", a.Verb, err)
	}
	return receipt
}

// writes lists the changes that were sent, without ids.
func (s *sandbox) writes() string {
	var out []string
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			parts := strings.Split(r.Path, "/")
			out = append(out, r.Method+" "+parts[len(parts)-1])
		}
	}
	return strings.Join(out, ", ")
}

func (s *sandbox) status(t *testing.T, u fakeokta.User) fakeokta.Status {
	t.Helper()
	now, ok := s.User(u.ID)
	if !ok {
		t.Fatalf("user %s is gone", u.ID)
	}
	return now.Status
}

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
