package reconcile

import (
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
)

// Closed is what the end of a campaign decides about the rows that nobody answered.
type Closed struct {
	Campaign  access.Campaign // with ClosedAt and ClosedBy
	Decisions []access.Decision
	Expired   int // nobody answered: escalated to the approver, never Keep
	Gone      int // the right was gone, or the person had left, before an answer
	Removed   int // privileged and unanswered, where the company removes that
}

// Settled are decisions about open rows that no answer is needed for any more: a later
// night saw that the right is gone, or HR's lists say that the person has left and the
// leaver's run ends what they hold. They may be recorded at any time.
func Settled(rec access.CampaignRecord, later *LaterNight, now time.Time) (out []access.Decision) {
	if !rec.Campaign.Open() {
		return nil
	}
	for _, row := range openRows(rec) {
		if why := settledBy(&row.Item, rec.Campaign, later); why != "" {
			out = append(out, ruledOn(rec.Campaign.ID, row, access.ChoiceGone, why, now))
		}
	}
	return out
}

// settledBy says why nobody has to answer about a row any more, or "". Only a night
// after the one that was frozen can say so.
func settledBy(i *access.Item, c access.Campaign, later *LaterNight) string {
	switch {
	case later == nil || !later.At.After(c.SeenAt):
	case later.left(i.Person.Key()):
		return fmt.Sprintf("the person has left; run %s ended, or ends, what they hold", later.Run)
	case later.Gone(i.Account.Key(), i.Kind, i.Scope, i.EntitlementID):
		return fmt.Sprintf("run %s of %s saw that it is gone", later.Run, dayOf(later.At))
	}
	return ""
}

// openRows are the rows that nobody answered.
func openRows(rec access.CampaignRecord) (out []*access.Issued) {
	final := Final(rec)
	for _, row := range currentRows(rec) {
		if _, answered := final[row.ID]; !answered {
			out = append(out, row)
		}
	}
	return out
}

// ruledOn is a decision that no reviewer made.
func ruledOn(campaign access.CampaignID, row *access.Issued, c access.Choice, why string, now time.Time) access.Decision {
	return access.Decision{Campaign: campaign, RowID: row.ID, Worksheet: row.Worksheet, Choice: c, Reason: why, ReviewerName: byRollcall, Sender: byRollcall, Suggested: row.Item.Suggested, ReceivedAt: now}
}

// CloseCampaign ends a campaign. What nobody answered is never kept by that: it goes to
// the approver as expired or, if it is privileged, the company chose so, and neither of
// the two who were asked wants it kept, is removed. later may be nil: then nothing is
// known to be gone. What is there after all is opened again first.
func CloseCampaign(rec access.CampaignRecord, later *LaterNight, rules CampaignRules, by string, now time.Time) (Closed, error) {
	if !rec.Campaign.Open() {
		return Closed{}, fmt.Errorf("campaign %s was closed on %s by %s already", rec.Campaign.ID, localDay(rec.Campaign.ClosedAt, rules.zone()), rec.Campaign.ClosedBy)
	}
	out := Closed{Campaign: rec.Campaign}
	out.Campaign.ClosedAt, out.Campaign.ClosedBy = now, by
	out.Decisions = Reopened(rec, later, now)
	rec.Decisions = slices.Concat(rec.Decisions, out.Decisions)
	kept, unasked := keptRights(rec), map[string]bool{} // what is opened again only now nobody could answer
	for _, d := range out.Decisions {
		unasked[d.RowID] = true
	}
	for _, row := range openRows(rec) {
		why, privileged := settledBy(&row.Item, rec.Campaign, later), row.Item.Risk == access.RiskPrivileged
		var d access.Decision
		switch {
		case why != "":
			d = ruledOn(rec.Campaign.ID, row, access.ChoiceGone, why, now)
			out.Gone++
		case privileged && rules.RemovePrivileged && !kept[row.Item.RowID] && !unasked[row.ID]:
			d = ruledOn(rec.Campaign.ID, row, access.ChooseRemove, "privileged access that nobody answered for in the review is removed, as the company chose", now)
			out.Removed++
		default:
			d = ruledOn(rec.Campaign.ID, row, access.ChoiceExpired, "nobody answered until the review was closed: "+rec.Campaign.Approver+" decides", now)
			out.Expired++
		}
		out.Decisions = append(out.Decisions, d)
	}
	return out, nil
}

// keptRights are the rights, by Item.RowID, that somebody who was asked wants kept.
func keptRights(rec access.CampaignRecord) map[string]bool {
	kept, final := map[string]bool{}, Final(rec)
	for _, row := range currentRows(rec) {
		if final[row.ID].Choice == access.ChooseKeep {
			kept[row.Item.RowID] = true
		}
	}
	return kept
}

// waitDays is how many business days after its due date a campaign waits for answers:
// until then it reminds and escalates.
const waitDays = 5

// TooEarly says why a campaign may not be closed yet, unless somebody says that they
// want the rows that nobody answered to stay so; nil: it may.
func (c Closed) TooEarly(rules CampaignRules, now time.Time) error {
	open, from := c.Expired+c.Removed, businessDays(c.Campaign.Due, waitDays)
	if open == 0 || !localDay(now, rules.zone()).At.Before(from.At) {
		return nil
	}
	becomes := fmt.Sprintf("they are recorded as not answered, %s decides about each of them, and the next review asks about them again, a delta too", c.Campaign.Approver)
	if c.Removed > 0 {
		becomes += fmt.Sprintf("; but for %d that are privileged, which are removed, as the company chose", c.Removed)
	}
	return fmt.Errorf("%d of the %d rows of the review %s are open, and it is due on %s: it can be closed when all are answered or from %s on, five business days after that. Nothing was changed. To end it now all the same, add --unanswered: %s",
		open, c.Campaign.Rows, c.Campaign.ID, c.Campaign.Due, from, becomes)
}

// byRollcall is the reviewer and the sender of what no reviewer decided.
const byRollcall = "rollcall"
