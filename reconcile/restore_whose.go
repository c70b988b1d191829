package reconcile

import (
	"cmp"
	"fmt"
	"rollcall/internal/access"
	"slices"
	"strings"
)

// whose finds the account as it is now, and its person, if both are who they were.
func (r restoring) whose(d Done) (s, a int, p *access.Person, refused *refusal) {
	act := d.Action
	switch {
	case d.Again != "":
		return 0, 0, nil, no("again", fmt.Sprintf("rollcall restore --run %s", d.Again), "run %s did the same again later", d.Again)
	case d.Result != access.Done:
		return 0, 0, nil, no("unknown", "look at the account in the console of "+string(act.Account.System), "it is not known whether the run did it (%s)", d.Result)
	}
	if p, refused = r.standing(act.Person); refused != nil {
		return 0, 0, nil, refused
	}
	if s, a, refused = r.account(act); refused != nil {
		return 0, 0, nil, refused
	}
	return s, a, p, r.changedHands(s, a, p, act)
}

// standing is the person, if they work here by a list that was accepted tonight.
func (r restoring) standing(k access.PersonKey) (*access.Person, *refusal) {
	k = r.e.people.one(k)
	p := r.e.people.Get(k)
	for _, l := range r.e.w.Rosters {
		if v := l.Verdict; v.Source == k.Source && (!v.Accepted || v.InForce.SHA256 == "") {
			says := "it was refused"
			if v.Refusal != nil {
				says = v.Refusal.Says
			}
			return nil, no("roster", "mend the list, then restore again", "HR's list %s of tonight cannot be relied on: %s", v.File, says)
		}
	}
	switch {
	case p == nil:
		return nil, no("standing", "ask HR", "%s is in no HR list", k)
	case p.Standing == access.StandingActive, p.Standing == access.StandingScheduled:
		return p, nil
	}
	return nil, no("standing", "if that is wrong, HR corrects the list first", "%s does not work here by HR's lists: %s (%s)", p.Name, cmp.Or(p.Why, string(p.Standing)), p.Cites)
}

// account finds the account in what was read tonight.
func (r restoring) account(act access.Action) (s, a int, refused *refusal) {
	k := act.Account
	for s := range r.e.systems {
		o := &r.e.systems[s]
		if o.System != k.System {
			continue
		}
		for a := range o.Accounts {
			if o.Accounts[a].Key() == k {
				if gap := r.e.unproven(s, a); gap != "" {
					return 0, 0, no("reads", "mend what the read names, then restore again", "%s", gap)
				}
				return s, a, nil
			}
		}
		for _, read := range o.Reads {
			if !read.Complete {
				return 0, 0, no("reads", "mend what the read names, then restore again", "the account was not read tonight: %s was not read to its end: %s", read.Name(), read.Gap)
			}
		}
	}
	return 0, 0, no("account", "give the person a new account", "the account %s is not in %s any more", cmp.Or(act.Login, string(k.ID)), k.System)
}

// changedHands refuses an account that may be somebody else's by now.
func (r restoring) changedHands(s, a int, p *access.Person, act access.Action) *refusal {
	const mend = "if it is theirs, say so in links.csv, or restore it by hand"
	acc, m := r.e.systems[s].Accounts[a], r.e.systems[s].Matches[a]
	switch now := r.e.person(s, a); {
	case !strings.EqualFold(acc.Login, act.Login):
		return no("account", mend, "the account's login is %s now and was %s when it was blocked", acc.Login, act.Login)
	case m.How == access.Ambiguous:
		return no("account", mend, "the account may be %s now", joinKeys(m.Candidates))
	case now == nil:
		return no("account", mend, "the account is nobody's now that HR knows")
	case now.Key() != p.Key():
		return no("account", mend, "the account is that of %s (%s) now", now.Name, now.Key())
	}
	if other := r.e.claimed(s, a, p); other != nil {
		return no("account", mend, "the account has the address of %s", other.Key())
	}
	return nil
}

// asBefore says that an account is as it was before the run, or "".
func (r restoring) asBefore(s, a int, d Done) string {
	acc := r.e.systems[s].Accounts[a]
	switch d.Action.Verb {
	case access.OktaSuspend:
		if acc.VendorStatus != "SUSPENDED" && acc.Status != access.AccountDisabled {
			return "the user is " + acc.VendorStatus
		}
	case access.IAMDeny:
		if acc.Status == access.AccountActive {
			return "nothing denies the user everything any more"
		}
	default:
		if r.holds(s, a, d.Action) {
			return "it is there already"
		}
	}
	return ""
}

// holds reports whether an account holds, directly and in a way that works, what
// was taken.
func (r restoring) holds(s, a int, act access.Action) bool {
	o := &r.e.systems[s]
	return slices.ContainsFunc(r.e.grantsOf[s].of(a), func(n uint32) bool {
		ent := o.Entitlements[o.Grants[n].Entitlement]
		return o.Grants[n].Direct() && ent.Kind == act.EntitlementKind && ent.Scope == act.GrantScope && ent.ID == act.EntitlementID && (ent.Credential || !isCredential(act.Verb))
	})
}

// mayHave refuses what somebody else blocks, and what policy does not allow.
func (r restoring) mayHave(s, a int, p *access.Person, d Done) *refusal {
	acc := r.e.systems[s].Accounts[a]
	_, ours := r.e.w.Memory.Blocked[acc.Key()]
	switch d.Action.Verb {
	case access.OktaSuspend, access.IAMDeny:
		switch {
		case acc.Status == access.AccountDisabled:
			return no("account", "activate the user in the console of "+string(acc.System), "the user was deactivated since, which cannot be undone here")
		case !ours:
			return no("account", "ask whoever blocked it", "the account worked again after the run, and somebody else blocked it since")
		}
	case access.SSODeleteAssignment, access.SSODeleteMembership:
		return r.rightFor(s, p, d.Action)
	}
	return nil
}
