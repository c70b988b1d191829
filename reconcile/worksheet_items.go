package reconcile

import (
	"rollcall/internal/access"
	"slices"
	"strings"
)

// grantItem is the row of one direct grant.
func (r *routing) grantItem(s, a, n int) access.Item {
	o := &r.e.systems[s]
	g, v, acc := o.Grants[n], o.Verdicts[n], o.Accounts[a]
	ent, p := o.Entitlements[g.Entitlement], r.e.person(s, a)
	i := access.Item{
		RowID: stableID("r", acc.Key().String(), string(ent.Kind), ent.Scope, ent.ID), Person: *p, Account: acc,
		System: o.System, Scope: ent.Scope, ScopeName: ent.ScopeName, Kind: ent.Kind, EntitlementID: ent.ID, Entitlement: ent.Name,
		HowHeld: heldByNoRule, Since: dayFromNumber(uint32(o.FirstSeen(n))), LastUsedAt: g.LastUsedAt(),
		UsageKnown: g.LastUsed != 0, PeersHave: r.holders[profileGrant{roleOf(p.Identity), s, g.Entitlement}], PeersAll: r.peers[roleOf(p.Identity)],
		Carries: r.carried(s, a, int(g.Entitlement)), ManagerName: r.managerName(*p),
	}
	i.Risk = r.riskWith(s, a, n)
	if r.e.w.Policy.Unjudged() {
		i.HowHeld = "Directly; not judged tonight: a policy file could not be used"
	}
	r.fillPolicy(&i, v)
	r.fillFinding(&i, subject(acc.Key(), ent.Kind, ent.Scope, ent.ID))
	if f, ok := r.findings[subject(acc.Key(), "", "", "")]; ok && i.FindingID == "" && f.Kind == access.DormantAccess {
		r.fillFinding(&i, subject(acc.Key(), "", "", ""))
	}
	r.suggest(&i)
	return i
}

func (r *routing) managerName(p access.Person) string {
	if m := r.e.people.manager(p); m != nil {
		return m.Name
	}
	return string(p.ManagerID)
}

// How a right is held that no rule covers.
const (
	heldByNoRule    = "Directly; no rule covers it"
	heldByException = "Exception until "
)

// fillPolicy says by which rule or exception the right is held.
func (r *routing) fillPolicy(i *access.Item, v access.Verdict) {
	switch {
	case v.Rule() != 0:
		rule := r.e.w.Policy.RoleMap.Rules[v.Rule()-1]
		i.HowHeld, i.Meaning, i.ApprovedBy, i.ApprovalRef = "Role map: "+rule.Role, rule.Meaning, rule.ApprovedBy, cite(rule.File, rule.Row)
	case v.Exception() != 0:
		x := r.e.w.Policy.Exceptions[v.Exception()-1]
		i.HowHeld, i.ApprovedBy, i.ApprovalRef = heldByException+x.ExpiresOn.String(), x.ApprovedBy, strings.TrimSpace(x.ID+" "+x.Ticket)
	}
	if i.Meaning == "" {
		i.Meaning = r.meaning(i)
	}
}

// meaning is what some rule of the role map says of the right, in plain words.
func (r *routing) meaning(i *access.Item) string {
	ent := access.Entitlement{System: i.System, Scope: i.Scope, ScopeName: i.ScopeName, Kind: i.Kind, ID: i.EntitlementID, Name: i.Entitlement}
	said, known := r.meanings[ent]
	if known {
		return said
	}
	for _, rule := range r.e.w.Policy.RoleMap.Rules {
		if rule.Meaning != "" && strings.Trim(rule.Entitlement, "*") != "" && ruleCovers(rule, ent) {
			said = rule.Meaning
			break
		}
	}
	r.meanings[ent] = said
	return said
}

// fillFinding flags the row with the finding about it.
func (r *routing) fillFinding(i *access.Item, about string) {
	if f, ok := r.findings[about]; ok {
		i.FindingID, i.FindingKind, i.Why = f.ID, f.Kind, f.Reason
	}
}

// suggest says what rollcall would do, with its reason; it decides nothing.
func (r *routing) suggest(i *access.Item) {
	switch {
	case i.FindingKind == access.MoverResidue:
		i.Suggested, i.SuggestedWhy = "Remove", "it belonged to an earlier job"
	case i.FindingKind == access.ExpiredException:
		i.Suggested, i.SuggestedWhy = "Remove", "the time it was allowed for is over"
	case i.FindingKind == access.UnexpectedGrant && i.PeersAll > 2 && i.PeersHave*2 > i.PeersAll:
		i.Suggested, i.SuggestedWhy = "Keep", "most people of the same role have it: perhaps a rule is missing"
	case i.FindingKind == access.UnexpectedGrant:
		i.Suggested, i.SuggestedWhy = "Remove", "no rule allows it and few of the same role have it"
	}
}

// carried names what else goes when a group goes.
func (r *routing) carried(s, a, ent int) []string {
	o := &r.e.systems[s]
	var out []string
	for _, n := range r.e.grantsOf[s].of(a) {
		if g := o.Grants[n]; int(g.Carrier) == ent+1 {
			out = append(out, rightName(o.Entitlements[g.Entitlement]))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func rightName(e access.Entitlement) string {
	name := strings.ReplaceAll(string(e.Kind), "_", " ") + " " + e.Name
	if e.ScopeName != "" {
		name += " in " + e.ScopeName
	}
	return name
}

// accountItem is the row of a whole account that is no person's.
func (r *routing) accountItem(s, a int) access.Item {
	o := &r.e.systems[s]
	acc := o.Accounts[a]
	i := access.Item{
		RowID: stableID("r", acc.Key().String()), Account: acc, System: o.System, Scope: acc.Scope, ScopeName: acc.ScopeName,
		Entitlement: acc.Login, Meaning: "the whole account", Risk: access.RiskStandard, HowHeld: "Nobody that HR knows",
		LastUsedAt: acc.LastUsedAt, UsageKnown: acc.UsageKnown,
	}
	if acc.Privileged {
		i.Risk = access.RiskPrivileged
	}
	for _, n := range r.e.grantsOf[s].of(a) {
		i.Risk = riskier(i.Risk, r.risk(s, int(n)))
	}
	if m := o.Matches[a]; m.How == access.MatchedNonHuman {
		reg := r.e.w.Policy.NonHuman[m.NonHuman]
		i.HowHeld, i.Meaning = "Registered as "+string(reg.Kind)+" ("+cite(reg.File, reg.Row)+")", reg.Purpose
	}
	for _, n := range r.e.grantsOf[s].of(a) {
		i.Carries = append(i.Carries, rightName(o.Entitlements[o.Grants[n].Entitlement]))
	}
	slices.Sort(i.Carries)
	i.Carries = slices.Compact(i.Carries)
	r.fillFinding(&i, subject(acc.Key(), "", "", ""))
	for _, n := range r.e.grantsOf[s].of(a) { // what is asked about a right of the account is asked with it
		if ent := o.Entitlements[o.Grants[n].Entitlement]; i.FindingID == "" {
			r.fillFinding(&i, subject(acc.Key(), ent.Kind, ent.Scope, ent.ID))
		}
	}
	return i
}
