package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

// Package are worksheets to write, and what they tell of besides their rows.
type Package struct {
	Campaign access.Campaign
	Night    *access.Night
	Last     *access.CampaignRecord // the campaign before, or nil
	Sheets   []access.Sheet
}

// Opened is a campaign that went out.
type Opened struct {
	Campaign access.Campaign
	Sheets   []access.Sheet
	Rerouted []string // who is asked in somebody else's place, and why
	Head     string
}

// Open freezes what the last night saw, and sends it out: the worksheets first, then
// the record, so that what nobody recorded counts for nothing and is written anew. A
// Refused error means that nothing was written.
func (r *Review) Open(_ context.Context, c access.Campaign) (Opened, error) {
	m, w, n, err := r.seen()
	if err != nil {
		return Opened{}, err
	}
	if last, err := r.Recall(); err == nil {
		c.Night = last.Run.ID
	}
	if known, is := m.Campaigns[c.ID]; is {
		return Opened{}, Refused{fmt.Sprintf("the review %s was opened on %s already: give this one another name, or look at that one with rollcall review status", c.ID, phrase.Day(known.OpenedAt))}
	}
	last, err := r.before(m, c)
	if err != nil {
		return Opened{}, err
	}
	d := reconcile.Decide(w)
	r.conclude(n, d)
	out := Opened{}
	out.Sheets, out.Campaign, out.Rerouted, err = reconcile.OpenCampaign(w, d, c, w.Policy.Delegates, last)
	if err != nil {
		return Opened{}, Refused{err.Error()}
	}
	if err := r.Write(Package{Campaign: out.Campaign, Night: n, Last: last, Sheets: out.Sheets}); err != nil {
		return out, fmt.Errorf("write the worksheets (nothing is recorded, and nothing of it counts; open it again): %w", err)
	}
	out.Head, err = r.record(m, access.CampaignRecord{Campaign: out.Campaign, Sheets: out.Sheets})
	return out, err
}

// before is what rows are compared with: the review that is named, else the newest that
// is closed, with those that it rests on; nil if there is none.
func (r *Review) before(m access.Memory, c access.Campaign) (*access.CampaignRecord, error) {
	var all []access.CampaignRecord
	earlier := maps.Clone(m.Campaigns)
	maps.DeleteFunc(earlier, func(_ access.CampaignID, one access.Campaign) bool { return one.ClosedAt.After(c.OpenedAt) })
	for _, one := range reconcile.CampaignsBefore(earlier, c.Scope.Since) {
		rec, err := r.Campaigns.Campaign(one)
		if err != nil {
			return nil, err
		}
		all = append(all, rec)
	}
	if len(all) == 0 && c.Scope.Since != "" {
		return nil, Refused{fmt.Sprintf("there is no review %s to compare with (known: %s)", c.Scope.Since, known(m))}
	}
	return reconcile.JoinCampaigns(all), nil
}

func known(m access.Memory) string {
	out := ""
	for _, id := range slices.Sorted(maps.Keys(m.Campaigns)) {
		out += ", " + string(id)
	}
	if out == "" {
		return "none"
	}
	return out[2:]
}
