package okta

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/collectors"
	"rollcall/internal/access"
)

// sort puts accounts, entitlements and grants into the order that every night
// has, and lets the grants follow what they are about.
func (b *builder) sort() {
	accounts := collectors.Sort(b.obs.Accounts, func(x, y access.Account) int { return strings.Compare(string(x.ID), string(y.ID)) })
	rights := collectors.Sort(b.obs.Entitlements, func(x, y access.Entitlement) int {
		return cmp.Or(strings.Compare(string(x.Kind), string(y.Kind)), strings.Compare(x.Scope, y.Scope), strings.Compare(x.ID, y.ID))
	})
	for i := range b.obs.Grants {
		g := &b.obs.Grants[i]
		g.Account, g.Entitlement = accounts[g.Account], rights[g.Entitlement]
		if g.Carrier != 0 {
			g.Carrier = rights[g.Carrier-1] + 1
		}
	}
	slices.SortFunc(b.obs.Grants, func(x, y access.Grant) int {
		return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Entitlement, y.Entitlement),
			cmp.Compare(x.Carrier, y.Carrier), cmp.Compare(y.LastUsed, x.LastUsed))
	})
	b.obs.Grants = slices.Clip(slices.CompactFunc(b.obs.Grants, func(x, y access.Grant) bool {
		return x.Account == y.Account && x.Entitlement == y.Entitlement && x.Carrier == y.Carrier
	}))
}

// addNotes says what a reader could miss.
func (b *builder) addNotes() {
	notes := []string{"the targets that limit a standard admin role to some groups or apps are not read"}
	names := map[string]string{}
	for _, g := range b.survey.groups {
		names[g.ID] = g.Profile.Name
		switch {
		case g.everyone():
			notes = append(notes, "group Everyone holds every live account by definition; it is listed as no grant")
		case g.Type == builtIn:
			notes = append(notes, fmt.Sprintf("members of the built-in group %s are not listed by Okta; admin_roles has who they are", g.Profile.Name))
		}
	}
	for _, r := range b.rules {
		if r.Status == "ACTIVE" {
			notes = append(notes, fmt.Sprintf("group rule %s fills %s: whoever is taken out is excluded from the rule, also when rehired",
				r.Name, b.named(r.Actions.Assign.GroupIDs, names)))
		}
	}
	if b.self == "" {
		notes = append(notes, "the job's own account in "+string(b.cfg.System)+" is not known, caller "+b.caller)
	}
	slices.Sort(notes)
	b.obs.Notes = slices.Compact(notes)
}

func (b *builder) named(ids []string, names map[string]string) string {
	said := make([]string, 0, len(ids))
	for _, id := range ids {
		said = append(said, cmp.Or(names[id], id))
	}
	slices.Sort(said)
	return strings.Join(said, ", ")
}
