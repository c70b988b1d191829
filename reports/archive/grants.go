package archive

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

// grantView is what the rows of one system's grants are made from: everything
// that can be worked out once per entitlement or line, so that a grant costs no
// string of its own.
type grantView struct {
	j      *access.Judged
	policy *access.Policy
	order  []uint32 // the grants, by account
	ends   []uint32 // where each account's grants end in order
	rank   []uint32 // of the entitlements

	run, system parquet.Value
	rights      rightColumns // by entitlement
	carriers    rightColumns // by carrier: the first says that there is none
	lines       lineColumns  // of policy: none, the rules, the exceptions
}

// rightColumns are what the rows say of entitlements, by column; via is how a right
// is held that it carries.
type rightColumns struct{ scope, kind, id, name, risk, via []parquet.Value }

// lineColumns are what the rows say of the lines of policy.
type lineColumns struct{ cites, approvedBy, risk []parquet.Value }

func viewGrants(run access.RunID, j *access.Judged, policy *access.Policy) *grantView {
	v := &grantView{j: j, policy: policy, run: value(run), system: value(j.System)}
	v.carriers = rightColumns{scope: values(""), id: values(""), via: values("")}
	rights, carriers := &v.rights, &v.carriers
	for i, e := range describe(run, j, policy) {
		id, scope, via := value(e.EntitlementID), value(e.Scope), value(j.Via(access.Grant{Carrier: uint32(i) + 1}))
		rights.scope, rights.kind, rights.id = append(rights.scope, scope), append(rights.kind, value(e.Kind)), append(rights.id, id)
		rights.name, rights.risk = append(rights.name, value(e.Name)), append(rights.risk, value(e.Risk))
		carriers.scope, carriers.id, carriers.via = append(carriers.scope, scope), append(carriers.id, id), append(carriers.via, via)
	}
	v.lines.add("", "", "")
	if policy.Unjudged() {
		v.lines.cites[0] = value("not judged: a file of policy could not be used")
	}
	for _, r := range policy.RoleMap.Rules {
		v.lines.add(cite(r.Line), r.ApprovedBy, r.Risk)
	}
	for _, e := range policy.Exceptions {
		v.lines.add(cite(e.Line), e.ApprovedBy, "")
	}
	for _, column := range []*[]parquet.Value{&rights.scope, &rights.kind, &v.lines.approvedBy} {
		*column = onlyOne(*column)
	}
	v.sort()
	return v
}

// onlyOne makes of values that are all the same one that stands for all.
func onlyOne(all []parquet.Value) []parquet.Value {
	for _, v := range all {
		if !parquet.Equal(v, all[0]) {
			return all
		}
	}
	return all[:min(1, len(all))]
}

func (c *lineColumns) add(cites, approvedBy string, risk access.Risk) {
	c.cites, c.approvedBy, c.risk = append(c.cites, value(cites)), append(c.approvedBy, value(approvedBy)), append(c.risk, value(risk))
}

// line is where a verdict's line is in lines.
func (v *grantView) line(basis access.Verdict) uint32 {
	if n := basis.Exception(); n > 0 {
		return uint32(len(v.policy.RoleMap.Rules)) + uint32(n)
	}
	return uint32(basis.Rule())
}

// value is text as a column has it.
func value[S ~string](s S) parquet.Value { return parquet.ByteArrayValue([]byte(text(s))) }

func values[S ~string](s S) []parquet.Value { return []parquet.Value{value(s)} }

// cite names a line as findings and worksheets do.
func cite(l access.Line) string { return fmt.Sprintf("%s row %d", text(l.File), l.Row) }

// sort puts the grants of each account together, accounts by person: a linear pass.
// The few grants of each account are sorted when they are written (sortBlock), in the
// cache and on all cores, which one large sort would not be.
func (v *grantView) sort() {
	j := v.j
	v.rank = ranks(len(j.Entitlements), func(a, b uint32) int {
		x, y := &j.Entitlements[a], &j.Entitlements[b]
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Scope, y.Scope), cmp.Compare(x.ID, y.ID))
	})
	v.group(ranks(len(j.Accounts), func(a, b uint32) int {
		return cmp.Or(j.Matches[a].Person.Compare(j.Matches[b].Person),
			j.Accounts[a].Key().Compare(j.Accounts[b].Key()))
	}))
}

// sortBlock orders the grants of one account by kind and entitlement.
func (v *grantView) sortBlock(block []uint32) {
	slices.SortFunc(block, func(a, b uint32) int {
		x, y := v.j.Grants[a], v.j.Grants[b]
		return cmp.Or(cmp.Compare(v.rank[x.Entitlement], v.rank[y.Entitlement]),
			cmp.Compare(v.carrier(x), v.carrier(y)), cmp.Compare(x.LastUsed, y.LastUsed), cmp.Compare(a, b))
	})
}

func (v *grantView) carrier(g access.Grant) uint32 {
	if g.Direct() {
		return 0
	}
	return 1 + v.rank[g.Carrier-1]
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

// parts yields the grants in parts of size rows or a little more, each account whole.
func (v *grantView) parts(size int) iter.Seq[grantPart] {
	return func(yield func(grantPart) bool) {
		begin, first := uint32(0), 0
		for rank, end := range v.ends {
			if rank < len(v.ends)-1 && int(end-begin) < size {
				continue
			}
			if begin < end && !yield(grantPart{v, begin, v.ends[first : rank+1]}) {
				return
			}
			begin, first = end, rank+1
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
