package reconcile

import (
	"cmp"
	"fmt"

	"rollcall/internal/access"
)

// The decisions about accounts and grants:
//
//	who                         | what                          | finding           | disposition
//	left                        | something is live             | leaver_access     | revoke
//	left                        | ... and protected             | protected_leaver  | urgent, held
//	left                        | used after the end            | used_after_exit   | urgent
//	left                        | blocked, something is left    | leaver_remains    | revoke when due, else report
//	garden leave                | something is live             | leaver_access     | by policy
//	vanished                    | something is live             | vanished_person   | hold
//	held in the roster          | something is live             | held_person       | hold
//	pending                     | something is live             | early_access      | review
//	whom an order is about      | perhaps theirs, and untouched | perhaps_theirs    | urgent, until it is settled
//	active, or held             | account blocked by rollcall   | blocked_active    | urgent
//	active                      | grant, a rule covers it       | -                 |
//	active                      | grant, a live exception       | excepted          | report
//	active                      | grant, an expired exception   | expired_exception | review
//	active                      | grant of a former job         | mover_residue     | review; by policy revoke when due
//	active                      | any other grant               | unexpected_grant  | review
//	active                      | required grant is absent      | missing_grant     | task
//	active                      | no rule names the role        | unmapped_role     | report
//	nobody                      | live account                  | orphan_account    | review
//	two or more                 | live account                  | ambiguous_match   | review
//	registered non-human        | owner left or unknown         | ownerless_account | review
//	registered non-human        | review date passed            | review_overdue    | review
//	not leaving                 | a review decided to remove it | review_removal    | task; by policy revoke when due
//	registered break-glass      | used since the last night     | break_glass_used  | urgent
//	anybody who has not left    | both rights of a pair         | sod_conflict      | review
//	works here, or registered   | account unused for long       | dormant_access    | review
//	works here, or registered   | access key of long ago        | stale_key         | review
//	works here, registered, root| console by a password alone   | no_mfa            | report
//
// A grant that a group carries is judged with the group: it has no finding of
// its own. A scope that could not be read to its end makes nothing missing.
//
// The way from facts to what may run, each step with values that the one before it gave:
//
//	rows of the HR lists -> people, and where they stand     Stand (people.go, standing.go)
//	accounts             -> whose they are                   matchAll (match.go)
//	grants               -> what policy says of each         judgeGrants (walk.go, rules.go)
//	all of that          -> findings, and with those that
//	                        are to be revoked the candidates findAll, propose... (candidates.go)
//	candidates           -> the plan, and what is held       Judge (guards.go)

// Decide concludes, plans and judges.
func Decide(w World) Decision {
	k := Identify(w)
	d := k.Evaluate()
	d.Worksheets = k.e.worksheets(d.Findings)
	d.Balances = k.e.balances(d)
	return d
}

// Identified is a World of which it is known where everybody stands and whose
// each account is.
type Identified struct{ e *evaluation }

// Identify decides both.
func Identify(w World) Identified {
	e := newEvaluation(w, Stand(w))
	e.matchAll()
	return Identified{e}
}

// Evaluate is Decide without worksheets and balances: what policy says of every
// grant, what is found, and the plan. It is called once.
func (k Identified) Evaluate() Decision {
	e := k.e
	e.judgeGrants()
	e.findAll()
	d := Decision{People: e.people.list, Doubts: e.people.doubts, Systems: e.systems, Closings: e.closings, Residues: e.announced(), Orders: e.orders}
	sideBySide(func() { d.Plan, d.Approvals = Judge(e.candidates(), e.judgeFacts()) }, func() { d.Findings = e.sorted() })
	return d
}

// findAll draws every conclusion.
func (e *evaluation) findAll() {
	e.guess()
	e.knowUpstreams()
	for s := range e.systems {
		e.side(len(e.systems[s].Accounts), func(part *evaluation, from, to int) {
			for a := from; a < to; a++ {
				part.findAccount(s, a)
			}
		})
	}
	e.findOdd()       // what no rule covers, of a former job too (movers.go, residue.go)
	e.findRemains()   // of blocked leavers (remove.go)
	e.findDecided()   // by reviewers (reviewed.go)
	e.findLeft()      // by orders (order_left.go)
	e.findConflicts() // of duties (duties.go)
	if !e.w.Policy.RoleMapUnread {
		e.findMissing()
		e.findUnmapped()
	}
}

