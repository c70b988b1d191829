package reconcile

import (
	"cmp"
	"fmt"
	"slices"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// step is one verb on an account, about an entitlement or (-1) the account.
type step struct {
	verb     access.Verb
	ent      int
	undoable bool
}

// findLeaver concludes about the account of somebody whose access has ended,
// and proposes what ends it.
func (e *evaluation) findLeaver(s, a int, p *access.Person) {
	acc := e.systems[s].Accounts[a]
	if other := e.claimed(s, a, p); other != nil {
		if e.live(s, a) {
			e.addAccount(s, a, access.HeldPerson, "high", access.ToHold, p.Cites,
				"%s %s, but the address of %s in %s is that of %s, who has not left: links.csv is to say whose it is", p.Name, p.Why, acc.Login, acc.System, other.Key())
		}
		return
	}
	if u := e.lastUse(s, a, p.AccessEndsAt); !u.At.IsZero() {
		e.addAccount(s, a, access.UsedAfterExit, "critical", access.ToUrgent, p.Cites,
			"%s in %s was used on %s%s, after the access of %s had ended on %s: call security", acc.Login, acc.System, phrase.Minute(u.At), howUsed(u), p.Name, phrase.Minute(p.AccessEndsAt))
	}
	e.findBeyond(s, a, p)
	steps, was := e.again(s, a, p, e.steps(s, a))
	if len(steps) == 0 {
		return
	}
	if why := e.protected(s, a); why != "" {
		id := e.addAccount(s, a, access.ProtectedLeaver, "critical", access.ToUrgent, p.Cites,
			"%s %s, but %s in %s is protected (%s): a person must decide tonight", p.Name, p.Why, acc.Login, acc.System, why)
		e.propose(s, a, p, id, steps, "protected", fmt.Sprintf("%s is protected: %s", acc.Login, why), "decide by hand, then block the account in the console of "+string(acc.System))
		return
	}
	can := "can still use"
	if was != "" {
		can = "may be able to use"
	}
	id := e.addAccount(s, a, access.LeaverAccess, "high", access.ToRevoke, p.Cites,
		"%s %s (access ended %s) and %s %s in %s%s", p.Name, p.Why, phrase.Minute(p.AccessEndsAt), can, acc.Login, acc.System, was)
	if gap := e.unproven(s, a); gap != "" {
		e.propose(s, a, p, id, steps, "reads", gap, "mend what the read names, then run the night again")
		return
	}
	e.propose(s, a, p, id, steps, "", "", "")
}

// claimed is somebody else, who has not left, to whom the account's address
// belongs; nil if nobody. An HR id that was not brought up to date at a rehire
// must not cut them off; a link says whose it is and settles it.
func (e *evaluation) claimed(s, a int, p *access.Person) *access.Person {
	if e.systems[s].Matches[a].How == access.MatchedLink {
		return nil
	}
	for _, k := range e.people.claimantsOf(e.systems[s].Accounts[a]) {
		if other := e.people.Get(k); e.people.one(k) != p.Key() && stays(e.w, *other) {
			return other
		}
	}
	return nil
}

// propose makes the candidates of one account.
func (e *evaluation) propose(s, a int, p *access.Person, finding string, steps []step, held, says, mend string) {
	o := &e.systems[s]
	acc := o.Accounts[a]
	if e.w.Order != nil && e.people.one(e.w.Order.Person) != p.Key() {
		return // it is about one person, and the next night is there for everybody else
	}
	rests := []string{o.Reads[acc.Read].Name()}
	if e.w.Order == nil {
		rests = []string{"roster:" + string(p.Source), o.Reads[acc.Read].Name()}
	}
	before := e.w.Memory.Blocked[acc.Key()].Verified
	for n, st := range steps {
		act := e.action(s, a, p, access.Block, st.verb, st.ent)
		act.FindingID, act.Undoable, act.Rests, act.First = finding, st.undoable, rests, n == 0 && !before
		act.Order = e.w.Order
		e.planned = append(e.planned, Candidate{Action: act, Held: held, Says: says, Mend: mend, s: s, a: a})
	}
}

// steps are what is left to do to stop all use of an account, in order; none
// when nothing is live. What ends a login comes first, then what works without
// one.
func (e *evaluation) steps(s, a int) []step {
	switch e.systems[s].Accounts[a].Kind {
	case access.OktaUser:
		return e.oktaSteps(s, a)
	case access.IAMUser:
		return e.iamSteps(s, a)
	case access.IdentityCenter:
		return e.ssoSteps(s, a)
	}
	return nil
}

// live reports whether the account, or a right that works without it, can be
// used.
func (e *evaluation) live(s, a int) bool {
	return len(e.steps(s, a)) > 0 || e.opens(s, a)
}

// opens reports whether it can be used although every step was done.
func (e *evaluation) opens(s, a int) bool { return len(e.beyond(s, a)) > 0 || e.isClient(s, a) }

// findBeyond asks a person for what no verb of rollcall ends.
func (e *evaluation) findBeyond(s, a int, p *access.Person) {
	acc := e.systems[s].Accounts[a]
	for _, n := range e.beyond(s, a) {
		right := &e.systems[s].Entitlements[e.systems[s].Grants[n].Entitlement]
		says := fmt.Sprintf("can still sign in to the application %s through %s: rollcall takes no applications away, so delete the assignment in the console of %s", right.Name, acc.Login, acc.System)
		if right.Kind == access.SSOGroup {
			says = fmt.Sprintf("can still use %s in %s through %s %s, which another system pushes: rollcall leaves such groups to it, so take %s out of the group there, or delete the user in the console of %s",
				acc.Login, acc.System, right.Kind.Words(), right.Name, acc.Login, acc.System)
		}
		e.addGrant(s, a, n, access.LeaverAccess, "critical", access.ToUrgent, p.Cites, fmt.Sprintf("%s %s and %s", p.Name, p.Why, says))
	}
	e.findLost(s, a, p)
	if e.isClient(s, a) {
		e.addAccount(s, a, access.LeaverAccess, "critical", access.ToUrgent, p.Cites, "%s %s and may hold the secret of the client %s: rollcall ends no clients, so deactivate it in the console of %s, or give it a new secret and an owner in nonhuman.csv",
			p.Name, p.Why, acc.Login, acc.System)
	}
}

// beyond are the grants that let somebody in although every step was done: the
// applications of a user of Identity Center's own directory, and groups that another
// system pushes. One who comes from upstream signs in there, and is stopped there.
func (e *evaluation) beyond(s, a int) []int {
	acc := e.systems[s].Accounts[a]
	if acc.Kind != access.IdentityCenter || acc.Upstream != "" || acc.Status == access.AccountDisabled {
		return nil
	}
	var out []int
	for _, n := range e.grantsOf[s].of(a) {
		g := e.systems[s].Grants[n]
		if kind := e.systems[s].Entitlements[g.Entitlement].Kind; g.Direct() && (kind == access.SSOApp || kind == access.SSOGroup && !takeable(&e.systems[s], a, g)) {
			out = append(out, int(n))
		}
	}
	return out
}

// isClient reports whether the account is an OAuth client that works: it has no
// steps, for what runs with it would stop.
func (e *evaluation) isClient(s, a int) bool {
	acc := e.systems[s].Accounts[a]
	return acc.Kind == access.OktaClient && acc.Status != access.AccountDisabled
}

// oktaSteps: suspend, then sessions and OAuth tokens, then API tokens. A state
// that cannot be suspended is deactivated. Suspended already, by somebody else
// or by a night that was interrupted: the remaining steps.
func (e *evaluation) oktaSteps(s, a int) []step {
	acc := e.systems[s].Accounts[a]
	cleared := slices.Contains(e.w.Memory.Blocked[acc.Key()].Verbs, access.OktaClearSessions)
	var out []step
	switch acc.VendorStatus {
	case "ACTIVE", "LOCKED_OUT":
		out = append(out, step{access.OktaSuspend, -1, true}, step{access.OktaClearSessions, -1, true})
	case "SUSPENDED":
		if !cleared {
			out = append(out, step{access.OktaClearSessions, -1, true})
		}
	case "DEPROVISIONED":
	case "STAGED", "PROVISIONED", "RECOVERY", "PASSWORD_EXPIRED":
		out = append(out, step{access.OktaDeactivate, -1, false}, step{access.OktaClearSessions, -1, true})
	default: // a state that nobody has heard of is not answered by what cannot be undone
		out = append(out, step{access.OktaSuspend, -1, true}, step{access.OktaClearSessions, -1, true})
	}
	return append(out, e.credentialSteps(s, a, map[access.EntitlementKind]step{
		access.OktaAPIToken: {verb: access.OktaDeleteToken},
	})...)
}

// iamSteps: deny everything, then make each key and credential inactive.
func (e *evaluation) iamSteps(s, a int) []step {
	var out []step
	if e.systems[s].Accounts[a].Status == access.AccountActive {
		out = append(out, step{access.IAMDeny, -1, true})
	}
	return append(out, e.credentialSteps(s, a, map[access.EntitlementKind]step{
		access.AccessKey:          {verb: access.IAMDeactivateKey, undoable: true},
		access.SSHKey:             {verb: access.IAMDeactivateSSHKey, undoable: true},
		access.SigningCertificate: {verb: access.IAMDeactivateCertificate, undoable: true},
		access.ServiceCredential:  {verb: access.IAMDeactivateCredential, undoable: true},
	})...)
}

// credentialSteps are the steps for the credentials that an account holds.
func (e *evaluation) credentialSteps(s, a int, verbs map[access.EntitlementKind]step) []step {
	var out []step
	for _, n := range e.grantsOf[s].of(a) {
		ent := int(e.systems[s].Grants[n].Entitlement)
		st, ok := verbs[e.systems[s].Entitlements[ent].Kind]
		if ok && e.systems[s].Entitlements[ent].Credential {
			out = append(out, step{st.verb, ent, st.undoable})
		}
	}
	return e.ordered(s, out)
}

// ordered puts steps about entitlements in an order that does not depend on that
// of the grants, each once.
func (e *evaluation) ordered(s int, steps []step) []step {
	ents := e.systems[s].Entitlements
	slices.SortFunc(steps, func(a, b step) int {
		x, y := ents[a.ent], ents[b.ent]
		return cmp.Or(cmp.Compare(a.verb, b.verb), cmp.Compare(x.Scope, y.Scope), cmp.Compare(x.ID, y.ID))
	})
	return slices.Compact(steps)
}

// ssoSteps: direct assignments, then (for users of Identity Center's own
// directory) group memberships. Nothing there can disable a user, and pushed
// memberships are left to the system that pushes them.
func (e *evaluation) ssoSteps(s, a int) []step {
	var assignments, memberships []step
	for _, n := range e.grantsOf[s].of(a) {
		g := e.systems[s].Grants[n]
		switch {
		case !takeable(&e.systems[s], a, g):
		case e.systems[s].Entitlements[g.Entitlement].Kind == access.PermissionSet:
			assignments = append(assignments, step{access.SSODeleteAssignment, int(g.Entitlement), true})
		default:
			memberships = append(memberships, step{access.SSODeleteMembership, int(g.Entitlement), true})
		}
	}
	return append(e.ordered(s, assignments), e.ordered(s, memberships)...)
}
