package okta

import (
	"crypto"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// suspended is the company with everything that Cid, who is suspended, can hold.
func suspended(t *testing.T, opts fakeokta.Options) *sandbox {
	t.Helper()
	s := newSandbox(t, opts)
	for _, kind := range []string{"push", "webauthn"} {
		s.AddFactor(fakeokta.Factor{UserID: s.cid.ID, Type: kind})
	}
	s.AddFactor(fakeokta.Factor{UserID: s.bob.ID, Type: "push"})
	s.AddGrant(fakeokta.Grant{UserID: s.cid.ID, ClientID: "client1", ClientName: "Notes", ScopeID: "okta.users.read.self"})
	s.AddGrant(fakeokta.Grant{UserID: s.bob.ID, ClientID: "client1", ClientName: "Notes", ScopeID: "okta.users.read.self"})
	return s
}

func (s *sandbox) remover(t *testing.T) *Revoker {
	t.Helper()
	cfg := s.config(revokerToken)
	cfg.Removes = true
	r, err := NewRevoker(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// removal is an action of the remove stage on Cid.
func (s *sandbox) removal(verb access.Verb) access.Action {
	a := action(verb, s.cid)
	a.Stage = access.Remove
	switch verb {
	case access.OktaLeaveGroup:
		a.EntitlementKind, a.EntitlementID = access.OktaGroup, s.support.ID
	case access.OktaUnassignApp:
		a.EntitlementKind, a.EntitlementID = access.OktaApp, s.payroll.ID
	case access.OktaRemoveAdminRole:
		a.EntitlementKind, a.EntitlementID = access.OktaAdminRole, s.helpDesk.ID+"@"+s.berlin.ID
	}
	return a
}

var removeVerbs = []access.Verb{access.OktaRevokeGrants, access.OktaResetFactors, access.OktaLeaveGroup, access.OktaUnassignApp, access.OktaRemoveAdminRole, access.OktaDeactivate}

// left counts what somebody holds by themselves.
func (s *sandbox) left(user string) (n struct{ Grants, Factors, Groups, Apps, Roles int }) {
	state := s.State()
	n.Grants = howMany(state.Grants, func(g fakeokta.Grant) bool { return g.UserID == user })
	n.Factors = howMany(state.Factors, func(f fakeokta.Factor) bool { return f.UserID == user })
	n.Groups = howMany(state.Members, func(m fakeokta.Member) bool { return m.UserID == user })
	n.Apps = howMany(state.AppUsers, func(a fakeokta.AppUser) bool { return a.UserID == user })
	n.Roles = howMany(state.Roles, func(r fakeokta.RoleAssignment) bool { return r.Assignee == user })
	return n
}

func howMany[T any](all []T, is func(T) bool) (n int) {
	for _, one := range all {
		if is(one) {
			n++
		}
	}
	return n
}

func TestEverythingOfASuspendedUserIsRemovedAndReadBack(t *testing.T) {
	s := suspended(t, fakeokta.Options{DeactivatePolls: 2})
	r := s.remover(t)
	others := s.left(s.bob.ID)
	for _, verb := range removeVerbs {
		a := s.removal(verb)
		if before := inspect(t, r, a); before.Holds || before.Refuse != "" || len(before.Before) < 10 {
			t.Errorf("%s before: %+v, image %s", verb, before, before.Before)
		}
		if receipt := act(t, r, a); receipt.RequestID == "" {
			t.Errorf("%s has no request id: %+v", verb, receipt)
		}
		after := inspect(t, r, a)
		for range 5 {
			if !after.InProgress {
				break
			}
			after = inspect(t, r, a)
		}
		if !after.Holds {
			t.Errorf("%s after: %+v", verb, after)
		}
	}
	if got := s.writes(); got != "DELETE grants, POST reset_factors, DELETE "+s.cid.ID+", DELETE "+s.cid.ID+", DELETE "+s.roleOf(t)+", POST deactivate" {
		t.Errorf("sent %s", got)
	}
	want := struct{ Grants, Factors, Groups, Apps, Roles int }{Groups: 1} // Everyone
	if d := cmp.Diff(want, s.left(s.cid.ID)); d != "" {
		t.Errorf("left of cid (-want +got):\n%s", d)
	}
	if d := cmp.Diff(others, s.left(s.bob.ID)); d != "" {
		t.Errorf("somebody else lost something:\n%s", d)
	}
	if s.status(t, s.cid) != fakeokta.Deprovisioned {
		t.Errorf("cid is %s", s.status(t, s.cid))
	}
}

// roleOf is the assignment that was taken away, as the log of requests has it.
func (s *sandbox) roleOf(t *testing.T) string {
	t.Helper()
	for _, r := range s.Requests() {
		if id, ok := strings.CutPrefix(r.Path, "/api/v1/users/"+s.cid.ID+"/roles/"); ok && r.Method == http.MethodDelete {
			return id
		}
	}
	t.Error("no role was taken away")
	return ""
}

func TestNothingIsRemovedOfAUserWhoWasLetInAgain(t *testing.T) {
	for _, verb := range removeVerbs {
		s := suspended(t, fakeokta.Options{})
		s.UpdateUser(s.cid.ID, func(u *fakeokta.User) { u.Status = fakeokta.Active })
		r, a := s.remover(t), s.removal(verb)
		if state := inspect(t, r, a); !strings.Contains(state.Refuse, "is ACTIVE, and nothing is removed") {
			t.Errorf("%s: %+v", verb, state)
		}
		if _, err := r.Act(t.Context(), a); err == nil || s.writes() != "" {
			t.Errorf("%s: error %v, sent %q", verb, err, s.writes())
		}
	}
}

func TestOnlyGroupsOfOktasOwnAreEdited(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	s.AddMember(s.ad.ID, s.cid.ID)
	r, a := s.remover(t), s.removal(access.OktaLeaveGroup)
	for _, group := range []string{s.ad.ID, s.Everyone()} {
		a.EntitlementID = group
		if state := inspect(t, r, a); state.Holds || !strings.Contains(state.Refuse, "of which okta lets nobody take users out") {
			t.Errorf("%s: %+v", group, state)
		}
	}
	if got := s.writes(); got != "" {
		t.Errorf("sent %q", got)
	}
}

func TestWhoLeavesAGroupThatARuleFillsIsExcludedFromTheRule(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	rule := s.State().Rules[0]
	s.AddRuleMember(s.engineering.ID, rule.ID, s.cid.ID)
	r, a := s.remover(t), s.removal(access.OktaLeaveGroup)
	a.EntitlementID = s.engineering.ID
	act(t, r, a)
	if !inspect(t, r, a).Holds || !slices.Contains(s.State().Rules[0].Excluded, s.cid.ID) {
		t.Errorf("excluded: %v", s.State().Rules[0].Excluded)
	}
}

func TestAnEmptyListOfFactorsProvesNothingBeforeTheReset(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	s.Add(faults.Rule{Match: faults.Path("GET", "/factors"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) { a.Body = []byte("[]") }})
	r, a := s.remover(t), s.removal(access.OktaResetFactors)
	if inspect(t, r, a).Holds {
		t.Error("a policy hides them, and they pass for gone")
	}
	act(t, r, a)
	if !inspect(t, r, a).Holds || s.left(s.cid.ID).Factors != 0 {
		t.Errorf("%d factors are left", s.left(s.cid.ID).Factors)
	}
}

func TestADeactivatedUserKeepsFactorsAndCanStillLeaveGroups(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	r := s.remover(t)
	act(t, r, s.removal(access.OktaDeactivate))
	if state := inspect(t, r, s.removal(access.OktaResetFactors)); !strings.Contains(state.Refuse, "DEPROVISIONED") {
		t.Errorf("factors: %+v", state)
	}
	for _, verb := range []access.Verb{access.OktaRevokeGrants, access.OktaUnassignApp, access.OktaRemoveAdminRole} {
		if state := inspect(t, r, s.removal(verb)); !state.Holds {
			t.Errorf("%s: %+v", verb, state)
		}
	}
	act(t, r, s.removal(access.OktaLeaveGroup))
	if !inspect(t, r, s.removal(access.OktaLeaveGroup)).Holds {
		t.Error("still in the group")
	}
}

func TestAnAppThatComesByAGroupIsNoneOfTheUsersOwn(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	r, a := s.remover(t), s.removal(access.OktaUnassignApp)
	a.EntitlementID = s.wiki.ID // Everyone has it
	if state := inspect(t, r, a); !state.Holds || !strings.Contains(state.Detail, "by a group only") {
		t.Errorf("%+v", state)
	}
	notFound := faults.OktaError(404, "E0000007", "Not found: Resource not found: AppUser")
	notFound.Match = faults.Path("GET", "/api/v1/apps/"+s.payroll.ID+"/users/"+s.cid.ID)
	s.Add(notFound)
	if state, err := r.Inspect(t.Context(), s.removal(access.OktaUnassignApp)); err == nil || !strings.Contains(err.Error(), "lists the user all the same") {
		t.Errorf("a 404 passes for gone: %+v, %v", state, err)
	}
}

func TestARefusedRemovalIsAnErrorAndALostAnswerIsRead(t *testing.T) {
	for _, refusal := range []faults.Rule{
		faults.OktaError(403, "E0000006", "You do not have permission"), faults.OktaError(404, "E0000007", "Not found: Resource not found: user (User)"),
		faults.OktaError(500, "E0000009", "Internal Server Error"), {Kind: faults.CloseBeforeReply}, {Kind: faults.CloseAfterWork},
	} {
		for _, verb := range removeVerbs {
			s := suspended(t, fakeokta.Options{})
			r, a := s.remover(t), s.removal(verb)
			s.refused(t, r, a, refusal)
			// That the factors were reset nobody can read, so that it is sent again.
			want := refusal.Kind == faults.CloseAfterWork && verb != access.OktaResetFactors
			if state := inspect(t, r, a); state.Holds != want {
				t.Errorf("%s after %v: %+v", verb, refusal.Kind, state)
			}
		}
	}
}

func TestARemovalWithAMalformedIdIsRefusedBeforeAnyRequest(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	r := s.remover(t)
	for _, verb := range removeVerbs {
		for _, id := range []string{"", "me", "cid@example.test", s.cid.ID + "/", "../groups/00g0000000001", s.cid.ID + "?x=1", "@" + s.berlin.ID, s.helpDesk.ID + "@"} {
			account, right := s.removal(verb), s.removal(verb)
			account.Account.ID, right.EntitlementID = access.AccountID(id), id
			for _, a := range []access.Action{account, right} {
				if a.EntitlementKind == "" && a.Account.ID != access.AccountID(id) {
					continue // the verb is about the account alone
				}
				_, looked := r.Inspect(t.Context(), a)
				_, acted := r.Act(t.Context(), a)
				if looked == nil || acted == nil {
					t.Errorf("%s of %q: inspected %v, acted %v", verb, id, looked, acted)
				}
			}
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestAServiceAppThatRemovesAsksForTheScopesOfIt(t *testing.T) {
	for _, c := range []struct {
		removes, appsAndRoles bool
		denied                []access.Verb
	}{
		{true, true, nil},
		{true, false, []access.Verb{access.OktaUnassignApp, access.OktaRemoveAdminRole}},
		{false, false, []access.Verb{access.OktaLeaveGroup, access.OktaUnassignApp, access.OktaRemoveAdminRole}},
	} {
		a := newApps(t, nil)
		scopes := RevokerScopes(c.removes, c.appsAndRoles)
		a.SetServiceApp(revokeApp, fakeokta.ServiceApp{Name: "revoker app", Scopes: scopes, Keys: map[string]crypto.PublicKey{"rsa": &keys().rsa.PublicKey}})
		cfg := a.config(revokeApp)
		cfg.Scopes, cfg.Removes = scopes, true
		r, err := NewRevoker(cfg)
		if err != nil {
			t.Fatal(err)
		}
		s := &sandbox{company: a.company, Injector: a.Injector, clock: a.clock}
		for _, verb := range removeVerbs {
			_, err := r.Act(t.Context(), s.removal(verb))
			if want := slices.Contains(c.denied, verb); (err != nil) != want || want && !strings.Contains(err.Error(), "it needs okta.") {
				t.Errorf("removes %t, apps and roles %t: %s: %v", c.removes, c.appsAndRoles, verb, err)
			}
		}
	}
}

func TestARevokerThatOnlyBlocksSendsNoRemoval(t *testing.T) {
	s := suspended(t, fakeokta.Options{})
	r := s.revoker(t)
	for _, verb := range removeVerbs {
		if _, err := r.Act(t.Context(), s.removal(verb)); verb != access.OktaDeactivate && (err == nil || !strings.Contains(err.Error(), "not among the changes that this revoker makes")) {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if got := s.writes(); got != "POST deactivate" { // which is a block's change too
		t.Errorf("sent %q", got)
	}
}
