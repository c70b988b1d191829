package reconcile

import (
	"rollcall/internal/access"
	"slices"
	"time"
)

// Residues adds to residues what outcomes tell of removals: of one that was seen to
// be done only the date is kept, so that access that is given again is announced
// again.
func Residues(residues map[string]access.Residue, outcomes []access.Outcome) {
	for _, o := range outcomes {
		if !o.Action.Mover {
			continue
		}
		r := residues[o.Action.FindingID]
		r.FindingID, r.Person, r.Account = o.Action.FindingID, o.Action.Person, o.Action.Account
		r.Kind, r.Scope, r.ID = o.Action.EntitlementKind, o.Action.GrantScope, o.Action.EntitlementID
		if sent := o.Result == access.Done || o.Result == access.Pending || o.Result == access.Unknown; sent && r.RemovingAt.IsZero() {
			r.RemovingAt = o.SentAt
		}
		if settled(o) {
			r.AnnouncedAt, r.DueAt = time.Time{}, time.Time{}
		}
		residues[r.FindingID] = r
	}
}

// rememberResidues keeps what was announced tonight. What was announced before and
// is not any more is over, unless nobody could tell tonight; and for a week the
// guards count what was removed.
func rememberResidues(next *access.Memory, w World, d Decision, outcomes []access.Outcome) {
	next.Residues = map[string]access.Residue{}
	blind, held := w.Policy.Unjudged(), stillHeld(d, w.Memory.Residues)
	for id, r := range w.Memory.Residues {
		if !r.RemovingAt.IsZero() && w.Now.Sub(r.RemovingAt) > week {
			r.RemovingAt = time.Time{}
		}
		if !blind && (readWhole(d, r.Account.System) || held[heldRight{r.Account, r.Kind, r.Scope, r.ID}]) {
			r.AnnouncedAt, r.DueAt = time.Time{}, time.Time{}
		}
		if !r.AnnouncedAt.IsZero() || !r.RemovingAt.IsZero() {
			next.Residues[id] = r
		}
	}
	for _, r := range d.Residues {
		next.Residues[r.FindingID] = r
	}
	Residues(next.Residues, outcomes)
	for id, r := range next.Residues {
		if r.AnnouncedAt.IsZero() && r.RemovingAt.IsZero() {
			delete(next.Residues, id)
		}
	}
}

// readWhole reports whether all of a system was read to its end.
func readWhole(d Decision, system access.System) bool {
	for s := range d.Systems {
		if o := &d.Systems[s]; o.System == system {
			return !slices.ContainsFunc(o.Reads, func(r access.Read) bool { return !r.Complete })
		}
	}
	return false
}

// heldRight is a right that an account holds by itself.
type heldRight struct {
	account   access.AccountKey
	kind      access.EntitlementKind
	scope, id string
}

// stillHeld are those of the rights that were seen tonight: they were judged.
func stillHeld(d Decision, residues map[string]access.Residue) map[heldRight]bool {
	accounts := map[access.AccountKey]bool{}
	for _, r := range residues {
		accounts[r.Account] = true
	}
	out := map[heldRight]bool{}
	if len(residues) == 0 {
		return out
	}
	for s := range d.Systems {
		o := &d.Systems[s]
		asked := make([]bool, len(o.Accounts))
		for a := range o.Accounts {
			asked[a] = accounts[o.Accounts[a].Key()]
		}
		for _, g := range o.Grants {
			if ent := &o.Entitlements[g.Entitlement]; asked[g.Account] && g.Direct() {
				out[heldRight{o.Accounts[g.Account].Key(), ent.Kind, ent.Scope, ent.ID}] = true
			}
		}
	}
	return out
}
