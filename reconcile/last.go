package reconcile

import (
	"slices"
	"time"

	"rollcall/internal/access"
)

// LastRun is what the last committed run saw of the systems, meant to do, and did.
type LastRun struct {
	Run      access.Run
	Systems  []access.Observation // as they were read
	Plan     access.Plan
	Outcomes []access.Outcome
}

// Left gives the systems as the run left them: as they were read, and then
// changed by what was seen to be done.
func (l LastRun) Left() []access.Observation {
	out := slices.Clone(l.Systems)
	for n := range out {
		out[n] = After(out[n], l.Outcomes)
	}
	return out
}

// SeenAt is when the systems were read, and the oldest of the lists of accounts
// counts. Zero: no account was ever listed.
func (l LastRun) SeenAt() (oldest time.Time) {
	for _, o := range l.Systems {
		for _, r := range o.Reads {
			if r.Lists && r.Complete && (oldest.IsZero() || r.StartedAt.Before(oldest)) {
				oldest = r.StartedAt
			}
		}
	}
	return oldest
}

// After is what a collector would see of a system after what the outcomes say was
// done. What is not known to be so is as it was.
func After(o access.Observation, outcomes []access.Outcome) access.Observation {
	o.Accounts, o.Entitlements, o.Grants = slices.Clone(o.Accounts), slices.Clone(o.Entitlements), slices.Clone(o.Grants)
	at := placesOf(o.Accounts, outcomes)
	for _, out := range outcomes {
		if out.Action.Stage != access.Block && out.Action.Stage != access.Remove {
			continue // what a restore gave back is for the next night to see
		}
		if out.Action.Account.System != o.System || out.Result != access.Done && out.Result != access.AlreadyAbsent {
			continue
		}
		if a, is := at[out.Action.Account]; is {
			change(&o, a, out)
		}
	}
	return o
}

// placesOf is where the accounts of outcomes are among all, each the first time.
func placesOf(all []access.Account, outcomes []access.Outcome) map[access.AccountKey]int {
	asked, at := map[access.AccountKey]bool{}, map[access.AccountKey]int{}
	for _, out := range outcomes {
		asked[out.Action.Account] = true
	}
	for n := range all {
		if k := all[n].Key(); asked[k] {
			asked[k], at[k] = false, n
		}
	}
	return at
}

// change applies one outcome to one account.
func change(o *access.Observation, a int, out access.Outcome) {
	acc := &o.Accounts[a]
	switch act := out.Action; act.Verb {
	case access.OktaSuspend:
		acc.VendorStatus, acc.Status = "SUSPENDED", access.AccountSuspended
	case access.OktaDeactivate:
		acc.VendorStatus, acc.Status = "DEPROVISIONED", access.AccountDisabled
		o.Grants = slices.DeleteFunc(o.Grants, func(g access.Grant) bool { // okta takes them with it
			kind := o.Entitlements[g.Entitlement].Kind
			return int(g.Account) == a && g.Direct() && (kind == access.OktaApp || kind == access.OktaAdminRole || kind == access.OktaAPIToken)
		})
	case access.OktaClearSessions:
		if out.Result == access.AlreadyAbsent { // which only of a user who is gone or deactivated can be read
			acc.VendorStatus, acc.Status = "DEPROVISIONED", access.AccountDisabled
		}
	case access.IAMDeny:
		acc.VendorStatus, acc.Status = "denied", access.AccountSuspended
	case access.IAMDeactivateKey, access.IAMDeactivateSSHKey, access.IAMDeactivateCertificate, access.IAMDeactivateCredential:
		for _, g := range o.Grants {
			if int(g.Account) == a && isRight(o.Entitlements[g.Entitlement], act) {
				o.Entitlements[g.Entitlement].Credential = false
			}
		}
	default: // a right that was taken; what names none changes nothing that is listed
		o.Grants = slices.DeleteFunc(o.Grants, func(g access.Grant) bool {
			return act.EntitlementID != "" && int(g.Account) == a && (g.Direct() && isRight(o.Entitlements[g.Entitlement], act) || !g.Direct() && isRight(o.Entitlements[g.Carrier-1], act))
		})
	}
}

// isRight reports whether an action is about the entitlement.
func isRight(e access.Entitlement, act access.Action) bool {
	return e.Kind == act.EntitlementKind && e.ID == act.EntitlementID && e.Scope == act.GrantScope
}

// News reports whether a plan has something that this run had not: an action that
// may run, something that a guard holds for another reason, or a list that is
// refused for the first time. What a run of the same kind has just read and
// skipped, what only is looked at (observe mode), what it did, and what is under way
// and nobody saw end, is none.
func (l LastRun) News(p access.Plan, mode access.Mode, trigger string) bool {
	had := map[string]bool{}
	for _, h := range l.Plan.Held {
		had[h.Action.ID+h.Guard] = true
	}
	for _, a := range l.Plan.Actions {
		had[a.ID] = mode != access.Enforce
	}
	for _, o := range l.Outcomes {
		skipped := o.Result == access.Skipped && o.Actor != "" && l.Run.Trigger == trigger
		if o.Result != access.Skipped && o.Result != access.Failed || skipped {
			had[o.Action.ID] = true
		}
	}
	return slices.ContainsFunc(p.Actions, func(a access.Action) bool { return !had[a.ID] }) ||
		slices.ContainsFunc(p.Held, func(h access.Held) bool { return !had[h.Action.ID+h.Guard] }) ||
		slices.ContainsFunc(p.Trips, func(g access.GuardError) bool { return g.Guard == "roster" && !l.refused(p, g) })
}

// refused reports whether the run refused the very list that this plan refuses.
func (l LastRun) refused(p access.Plan, g access.GuardError) bool {
	of := func(p access.Plan) string {
		for _, in := range p.Inputs {
			if in.Name == "roster:"+g.Scope {
				return in.SHA256
			}
		}
		return ""
	}
	return of(p) == of(l.Plan) && slices.ContainsFunc(l.Plan.Trips, func(t access.GuardError) bool { return t.Guard == g.Guard && t.Scope == g.Scope })
}

// Targets gives, for each observation, the indexes of the accounts that a plan
// would change.
func Targets(systems []access.Judged, p access.Plan) [][]int {
	planned := map[access.AccountKey]bool{}
	for _, a := range p.Actions {
		planned[a.Account] = true
	}
	for _, h := range p.Held {
		planned[h.Action.Account] = true
	}
	all := make([][]int, len(systems))
	for s := range systems {
		for a, acc := range systems[s].Accounts {
			if planned[acc.Key()] {
				all[s] = append(all[s], a)
			}
		}
	}
	return all
}
