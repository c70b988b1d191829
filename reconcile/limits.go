package reconcile

import (
	"cmp"
	"rollcall/internal/access"
	"time"
)

// Limits are the numbers of the guards. A zero field means the default, so that
// no guard can be switched off by leaving it out.
type Limits struct {
	NightMin, NightPercent int // blast radius in one night: max(5, 3 %)
	WeekMin, WeekPercent   int // and over 7 days: max(10, 8 %)
	Concentration          int // more than this many, and more than half, of one department, manager or right: 5
	Irreversible           int // blocks that cannot be undone, in one night: 2
	// Of accounts from which something is removed for the first time, the same
	// numbers as for blocks.
	RemoveNightMin, RemoveNightPercent int
	RemoveWeekMin, RemoveWeekPercent   int
	// Of rights that are taken because a review decided it, in one night: max(10, 5 % of
	// all accounts).
	ReviewMin, ReviewPercent int
}

func (l Limits) defaults() Limits {
	return Limits{
		NightMin: cmp.Or(l.NightMin, 5), NightPercent: cmp.Or(l.NightPercent, 3),
		WeekMin: cmp.Or(l.WeekMin, 10), WeekPercent: cmp.Or(l.WeekPercent, 8),
		Concentration: cmp.Or(l.Concentration, 5), Irreversible: cmp.Or(l.Irreversible, 2),
		RemoveNightMin: cmp.Or(l.RemoveNightMin, 5), RemoveNightPercent: cmp.Or(l.RemoveNightPercent, 3),
		RemoveWeekMin: cmp.Or(l.RemoveWeekMin, 10), RemoveWeekPercent: cmp.Or(l.RemoveWeekPercent, 8),
		ReviewMin: cmp.Or(l.ReviewMin, 10), ReviewPercent: cmp.Or(l.ReviewPercent, 5),
	}
}

// radius is how far one stage may reach, a night and in 7 days.
type radius struct {
	stage       access.Stage
	night, week int
	begun       func(m access.Memory, s access.System, scope string, since time.Time) int
	would, mend string // what would happen to an account, and what to do when it is too much
}

// radii are the two stages' for so many accounts.
func (l Limits) radii(accounts int) []radius {
	return []radius{
		{access.Block, max(l.NightMin, accounts*l.NightPercent/100), max(l.WeekMin, accounts*l.WeekPercent/100), blockedSince, "be blocked",
			"look at the list of leavers in the report with HR; if it is right, approve it, and the next run blocks them; if not, have HR's list corrected"},
		{access.Remove, max(l.RemoveNightMin, accounts*l.RemoveNightPercent/100), max(l.RemoveWeekMin, accounts*l.RemoveWeekPercent/100), removingSince, "have something removed",
			"nothing is urgent, for who left stays blocked: look at the list with HR; if it is right, approve it, and the next run removes them; if not, have HR's list corrected"},
	}
}
