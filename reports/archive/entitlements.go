package archive

import (
	"cmp"
	"iter"

	"rollcall/internal/access"
)

// describe gives the row of each entitlement of a system, in the order of the
// observation. Risk, owner and meaning are those of the first rule that covers
// somebody's grant of it; where none does, a right that its vendor calls
// privileged is privileged, and nothing more is claimed.
func describe(run access.RunID, j *access.Judged, policy *access.Policy) []EntitlementRow {
	rule := make([]int32, len(j.Entitlements)) // 1 + index; 0: none
	for i, v := range j.Verdicts {
		known := &rule[j.Grants[i].Entitlement]
		if v.Rule() > 0 && (*known == 0 || v.Rule() < *known) {
			*known = v.Rule()
		}
	}
	rows := make([]EntitlementRow, len(j.Entitlements))
	for i := range j.Entitlements {
		e := &j.Entitlements[i]
		rows[i] = EntitlementRow{
			RunID: text(run), System: text(e.System), Scope: text(e.Scope), Kind: text(e.Kind),
			EntitlementID: text(e.ID), Name: text(e.Name), CreatedAt: e.CreatedAt.UTC(), ScopeName: text(e.ScopeName), Privileged: e.Privileged,
			Read: text(readName(j, e.Read)), Editable: e.Editable, Credential: e.Credential, Ruled: e.Ruled, Denies: e.Denies,
		}
		if e.Privileged {
			rows[i].Risk = string(access.RiskPrivileged)
		}
		if rule[i] > 0 {
			r := &policy.RoleMap.Rules[rule[i]-1]
			rows[i].Risk, rows[i].Owner, rows[i].Meaning = cmp.Or(text(r.Risk), rows[i].Risk), text(r.Owner), text(r.Meaning)
		}
	}
	return rows
}

func entitlementRows(run access.RunID, all []*access.Judged, policy *access.Policy) iter.Seq[EntitlementRow] {
	return func(yield func(EntitlementRow) bool) {
		for _, j := range all {
			ordered := inOrder(describe(run, j, policy), func(a, b *EntitlementRow) int {
				return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.EntitlementID, b.EntitlementID))
			})
			for row := range ordered {
				if !yield(*row) {
					return
				}
			}
		}
	}
}
