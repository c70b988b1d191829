package reconcile

import (
	"rollcall/internal/access"
)

// shuffled is the same world in another order: rows, people, accounts, rights,
// grants, reads, sources and systems.
func (r random) shuffled(w World) World {
	mix := func(n int) []int { return r.Perm(n) }
	w.Rosters = permuted(w.Rosters, mix(len(w.Rosters)))
	for n := range w.Rosters {
		s := &w.Rosters[n]
		s.Rows, s.Refused = permuted(s.Rows, mix(len(s.Rows))), permuted(s.Refused, mix(len(s.Refused)))
	}
	w.Systems = permuted(w.Systems, mix(len(w.Systems)))
	for n := range w.Systems {
		w.Systems[n] = r.shuffledSystem(w.Systems[n])
	}
	return w
}

func (r random) shuffledSystem(o access.Observation) access.Observation {
	accounts, rights, reads := r.Perm(len(o.Accounts)), r.Perm(len(o.Entitlements)), r.Perm(len(o.Reads))
	o.Accounts, o.Entitlements, o.Reads = permuted(o.Accounts, accounts), permuted(o.Entitlements, rights), permuted(o.Reads, reads)
	for n := range o.Accounts {
		o.Accounts[n].Read = reads[o.Accounts[n].Read]
	}
	for n := range o.Entitlements {
		o.Entitlements[n].Read = reads[o.Entitlements[n].Read]
	}
	o.Grants = permuted(o.Grants, r.Perm(len(o.Grants)))
	for n := range o.Grants {
		g := &o.Grants[n]
		g.Account, g.Entitlement = uint32(accounts[g.Account]), uint32(rights[g.Entitlement])
		if !g.Direct() {
			g.Carrier = uint32(rights[g.Carrier-1]) + 1
		}
	}
	return o
}

// permuted puts item n at place to[n], in a new slice.
func permuted[T any](items []T, to []int) []T {
	if items == nil {
		return nil
	}
	out := make([]T, len(items))
	for n, item := range items {
		out[to[n]] = item
	}
	return out
}
