package reconcile

import (
	"cmp"
	"slices"

	"rollcall/internal/access"
)

// GrantChange is one grant that somebody holds tonight and that another role map
// would judge in another way.
type GrantChange struct {
	Person      access.PersonKey       `json:"person"`
	Name        string                 `json:"name"`
	System      access.System          `json:"system"`
	Scope       string                 `json:"scope,omitempty"`
	Kind        access.EntitlementKind `json:"kind"`
	Entitlement string                 `json:"entitlement"`
	// Before and After cite what allows it: a line, or nothing.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Difference is what a change of the role map would do tonight: it takes nothing
// away by itself, so that what changes is what is expected of whom.
type Difference struct {
	Allowed    []GrantChange    `json:"allowed"`    // held without a rule, and covered by the new map
	Unexpected []GrantChange    `json:"unexpected"` // covered by the old map, and by nothing in the new one
	Appear     []access.Finding `json:"appear"`
	Vanish     []access.Finding `json:"vanish"`
}

// CompareMaps judges the same facts by two role maps.
func CompareMaps(w World, older, newer access.RoleMap) Difference {
	was, will := w, w
	was.Policy.RoleMap, was.Policy.RoleMapUnread = older, false
	will.Policy.RoleMap, will.Policy.RoleMapUnread = newer, false
	a, b := Identify(was).Evaluate(), Identify(will).Evaluate()
	d := Difference{Allowed: []GrantChange{}, Unexpected: []GrantChange{}, Appear: missingFrom(b.Findings, a.Findings), Vanish: missingFrom(a.Findings, b.Findings)}
	names := map[access.PersonKey]string{}
	for _, p := range b.People {
		names[p.Key()] = p.Name
	}
	for s := range a.Systems {
		o, n := &a.Systems[s], &b.Systems[s]
		for i, g := range o.Grants {
			before, after := o.Verdicts[i], n.Verdicts[i]
			who := o.Matches[g.Account].Person
			if before.Expected == after.Expected || who == (access.PersonKey{}) || !g.Direct() {
				continue
			}
			ent := o.Entitlements[g.Entitlement]
			c := GrantChange{Person: who, Name: names[who], System: o.System, Scope: ent.Scope, Kind: ent.Kind, Entitlement: ent.Name,
				Before: allowedBy(was.Policy, before), After: allowedBy(will.Policy, after)}
			if after.Expected {
				d.Allowed = append(d.Allowed, c)
			} else {
				d.Unexpected = append(d.Unexpected, c)
			}
		}
	}
	sortChanges(d.Allowed)
	sortChanges(d.Unexpected)
	return d
}

// allowedBy cites the line that allows a grant, or nothing.
func allowedBy(p access.Policy, v access.Verdict) string {
	switch {
	case v.Rule() != 0:
		r := p.RoleMap.Rules[v.Rule()-1]
		return cite(r.File, r.Row)
	case v.Expected && v.Exception() != 0:
		x := p.Exceptions[v.Exception()-1]
		return cite(x.File, x.Row)
	}
	return ""
}

func sortChanges(all []GrantChange) {
	slices.SortFunc(all, func(a, b GrantChange) int {
		return cmp.Or(compareKeys(a.Person, b.Person), cmp.Compare(a.System, b.System), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Entitlement, b.Entitlement))
	})
}

// missingFrom gives the findings of which the others have none with the same id.
func missingFrom(findings, others []access.Finding) []access.Finding {
	there := map[string]bool{}
	for _, f := range others {
		there[f.ID] = true
	}
	out := []access.Finding{}
	for _, f := range findings {
		if !there[f.ID] {
			out = append(out, f)
		}
	}
	return out
}
