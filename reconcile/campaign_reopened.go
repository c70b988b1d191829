package reconcile

import (
	"fmt"
	"time"

	"rollcall/internal/access"
)

// Reopened are decisions that open rows again of which it was said that they need no
// answer: a later night sees the right, of an account that has not ended, and HR's lists
// do not say that the person has left.
func Reopened(rec access.CampaignRecord, later *LaterNight, now time.Time) (out []access.Decision) {
	if !rec.Campaign.Open() || later == nil {
		return nil
	}
	final := Final(rec)
	for _, row := range currentRows(rec) {
		i, d, account := &row.Item, final[row.ID], row.Item.Account.Key()
		if d.Choice != access.ChoiceGone || !later.At.After(d.ReceivedAt) || settledBy(i, rec.Campaign, later) != "" || later.ended(account) || !later.lists(account, i.Kind, i.Scope, i.EntitlementID) {
			continue
		}
		out = append(out, ruledOn(rec.Campaign.ID, row, access.ChoiceReopened, fmt.Sprintf("run %s of %s saw it again, and nobody has answered", later.Run, dayOf(later.At)), now))
	}
	return out
}
