package access

import (
	"cmp"
	"iter"
	"strings"
)

// Zero reports whether the key names nobody.
func (k PersonKey) Zero() bool { return k == PersonKey{} }

// String gives source/id, as notices and messages print it.
func (k PersonKey) String() string {
	if k.Zero() {
		return ""
	}
	return string(k.Source) + "/" + string(k.EmployeeID)
}

// Compare orders keys by list and id.
func (k PersonKey) Compare(o PersonKey) int {
	if c := strings.Compare(string(k.Source), string(o.Source)); c != 0 {
		return c
	}
	return strings.Compare(string(k.EmployeeID), string(o.EmployeeID))
}

// AppendTo writes a key as String does.
func (k PersonKey) AppendTo(b []byte) []byte {
	if k.Zero() {
		return b
	}
	return append(append(append(b, k.Source...), '/'), k.EmployeeID...)
}

// String gives system:scope:id for sorting and messages.
func (k AccountKey) String() string {
	return string(k.System) + ":" + k.Scope + ":" + string(k.ID)
}

// Compare orders keys by system, scope and id.
func (k AccountKey) Compare(o AccountKey) int {
	return cmp.Or(strings.Compare(string(k.System), string(o.System)), strings.Compare(k.Scope, o.Scope), strings.Compare(string(k.ID), string(o.ID)))
}

// AppendTo writes a key as String does.
func (k AccountKey) AppendTo(b []byte) []byte {
	b = append(append(b, k.System...), ':')
	b = append(append(b, k.Scope...), ':')
	return append(b, k.ID...)
}

// Hash is what the hashes of an account's grants begin with.
func (k AccountKey) Hash() uint64 {
	return hashed(14695981039346656037, string(k.System), k.Scope, string(k.ID))
}

// GrantKey is a 64-bit key of a grant that is the same on every night.
func (o *Observation) GrantKey(g Grant) uint64 {
	return o.GrantKeyOf(o.Accounts[g.Account].Key().Hash(), g)
}

// GrantKeyOf is GrantKey for who has the hash of the grant's account already.
func (o *Observation) GrantKeyOf(account uint64, g Grant) uint64 {
	e, carrier := &o.Entitlements[g.Entitlement], ""
	if !g.Direct() {
		carrier = o.Entitlements[g.Carrier-1].ID
	}
	return hashed(account, string(e.Kind), e.Scope, e.ID, carrier)
}

// GrantKeys gives the number of each grant and its key. What the keys of an account have
// in common is hashed once for grants that stand together, as collectors bring them.
func (o *Observation) GrantKeys() iter.Seq2[int, uint64] {
	return func(yield func(int, uint64) bool) {
		var account uint64
		for n, g := range o.Grants {
			if n == 0 || g.Account != o.Grants[n-1].Account {
				account = o.Accounts[g.Account].Key().Hash()
			}
			if !yield(n, o.GrantKeyOf(account, g)) {
				return
			}
		}
	}
}

// HashGrant is the hash behind GrantKey (FNV-1a). An entitlement's id is unique within
// its system, kind and scope.
func HashGrant(a AccountKey, kind EntitlementKind, scope, id, carrier string) uint64 {
	return hashed(a.Hash(), string(kind), scope, id, carrier)
}

func hashed(h uint64, parts ...string) uint64 {
	const prime = 1099511628211
	for _, s := range parts {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
		h *= prime // a zero byte
	}
	return h
}
