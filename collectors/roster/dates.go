package roster

import (
	"fmt"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// dates reads the three dates of a row and holds what cannot be.
func (r *reader) dates(id *access.Identity, l *line) {
	id.StartDate = r.day(id, "start_date", l.StartDate)
	if again := r.day(id, "rehire_date", l.RehireDate); dateOf(again).After(dateOf(id.StartDate)) {
		id.StartDate = again
	}
	id.EndDate = r.day(id, "end_date", l.EndDate)
	id.LastWorkingDay = r.day(id, "last_working_day", l.LastWorkingDay)
	r.ends(id, "end_date", id.EndDate, l)
	r.ends(id, "last_working_day", id.LastWorkingDay, l)
	if r.ahead(id.StartDate) {
		r.hold(id, "start_date", l.StartDate, "The date is more than two years ahead.", "Check the year.")
	}
}

// day reads one date; what is no date is held and left empty.
func (r *reader) day(id *access.Identity, column, v string) access.Day {
	if v == "" {
		return access.Day{}
	}
	d, ok := r.read(column, v)
	if !ok {
		r.hold(id, column, v, fmt.Sprintf("%q is no date that we can read for certain.", csvfile.Shown(v)), "Write it as 2026-05-04.")
	}
	return d
}

// ends checks a date on which somebody leaves.
func (r *reader) ends(id *access.Identity, column string, end access.Day, l *line) {
	switch {
	case end.IsZero():
	case end.At.Year() < 1990:
		r.hold(id, column, end.String(), "The date is before 1990.", "Check the year.")
	case r.ahead(end):
		r.hold(id, column, end.String(), "The date is more than two years ahead.", "Check the year; leave the cell empty if no last day is known.")
	case dateOf(id.StartDate).After(dateOf(end)) && !r.returns(id, end, l):
		r.hold(id, column, end.String(), fmt.Sprintf("The person starts on %s, after this date.", id.StartDate), "Check both dates.")
	}
}

// returns reports whether the dates are of somebody who left and comes back:
// gone now, with a start ahead.
func (r *reader) returns(id *access.Identity, end access.Day, l *line) bool {
	return r.word(l, id.EndDate) == access.StatusLeft && !dateOf(end).After(r.today) && dateOf(id.StartDate).After(r.today)
}

func (r *reader) ahead(d access.Day) bool {
	return d.At.After(r.today) && d.At.After(r.today.AddDate(2, 0, 0))
}

// started reports whether an active row counts today. A person without a start
// date has started.
func (r *reader) started(id access.Identity) bool {
	return id.Status == access.StatusActive && !dateOf(id.StartDate).After(r.today)
}

// dateOf is the day of a date or an instant, at midnight.
func dateOf(d access.Day) time.Time {
	if !d.Exact {
		return d.At
	}
	return d.At.UTC().Truncate(24 * time.Hour)
}
