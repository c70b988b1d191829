package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

// TestAKeepOfAnEarlierReviewEndsWithARemoveOfALaterOne: nothing that is given again after it is
// excepted by what was said before. A Remove that was overruled ends none, nor does one about
// another right or person; and what stands in exceptions.csv is the company's.
func TestAKeepOfAnEarlierReviewEndsWithARemoveOfALaterOne(t *testing.T) {
	ann, ben := personKey("employees/1"), personKey("employees/2")
	kept := map[string]access.Exception{"k": {Line: access.Line{File: "review 2026-q3"}, ID: "review-2026-q3-r-1", Person: ann}}
	by := func(campaign access.CampaignID, subject string, who access.PersonKey, overruled access.CampaignID) access.Removal {
		return access.Removal{Campaign: campaign, RowID: "w", Subject: subject, Person: who, DecidedAt: morning(3), GoneAt: morning(5), Overruled: overruled}
	}
	for name, c := range map[string]struct {
		r    access.Removal
		ends bool
	}{
		"a later review":                        {by("2026-q4", "r-1", ann, ""), true},
		"it was overruled":                      {by("2026-q4", "r-1", ann, "2026-q3"), false},
		"another right":                         {by("2026-q4", "r-2", ann, ""), false},
		"of somebody who had the account since": {by("2026-q4", "r-1", ben, ""), false},
		"the same review, which settles it":     {by("2026-q3", "r-1", ann, ""), false},
	} {
		p := access.Policy{Exceptions: []access.Exception{{ID: "review-2026-q3-r-1", Person: ann, Line: access.Line{File: "exceptions.csv"}}}}
		if got := len(WithKept(p, kept, map[string]access.Removal{"w": c.r}).Exceptions); got != map[bool]int{true: 1, false: 2}[c.ends] {
			t.Errorf("%s: %d exceptions", name, got)
		}
	}
}
