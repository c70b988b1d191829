package roster

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// asOfWords are the words of lines around a table that say of which day a list is: what
// HR systems write above and below their reports, and what people do.
var asOfWords = regexp.MustCompile(`(?i)\b(as[ -]?(of|at)|effective (date|as of|on)|report(ing)? (date|run)|run (on|at|date|time)|date run|extract(ed)?|export(ed)?|` +
	`generated|created|produced|prepared|printed|downloaded|snapshot|stand|stichtag|erstellt|exportiert|peildatum)\b|^(date|datum)\b`)

var (
	// numbered are days in figures, and times of day, each with all that belongs to it.
	numbered = regexp.MustCompile(`\d+(?:[-/.]\d+)*`)
	// dayMonth and monthDay are days with the month in words.
	dayMonth = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th)?[ .-]+([a-z]{3,9})[ .-]+(\d{4})\b`)
	monthDay = regexp.MustCompile(`(?i)\b([a-z]{3,9})[ .-]+(\d{1,2})(?:st|nd|rd|th)?[ .-]+(\d{4})\b`)
)

// said is a day that a line gives: as it stands there, and what it may mean, the earlier first.
type said struct {
	text string
	days []time.Time
}

// readAsOf finds of which day the list is by what stands around its table: no time, if it
// does not say. Of a day that can be read in two ways it gives both, the later one in or:
// nobody knows which it is, but what is older by both is older. Lines that go against each
// other give no date, which is told: an older list could take the place of a newer one by
// it, or a newer one be taken for older.
func (r *reader) readAsOf(around []csvfile.Remark) (asOf, or time.Time) {
	var day said
	var where csvfile.Remark
	for _, at := range around {
		if !asOfWords.MatchString(at.Text) {
			continue
		}
		for _, s := range r.daysIn(at.Text) {
			if day.days == nil {
				day, where = s, at
			}
			both, agree := day.without(func(d time.Time) bool { return slices.Contains(s.days, d) })
			if !agree {
				r.undated(at, fmt.Sprintf("The lines around the table give two days: %s and %s.", day, s), "Keep the line that says of which day the list is.")
				return time.Time{}, time.Time{}
			}
			var possible bool
			if day, possible = both.without(func(d time.Time) bool { return !d.After(r.latest()) }); !possible {
				r.undated(at, fmt.Sprintf("The list says that it is of %s, which is ahead.", s), "Check the year, and send the newest export.")
				return time.Time{}, time.Time{}
			}
		}
	}
	switch len(day.days) {
	case 0:
		return time.Time{}, time.Time{}
	case 1:
		return day.days[0], time.Time{}
	}
	r.around(where, eitherMonth(day.text)+" Nothing says which of the two numbers is the day.", "The list takes force only if neither makes it older than the last one.",
		"Let the report write its day as 2026-05-04. What rollcall.yaml says in dates: settles it only while the list is no more than a week old.")
	return day.days[0], day.days[1]
}

// without leaves out what a day cannot mean; where nothing is left it stays as it is.
func (s said) without(can func(time.Time) bool) (left said, some bool) {
	for _, d := range s.days {
		if can(d) {
			left.days = append(left.days, d)
		}
	}
	if len(left.days) == 0 {
		return s, false
	}
	left.text = s.text
	return left, true
}

// String is the day, or what stands there if it can be read in two ways.
func (s said) String() string {
	if len(s.days) == 1 {
		return s.days[0].Format(time.DateOnly)
	}
	return s.text
}

// undated tells why nothing says of which day the list is.
func (r *reader) undated(at csvfile.Remark, says, mend string) {
	r.around(at, says, "The list counts as one that does not say when it was made.", mend)
}

// around notes something of a line around the table.
func (r *reader) around(at csvfile.Remark, says, meanwhile, mend string) {
	r.problems = append(r.problems, access.Problem{Severity: access.Note, File: r.src.File, Row: at.Row, Value: at.Text, Says: says, Meanwhile: meanwhile, Mend: mend})
}

const (
	// aheadOfUTC is how much earlier the day begins where it begins first.
	aheadOfUTC = 14 * time.Hour
	// fresh is how old the day of an export may be that counts as a new one.
	fresh = 7 * 24 * time.Hour
)

// latest is the last day that it is anywhere by now.
func (r *reader) latest() time.Time { return r.src.Today.UTC().Add(aheadOfUTC) }

// daysIn are the days that a line gives. Times of day do not count, nor what is no day.
func (r *reader) daysIn(text string) (days []said) {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, ",", " ")), " ")
	for _, v := range numbered.FindAllString(text, -1) {
		if m := twoWays.FindStringSubmatch(v); m != nil {
			days = append(days, r.turnedEither(v, m)...)
			continue
		}
		days = append(days, dayBy(v, "2006-1-2", "2006/1/2", "2006.1.2", "20060102")...)
	}
	for _, m := range dayMonth.FindAllStringSubmatch(text, -1) {
		days = append(days, dayBy(titled(m[1]+" "+m[2]+" "+m[3]), "2 Jan 2006", "2 January 2006")...)
	}
	for _, m := range monthDay.FindAllStringSubmatch(text, -1) {
		days = append(days, dayBy(titled(m[2]+" "+m[1]+" "+m[3]), "2 Jan 2006", "2 January 2006")...)
	}
	return days
}

// turnedEither reads two numbers and a year in each order that they can have, or in the
// one of the columns, if it makes the export a fresh one. None, if it is no day.
func (r *reader) turnedEither(v string, m []string) []said {
	if day, ok := turned("", m); ok { // as it speaks for itself
		return []said{{v, []time.Time{day.At}}}
	}
	if day, ok := turned(order(r.src.Dates), m); ok && r.isFresh(day.At) {
		return []said{{v, []time.Time{day.At}}}
	}
	one, is := turned(dmy, m)
	other, also := turned(mdy, m)
	if !is || !also {
		return nil
	}
	days := []time.Time{one.At, other.At}
	slices.SortFunc(days, time.Time.Compare)
	return []said{{v, days}}
}

// isFresh reports whether a day is that of a fresh export: the order in which the columns
// write days is believed for the report's own day only then, for a system may write the two
// in two ways. Read in the other order it would be four weeks away at least.
func (r *reader) isFresh(day time.Time) bool {
	return !day.Before(r.today.Add(-fresh)) && !day.After(r.latest())
}

// dayBy reads a day in the first of these forms that it has; none if it has none.
func dayBy(v string, layouts ...string) []said {
	for _, layout := range layouts {
		if day, err := time.Parse(layout, v); err == nil {
			return []said{{v, []time.Time{day}}}
		}
	}
	return nil
}
