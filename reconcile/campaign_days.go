package reconcile

import (
	"time"

	"rollcall/internal/access"
)

// localDay is the calendar day of an instant in a zone.
func localDay(t time.Time, z *time.Location) access.Day {
	y, m, d := t.In(z).Date()
	return access.Day{At: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// businessDays is the day n business days after a day, before it if n is negative:
// Saturdays and Sundays are none.
func businessDays(from access.Day, n int) access.Day {
	step, at := 1, from.At
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		if at = at.AddDate(0, 0, step); !weekend(at) {
			n--
		}
	}
	return access.Day{At: at}
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }
