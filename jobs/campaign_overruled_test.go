package jobs

import (
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestARemoveThatIsOnlyLeftOverStaysOverruled: two were asked, and both wrote Remove; another review kept the
// right after that. If the first of the two takes it back, what is left of the Remove is older than the Keep still.
func TestARemoveThatIsOnlyLeftOverStaysOverruled(t *testing.T) {
	c := opened(t)
	first := c.sheetOf(t, "2026-q1", "ann")
	c.takes(t, "2026-q1", answer(first, "one", map[string]string{"leo": "Remove"}))
	rec := c.recorded["2026-q1"]
	row := first.Rows[slices.IndexFunc(first.Rows, func(r access.Issued) bool { return r.Item.Person.Name == "leo" })]
	row.ID, row.Worksheet, row.Duty = "second", "owner", access.DutyOwner
	second := access.Sheet{ID: "owner", ReviewerName: "dan", ReviewerMail: "dan@example.test", Rows: []access.Issued{row}}
	c.recorded["2026-q1"] = rec.With(access.CampaignRecord{Sheets: []access.Sheet{second}, Decisions: []access.Decision{{Campaign: "2026-q1", RowID: "second", Worksheet: "owner",
		Choice: access.ChooseRemove, Reason: "not hers", ReceivedAt: rec.Decisions[0].ReceivedAt.Add(time.Minute)}}})
	c.open(t, "2026-q2")
	c.takes(t, "2026-q2", answer(c.sheetOf(t, "2026-q2", "ann"), "two", map[string]string{"leo": "Keep"}))
	overruled := func() (by []access.CampaignID) {
		for _, r := range c.memory.Removals {
			by = append(by, r.Overruled)
		}
		return by
	}
	if got := overruled(); !slices.Equal(got, []access.CampaignID{"2026-q2"}) {
		t.Fatalf("overruled by %q", got)
	}
	c.takes(t, "2026-q1", answer(first, "three", map[string]string{"leo": "Keep"}))
	if got := overruled(); !slices.Equal(got, []access.CampaignID{"2026-q2"}) {
		t.Errorf("the first of the two took it back: overruled by %q", got)
	}
	again := answer(second, "four", map[string]string{"leo": "Remove"})
	again.Sheet.Rows[0].Reason = "no, he is to lose it"
	c.takes(t, "2026-q1", again)
	if got := overruled(); !slices.Equal(got, []access.CampaignID{""}) {
		t.Errorf("the second one said it anew: overruled by %q", got)
	}
}
