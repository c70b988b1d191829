package reconcile

import (
	"cmp"
	"fmt"
	"slices"

	"rollcall/internal/access"
)

// rightFor refuses a right that nothing allows the person today, or that a pair
// forbids them; one that it lets pass counts as theirs from then on.
func (r restoring) rightFor(s int, p *access.Person, act access.Action) *refusal {
	ent, carried := r.entitlement(s, act)
	if refused := r.allowed(s, p, ent); refused != nil {
		return refused
	}
	comes := append([]access.Entitlement{ent}, carried...)
	for _, one := range comes {
		if refused := r.forbidden(p, one, comes); refused != nil {
			return refused
		}
	}
	r.given[p.Key()] = append(r.given[p.Key()], comes...)
	return nil
}

// entitlement is the right as it was read tonight, else as the record has it (a
// permission set that nobody holds is in no list), with what a group is seen to
// carry.
func (r restoring) entitlement(s int, act access.Action) (ent access.Entitlement, carried []access.Entitlement) {
	o := &r.e.systems[s]
	ent = access.Entitlement{System: o.System, Scope: act.GrantScope, Kind: act.EntitlementKind, ID: act.EntitlementID, Name: act.Entitlement, Editable: true}
	at := slices.IndexFunc(o.Entitlements, func(e access.Entitlement) bool {
		return e.Kind == ent.Kind && e.Scope == ent.Scope && e.ID == ent.ID
	})
	if at < 0 {
		return ent, nil
	}
	seen := map[uint32]bool{}
	for _, g := range o.Grants {
		if int(g.Carrier)-1 == at && !seen[g.Entitlement] {
			seen[g.Entitlement] = true
			carried = append(carried, o.Entitlements[g.Entitlement])
		}
	}
	slices.SortFunc(carried, func(a, b access.Entitlement) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.ID, b.ID))
	})
	return o.Entitlements[at], carried
}

// allowed refuses what no rule and no live exception lets the person have.
func (r restoring) allowed(s int, p *access.Person, ent access.Entitlement) *refusal {
	e := r.e
	switch {
	case r.asked.Unusable != "":
		return no("reads", "mend the file, then restore again", "%s could not be used, so it is not known what %s may have", r.asked.Unusable, p.Name)
	case e.w.Policy.Unjudged():
		return no("reads", "mend the file, then restore again", "a policy file could not be used, so it is not known what %s may have", p.Name)
	case ent.Kind == access.SSOGroup && !ent.Editable:
		return no("account", "give it where it comes from", "%s is filled by the system that it comes from now", rightName(ent))
	}
	audiences := e.mine(int32(e.people.byKey[p.Key()]))
	for n, rule := range e.x.rules {
		if e.x.audience[n] >= 0 && slices.Contains(audiences, uint32(e.x.audience[n])) && ruleCovers(rule, ent) {
			return nil
		}
	}
	for _, n := range e.exceptions[p.Key()] {
		if e.w.Policy.Exceptions[n].About(ent) && !e.expired(n+1) {
			return nil
		}
	}
	return no("policy", "if they should have it, it needs a rule, or an exception with an end; then restore again",
		"no rule and no exception lets %s (%s, %s) have %s today (%s)", p.Name, orNone(p.Title), orNone(p.Department), rightName(ent), policyFile(e.w.Policy))
}

// forbidden refuses what, beside something that the person holds or was just given,
// a pair forbids. What could not be read may be the other half.
func (r restoring) forbidden(p *access.Person, ent access.Entitlement, comes []access.Entitlement) *refusal {
	for _, pair := range r.e.w.Policy.SoD {
		for _, sides := range [][2]access.Right{{pair.Left, pair.Right}, {pair.Right, pair.Left}} {
			if !sides[0].Covers(ent) {
				continue
			}
			if has, other := r.has(p, sides[1], ent, comes); has {
				return no("policy", "decide which of the two they need", "%s has %s, and nobody may hold both (%s, %s)", p.Name, other, pair.Rule, cite(pair.File, pair.Row))
			}
			if gap := r.unread(sides[1]); gap != "" {
				return no("reads", "mend what the read names, then restore again", "whether %s holds the other half of the pair %s is not known: %s", p.Name, pair.Rule, gap)
			}
		}
	}
	return nil
}

// has finds another right of the person that a pattern means.
func (r restoring) has(p *access.Person, right access.Right, but access.Entitlement, comes []access.Entitlement) (bool, string) {
	held := r.e.holdersOf(right)[p.Key()]
	slices.SortFunc(held, r.e.compareHeld)
	for _, h := range held {
		if o := &r.e.systems[h.s]; !sameRight(o.Entitlements[o.Grants[h.n].Entitlement], but) {
			return true, r.e.nameOf(h)
		}
	}
	for _, other := range slices.Concat(r.given[p.Key()], comes) {
		if right.Covers(other) && !sameRight(other, but) {
			return true, fmt.Sprintf("%s in %s, which comes back too", rightName(other), other.System)
		}
	}
	return false, ""
}

func sameRight(a, b access.Entitlement) bool {
	return a.System == b.System && a.Kind == b.Kind && a.Scope == b.Scope && a.ID == b.ID
}

// unread names a read of tonight that may hide a right.
func (r restoring) unread(right access.Right) string {
	for s := range r.e.systems {
		for _, read := range r.e.systems[s].Reads {
			if !read.Complete && glob(right.System, string(read.System)) && (read.Scope == "" || glob(right.Scope, read.Scope)) {
				return fmt.Sprintf("%s was not read to its end: %s", read.Name(), read.Gap)
			}
		}
	}
	return ""
}
