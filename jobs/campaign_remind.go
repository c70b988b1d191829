package jobs

import (
	"context"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Reminded is what a day of a campaign asks for.
type Reminded struct {
	Campaign access.Campaign
	Digests  []reconcile.Digest
	Passed   []access.Sheet    // worksheets for what was stuck
	Settled  []access.Decision // rows that no answer is needed for any more
	Reopened []access.Decision // rows of which that was said, and that are there after all
	Stuck    error             // rows that nobody may review
	Head     string            // empty: nothing was due
	Failed   []string          // messages that did not go out, and why
	Sent     []string          // recipients whose message went out by itself
}

// Remind tells everybody what is due today. deliver gives a message to its channel and
// says how that went; a run that dies before the record delivers again.
func (r *Review) Remind(_ context.Context, id access.CampaignID, deliver func(access.CampaignRecord, reconcile.Digest) (channel, result string)) (Reminded, error) {
	rec, m, w, n, err := r.found(id)
	if err != nil || !rec.Campaign.Open() {
		return Reminded{Campaign: rec.Campaign}, err
	}
	staff, now := reconcile.StaffOf(w, w.Policy.Delegates), r.Now().UTC()
	out := Reminded{Campaign: rec.Campaign}
	out.Settled, out.Reopened = reconcile.Settled(rec, r.later(w), now), reconcile.Reopened(rec, r.later(w), now)
	part := access.CampaignRecord{Campaign: rec.Campaign, Decisions: slices.Concat(out.Settled, out.Reopened)}
	rec = rec.With(part)
	out.Passed, out.Stuck = reconcile.HandOvers(rec, staff, r.Rules, now)
	if err := r.passOn(m, w, rec.Campaign, n, out.Passed); err != nil {
		return out, err
	}
	part.Sheets = out.Passed
	rec.Sheets = slices.Concat(rec.Sheets, out.Passed)
	out.Digests = reconcile.Due(rec, staff, r.Rules, now)
	for _, d := range out.Digests {
		channel, result := deliver(rec, d)
		if strings.HasPrefix(result, "failed") {
			out.Failed = append(out.Failed, d.Recipient+": "+result)
		}
		if result == "sent" {
			out.Sent = append(out.Sent, d.Recipient)
		}
		part.Notices = append(part.Notices, d.Recorded(channel, now, result)...)
	}
	if len(part.Sheets)+len(part.Decisions)+len(part.Notices) > 0 {
		if err := r.effects(&m, rec.With(access.CampaignRecord{Notices: part.Notices})); err != nil {
			return out, err
		}
		out.Head, err = r.record(m, part)
	}
	return out, err
}
