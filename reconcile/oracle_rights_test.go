package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// ruleFor is the first live rule that is about these people and this right.
func (o *oracle) ruleFor(p access.Profile, e access.Entitlement) bool {
	for _, r := range o.w.Policy.RoleMap.Rules {
		if !over(r.ExpiresOn, o.w.Now, o.w.Settings.zone()) && r.Fits(p) && r.Right().Covers(e) {
			return true
		}
	}
	return false
}

// grant is about a direct grant of somebody who works here.
func (o *oracle) grant(s access.Judged, n int, p access.Person) {
	g := s.Grants[n]
	e := s.Entitlements[g.Entitlement]
	if o.ruleFor(p.Profile(), e) {
		return
	}
	kind := access.UnexpectedGrant
	for _, m := range o.w.Memory.Moves[p.Key()] {
		if o.ruleFor(m.Profile(), e) {
			kind = access.MoverResidue
		}
	}
	for _, x := range o.w.Policy.Exceptions {
		switch {
		case x.Person != p.Key() || !x.About(e):
		case !over(x.ExpiresOn, o.w.Now, o.w.Settings.zone()):
			kind = access.Excepted
		case kind != access.Excepted:
			kind = access.ExpiredException
		}
	}
	o.say(kind, p.Key(), s.Accounts[g.Account].Key(), e.Scope, e.Kind, e.ID)
}

func (o *oracle) usage(s access.Judged, a int, who access.PersonKey) {
	acc := s.Accounts[a]
	if acc.Status != access.AccountActive {
		return
	}
	last := acc.LastUsedAt
	if last.IsZero() {
		last = acc.CreatedAt
	}
	if acc.UsageKnown && !last.IsZero() && o.w.Now.Sub(last) > 45*24*time.Hour {
		o.say(access.DormantAccess, who, acc.Key())
	}
	console := acc.Kind == access.IAMRoot
	for _, g := range s.Grants {
		e := s.Entitlements[g.Entitlement]
		if int(g.Account) != a {
			continue
		}
		console = console || e.Kind == access.ConsoleLogin
		if e.Kind == access.AccessKey && e.Credential && !e.CreatedAt.IsZero() && o.w.Now.Sub(e.CreatedAt) > 90*24*time.Hour {
			o.say(access.StaleKey, who, acc.Key(), e.Scope, e.Kind, e.ID)
		}
	}
	if console && acc.MFA == access.MFANo {
		o.say(access.NoMFA, who, acc.Key())
	}
}

// conflicts: anybody who has not left and holds one right of each side, two rights.
func (o *oracle) conflicts() {
	for _, pair := range o.w.Policy.SoD {
		for _, p := range o.d.People {
			left, right := o.holds(p, pair.Left), o.holds(p, pair.Right)
			if !o.leaves(p) && slices.ContainsFunc(left, func(l string) bool {
				return slices.ContainsFunc(right, func(r string) bool { return l != r })
			}) {
				o.say(access.SoDConflict, p.Key())
			}
		}
	}
}

func (o *oracle) holds(p access.Person, right access.Right) (rights []string) {
	for _, s := range o.d.Systems {
		for _, g := range s.Grants {
			e := s.Entitlements[g.Entitlement]
			if s.Matches[g.Account].Person == p.Key() && right.Covers(e) && s.Accounts[g.Account].Status != access.AccountDisabled {
				rights = append(rights, fmt.Sprint(e.System, e.Scope, e.Kind, e.ID))
			}
		}
	}
	return rights
}

// missing: a required right of somebody who works here that no account that is,
// or may be, theirs has, where all that could show it was read.
func (o *oracle) missing(p access.Person) {
	if !works(p) || strings.HasPrefix(p.Why, "is the same person as") {
		return
	}
	for _, r := range o.w.Policy.RoleMap.Rules {
		if r.Requirement != access.Required || over(r.ExpiresOn, o.w.Now, o.w.Settings.zone()) || !r.Fits(p.Profile()) {
			continue
		}
		meant, read, has := false, true, false
		for _, s := range o.d.Systems {
			for _, e := range s.Entitlements {
				if r.Right().Covers(e) {
					meant = true
					read = read && s.Reads[e.Read].Complete
					for _, c := range s.Reads {
						read = read && (c.Complete || !c.Lists)
					}
				}
			}
			for _, g := range s.Grants {
				m := s.Matches[g.Account]
				theirs := m.Person == p.Key() || slices.Contains(m.Candidates, p.Key())
				has = has || theirs && s.Accounts[g.Account].Status != access.AccountDisabled && r.Right().Covers(s.Entitlements[g.Entitlement])
			}
		}
		if meant && read && !has {
			o.say(access.MissingGrant, p.Key(), r.System, r.Scope, r.Kind, r.Entitlement)
		}
	}
}
