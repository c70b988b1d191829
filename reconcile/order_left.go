package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// findLeft finds what an order about one person leaves: accounts that may be theirs
// and that nobody may touch before somebody has said whose they are. Whoever gave the
// order cannot wait for the answer, and every night finds it anew until there is one, or
// the account works no more (order_open.go).
//
//	an account that works                           | why it may be theirs
//	theirs, and a night after the order finds it    | the order did not end it, or somebody let them in again
//	theirs, and its address is that of somebody else | nothing of it is planned
//	theirs, pushed from an Okta where none is known | it is used by signing in there
//	goes elsewhere by link, HR id or register       | its address is theirs
//	goes elsewhere by its e-mail                    | its address looks like theirs
//	its HR id is in no list, or several could be meant | they are among those
//	registered as not a person's                    | they own it, or its address is theirs
//	of nobody                                       | its address looks like theirs, or its name or address is like theirs
func (e *evaluation) findLeft() {
	e.lookAfter()
	if len(e.orders) == 0 {
		return
	}
	m := newMatcher(e.people, e.w.Policy)
	for _, o := range e.orders {
		p := e.people.Get(o.Person)
		if p == nil { // no list has them: the order itself is told (notices_orders.go)
			continue
		}
		for s := range e.systems {
			for a := range e.systems[s].Accounts {
				if why := e.left(m, o, s, a); why != "" {
					e.addLeft(s, a, p, o, why)
				}
			}
		}
	}
}

// left says why an account that works may be of the person of an order and is not
// touched by it; "" if it is not, or is.
func (e *evaluation) left(m matcher, o access.OpenOrder, s, a int) string {
	acc, match, who := &e.systems[s].Accounts[a], e.systems[s].Matches[a], o.Person
	if acc.Status == access.AccountDisabled || acc.Status == access.AccountSuspended {
		return ""
	}
	if match.Person == who {
		return e.leftOfTheirs(s, a)
	}
	theirs := func(keys []access.PersonKey) bool {
		return slices.ContainsFunc(keys, func(k access.PersonKey) bool { return m.people.one(k) == who })
	}
	address := theirs(m.people.claimantsOf(*acc))
	switch {
	case match.How == access.MatchedNonHuman && theirs(e.owners(e.w.Policy.NonHuman[match.NonHuman])):
		return "the register has them as its owner, who may know its password and keys"
	case match.How == access.MatchedNonHuman && address:
		return "it is registered as a " + string(e.w.Policy.NonHuman[match.NonHuman].Kind) + " account, and its address is theirs"
	case match.How == access.MatchedRoot && address:
		return "it is the root user of an AWS account, and its address is theirs"
	case match.How == access.Ambiguous && (address || theirs(match.Candidates)):
		return e.ambiguously(m, *acc, match, address)
	case match.How == access.MatchedLink && address && !e.linkedSince(o, acc.Key()):
		return "links.csv says that it is of " + match.Person.String() + ", and its address is theirs"
	case match.How == access.MatchedHRID && address:
		return "it goes by its HR id to " + match.Person.String() + ", and its address is theirs"
	case match.How == access.MatchedEmail && address:
		return "it goes by its e-mail to " + match.Person.String() + ", and its address looks like theirs"
	case match.How == access.Unmatched && address:
		return "it is of nobody that HR knows, and its address looks like theirs"
	case match.How == access.Unmatched && e.isLike(acc, who):
		return "it is of nobody that HR knows, and its name or address is like theirs"
	}
	return ""
}

// leftOfTheirs says why nothing is planned for an account of theirs that works. Of who left
// for certain a night ends it, or says itself why not.
func (e *evaluation) leftOfTheirs(s, a int) string {
	acc := &e.systems[s].Accounts[a]
	if other := e.claimed(s, a, e.person(s, a)); other != nil {
		return "its address is also that of " + other.Key().String() + ", who has not left"
	}
	if pushed(acc) && !e.hasOkta(e.person(s, a)) && !e.wayIn(s, a, e.person(s, a)).lost { // what they lose says so else
		return pushedFrom
	}
	if !e.leaves(e.person(s, a)) && e.live(s, a) { // whom the run orders out leaves
		return notEnded
	}
	return ""
}

// notEnded is why an account works on a night after the order that was to end it.
const notEnded = "the order did not end it, or somebody let them in again since"

// pushedFrom is why an account may still be used that is certainly theirs.
const pushedFrom = "it is used by signing in to where it is pushed from, and no account of theirs is known there"

// hasOkta reports whether a user of Okta is known as this person's, also one that does
// not work.
func (e *evaluation) hasOkta(p *access.Person) bool {
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			if e.systems[s].Accounts[a].Kind == access.OktaUser && e.systems[s].Matches[a].Person == p.Key() {
				return true
			}
		}
	}
	return false
}

// ambiguously says why it is not clear that an account is theirs.
func (e *evaluation) ambiguously(m matcher, acc access.Account, match access.Match, address bool) string {
	if address && acc.HRID != "" && len(m.links[acc.Key()]) == 0 && len(m.byHRID(acc.HRID)) == 0 {
		return "its HR id " + string(acc.HRID) + " is in no list, and its address is theirs"
	}
	return "it could be " + joinKeys(slices.Compact(slices.Clone(match.Candidates)))
}

// isLike reports whether an account of nobody has a name or an address like those of
// one person, however many others have it too.
func (e *evaluation) isLike(acc *access.Account, who access.PersonKey) bool {
	return slices.ContainsFunc(ofAccount(acc), func(k string) bool {
		return slices.ContainsFunc(e.guesses[k], func(n int32) bool { return e.people.one(e.people.list[n].Key()) == who })
	})
}

func (e *evaluation) addLeft(s, a int, p *access.Person, o access.OpenOrder, why string) {
	acc := &e.systems[s].Accounts[a]
	line := strings.Join([]string{string(acc.System), acc.Scope, string(acc.ID), string(p.Source), string(p.EmployeeID)}, ",")
	where := strings.TrimSpace(string(acc.System) + " " + acc.Scope)
	is, then := "may be theirs, and was not touched", fmt.Sprintf("If it is theirs, have links.csv say so (%s, with your name and the day) and run rollcall revoke again; or block it in the console of %s, and see there that it is blocked", line, where)
	switch {
	case e.systems[s].Matches[a].How == access.MatchedNonHuman:
		then = fmt.Sprintf("Give it new secrets and another owner in the register; if it is theirs, block it in the console of %s, and see there that it is blocked", where)
	case why == pushedFrom:
		is, then = "is theirs, and may still be used", "Find their account there, block it in its console, and see there that it is blocked; have links.csv say whose it is"
	case why == notEnded:
		is, then = "is theirs, and can be used", fmt.Sprintf("Run rollcall revoke --read --person %s --reason WHY again, or block it in the console of %s, and see there that it is blocked; if they work here again, have answers.csv say active of them", p.Key(), where)
	}
	cites := cmp.Or(p.Cites, "the order")
	if e.w.Order == nil { // why it was ordered is for few to read
		if why != notEnded {
			then += "; if it is not theirs, have links.csv say whose it is, confirmed on a day since the order"
		}
		cites = fmt.Sprintf("ordered by %s on %s", o.By, e.dayOf(o))
	}
	e.add(&found{who: e.people.number(p.Key()), Finding: access.Finding{Kind: access.PerhapsTheirs, Severity: "critical", Disposition: access.ToUrgent,
		Person: p.Key(), Account: acc.Key(), Login: acc.Login, Cites: cites,
		Reason: fmt.Sprintf("%s in %s %s: %s. Look now who uses it. %s", acc.Login, where, is, why, then)}})
}
