//go:build cgo

package audit

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestWhoWasToldOfTooLateForTheirOwnPeriodIsInThatInWhichTheyWereToldOf: no answer about the
// period in which their access ended knows of them, and nobody's access outlived them longer.
func TestWhoWasToldOfTooLateForTheirOwnPeriodIsInThatInWhichTheyWereToldOf(t *testing.T) {
	day := func(month time.Month, n int) time.Time { return time.Date(2026, month, n, 1, 0, 0, 0, time.UTC) }
	march := map[string]string{"from": "2026-03-01", "to": "2026-03-31"}
	for name, c := range map[string]struct {
		ended, told time.Time
		march, then []string // the period in which the access ended, as long as its month
	}{
		"months after the end":               {day(1, 10), day(3, 5), []string{"Ann 1297 false"}, nil},
		"a month and a day after":            {day(2, 1), day(3, 5), []string{"Ann 769 false"}, []string{"Ann 769 false"}},
		"within what their own period knows": {day(2, 3), day(3, 5), nil, []string{"Ann 721 false"}},
		"by the first list that there was":   {day(0, 10), day(3, 2), nil, nil},
		"of who ended in the period":         {day(3, 3), day(3, 5), []string{"Ann 49 false"}, []string{"Ann 49 false"}},
	} {
		s := newStretch(t)
		for n := 2; n <= 5; n++ {
			s.night("nightly", n, bothAccounts, func(night *access.Night) {
				if night.Run.StartedAt.Before(c.told) {
					return
				}
				gone := annHere
				gone.Standing, gone.AccessEndsAt, gone.FirstSeenLeftAt = access.StandingLeft, c.ended, c.told
				night.People = []access.Person{gone}
				night.Endings = map[access.AccountKey]access.Ending{annInAWS: {Account: annInAWS, Person: ann, BlockedAt: c.told.Add(time.Hour)}}
			})
		}
		then := map[string]string{"from": c.ended.Format("2006-01") + "-01", "to": c.ended.AddDate(0, 1, -c.ended.Day()).Format(time.DateOnly)}
		t.Log(name)
		s.want(s.says("leavers", march, "name", "hours_to_block", "within_sla"), c.march...)
		s.want(s.says("leavers", then, "name", "hours_to_block", "within_sla"), c.then...)
	}
}
