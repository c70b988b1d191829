package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// upstreams is what is known of where people sign in to Identity Center who are pushed
// into it. Which Okta pushed them is not known, so all of a person's accounts count.
type upstreams struct {
	theirs map[int32]bool      // by person: one who is to lose access has an account in Okta, whatever its state
	stray  map[string][]string // by address: accounts in Okta that may work and match nobody
	unread string              // a list of accounts that was not read to its end and may have theirs; "" if none
}

// wayIn is what is known of how the user of an account in Identity Center, who comes
// from another system, signs in.
type wayIn struct {
	open   []access.AccountKey // accounts in Okta by which it may be used
	known  bool                // an account in Okta is theirs
	lost   bool                // all was read, none is theirs, and the user reaches something: nobody can tell
	unread string              // what was not read to its end, so that nobody can tell tonight
}

// pushed reports whether somebody signs in to the account through another system. Who
// is disabled signs in nowhere.
func pushed(acc *access.Account) bool {
	return acc.Kind == access.IdentityCenter && acc.Upstream != "" && acc.Status != access.AccountDisabled
}

// knowUpstreams finds out, once, where people sign in who are to lose access.
func (e *evaluation) knowUpstreams() {
	e.upstreams = upstreams{theirs: map[int32]bool{}, stray: map[string][]string{}}
	for s := range e.systems {
		o := &e.systems[s]
		if !mayPush(o.Observation) {
			continue
		}
		if !listed(o.Observation) {
			e.upstreams.unread = least(e.upstreams.unread, string(o.System)+" was not read to its end")
		}
		for a := range o.Accounts {
			acc, who := &o.Accounts[a], e.who[s][a]
			switch {
			case acc.Kind != access.OktaUser:
			case who >= 0 && e.people.stances[who] != standsHere && e.leaves(&e.people.list[who]):
				e.upstreams.theirs[who] = true
			case o.Matches[a].How == access.Unmatched && acc.Status != access.AccountDisabled && acc.Status != access.AccountSuspended:
				e.upstreams.strays(acc)
			}
		}
	}
}

// strays keeps an account of nobody by its addresses.
func (u upstreams) strays(acc *access.Account) {
	for _, mail := range addressesOf(acc) {
		u.stray[mail] = append(u.stray[mail], acc.Login+" in "+string(acc.System))
	}
}

// addressesOf are the login of an account, and each address that it has.
func addressesOf(acc *access.Account) (all []string) {
	for _, mail := range append(strings.Split(acc.Email, ","), acc.Login) {
		if mail = access.Fold(strings.TrimSpace(mail)); mail != "" && !slices.Contains(all, mail) {
			all = append(all, mail)
		}
	}
	return all
}

// mayPush reports whether a system may be one from which people are pushed: it is not
// known to be AWS itself. What failed as a whole says nothing of what it is.
func mayPush(o access.Observation) bool {
	return len(o.Accounts) == 0 || o.Accounts[0].Kind == access.OktaUser || o.Accounts[0].Kind == access.OktaClient
}

// wayIn tells of the account of p. What shut it is remembered: that an account which was
// read as blocked is in no list any more opens nothing.
func (e *evaluation) wayIn(s, a int, p *access.Person) wayIn {
	acc := &e.systems[s].Accounts[a]
	if !pushed(acc) {
		return wayIn{}
	}
	who := e.people.number(e.people.one(p.Key()))
	in := wayIn{known: e.upstreams.theirs[who], unread: e.upstreams.unread}
	for up := range e.systems {
		for _, b := range e.accounts[up].of(int(who)) {
			if other := &e.systems[up].Accounts[b]; other.Kind == access.OktaUser && (e.live(up, int(b)) || !e.proven(up, int(b))) {
				in.open = append(in.open, other.Key())
			}
		}
	}
	in.lost = !in.known && in.unread == "" && !e.w.Memory.Endings[acc.Key()].ShutUpstream && len(e.reached(s, a)) > 0
	return in
}

// reached are the rights that a user from upstream has once they sign in, and that no
// step takes: groups and applications, in an order that does not depend on that of the
// grants.
func (e *evaluation) reached(s, a int) []int {
	o := &e.systems[s]
	var out []int
	for _, n := range e.grantsOf[s].of(a) {
		g := o.Grants[n]
		if kind := o.Entitlements[g.Entitlement].Kind; g.Direct() && (kind == access.SSOGroup || kind == access.SSOApp) {
			out = append(out, int(n))
		}
	}
	slices.SortFunc(out, func(a, b int) int {
		x, y := &o.Entitlements[o.Grants[a].Entitlement], &o.Entitlements[o.Grants[b].Entitlement]
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Scope, y.Scope), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// findLost asks a person about a leaver of whom nobody can tell how they sign in. The
// finding is about the first right that they reach: a direct assignment of theirs, which
// is taken, has one of its own.
func (e *evaluation) findLost(s, a int, p *access.Person) {
	if !e.wayIn(s, a, p).lost {
		return
	}
	o := &e.systems[s]
	acc, rights := &o.Accounts[a], e.reached(s, a)
	first := &o.Entitlements[o.Grants[rights[0]].Entitlement]
	what := first.Kind.Words() + " " + first.Name
	if more := len(rights) - 1; more > 0 {
		what += fmt.Sprintf(" and %d more", more)
	}
	e.addGrant(s, a, rights[0], access.LeaverAccess, "critical", access.ToUrgent, p.Cites, fmt.Sprintf(
		"%s %s, and it is not known whether they can still sign in to %s as %s: another system (%s) pushes this user, and no Okta account that was read is known to be theirs. It has %s. "+
			"Look in that system whether their account works, and end it there; if it is one in Okta, links.csv is to say whose it is%s",
		p.Name, p.Why, acc.System, acc.Login, acc.Upstream, what, e.likeness(acc)))
}

// likeness names the accounts in Okta that may be the one by which somebody signs in.
func (e *evaluation) likeness(acc *access.Account) string {
	var same []string
	for _, mail := range addressesOf(acc) {
		same = append(same, e.upstreams.stray[mail]...)
	}
	if len(same) == 0 {
		return ""
	}
	slices.Sort(same)
	return fmt.Sprintf(": %s has the same address, works and matches nobody", strings.Join(slices.Compact(same), ", "))
}
