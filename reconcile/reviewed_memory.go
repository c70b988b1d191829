package reconcile

import (
	"maps"
	"rollcall/internal/access"
	"slices"
	"strings"
)

// rememberReviews keeps the campaigns, what they allowed, and how far what they
// decided to remove is.
func rememberReviews(next *access.Memory, w World, d Decision, outcomes []access.Outcome, run access.RunID) {
	next.Campaigns, next.Kept, next.Removals = maps.Clone(w.Memory.Campaigns), maps.Clone(w.Memory.Kept), maps.Clone(w.Memory.Removals)
	told := map[string]bool{}
	for _, f := range d.Findings {
		if f.Kind == access.ReviewRemoval {
			told[subject(f.Account, f.EntitlementKind, f.GrantScope, f.EntitlementID)] = true
		}
	}
	for id, r := range next.Removals {
		if r.Announced.IsZero() && told[subject(r.Account, r.Kind, r.Scope, r.Entitlement)] {
			r.Announced = dayOf(w.Now)
			next.Removals[id] = r
		}
	}
	followRemovals(next, w, d, run)
	Taken(next.Removals, outcomes)
}

// Taken adds to removals what outcomes tell of them. What was sent before a Remove was said
// anew was that of then.
func Taken(removals map[string]access.Removal, outcomes []access.Outcome) {
	for _, o := range outcomes {
		r, is := removals[o.Action.Review]
		if !is {
			continue
		}
		if sent := o.Result == access.Done || o.Result == access.Pending || o.Result == access.Unknown; sent && !r.SentAt.After(r.DecidedAt) {
			r.SentAt = o.SentAt
		}
		if settled(o) && r.DoneAt.IsZero() {
			r.DoneAt = o.VerifiedAt
		}
		removals[r.RowID] = r
	}
}

// followRemovals marks what this night no longer saw, though it read all that would
// show it.
func followRemovals(next *access.Memory, w World, d Decision, run access.RunID) {
	if len(next.Removals) == 0 || !w.SeenAt.IsZero() {
		return
	}
	systems := make([]access.Observation, len(d.Systems))
	for s := range d.Systems {
		systems[s] = d.Systems[s].Observation
	}
	var open []access.Removal
	for _, r := range next.Removals {
		open = append(open, r)
	}
	for _, r := range Follow(open, NewLaterNight(run, w.Now, systems, d.People)) {
		next.Removals[r.RowID] = r
	}
}

// KeptBy reports whether an exception is one that a review made.
func KeptBy(x access.Exception, id access.CampaignID) bool { return x.File == keptFile+string(id) }

// WithKept adds to the exceptions what reviews allowed for a time, and no later one decided
// to remove. A Keep that is newer than a Remove has overruled it.
func WithKept(p access.Policy, kept map[string]access.Exception, removals map[string]access.Removal) access.Policy {
	p.Exceptions = slices.Clone(p.Exceptions)
	removed := map[string][]access.Removal{}
	for _, r := range removals {
		if r.Overruled == "" {
			removed[r.Subject] = append(removed[r.Subject], r)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(kept)) {
		x := kept[id]
		by := access.CampaignID(strings.TrimPrefix(x.File, keptFile))
		again := func(r access.Removal) bool { return r.Campaign != by && r.Person == x.Person }
		if !slices.ContainsFunc(removed[strings.TrimPrefix(x.ID, keptID(by, ""))], again) {
			p.Exceptions = append(p.Exceptions, x)
		}
	}
	return p
}

// keptFile stands before the campaign where an exception of a review has its file.
const keptFile = "review "

// keptID is the id of the exception that a review made of a right (Item.RowID).
func keptID(id access.CampaignID, right string) string { return "review-" + string(id) + "-" + right }
