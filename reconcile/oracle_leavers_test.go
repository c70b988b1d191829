package reconcile

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// inLog: the system's own log has a use of the account after a time.
func (o *oracle) inLog(k access.AccountKey, after time.Time) bool {
	for _, s := range o.w.Systems {
		for _, u := range s.Uses {
			if u.Account == k && u.At.After(after) {
				return true
			}
		}
	}
	return false
}

// logged adds what the systems' own logs tell of some accounts.
func logged(seed uint64, w World) World {
	r := rand.New(rand.NewPCG(seed, 18))
	for s := range w.Systems {
		o := &w.Systems[s]
		for _, a := range o.Accounts {
			if r.IntN(10) == 0 {
				o.Uses = append(o.Uses, access.Event{ID: string(a.ID), Account: a.Key(), At: w.Now.Add(-time.Duration(r.IntN(60*24)) * time.Hour)})
			}
		}
	}
	return w
}

// blocked: rollcall blocked it, it still is, and its person has not left for certain.
func (o *oracle) blocked(s access.Judged, a int, p access.Person) {
	acc := s.Accounts[a]
	b, was := o.w.Memory.Blocked[acc.Key()]
	if removing := o.w.Memory.Endings[acc.Key()].RemovingAt; !was && !removing.IsZero() {
		b, was = access.BlockRecord{At: removing}, true
	}
	if !was || !works(p) && p.Standing != access.StandingHeld {
		return
	}
	still := acc.Status != access.AccountActive
	if acc.Kind == access.IdentityCenter {
		still = !o.live(o.withoutApplications(s, a), a) || days(b.At) == days(o.w.Now) // what it holds today may be older than the block
	}
	if still {
		o.say(access.BlockedActive, p.Key(), acc.Key())
	}
}

// live: somebody could get in with the account, or with a credential of it.
func (o *oracle) live(s access.Judged, a int) bool {
	acc := s.Accounts[a]
	for _, g := range s.Grants {
		e := s.Entitlements[g.Entitlement]
		switch {
		case int(g.Account) != a:
		case acc.Kind == access.OktaUser && e.Kind == access.OktaAPIToken && e.Credential,
			acc.Kind == access.IAMUser && e.Credential,
			acc.Kind == access.IdentityCenter && g.Direct() && e.Kind == access.PermissionSet,
			acc.Kind == access.IdentityCenter && g.Direct() && e.Kind == access.SSOGroup && acc.Upstream == "",
			o.application(s, a, g):
			return true
		}
	}
	switch {
	case acc.Kind == access.OktaClient:
		return acc.Status != access.AccountDisabled
	case acc.Kind == access.IAMUser:
		return acc.Status == access.AccountActive
	case acc.Kind == access.IdentityCenter || acc.VendorStatus == "DEPROVISIONED":
		return false
	case acc.VendorStatus == "SUSPENDED":
		return !slices.Contains(o.w.Memory.Blocked[acc.Key()].Verbs, access.OktaClearSessions)
	}
	return true
}

// application: a user of Identity Center's own directory signs in with it, or with a
// group that is pushed, and no verb takes it away.
func (o *oracle) application(s access.Judged, a int, g access.Grant) bool {
	acc := s.Accounts[a]
	return int(g.Account) == a && acc.Kind == access.IdentityCenter && acc.Upstream == "" && acc.Status != access.AccountDisabled &&
		g.Direct() && (s.Entitlements[g.Entitlement].Kind == access.SSOApp || s.Entitlements[g.Entitlement].Kind == access.SSOGroup && !s.Entitlements[g.Entitlement].Editable)
}

// nowhere is the right that a leaver who signs in elsewhere reaches first, if all that
// may be elsewhere was read and nothing there is theirs.
func (o *oracle) nowhere(s access.Judged, a int, p access.Person) *access.Entitlement {
	acc := s.Accounts[a]
	if acc.Kind != access.IdentityCenter || acc.Upstream == "" || acc.Status == access.AccountDisabled || o.w.Memory.Endings[acc.Key()].ShutUpstream {
		return nil
	}
	for _, up := range o.d.Systems {
		for n, other := range up.Accounts {
			if other.Kind == access.OktaUser && up.Matches[n].Person == p.Key() {
				return nil
			}
		}
		amazon := slices.ContainsFunc(up.Accounts, func(a access.Account) bool {
			return a.Kind == access.IAMUser || a.Kind == access.IdentityCenter
		})
		for _, r := range up.Reads {
			if !amazon && r.Lists && !r.Complete {
				return nil
			}
		}
	}
	var first *access.Entitlement
	for _, g := range s.Grants {
		e := &s.Entitlements[g.Entitlement]
		if int(g.Account) == a && g.Direct() && (e.Kind == access.SSOGroup || e.Kind == access.SSOApp) && (first == nil || e.Kind < first.Kind) {
			first = e
		}
	}
	return first
}

