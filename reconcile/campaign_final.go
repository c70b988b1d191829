package reconcile

import (
	"cmp"
	"slices"

	"rollcall/internal/access"
)

// Final are the decisions that stand, by Issued.ID: of several the last one counts. A
// row that was passed on, that was opened again, or that somebody answered about
// themselves, has none.
func Final(rec access.CampaignRecord) map[string]access.Decision {
	out := make(map[string]access.Decision, len(rec.Decisions))
	for _, d := range rec.Decisions {
		switch d.Choice {
		case access.ChooseNotMine, access.ChoiceReopened:
			delete(out, d.RowID)
		case access.ChooseNothing, access.ChoiceOwnCheck:
		default:
			out[d.RowID] = d
		}
	}
	return out
}

// CampaignOutcome is what all who were asked about one right decided together.
type CampaignOutcome struct {
	Item *access.Item
	Rows []*access.Issued // one for each duty
	// Choice is ChooseNothing while somebody has still to answer who could change it.
	Choice access.Choice
	// Decision is the one that decided it; zero while nothing is decided.
	Decision access.Decision
	Answers  []access.Decision // in the order of Rows; those that there are
}

// Outcomes are what was decided of each right, in the order of Item.RowID. Where two
// were asked, Remove by either wins, then Change; Keep needs both.
//
//	one     | other                | together
//	Remove  | anything, or nothing | Remove
//	Change  | Change or Keep       | Change
//	Change  | nothing yet          | nothing yet
//	Keep    | Keep                 | Keep
//	Keep    | nothing yet          | nothing yet
//	gone    | anything but Remove  | gone
//	expired | Change               | Change
//	expired | Keep or expired      | expired
func Outcomes(rec access.CampaignRecord) []CampaignOutcome {
	final := Final(rec)
	index := map[string]int{}
	var out []CampaignOutcome
	for _, row := range currentRows(rec) {
		n, has := index[row.Item.RowID]
		if !has {
			n = len(out)
			index[row.Item.RowID] = n
			out = append(out, CampaignOutcome{Item: &row.Item})
		}
		out[n].Rows = append(out[n].Rows, row)
	}
	for n := range out {
		out[n].settle(final)
	}
	slices.SortFunc(out, func(a, b CampaignOutcome) int { return cmp.Compare(a.Item.RowID, b.Item.RowID) })
	return out
}

// weight orders choices by which of two wins; a row without an answer is between those
// that wait for it and those that do not.
var weight = map[access.Choice]int{access.ChooseRemove: 6, access.ChoiceGone: 5, access.ChooseNothing: 4, access.ChooseChange: 3, access.ChoiceExpired: 2, access.ChooseKeep: 1}

func (o *CampaignOutcome) settle(final map[string]access.Decision) {
	slices.SortFunc(o.Rows, func(a, b *access.Issued) int { return cmp.Compare(a.Duty, b.Duty) })
	for n, row := range o.Rows {
		d, answered := final[row.ID]
		if answered {
			o.Answers = append(o.Answers, d)
		}
		if n == 0 || weight[d.Choice] > weight[o.Choice] {
			o.Choice, o.Decision = d.Choice, d
		}
	}
}

// currentRows are the rows of a campaign, each as the worksheet has it that asks about it now:
// the newest one. In the order in which they were first issued.
func currentRows(rec access.CampaignRecord) []*access.Issued {
	var out []*access.Issued
	at := map[string]int{}
	for s := range rec.Sheets {
		for n := range rec.Sheets[s].Rows {
			row := &rec.Sheets[s].Rows[n]
			if k, has := at[row.ID]; has {
				out[k] = row
				continue
			}
			at[row.ID] = len(out)
			out = append(out, row)
		}
	}
	return out
}
