package reconcile

import (
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/zones"
)

// lastZone is where a day ends last. A row with a zone that nobody knows gets
// this one, so that an unreadable zone never cuts a person off early.
var lastZone = time.FixedZone("UTC-12", -12*60*60)

// firstZone is where a day begins first: by it a start counts as come early, so
// that an unreadable zone never keeps a rehire from being seen.
var firstZone = time.FixedZone("UTC+14", 14*60*60)

// zoneOf is the zone in which a person's days end.
func zoneOf(i access.Identity, company *time.Location) *time.Location {
	if i.TimeZone == "" {
		return company
	}
	z, err := zones.Load(i.TimeZone)
	if err != nil {
		return lastZone
	}
	return z
}

// endOfDay is the first instant after the local calendar day of d. Where clocks
// skip midnight, time.Date may give 23:00 of the day itself: an hour too early.
func endOfDay(d time.Time, z *time.Location) time.Time {
	end := time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, z)
	if end.Hour() == 23 {
		end = end.Add(time.Hour)
	}
	return end.UTC()
}

// startOfDay is when a Day begins in z; an instant is itself.
func startOfDay(d access.Day, z *time.Location) time.Time {
	if d.Exact {
		return d.At.UTC()
	}
	return time.Date(d.At.Year(), d.At.Month(), d.At.Day(), 0, 0, 0, 0, z).UTC()
}

// accessEnd is when a row's access ends: at the earliest explicit instant, else
// at the end of the earlier of last working day and end date. Zero: no date.
func accessEnd(i access.Identity, company *time.Location) time.Time {
	var instant, day time.Time
	for _, d := range []access.Day{i.LastWorkingDay, i.EndDate} {
		switch {
		case d.IsZero():
		case d.Exact && (instant.IsZero() || d.At.Before(instant)):
			instant = d.At
		case !d.Exact && (day.IsZero() || d.At.Before(day)):
			day = d.At
		}
	}
	switch {
	case !instant.IsZero():
		return instant.UTC()
	case !day.IsZero():
		return endOfDay(day, zoneOf(i, company))
	}
	return time.Time{}
}

// started reports whether the row's start has come.
func started(i access.Identity, now time.Time, company *time.Location) bool {
	z := zoneOf(i, company)
	if z == lastZone {
		z = firstZone
	}
	return i.StartDate.IsZero() || !now.Before(startOfDay(i.StartDate, z))
}

// days is the day number since 1970 of an instant, in UTC.
func days(t time.Time) uint32 { return uint32(t.Unix() / 86400) }

// dayOf is the calendar day of an instant, in UTC.
func dayOf(t time.Time) access.Day {
	return access.Day{At: t.UTC().Truncate(24 * time.Hour)}
}

// earliestDay is the day of an instant in UTC or where the company is, whichever came
// first. Who writes a day writes the one that it is where they are: one that is not before
// this day may have been written after that instant.
func earliestDay(t time.Time, company *time.Location) access.Day {
	return slices.MinFunc([]access.Day{dayOf(t), localDay(t, company)}, func(a, b access.Day) int { return a.At.Compare(b.At) })
}

// dayFromNumber is the inverse of days.
func dayFromNumber(n uint32) access.Day {
	if n == 0 {
		return access.Day{}
	}
	return access.Day{At: time.Unix(int64(n)*86400, 0).UTC()}
}

// over reports whether a date (its whole day, in the company's zone) is past.
func over(d access.Day, now time.Time, company *time.Location) bool {
	if d.IsZero() {
		return false
	}
	if d.Exact {
		return !now.Before(d.At)
	}
	return !now.Before(endOfDay(d.At, company))
}
