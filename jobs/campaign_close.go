package jobs

import (
	"context"
	"maps"
	"slices"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Ended is a campaign that was closed.
type Ended struct {
	reconcile.Closed
	Record   access.CampaignRecord
	Removals []access.Removal
	Kept     []access.Exception
	Checks   reconcile.CampaignChecks
	Head     string
}

// Close ends a campaign: what nobody answered is escalated, never kept. While reviewers
// may still answer it is refused, unless somebody wants the rest to stay unanswered.
func (r *Review) Close(_ context.Context, id access.CampaignID, unanswered bool) (Ended, error) {
	rec, m, w, _, err := r.found(id)
	if err != nil {
		return Ended{}, err
	}
	out := Ended{}
	if out.Closed, err = reconcile.CloseCampaign(rec, r.later(w), r.Rules, r.Run.Actor, r.Now().UTC()); err != nil {
		return Ended{}, Refused{err.Error()}
	}
	if early := out.Closed.TooEarly(r.Rules, r.Now()); early != nil && !unanswered {
		return Ended{}, Refused{early.Error()}
	}
	out.Record = out.Closed.AddTo(rec)
	if err := r.effects(&m, out.Record); err != nil {
		return Ended{}, err
	}
	if out.Head, err = r.record(m, access.CampaignRecord{Campaign: out.Closed.Campaign, Decisions: out.Closed.Decisions}); err != nil {
		return out, err
	}
	r.account(&out, m, w)
	return out, nil
}

// Look gives where a campaign stands, and changes nothing.
func (r *Review) Look(_ context.Context, id access.CampaignID) (Ended, reconcile.CampaignProgress, error) {
	rec, m, w, _, err := r.found(id)
	if err != nil {
		return Ended{}, reconcile.CampaignProgress{}, err
	}
	out := Ended{Record: rec}
	out.Campaign = rec.Campaign
	r.account(&out, m, w)
	return out, reconcile.Progress(rec, reconcile.StaffOf(w, w.Policy.Delegates), r.Rules, r.Now()), nil
}

// account adds what followed from a campaign, and the auditors' checks of it.
func (r *Review) account(out *Ended, m access.Memory, w reconcile.World) {
	for _, id := range slices.Sorted(maps.Keys(m.Removals)) {
		if m.Removals[id].Campaign == out.Record.Campaign.ID {
			out.Removals = append(out.Removals, m.Removals[id])
		}
	}
	out.Removals = reconcile.Follow(out.Removals, r.later(w))
	out.Kept = reconcile.Kept(out.Record)
	out.Checks = reconcile.Checks(out.Record, out.Removals, reconcile.StaffOf(w, w.Policy.Delegates), r.Rules, r.Now())
}

// later is what the last night saw, as it read it: it says of what a campaign asked
// whether it is gone.
func (r *Review) later(w reconcile.World) *reconcile.LaterNight {
	last, err := r.Recall()
	if err != nil {
		return nil
	}
	systems := slices.Clone(last.Systems)
	for s := range systems { // it was no news to a sweep; it is to the campaign, as of when it was read
		systems[s].Reads = slices.Clone(systems[s].Reads)
		for n := range systems[s].Reads {
			systems[s].Reads[n].Recalled = false
		}
	}
	return reconcile.NewLaterNight(last.Run.ID, last.SeenAt(), systems, reconcile.Stand(w).List())
}
