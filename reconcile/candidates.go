package reconcile

import (
	"cmp"
	"fmt"
	"rollcall/internal/access"
	"slices"
	"strings"
)

// Candidate is an action that a certain leaver calls for. Held, when set, is
// the guard that keeps it from running whatever the numbers say.
type Candidate struct {
	Action access.Action
	Held   string
	Says   string
	Mend   string

	s, a int // its account: the system, and the place there
}

// action is a change to an account, about an entitlement or (-1) the account.
func (e *evaluation) action(s, a int, p *access.Person, stage access.Stage, verb access.Verb, ent int) access.Action {
	acc := &e.systems[s].Accounts[a]
	act := access.Action{Stage: stage, Verb: verb, Person: p.Key(), Account: acc.Key(), AccountKind: acc.Kind, Login: acc.Login,
		Reason: fmt.Sprintf("%s %s (%s)", p.Name, p.Why, p.Cites)}
	if ent >= 0 {
		right := e.systems[s].Entitlements[ent]
		act.EntitlementKind, act.EntitlementID, act.Entitlement, act.GrantScope = right.Kind, right.ID, right.Name, right.Scope
	}
	act.ID = stableID("a", string(act.Stage), string(act.Verb), act.Account.String(), string(act.EntitlementKind), act.GrantScope, act.EntitlementID)
	return act
}

// blockOrder is the order in which a person's accounts are blocked: first what
// signs them in elsewhere.
var blockOrder = []access.AccountKind{access.OktaUser, access.IAMUser, access.IdentityCenter}

// candidates are the actions: every block before any remove, then by person, kind
// of account, account and the order of their steps.
func (e *evaluation) candidates() []Candidate {
	if !e.w.SeenAt.IsZero() || e.w.Order != nil { // only a night removes
		e.planned = slices.DeleteFunc(e.planned, func(c Candidate) bool { return c.Action.Stage != access.Block })
	}
	slices.SortStableFunc(e.planned, func(a, b Candidate) int {
		if c := cmp.Compare(a.Action.Stage, b.Action.Stage); c != 0 { // "block" is less
			return c
		}
		if c := a.Action.Person.Compare(b.Action.Person); c != 0 {
			return c
		}
		if c := slices.Index(blockOrder, a.Action.AccountKind) - slices.Index(blockOrder, b.Action.AccountKind); c != 0 {
			return c
		}
		if c := strings.Compare(a.Action.Account.String(), b.Action.Account.String()); c != 0 || !a.Action.InUse() || !b.Action.InUse() {
			return c
		}
		return compareRights(a.Action, b.Action) // found in the order of the grants
	})
	e.planned = slices.CompactFunc(e.planned, func(a, b Candidate) bool { return a.Action.InUse() && a.Action.ID == b.Action.ID })
	return e.planned
}

// compareRights orders what is taken from one account.
func compareRights(a, b access.Action) int {
	return cmp.Or(cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.GrantScope, b.GrantScope), cmp.Compare(a.EntitlementKind, b.EntitlementKind), cmp.Compare(a.EntitlementID, b.EntitlementID))
}
