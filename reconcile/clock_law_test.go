package reconcile

import (
	"slices"
	"testing"

	"rollcall/internal/access"
)

// clocksOfHardNights: also where no clock runs yet, and Okta has nothing, or cannot be read.
func clocksOfHardNights(t *testing.T, r random, w World, d Decision) {
	clocksTellTheTruth(t, w, d)
	w.Memory.Endings = nil
	w.Systems = slices.Clone(w.Systems)
	okta := &w.Systems[0]
	switch r.IntN(3) {
	case 0:
		okta.Accounts, okta.Grants, okta.Self, okta.AdminsUnread = nil, nil, nil, nil
	case 1:
		*okta = access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "all", Lists: true, Gap: "refused"}}}
	}
	clocksTellTheTruth(t, w, Decide(w))
}

// clocksTellTheTruth: after a night of which every action that runs is done,
// blocked_verified is recorded anew only of certain leavers, and never while something
// that was not read, or that works, could let them in. Of whom nobody says that they left,
// nor that they are back, it stands unless something works; of who is back it is gone.
func clocksTellTheTruth(t *testing.T, w World, d Decision) {
	var outcomes []access.Outcome
	ended := map[access.AccountKey]int{}
	for _, a := range d.Plan.Actions {
		outcomes = append(outcomes, access.Outcome{Action: a, Result: access.Done, SentAt: w.Now, VerifiedAt: w.Now})
		if a.Stage == access.Block {
			ended[a.Account]++
		}
	}
	for _, h := range d.Plan.Held {
		if h.Action.Stage == access.Block {
			delete(ended, h.Action.Account) // not all of it was done
		}
	}
	next := Remember(w, d, outcomes, "r")
	o := oracle{w: w, d: d, said: map[string]bool{}}
	people := map[access.PersonKey]access.Person{}
	for _, p := range d.People {
		people[p.Key()] = p
	}
	for _, s := range d.Systems {
		for a, acc := range s.Accounts {
			was, is := w.Memory.Endings[acc.Key()], next.Endings[acc.Key()]
			p, known := people[s.Matches[a].Person]
			if !known {
				p = people[was.Person]
			}
			opens := o.live(s, a) && (ended[acc.Key()] == 0 || slices.ContainsFunc(s.Grants, func(g access.Grant) bool { return o.application(s, a, g) })) || o.opensElsewhere(s, a, p, ended)
			switch began := !is.BlockedAt.IsZero() && !is.BlockedAt.Equal(was.BlockedAt); {
			case began && p.Standing != access.StandingLeft:
				t.Errorf("a clock stopped for %s, who is %s", acc.Key(), p.Standing)
			case began && (opens || !o.allRead(s, a, p)):
				t.Errorf("%s is blocked_verified, and can be used: %t, or was not all read", acc.Key(), opens)
			case works(p) && !is.BlockedAt.IsZero():
				t.Errorf("%s is back, and the clock of %s stands", p.Key(), acc.Key())
			case !works(p) && p.Standing != access.StandingLeft && is.BlockedAt.IsZero() && !was.BlockedAt.IsZero() && !o.live(s, a) && !o.opensElsewhere(s, a, p, nil):
				t.Errorf("the clock of %s was lost, of whom nobody says that they are back (%q)", acc.Key(), p.Standing)
			}
		}
	}
}

// opensElsewhere: a user who comes from another system gets in by an account there that
// works, or, for all that is known, by one that nobody knows.
func (o *oracle) opensElsewhere(s access.Judged, a int, p access.Person, ended map[access.AccountKey]int) bool {
	acc := s.Accounts[a]
	if acc.Kind != access.IdentityCenter || acc.Upstream == "" || acc.Status == access.AccountDisabled {
		return false
	}
	for _, up := range o.d.Systems {
		for n, other := range up.Accounts {
			theirs := up.Matches[n].Person == p.Key() || slices.Contains(up.Matches[n].Candidates, p.Key())
			if other.Kind == access.OktaUser && theirs && o.live(up, n) && ended[other.Key()] == 0 {
				return true
			}
		}
	}
	return p.Standing == access.StandingLeft && o.nowhere(s, a, p) != nil
}

// allRead: everything that tells whether the account, and what is elsewhere, lets somebody in.
func (o *oracle) allRead(s access.Judged, a int, p access.Person) bool {
	acc := s.Accounts[a]
	if !s.Reads[acc.Read].Complete {
		return false
	}
	wanted := map[access.AccountKind][]string{access.OktaUser: {"api_tokens", "admin_roles"}, access.IAMUser: {"credentials", "service_credentials"},
		access.IdentityCenter: {"sso_assignments", "sso_memberships", "sso_applications"}}[acc.Kind]
	for _, r := range s.Reads {
		if slices.Contains(wanted, r.Kind) && r.Scope == acc.Scope && !r.Complete {
			return false
		}
	}
	if acc.Kind != access.IdentityCenter || acc.Upstream == "" || acc.Status == access.AccountDisabled {
		return true
	}
	for _, up := range o.d.Systems {
		for _, r := range up.Reads {
			if r.Lists && !r.Complete && !slices.ContainsFunc(up.Accounts, func(a access.Account) bool { return a.Kind == access.IAMUser || a.Kind == access.IdentityCenter }) {
				return false
			}
		}
	}
	return true
}
