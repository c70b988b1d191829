package reconcile

import (
	"cmp"
	"fmt"
	"slices"

	"rollcall/internal/access"
)

// held is one grant of a person, by system and index.
type held struct{ s, n int }

// findConflicts tells of each person who holds both rights of a pair that
// nobody may hold together, in whatever systems, accounts and ways.
func (e *evaluation) findConflicts() {
	for _, pair := range e.w.Policy.SoD {
		left, right := e.holdersOf(pair.Left), e.holdersOf(pair.Right)
		for n := range e.people.list {
			p := &e.people.list[n]
			ls, rs := left[p.Key()], right[p.Key()]
			if len(ls) == 0 || len(rs) == 0 || e.leaves(p) {
				continue
			}
			slices.SortFunc(ls, e.compareHeld)
			slices.SortFunc(rs, e.compareHeld)
			if l, r, both := e.distinct(ls, rs); both {
				e.addConflict(pair, p, l, r)
			}
		}
	}
}

// holdersOf gives who holds a right, by which grants. A login that has ended
// holds nothing.
func (e *evaluation) holdersOf(right access.Right) map[access.PersonKey][]held {
	out := map[access.PersonKey][]held{}
	for s := range e.systems {
		o := &e.systems[s]
		meant := make([]bool, len(o.Entitlements))
		for i, ent := range o.Entitlements {
			meant[i] = right.Covers(ent)
		}
		for n, g := range o.Grants {
			if !meant[g.Entitlement] {
				continue
			}
			if p := e.person(s, int(g.Account)); p != nil && o.Accounts[g.Account].Status != access.AccountDisabled {
				out[p.Key()] = append(out[p.Key()], held{s, n})
			}
		}
	}
	return out
}

// compareHeld orders grants by what they are, whatever order they were read in.
func (e *evaluation) compareHeld(a, b held) int {
	x, y := &e.systems[a.s], &e.systems[b.s]
	g, h := x.Grants[a.n], y.Grants[b.n]
	p, q := &x.Entitlements[g.Entitlement], &y.Entitlements[h.Entitlement]
	return cmp.Or(x.Accounts[g.Account].Key().Compare(y.Accounts[h.Account].Key()),
		cmp.Compare(p.Kind, q.Kind), cmp.Compare(p.Scope, q.Scope), cmp.Compare(p.ID, q.ID), cmp.Compare(x.Via(g), y.Via(h)))
}

// distinct finds two grants, one of each side, that are not of the same right.
func (e *evaluation) distinct(left, right []held) (l, r held, both bool) {
	for _, l := range left {
		for _, r := range right {
			if l.s != r.s || e.systems[l.s].Grants[l.n].Entitlement != e.systems[r.s].Grants[r.n].Entitlement {
				return l, r, true
			}
		}
	}
	return l, r, false
}

// addConflict tells it about the grant that a reviewer can take away: the direct
// one on the left, or the group that carries it.
func (e *evaluation) addConflict(pair access.SoD, p *access.Person, l, r held) {
	g := e.systems[l.s].Grants[l.n]
	row := l.n
	for _, n := range e.grantsOf[l.s].of(int(g.Account)) {
		if by := e.systems[l.s].Grants[n]; !g.Direct() && by.Direct() && by.Entitlement == g.Carrier-1 {
			row = int(n)
		}
	}
	e.addGrant(l.s, int(g.Account), row, access.SoDConflict, "high", access.ToReview, cite(pair.File, pair.Row), fmt.Sprintf("%s holds %s and %s, which nobody may hold together (%s): %s",
		p.Name, e.nameOf(l), e.nameOf(r), pair.Rule, cmp.Or(pair.Reason, "the line gives no reason")))
}

func (e *evaluation) nameOf(h held) string {
	o := &e.systems[h.s]
	g := o.Grants[h.n]
	name := rightName(o.Entitlements[g.Entitlement]) + " in " + string(o.System)
	if via := o.Via(g); via != "" {
		name += " through " + via
	}
	return name
}
