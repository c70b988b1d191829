package reconcile

import (
	"fmt"
	"rollcall/internal/access"
	"slices"
)

// proven reports whether everything that can let somebody in through the account
// was read to its end. What nobody read proves nothing.
func (e *evaluation) proven(s, a int) bool {
	acc := &e.systems[s].Accounts[a]
	if e.unproven(s, a) != "" {
		return false
	}
	for _, kind := range letsIn[acc.Kind] {
		if r := e.read(s, acc.Scope, kind); r == nil || !r.Complete {
			return false
		}
	}
	return true
}

// letsIn are the reads that tell, beside the one that lists it, whether an account
// of a kind can be used, and in Okta whether it is one that has to stay.
var letsIn = map[access.AccountKind][]string{
	access.OktaUser:       {"api_tokens", "admin_roles"},
	access.IAMUser:        {"credentials", "service_credentials"},
	access.IdentityCenter: {"sso_assignments", "sso_memberships", "sso_applications"},
}

// read is tonight's read of a kind in a scope, or nil.
func (e *evaluation) read(s int, scope, kind string) *access.Read {
	reads := e.systems[s].Reads
	for n := range reads {
		if reads[n].Scope == scope && reads[n].Kind == kind {
			return &reads[n]
		}
	}
	return nil
}

// whole reports whether everything of the account's scope was read to its end.
func (e *evaluation) whole(s, a int) bool {
	scope := e.systems[s].Accounts[a].Scope
	return !slices.ContainsFunc(e.systems[s].Reads, func(r access.Read) bool { return r.Scope == scope && !r.Complete })
}

// unproven names the scope that lists the account if it was not read to its
// end, or "".
func (e *evaluation) unproven(s, a int) string {
	r := e.systems[s].Reads[e.systems[s].Accounts[a].Read]
	if r.Complete && r.Lists {
		return ""
	}
	return fmt.Sprintf("%s was not read to its end: %s", r.Name(), r.Gap)
}
