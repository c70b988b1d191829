package archive

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"rollcall/internal/access"
)

// grantView is what the rows of one system's grants are made from: everything
// that can be worked out once per account, entitlement or line, so that a grant
// costs no string of its own.
type grantView struct {
	j      *access.Judged
	policy *access.Policy
	order  []uint32 // the grants, sorted
	ends   []uint32 // where each account's grants end in order

	accounts     []accountText
	entitlements []EntitlementRow
	via          []string // by the entitlement that carries
	rules        []citation
	exceptions   []citation
}

type accountText struct{ id, scope, login, source, employee string }

type citation struct{ cites, approvedBy, risk string }

// grantRows streams the grants of all systems, sorted by system, person,
// account, kind and entitlement.
func grantRows(run access.RunID, all []*access.Judged, policy *access.Policy) iter.Seq[GrantRow] {
	return func(yield func(GrantRow) bool) {
		for _, j := range all {
			v := viewGrants(run, j, policy)
			for block := range v.byAccount() {
				basis := v.basis(block)
				for _, i := range block {
					if !yield(v.row(i, basis(i))) {
						return
					}
				}
			}
		}
	}
}

func viewGrants(run access.RunID, j *access.Judged, policy *access.Policy) *grantView {
	v := &grantView{j: j, policy: policy, entitlements: describe(run, j, policy)}
	v.accounts = make([]accountText, len(j.Accounts))
	for i := range j.Accounts {
		a, person := &j.Accounts[i], j.Matches[i].Person
		v.accounts[i] = accountText{text(a.ID), text(a.Scope), text(a.Login), text(person.Source), text(person.EmployeeID)}
	}
	v.via = make([]string, len(j.Entitlements))
	for i := range v.via {
		v.via[i] = text(j.Via(access.Grant{Carrier: uint32(i) + 1}))
	}
	for _, r := range policy.RoleMap.Rules {
		v.rules = append(v.rules, citation{cite(r.Line), text(r.ApprovedBy), text(r.Risk)})
	}
	for _, e := range policy.Exceptions {
		v.exceptions = append(v.exceptions, citation{cite(e.Line), text(e.ApprovedBy), ""})
	}
	v.sort()
	return v
}

// cite names a line as findings and worksheets do.
func cite(l access.Line) string { return fmt.Sprintf("%s row %d", text(l.File), l.Row) }

// sort puts the grants of each account together, accounts by person, and orders
// each account's few grants: a linear pass and many small sorts, which stay in
// the cache, instead of one large sort.
func (v *grantView) sort() {
	j := v.j
	account := ranks(len(j.Accounts), func(a, b uint32) int {
		return cmp.Or(comparePeople(j.Matches[a].Person, j.Matches[b].Person),
			compareAccounts(j.Accounts[a].Key(), j.Accounts[b].Key()))
	})
	entitlement := ranks(len(j.Entitlements), func(a, b uint32) int {
		x, y := &j.Entitlements[a], &j.Entitlements[b]
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Scope, y.Scope), cmp.Compare(x.ID, y.ID))
	})
	carrier := func(g access.Grant) uint32 {
		if g.Direct() {
			return 0
		}
		return 1 + entitlement[g.Carrier-1]
	}
	v.group(account)
	for block := range v.byAccount() {
		slices.SortFunc(block, func(a, b uint32) int {
			x, y := j.Grants[a], j.Grants[b]
			return cmp.Or(cmp.Compare(entitlement[x.Entitlement], entitlement[y.Entitlement]),
				cmp.Compare(carrier(x), carrier(y)), cmp.Compare(x.LastUsed, y.LastUsed), cmp.Compare(a, b))
		})
	}
}

// group fills order with the grants, by the rank of their account.
func (v *grantView) group(account []uint32) {
	v.ends = make([]uint32, len(account))
	for _, g := range v.j.Grants {
		v.ends[account[g.Account]]++
	}
	begin := uint32(0)
	for rank, n := range v.ends {
		v.ends[rank], begin = begin, begin+n
	}
	v.order = make([]uint32, len(v.j.Grants))
	for i, g := range v.j.Grants {
		place := &v.ends[account[g.Account]]
		v.order[*place] = uint32(i)
		*place++ // ends where the next begins, once all are placed
	}
}

