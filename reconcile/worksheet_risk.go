package reconcile

import (
	"rollcall/internal/access"
	"slices"
	"strings"
)

// riskWith is the risk of a grant with all that goes when it goes: who is in a
// group of administrators holds what administrators hold.
func (r *routing) riskWith(s, a, n int) access.Risk {
	o := &r.e.systems[s]
	risk := r.risk(s, n)
	for _, other := range r.e.grantsOf[s].of(a) {
		if o.Grants[other].Carrier == o.Grants[n].Entitlement+1 {
			risk = riskier(risk, r.risk(s, int(other)))
		}
	}
	return risk
}

// risk is that of one right: what the system says of it, what the rule says by which
// it is held, and what any rule says that names it. It is no smaller for who holds
// it by no rule.
func (r *routing) risk(s, n int) access.Risk {
	o := &r.e.systems[s]
	risk, ent := access.RiskStandard, &o.Entitlements[o.Grants[n].Entitlement]
	if ent.Privileged {
		return access.RiskPrivileged
	}
	if by := o.Verdicts[n].Rule(); by != 0 {
		risk = riskier(risk, r.e.w.Policy.RoleMap.Rules[by-1].Risk)
	}
	return riskier(risk, r.namedRisk(ent))
}

// namedRisk is the highest risk that a rule gives to a right which it names, or "".
func (r *routing) namedRisk(of *access.Entitlement) access.Risk {
	ent := access.Entitlement{System: of.System, Scope: of.Scope, ScopeName: of.ScopeName, Kind: of.Kind, ID: of.ID, Name: of.Name}
	risk, known := r.risks[ent]
	if known {
		return risk
	}
	for _, rule := range r.e.w.Policy.RoleMap.Rules {
		if strings.Trim(rule.Entitlement, "*") != "" && ruleCovers(rule, ent) {
			risk = riskier(risk, rule.Risk)
		}
	}
	r.risks[ent] = risk
	return risk
}

// riskier is the higher of two risks.
func riskier(a, b access.Risk) access.Risk {
	order := func(r access.Risk) int {
		return slices.Index([]access.Risk{access.RiskStandard, access.RiskSensitive, access.RiskPrivileged}, r)
	}
	if order(b) > order(a) {
		return b
	}
	return a
}
