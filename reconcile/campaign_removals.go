package reconcile

import (
	"cmp"
	"slices"
	"time"

	"rollcall/internal/access"
)

// CampaignRemovals are the Removes of a campaign, each with the day by which it is to be gone,
// oldest decision first. Each right is removed once, however many said so.
func CampaignRemovals(rec access.CampaignRecord, rules CampaignRules) (out []access.Removal) {
	for _, o := range Outcomes(rec) {
		if o.Choice != access.ChooseRemove {
			continue
		}
		i, d := o.Item, o.Decision
		for _, a := range o.Answers { // the one who said so first decided it
			if a.Choice == access.ChooseRemove && a.ReceivedAt.Before(d.ReceivedAt) {
				d = a
			}
		}
		days := cmp.Or(rules.OtherDays, 5)
		if i.Risk == access.RiskPrivileged {
			days = cmp.Or(rules.PrivilegedDays, 1)
		}
		out = append(out, access.Removal{Campaign: rec.Campaign.ID, RowID: d.RowID, Subject: i.RowID, Person: i.Person.Key(), Account: i.Account.Key(), Login: i.Account.Login,
			Kind: i.Kind, Scope: i.Scope, Entitlement: i.EntitlementID, Name: i.Entitlement, Risk: i.Risk, By: d.ReviewerName, Reason: d.Reason, DecidedAt: d.ReceivedAt,
			Due: businessDays(localDay(d.ReceivedAt, rules.zone()), days)})
	}
	slices.SortStableFunc(out, func(a, b access.Removal) int {
		return cmp.Or(a.DecidedAt.Compare(b.DecidedAt), cmp.Compare(a.Subject, b.Subject))
	})
	return out
}

// Follow marks as gone what a later night no longer saw, though all was read that
// would show it. What was gone stays so; what no night has proven is as it was.
func Follow(removals []access.Removal, later *LaterNight) []access.Removal {
	out := slices.Clone(removals)
	for n := range out {
		r := &out[n]
		if r.GoneAt.IsZero() && later != nil && later.At.After(r.DecidedAt) && later.lost(r) {
			r.GoneAt, r.GoneIn = later.At, later.Run
		}
	}
	return out
}

// SoFar is a removal with what was known of it (zero: nothing) before its campaign got
// another answer. A Remove that was said anew is newer than what overruled the one before
// it, than a night that saw that one gone, and than whoever gave again what that one took: it
// is told of anew before anything is taken.
func SoFar(r, was access.Removal) access.Removal {
	r.Announced, r.SentAt, r.DoneAt, r.GoneAt, r.GoneIn, r.Overruled = was.Announced, was.SentAt, was.DoneAt, was.GoneAt, was.GoneIn, was.Overruled
	if !r.DecidedAt.After(was.DecidedAt) {
		return r
	}
	if r.Overruled != "" {
		r.Overruled, r.Announced = "", access.Day{}
	}
	if !r.GoneAt.IsZero() && r.DecidedAt.After(r.GoneAt) {
		r.GoneAt, r.GoneIn, r.Announced = time.Time{}, "", access.Day{}
	}
	if !r.DoneAt.IsZero() && r.DecidedAt.After(r.DoneAt) {
		r.DoneAt, r.Announced = time.Time{}, access.Day{}
	}
	return r
}

// Overrule tells of removals that other campaigns decided which of them this one
// decided anew: of two decisions about the same right the later one counts, and a
// Remove that nobody carried out does not take what was kept since.
func Overrule(removals map[string]access.Removal, rec access.CampaignRecord) {
	anew := map[string]time.Time{}
	for _, o := range Outcomes(rec) {
		switch o.Choice {
		case access.ChooseRemove:
			anew[o.Item.RowID] = o.Decision.ReceivedAt
		case access.ChooseKeep, access.ChooseChange: // decided only once both have answered; that one never did is no answer
			for _, a := range o.Answers {
				if a.Choice != access.ChoiceExpired && a.ReceivedAt.After(anew[o.Item.RowID]) {
					anew[o.Item.RowID] = a.ReceivedAt
				}
			}
		}
	}
	for id, r := range removals {
		if r.Campaign == rec.Campaign.ID {
			continue
		}
		switch {
		case anew[r.Subject].After(r.DecidedAt):
			r.Overruled = rec.Campaign.ID
		case r.Overruled == rec.Campaign.ID: // its answer was taken back
			r.Overruled, r.Announced = "", access.Day{}
		}
		removals[id] = r
	}
}
