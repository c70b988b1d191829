package aws

import (
	"cmp"
	"slices"

	"rollcall/collectors"
	"rollcall/internal/access"
)

// table builds an Observation row by row. A row that is added twice is there
// once, and the first wins.
type table struct {
	obs          access.Observation
	accounts     map[access.AccountKey]uint32
	entitlements map[right]uint32
	read         map[scopeKind]int
}

// right is what an entitlement is known by.
type right struct {
	kind  access.EntitlementKind
	scope string
	id    string
}

type scopeKind struct{ scope, kind string }

func newTable(system access.System, reads []access.Read) *table {
	t := &table{
		obs:          access.Observation{System: system, Reads: reads},
		accounts:     map[access.AccountKey]uint32{},
		entitlements: map[right]uint32{},
		read:         map[scopeKind]int{},
	}
	for i, r := range reads {
		t.read[scopeKind{r.Scope, r.Kind}] = i
	}
	return t
}

// account adds one that the given kind of read listed in its scope.
func (t *table) account(a access.Account, kind string) uint32 {
	a.System = t.obs.System
	if i, ok := t.accounts[a.Key()]; ok {
		return i
	}
	a.Read = t.read[scopeKind{a.Scope, kind}]
	i := uint32(len(t.obs.Accounts))
	t.obs.Accounts = append(t.obs.Accounts, a)
	t.accounts[a.Key()] = i
	return i
}

// entitlement adds one whose holders the given kind of read listed.
func (t *table) entitlement(e access.Entitlement, read scopeKind) uint32 {
	key := right{e.Kind, e.Scope, e.ID}
	if i, ok := t.entitlements[key]; ok {
		return i
	}
	e.System, e.Read = t.obs.System, t.read[read]
	i := uint32(len(t.obs.Entitlements))
	t.obs.Entitlements = append(t.obs.Entitlements, e)
	t.entitlements[key] = i
	return i
}

// grant says that the account holds the entitlement itself.
func (t *table) grant(account, entitlement uint32, lastUsed uint32) {
	t.obs.Grants = append(t.obs.Grants, access.Grant{Account: account, Entitlement: entitlement, LastUsed: lastUsed})
	t.mark(account, entitlement)
}

// carried says that the account holds the entitlement through a group.
func (t *table) carried(account, entitlement, carrier uint32) {
	t.obs.Grants = append(t.obs.Grants, access.Grant{Account: account, Entitlement: entitlement, Carrier: carrier + 1})
	t.mark(account, entitlement)
}

func (t *table) mark(account, entitlement uint32) {
	if t.obs.Entitlements[entitlement].Privileged {
		t.obs.Accounts[account].Privileged = true
	}
}

// sorted puts an observation into its one order, in place: reads by scope and
// kind, accounts by scope and id, entitlements by kind, scope and id, grants
// by account, entitlement and carrier, each once. Indexes follow.
func sorted(obs access.Observation) access.Observation {
	moved := collectors.Sort(obs.Reads, func(a, b access.Read) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Kind, b.Kind))
	})
	for i := range obs.Accounts {
		obs.Accounts[i].Read = int(moved[obs.Accounts[i].Read])
	}
	for i := range obs.Entitlements {
		obs.Entitlements[i].Read = int(moved[obs.Entitlements[i].Read])
	}
	accounts := collectors.Sort(obs.Accounts, func(a, b access.Account) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.ID, b.ID))
	})
	entitlements := collectors.Sort(obs.Entitlements, func(a, b access.Entitlement) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.ID, b.ID))
	})
	for i := range obs.Grants {
		g := &obs.Grants[i]
		g.Account, g.Entitlement = accounts[g.Account], entitlements[g.Entitlement]
		if g.Carrier > 0 {
			g.Carrier = entitlements[g.Carrier-1] + 1
		}
	}
	slices.SortFunc(obs.Grants, func(a, b access.Grant) int {
		return cmp.Or(compareGrants(a, b), cmp.Compare(b.LastUsed, a.LastUsed))
	})
	obs.Grants = slices.CompactFunc(obs.Grants, func(a, b access.Grant) bool { return compareGrants(a, b) == 0 })
	return obs
}

func compareGrants(a, b access.Grant) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Entitlement, b.Entitlement), cmp.Compare(a.Carrier, b.Carrier))
}
