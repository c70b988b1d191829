package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// Ann's last day in Auckland is over at 11:00 UTC, and the first one in Los Angeles begins
// at 8:00 UTC of the next day.
func TestWhoBeginsOnTheNextDayWorksOnUntilThatDayBegins(t *testing.T) {
	over, begins := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	between := over.Add(3 * time.Hour)
	row := func(start string) access.Identity {
		return access.Identity{StartDate: day(start), TimeZone: "America/Los_Angeles"}
	}
	none := access.Identity{TimeZone: "America/Los_Angeles"}
	instant, eastern := row("2026-11-23"), row("2026-11-23")
	instant.StartDate = access.Day{At: between.Add(time.Hour), Exact: true}
	eastern.TimeZone = "America/New_York" // begins three hours earlier
	for name, c := range map[string]struct {
		now   time.Time
		last  access.Day
		ahead []access.Identity
		until time.Time // zero: they have left
	}{
		"on the next day":                       {between, day("2026-11-22"), []access.Identity{row("2026-11-23")}, begins},
		"of several rows the one that is next":  {between, day("2026-11-22"), []access.Identity{row("2026-12-01"), none, row("2026-11-23")}, begins},
		"of two that are, the later one":        {between, day("2026-11-22"), []access.Identity{row("2026-11-23"), eastern}, begins},
		"a day later":                           {between, day("2026-11-22"), []access.Identity{row("2026-11-24")}, time.Time{}},
		"on the day itself, which is over here": {between, day("2026-11-22"), []access.Identity{row("2026-11-22")}, time.Time{}},
		"once that day has begun":               {begins, day("2026-11-22"), []access.Identity{row("2026-11-23")}, time.Time{}},
		"long ago":                              {between, day("2026-11-22"), []access.Identity{row("2026-03-01")}, time.Time{}},
		"nobody knows when":                     {between, day("2026-11-22"), []access.Identity{none}, time.Time{}},
		"at a moment that the list gives":       {between, day("2026-11-22"), []access.Identity{instant}, time.Time{}},
		"after a moment that the list gives":    {between, access.Day{At: over, Exact: true}, []access.Identity{row("2026-11-23")}, time.Time{}},
		"no last day":                           {between, access.Day{}, []access.Identity{row("2026-11-23")}, time.Time{}},
	} {
		ann := access.Person{Identity: access.Identity{EndDate: c.last, TimeZone: "Pacific/Auckland"}, Standing: access.StandingLeft, AccessEndsAt: over}
		got := withoutGap(World{Now: c.now}, ann, c.ahead)
		want := access.StandingLeft
		if !c.until.IsZero() {
			want = access.StandingScheduled
		} else {
			c.until = over
		}
		if got.Standing != want || !got.AccessEndsAt.Equal(c.until) {
			t.Errorf("%s: %s until %s", name, got.Standing, got.AccessEndsAt)
		}
	}
}

// An end that is ahead, or somebody who works here, is nobody who follows on.
func TestOnlyWhoIsToBeginFollowsOn(t *testing.T) {
	over := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	w := World{Now: over.Add(time.Hour)}
	ann := access.Person{Identity: access.Identity{EndDate: day("2026-11-22"), TimeZone: "Pacific/Auckland"}, Standing: access.StandingLeft, AccessEndsAt: over}
	for standing, want := range map[access.Standing]bool{access.StandingPending: true, access.StandingActive: false, access.StandingLeft: false, access.StandingHeld: false} {
		next := access.Person{Identity: access.Identity{StartDate: day("2026-11-23"), TimeZone: "America/Los_Angeles"}, Standing: standing}
		if got := followsOn(w, ann, next); got != want {
			t.Errorf("%s: %t", standing, got)
		}
	}
}
