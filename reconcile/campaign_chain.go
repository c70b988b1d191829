package reconcile

import (
	"maps"
	"slices"

	"rollcall/internal/access"
)

// CampaignsBefore are those that a new campaign is compared with, oldest first: the
// one called since or, if none is named, the one that was closed last; and, as that
// may have asked about a part only, those that were closed before it, back to the last
// that asked about everything. None: there is nothing to compare with.
func CampaignsBefore(all map[access.CampaignID]access.Campaign, since access.CampaignID) []access.Campaign {
	newest, named := all[since]
	var closed []access.Campaign
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if c := all[id]; !c.Open() && (newest.Open() || c.ClosedAt.Before(newest.ClosedAt)) { // one that is not named is open, too
			closed = append(closed, c)
		}
	}
	slices.SortStableFunc(closed, func(a, b access.Campaign) int { return a.ClosedAt.Compare(b.ClosedAt) })
	if named {
		closed = append(closed, newest)
	} else if since != "" {
		return nil
	}
	for n := len(closed) - 1; n > 0; n-- {
		if closed[n].Scope.Whole() {
			return closed[n:]
		}
	}
	return closed
}

// JoinCampaigns is what several campaigns, oldest first, said together: of a right that
// more than one asked about only the newest of them says something. It goes by the
// name of the last one; its decisions name the campaign in which they fell. nil: there
// were none.
func JoinCampaigns(all []access.CampaignRecord) *access.CampaignRecord {
	if len(all) == 0 {
		return nil
	}
	out, asked := access.CampaignRecord{}, map[string]bool{}
	for _, rec := range slices.Backward(all) {
		rec.Sheets = lessRows(rec.Sheets, asked)
		for s := range rec.Sheets {
			for n := range rec.Sheets[s].Rows {
				asked[rec.Sheets[s].Rows[n].Item.RowID] = true
			}
		}
		out = rec.With(out)
	}
	out.Campaign = all[len(all)-1].Campaign
	return &out
}

// lessRows are worksheets without the rows about some rights.
func lessRows(sheets []access.Sheet, rights map[string]bool) []access.Sheet {
	if len(rights) == 0 {
		return sheets
	}
	out := slices.Clone(sheets)
	for s := range out {
		out[s].Rows = slices.DeleteFunc(slices.Clone(out[s].Rows), func(r access.Issued) bool { return rights[r.Item.RowID] })
	}
	return out
}
