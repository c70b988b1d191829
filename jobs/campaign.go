package jobs

import (
	"fmt"
	"maps"
	"slices"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// CampaignArchive keeps reviews: each part of one in a run of its own.
type CampaignArchive interface {
	// RecordCampaign commits a part of a campaign, and of next its campaigns and what
	// they decided.
	RecordCampaign(run access.Run, part access.CampaignRecord, next access.Memory) (head string, err error)
	// Campaign gives all that was recorded of one.
	Campaign(access.Campaign) (access.CampaignRecord, error)
}

// Review is one command of an access review. It reads what the last night saw and
// HR's lists of today, never a system, and changes none.
type Review struct {
	// Job gives the run, the clock, the inputs, the archive and Recall; it has no
	// collectors and no revokers.
	*Job
	Campaigns CampaignArchive
	Rules     reconcile.CampaignRules
	// Write writes worksheets for their reviewers, and fills in what proves their rows.
	Write func(Package) error
	// Recognise takes back what spreadsheet programs do to what was issued.
	Recognise func(*access.ReturnedSheet, []access.Sheet)
	// Mend writes a copy of a file in which something is to be mended, for whoever sent it.
	Mend func(access.CampaignID, Came, access.ReturnedFile) error
}

// seen gives what the last night saw, with today's lists and policy.
func (r *Review) seen() (access.Memory, reconcile.World, *access.Night, error) {
	n, m, err := r.begin()
	if err != nil {
		return m, reconcile.World{}, nil, err
	}
	in, err := r.inputs(m)
	if err != nil {
		return m, reconcile.World{}, nil, err
	}
	w := r.lists(n, m, in)
	if err := r.recallOnce(); err != nil {
		return m, w, n, err
	}
	last, err := r.Recall()
	if err != nil {
		return m, w, n, err
	}
	if last.Run.ID == "" {
		return m, w, n, Refused{"no night has run yet, so that there is no access to review: run rollcall nightly first"}
	}
	w.Systems, w.SeenAt, w.Counts = last.Left(), last.SeenAt(), m.Counts
	n.SeenAt = w.SeenAt
	return m, w, n, nil
}

// Find gives a campaign and all that was recorded of it: the one with that id or, if
// none is given, the only one that is open.
func (r *Review) Find(m access.Memory, id access.CampaignID) (access.CampaignRecord, error) {
	c, is := m.Campaigns[id]
	if id == "" {
		open := openReviews(m)
		if len(open) != 1 {
			return access.CampaignRecord{}, Refused{fmt.Sprintf("%d reviews are open: say which one with --campaign (known: %s)", len(open), known(m))}
		}
		c, is = m.Campaigns[open[0]], true
	}
	if !is {
		return access.CampaignRecord{}, Refused{fmt.Sprintf("there is no review %s (known: %s): rollcall review open begins one", id, known(m))}
	}
	return r.Campaigns.Campaign(c)
}

// found is seen, and the campaign that is asked for.
func (r *Review) found(id access.CampaignID) (access.CampaignRecord, access.Memory, reconcile.World, *access.Night, error) {
	m, w, n, err := r.seen()
	if err != nil {
		return access.CampaignRecord{}, m, w, n, err
	}
	rec, err := r.Find(m, id)
	return rec, m, w, n, err
}

// effects puts into memory what a campaign decided so far: what is to be removed, and
// what is allowed for a time. What was done about a removal stays known.
func (r *Review) effects(m *access.Memory, rec access.CampaignRecord) error {
	removals, kept := map[string]access.Removal{}, map[string]access.Exception{}
	before := map[string]access.Removal{}
	for id, one := range m.Removals {
		if one.Campaign == rec.Campaign.ID {
			before[one.Subject] = one
			continue
		}
		removals[id] = one
	}
	for id, x := range m.Kept {
		if !reconcile.KeptBy(x, rec.Campaign.ID) {
			kept[id] = x
		}
	}
	others := map[access.CampaignID]bool{} // which overruled what is decided at another time now
	for _, one := range reconcile.CampaignRemovals(rec, r.Rules) {
		was := before[one.Subject]
		now := reconcile.SoFar(one, was)
		if now.Overruled != was.Overruled {
			others[was.Overruled] = true
		}
		removals[one.RowID] = now
	}
	for _, x := range reconcile.Kept(rec) {
		kept[x.ID] = x
	}
	reconcile.Overrule(removals, rec)
	for _, id := range keptBesides(*m, removals, rec.Campaign.ID) {
		others[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(others)) { // each says by itself whether it is the later one
		other, err := r.Campaigns.Campaign(m.Campaigns[id])
		if err != nil {
			return fmt.Errorf("read the review %s, which decided the same anew (nothing is recorded; run it again): %w", id, err)
		}
		reconcile.Overrule(removals, other)
	}
	m.Removals, m.Kept = removals, kept
	return nil
}

// keptBesides are the reviews that may have kept what this one keeps no more: it took the
// place of whichever had overruled the Remove before it.
func keptBesides(m access.Memory, removals map[string]access.Removal, this access.CampaignID) (all []access.CampaignID) {
	for row, r := range removals {
		if m.Removals[row].Overruled != this || r.Overruled != "" {
			continue
		}
		for id, c := range m.Campaigns {
			if id != this && id != r.Campaign && (c.Open() || c.ClosedAt.After(r.DecidedAt)) {
				all = append(all, id)
			}
		}
	}
	return all
}

// record commits a part of a campaign.
func (r *Review) record(m access.Memory, part access.CampaignRecord) (string, error) {
	run := r.Run
	run.Previous, run.FinishedAt, run.Verdict, run.ExitCode = m.Previous, r.Now().UTC(), "done", ExitDone
	campaigns := maps.Clone(m.Campaigns)
	if campaigns == nil {
		campaigns = map[access.CampaignID]access.Campaign{}
	}
	campaigns[part.Campaign.ID] = part.Campaign
	m.Campaigns = campaigns
	head, err := r.Campaigns.RecordCampaign(run, part, m)
	if err != nil {
		return "", fmt.Errorf("commit the evidence (nothing of it counts; run it again): %w", err)
	}
	return head, nil
}
