package jobs

import (
	"slices"
	"testing"

	"rollcall/internal/access"
)

// TestAKeepThatIsTakenBackLeavesThatOfAnotherReview: one review decided to remove a right, and
// two later ones to keep it. Where the last of them takes its Keep back, the other one's is
// still newer than the Remove; where that goes too, nothing keeps the right.
func TestAKeepThatIsTakenBackLeavesThatOfAnotherReview(t *testing.T) {
	c := opened(t)
	c.takes(t, "2026-q1", answer(c.sheetOf(t, "2026-q1", "ann"), "one", map[string]string{"leo": "Remove"}))
	for _, id := range []access.CampaignID{"2026-q2", "2026-q3"} {
		c.open(t, id)
		c.takes(t, id, answer(c.sheetOf(t, id, "ann"), "keep "+string(id), map[string]string{"leo": "Keep"}))
	}
	overruled := func(when string, want access.CampaignID) {
		t.Helper()
		var by []access.CampaignID
		for _, r := range c.memory.Removals {
			by = append(by, r.Overruled)
		}
		if !slices.Equal(by, []access.CampaignID{want}) {
			t.Errorf("%s: overruled by %q, want %q", when, by, want)
		}
	}
	overruled("two keep it", "2026-q3")
	c.takes(t, "2026-q3", answer(c.sheetOf(t, "2026-q3", "ann"), "back", map[string]string{"leo": "Not mine"}))
	overruled("the last one took it back", "2026-q2")
	c.takes(t, "2026-q2", answer(c.sheetOf(t, "2026-q2", "ann"), "back too", map[string]string{"leo": "Not mine"}))
	overruled("both took it back", "")
}