// findAccount concludes about one account by whose it is.
func (e *evaluation) findAccount(s, a int) {
	if n := e.who[s][a]; n >= 0 {
		e.findPerson(s, a, &e.people.list[n], e.people.stances[n])
		return
	}
	match := &e.systems[s].Matches[a]
	acc := &e.systems[s].Accounts[a]
	switch match.How {
	case access.MatchedRoot:
		e.findUsage(s, a)
	case access.MatchedNonHuman:
		e.findNonHuman(s, a, e.w.Policy.NonHuman[match.NonHuman])
	case access.Unmatched:
		if acc.Status != access.AccountDisabled {
			e.findOrphan(s, a)
		}
	case access.Ambiguous:
		if acc.Status != access.AccountDisabled {
			e.addAccount(s, a, access.AmbiguousMatch, "high", access.ToReview, candidateCites(*match),
				"%s in %s could be %s: nothing is done to it until links.csv says whose it is", acc.Login, acc.System, joinKeys(match.Candidates))
		}
	}
}

// findPerson concludes about a person's account by where they stand.
func (e *evaluation) findPerson(s, a int, p *access.Person, where stance) {
	acc := &e.systems[s].Accounts[a]
	e.findBlocked(s, a, p)
	switch {
	case where == standsHere:
		e.findUsage(s, a)
	case e.leaves(p):
		e.findLeaver(s, a, p)
	case !e.live(s, a):
	case p.Standing == access.StandingGarden:
		e.addAccount(s, a, access.LeaverAccess, "medium", access.ToReview, p.Cites, "%s is on garden leave and can still use %s in %s", p.Name, acc.Login, acc.System)
	case p.Standing == access.StandingVanished:
		e.addAccount(s, a, access.VanishedPerson, "high", access.ToHold, p.Cites, "%s %s; their access stays until HR answers in answers.csv%s", p.Name, p.Why, e.orUntil(p))
	case p.Standing == access.StandingPending:
		e.addAccount(s, a, access.EarlyAccess, "medium", access.ToReview, p.Cites, "%s %s but can use %s in %s already", p.Name, p.Why, acc.Login, acc.System)
	case p.Standing == access.StandingHeld:
		e.addAccount(s, a, access.HeldPerson, "high", access.ToHold, p.Cites, "nothing of %s is changed: %s", p.Name, p.Why)
	}
}

// findOdd concludes about what people who work here hold and no rule covers.
func (e *evaluation) findOdd() {
	if e.w.Policy.Unjudged() {
		return
	}
	e.side(len(e.odd), func(part *evaluation, from, to int) {
		for _, h := range e.odd[from:to] {
			a := int(e.systems[h.s].Grants[h.n].Account)
			part.findGrant(h.s, a, h.n, &e.people.list[e.who[h.s][a]])
		}
	})
}

// findGrant concludes about one direct grant of somebody who works here that no
// rule covers.
func (e *evaluation) findGrant(s, a, n int, p *access.Person) {
	v := e.systems[s].Verdicts[n]
	ent := e.systems[s].Entitlements[e.systems[s].Grants[n].Entitlement]
	switch {
	case v.Exception() != 0 && v.Expected():
		x := e.w.Policy.Exceptions[v.Exception()-1]
		e.addGrant(s, a, n, access.Excepted, "info", access.ToReport, cite(x.File, x.Row),
			fmt.Sprintf("%s has %s %s by exception %s until %s: %s", p.Name, ent.Kind, ent.Name, x.ID, x.ExpiresOn, x.Reason))
	case v.Exception() != 0:
		x := e.w.Policy.Exceptions[v.Exception()-1]
		e.addGrant(s, a, n, access.ExpiredException, "medium", access.ToReview, cite(x.File, x.Row),
			fmt.Sprintf("the exception %s that let %s have %s %s ended on %s", x.ID, p.Name, ent.Kind, ent.Name, x.ExpiresOn))
	default:
		if m, rule, was := e.former(p, s, e.systems[s].Grants[n]); was {
			e.findResidue(s, a, n, p, m, rule)
			return
		}
		severity := "medium"
		if ent.Privileged {
			severity = "high"
		}
		e.addGrant(s, a, n, access.UnexpectedGrant, severity, access.ToReview, policyFile(e.w.Policy),
			"no rule lets "+p.Name+" ("+orNone(p.Title)+", "+orNone(p.Department)+") have "+string(ent.Kind)+" "+ent.Name)
	}
}

func orNone(s string) string { return cmp.Or(s, "none given") }
