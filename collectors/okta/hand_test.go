package okta

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
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