// ranks gives each of n things its place in order.
func ranks(n int, compare func(a, b uint32) int) []uint32 {
	rank := make([]uint32, n)
	for place, i := range order(n, compare) {
		rank[i] = uint32(place)
	}
	return rank
}

// byAccount yields the grants of each account that has any.
func (v *grantView) byAccount() iter.Seq[[]uint32] {
	return func(yield func([]uint32) bool) {
		begin := uint32(0)
		for _, end := range v.ends {
			if begin < end && !yield(v.order[begin:end]) {
				return
			}
			begin = end
		}
	}
}

// basis tells, for the grants of one account, on whose verdict a grant rests:
// its own, or when no line covers it, that of the grant which carries it.
func (v *grantView) basis(block []uint32) func(i uint32) access.Verdict {
	var carriers map[uint32]uint32 // entitlement -> the account's grant of it
	for _, i := range block {
		if v.j.Grants[i].Direct() || covered(v.j.Verdicts[i]) {
			continue
		}
		carriers = make(map[uint32]uint32, len(block))
		break
	}
	if carriers == nil {
		return func(i uint32) access.Verdict { return v.j.Verdicts[i] }
	}
	for _, i := range block {
		held := v.j.Grants[i].Entitlement
		if known, ok := carriers[held]; !ok || !covered(v.j.Verdicts[known]) {
			carriers[held] = i
		}
	}
	return func(i uint32) access.Verdict { return v.carried(i, carriers) }
}

// deepest bounds how far a chain of carriers is followed; Okta and AWS nest
// groups once at most, so a longer chain is a loop.
const deepest = 8

func (v *grantView) carried(i uint32, carriers map[uint32]uint32) access.Verdict {
	verdict := v.j.Verdicts[i]
	for range deepest {
		g := v.j.Grants[i]
		if covered(v.j.Verdicts[i]) || g.Direct() {
			break
		}
		up, ok := carriers[g.Carrier-1]
		if !ok {
			break
		}
		i = up
	}
	verdict.By = v.j.Verdicts[i].By
	return verdict
}

func covered(v access.Verdict) bool { return v.By != 0 }

func (v *grantView) row(i uint32, basis access.Verdict) GrantRow {
	g, own := v.j.Grants[i], v.j.Verdicts[i]
	a, e, c := &v.accounts[g.Account], &v.entitlements[g.Entitlement], v.cited(basis)
	row := GrantRow{
		RunID: e.RunID, System: e.System, Scope: e.Scope, AccountID: a.id, Login: a.login,
		Source: a.source, EmployeeID: a.employee, Kind: e.Kind, EntitlementID: e.EntitlementID, Entitlement: e.Name,
		Direct: g.Direct(), Expected: own.Expected(), Cites: c.cites, ApprovedBy: c.approvedBy,
		Risk: e.Risk, LastUsedAt: g.LastUsedAt(), FirstSeenOn: int32(v.j.FirstSeen(int(i))),
		AccountScope: a.scope,
	}
	if own.Rule() > 0 {
		row.Risk = cmp.Or(v.rules[own.Rule()-1].risk, e.Risk)
	}
	if !g.Direct() {
		carrier := &v.entitlements[g.Carrier-1]
		row.Via, row.ViaID, row.ViaScope = v.via[g.Carrier-1], carrier.EntitlementID, carrier.Scope
	}
	return row
}

func (v *grantView) cited(basis access.Verdict) citation {
	switch {
	case basis.Rule() > 0:
		return v.rules[basis.Rule()-1]
	case basis.Exception() > 0:
		return v.exceptions[basis.Exception()-1]
	}
	if v.policy.Unjudged() {
		return citation{cites: "not judged: a file of policy could not be used"}
	}
	return citation{}
}
