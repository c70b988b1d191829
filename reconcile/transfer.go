package reconcile

import "rollcall/internal/access"

// withoutGap lets somebody work on who has left by one row and begins by another on the very
// next day, or before it: the day at one office is over hours before it begins at the other.
// Whose access ended otherwise than with the last day that the row gives (at a moment, by an
// answer, or as garden leave began) has left until then.
func withoutGap(w World, p access.Person, ahead []access.Identity) access.Person {
	last, z := lastDate(p.Identity), w.Settings.zone()
	if last.Exact || !p.AccessEndsAt.Equal(endOfDay(last.At, zoneOf(p.Identity, z))) {
		return p
	}
	for _, next := range ahead {
		start := next.StartDate
		if start.IsZero() || start.Exact || start.At.After(last.At.AddDate(0, 0, 1)) {
			continue
		}
		if begins := startOfDay(start, zoneOf(next, z)); w.Now.Before(begins) && begins.After(p.AccessEndsAt) {
			p.AccessEndsAt, p.Standing, p.Why = begins, access.StandingScheduled, "works on: the next row begins on "+start.String()
		}
	}
	return p
}

// followsOn reports whether somebody else begins where this person's days ended, with no day
// between: they may be one person.
func followsOn(w World, p, next access.Person) bool {
	return next.Standing == access.StandingPending && withoutGap(w, p, []access.Identity{next.Identity}).Standing == access.StandingScheduled
}

// lastDate is the earlier of the last working day and the end date, where both are given.
func lastDate(i access.Identity) access.Day {
	if !i.LastWorkingDay.IsZero() && (i.EndDate.IsZero() || i.LastWorkingDay.At.Before(i.EndDate.At)) {
		return i.LastWorkingDay
	}
	return i.EndDate
}
