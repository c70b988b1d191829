package reconcile

import (
	"fmt"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// findMissing asks for required rights that active people lack, whatever the
// account and the path by which they could have them. An account that could be
// one of several people's speaks for each of them: what it has is not called
// missing.
func (e *evaluation) findMissing() {
	provable := e.provableRules()
	e.side(len(e.people.list), func(part *evaluation, from, to int) {
		held := e.x.newMarks()
		var lacks []lack
		for n := from; n < to; n++ {
			if e.walked[n] {
				continue
			}
			held.next(e.mine(int32(n)))
			for s := range e.systems {
				for _, a := range e.accounts[s].of(n) {
					e.use(held, s, int(a))
				}
			}
			lacks = e.lacking(lacks, int32(n), held)
		}
		part.missing(lacks, provable)
	})
	e.side(len(e.lacks), func(part *evaluation, from, to int) { part.missing(e.lacks[from:to], provable) })
}

// missing finds what people who work here lack, of rules of which it can be known.
func (e *evaluation) missing(lacks []lack, provable []bool) {
	for _, l := range lacks {
		if !provable[l.rule] || e.people.stances[l.person] != standsHere {
			continue
		}
		if _, same := e.people.sameAs[e.people.list[l.person].Key()]; !same {
			e.addMissing(l)
		}
	}
}

func (e *evaluation) addMissing(l lack) {
	p, r, t := &e.people.list[l.person], &e.x.rules[l.rule], &e.x.tasks[l.rule]
	e.add(&found{who: l.person, Finding: access.Finding{Kind: access.MissingGrant, Severity: "low", Disposition: access.ToTask, Person: p.Key(), EntitlementKind: access.EntitlementKind(r.Kind),
		Account: access.AccountKey{System: access.System(r.System)}, GrantScope: r.Scope, Entitlement: r.Entitlement, Cites: t.cites, Reason: p.Name + t.says}})
}

// accountsOf gives, for each system, the accounts that work of each person, by
// the person's index: their own, and those that may be theirs.
func (e *evaluation) accountsOf() []lists {
	all := make([]lists, len(e.systems))
	for s := range e.systems {
		all[s] = listsOf(len(e.people.list), func(tie func(person int, account uint32)) {
			for a, n := range e.who[s] {
				switch {
				case e.ended[s][a]:
				case n >= 0:
					tie(int(n), uint32(a))
				default:
					for _, k := range e.systems[s].Matches[a].Candidates {
						tie(int(e.people.number(k)), uint32(a))
					}
				}
			}
		})
	}
	return all
}

// provableRules tells of which rules an absence can be known tonight: some
// entitlement is meant, and every scope that lists its holders, and the
// accounts of its system, was read to the end.
func (e *evaluation) provableRules() []bool {
	meant, broken := make([]bool, len(e.x.rules)), make([]bool, len(e.x.rules))
	for s := range e.systems {
		whole := listed(e.systems[s].Observation)
		for ent := range e.systems[s].Entitlements {
			for _, n := range e.x.covers[s].of(ent) {
				meant[n] = true
				broken[n] = broken[n] || !whole || !e.systems[s].Reads[e.systems[s].Entitlements[ent].Read].Complete
			}
		}
	}
	for n := range meant {
		meant[n] = meant[n] && !broken[n]
	}
	return meant
}

// listed reports whether every scope that lists accounts was read to the end.
func listed(o access.Observation) bool {
	any := false
	for _, r := range o.Reads {
		if r.Lists && !r.Complete {
			return false
		}
		any = any || r.Lists
	}
	return any
}

// findUnmapped reports the roles that no rule names, once for each.
func (e *evaluation) findUnmapped() {
	count := map[string]int{}
	for n := range e.people.list {
		if p := &e.people.list[n]; !e.named[e.people.role[n]] && p.Standing == access.StandingActive {
			count[orNone(p.Title)+" / "+orNone(p.Department)]++
		}
	}
	for role, n := range count {
		e.add(&found{who: -1, Finding: access.Finding{Kind: access.UnmappedRole, Severity: "info", Disposition: access.ToReport, Entitlement: role, Cites: policyFile(e.w.Policy),
			Reason: fmt.Sprintf("no rule names the role %s (%s): nothing is removed; what no general rule covers shows as unexpected", role, phrase.Counted(n, "person"))}})
	}
}
