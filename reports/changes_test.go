package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatChangedTellsOfRightsAndLeaversSinceTheLastReview(t *testing.T) {
	_, _, prepared := issue(t)
	var got []string
	for _, c := range prepared[0].campaign.changes {
		got = append(got, strings.Join([]string{c.What, c.Employee, c.When, c.Says}, " | "))
	}
	want := []string{
		"Granted | 0010442 | 2025-03-04 | New since the last review. How they got it: Direct",
		"Changed | 0010442 |  | Risk was “Standard”, is “Sensitive”",
		"Removed | 0010443 |  | It was listed in 2026-q3 and is not there any more; decided then: Remove, by Mara Boss, on 2026-08-12",
		"Leaver handled | 0010500 | 2026-11-20 | Access is not yet proven to be blocked: IT is on it",
		"Leaver handled | 0010500 | 2026-11-20 | Access blocked, and all of it removed by 2026-11-22 02:11 UTC",
		"Leaver handled | 0010501 | 2026-11-20 | No account of theirs is known",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	book, sheets := testCampaign()
	book.Last = nil
	first := newCampaignWriter(book, sheets).sheet(&sheets[1]).campaign.changes
	if len(first) != 1 || first[0].What != "First review" {
		t.Errorf("without a campaign before: %v", first)
	}
}

func TestWhatWasNotReadIsNotSaidToBeRemoved(t *testing.T) {
	book, sheets := testCampaign()
	book.Night.Systems[0].Reads[0].Complete = false
	for _, c := range newCampaignWriter(book, sheets).sheet(&sheets[0]).campaign.changes {
		if c.What == "Removed" {
			t.Errorf("said to be removed: %v", c)
		}
	}
}
