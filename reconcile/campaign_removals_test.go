package reconcile

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// askedAgain is a campaign that asked one person about one right, and what they answered.
func askedAgain(id access.CampaignID, subject string, c access.Choice, at time.Time) access.CampaignRecord {
	rec := access.CampaignRecord{Campaign: access.Campaign{ID: id}, Sheets: []access.Sheet{{ID: "s", Rows: []access.Issued{{ID: "w-1", Worksheet: "s", Item: access.Item{RowID: subject}}}}}}
	if c != "" {
		rec.Decisions = []access.Decision{{RowID: "w-1", Worksheet: "s", Choice: c, ReceivedAt: at}}
	}
	return rec
}

func TestALaterReviewOfTheSameRightOverrulesARemove(t *testing.T) {
	const older, newer = access.CampaignID("2026-q3"), access.CampaignID("2026-q4")
	before, decided, after := morning(1), morning(2), morning(3)
	for name, c := range map[string]struct {
		rec  access.CampaignRecord
		was  access.CampaignID
		want access.CampaignID
	}{
		"Keep":                           {askedAgain(newer, "r-1", access.ChooseKeep, after), "", newer},
		"Change":                         {askedAgain(newer, "r-1", access.ChooseChange, after), "", newer},
		"Remove: its own removal counts": {askedAgain(newer, "r-1", access.ChooseRemove, after), "", newer},
		"nobody answered":                {askedAgain(newer, "r-1", "", after), "", ""},
		"no answer until the close":      {askedAgain(newer, "r-1", access.ChoiceExpired, after), "", ""},
		"an answer before the decision":  {askedAgain(newer, "r-1", access.ChooseKeep, before), "", ""},
		"another right":                  {askedAgain(newer, "r-2", access.ChooseKeep, after), "", ""},
		"the same review":                {askedAgain(older, "r-1", access.ChooseKeep, after), "", ""},
		"its answer was taken back":      {askedAgain(newer, "r-1", access.ChooseNotMine, after), newer, ""},
		"another one overruled it":       {askedAgain(newer, "r-2", access.ChooseKeep, after), "2026-q2", "2026-q2"},
	} {
		removals := map[string]access.Removal{"w-0": {Campaign: older, RowID: "w-0", Subject: "r-1", DecidedAt: decided, Overruled: c.was}}
		Overrule(removals, c.rec)
		if got := removals["w-0"].Overruled; got != c.want {
			t.Errorf("%s: overruled by %q, want %q", name, got, c.want)
		}
	}
}

func morning(n int) time.Time { return time.Date(2026, 11, n, 9, 0, 0, 0, time.UTC) }

// Each row that does not count is told of and kept: a million of them is no worksheet.
func TestAFileOfFarMoreRowsThanItsWorksheetIsRefused(t *testing.T) {
	rec := askedAgain("2026-q4", "r-1", "", time.Time{})
	back := access.ReturnedSheet{Campaign: "2026-q4", Worksheet: "s", Rows: make([]access.ReturnedRow, 1100)}
	got := NewReceiving(rec, &Staff{}, CampaignRules{}).Receive(back, morning(2))
	if p := got.File.Refused; p == nil || !strings.Contains(p.Says, "it has 1100 rows") || len(got.File.Problems) > 0 {
		t.Errorf("%+v, %d problems", p, len(got.File.Problems))
	}
}