// remains: something of the account could be removed, by whomever.
func (o *oracle) remains(s access.Judged, a int) bool {
	acc := s.Accounts[a]
	if acc.Kind == access.IAMUser || acc.Kind == access.OktaUser && acc.VendorStatus != "DEPROVISIONED" {
		return true // the mark, and the account itself
	}
	if acc.Kind == access.OktaClient {
		return false
	}
	return slices.ContainsFunc(s.Grants, func(g access.Grant) bool {
		e := s.Entitlements[g.Entitlement]
		switch {
		case int(g.Account) != a || !g.Direct():
			return false
		case e.Kind == access.OktaGroup:
			return e.Editable && (!e.Ruled || o.w.Settings.Removal.RuledGroups)
		}
		return e.Kind == access.OktaApp || e.Kind == access.OktaAdminRole || e.Kind == access.SSOGroup && acc.Upstream != ""
	})
}

// others reports whether the account's address is that of somebody who has not
// left, while nobody said in links.csv whose it is.
func (o *oracle) others(acc access.Account, m access.Match, me access.Person) bool {
	if m.How == access.MatchedLink {
		return false
	}
	for _, p := range o.d.People {
		same := p.Key() == me.Key() || strings.HasSuffix(p.Why, "is the same person as "+me.Key().String())
		for _, mail := range claims(p.Identity) {
			if slices.Contains(mailsIn(acc.Email, acc.Login), mail) && !same && stays(o.w, p) {
				return true
			}
		}
	}
	return false
}

func (o *oracle) ofPerson(s access.Judged, a int, p access.Person) {
	acc := s.Accounts[a]
	switch {
	case works(p):
		o.usage(s, a, p.Key())
		for n, g := range s.Grants {
			if int(g.Account) == a && g.Direct() && acc.Status != access.AccountDisabled {
				o.grant(s, n, p)
			}
		}
	case o.leaves(p) && o.others(acc, s.Matches[a], p):
		if o.live(s, a) {
			o.say(access.HeldPerson, p.Key(), acc.Key())
		}
	case o.leaves(p):
		if acc.LastUsedAt.After(p.AccessEndsAt) || o.inLog(acc.Key(), p.AccessEndsAt) {
			o.say(access.UsedAfterExit, p.Key(), acc.Key())
		}
		o.leaver(s, a, p)
		lost := o.nowhere(s, a, p)
		if lost != nil {
			o.say(access.LeaverAccess, p.Key(), acc.Key(), lost.Scope, lost.Kind, lost.ID)
		}
		if p.Standing == access.StandingLeft && lost == nil && !o.live(s, a) && !o.w.Memory.Endings[acc.Key()].BlockedAt.IsZero() && o.remains(s, a) {
			o.say(access.LeaverRemains, p.Key(), acc.Key())
		}
	case !o.live(s, a):
	case p.Standing == access.StandingGarden:
		o.say(access.LeaverAccess, p.Key(), acc.Key())
	case p.Standing == access.StandingVanished:
		o.say(access.VanishedPerson, p.Key(), acc.Key())
	case p.Standing == access.StandingPending:
		o.say(access.EarlyAccess, p.Key(), acc.Key())
	case p.Standing == access.StandingHeld:
		o.say(access.HeldPerson, p.Key(), acc.Key())
	}
}

// leaver: the account that a verb stops, and apart from it what none does.
func (o *oracle) leaver(s access.Judged, a int, p access.Person) {
	for _, g := range s.Grants {
		if e := s.Entitlements[g.Entitlement]; o.application(s, a, g) {
			o.say(access.LeaverAccess, p.Key(), s.Accounts[a].Key(), e.Scope, e.Kind, e.ID)
		}
	}
	if o.live(o.withoutApplications(s, a), a) {
		o.say(access.LeaverAccess, p.Key(), s.Accounts[a].Key())
	}
}

func (o *oracle) withoutApplications(s access.Judged, a int) access.Judged {
	s.Grants = slices.DeleteFunc(slices.Clone(s.Grants), func(g access.Grant) bool { return o.application(s, a, g) })
	return s
}
