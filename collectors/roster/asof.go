package roster

import (
	"fmt"
	"regexp"
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

// readAsOf finds of which day the list is by what stands around its table: no time, if it
// does not say. What is in doubt is no date, which is told: an older list could take the
// place of a newer one by it, or a newer one be taken for older.
func (r *reader) readAsOf(around []csvfile.Remark) time.Time {
	var said []time.Time
	doubt := func(at csvfile.Remark, says, mend string) time.Time {
		r.problems = append(r.problems, access.Problem{Severity: access.Note, File: r.src.File, Row: at.Row, Value: at.Text, Says: says,
			Meanwhile: "The list counts as one that does not say when it was made.", Mend: mend})
		return time.Time{}
	}
	for _, at := range around {
		if !asOfWords.MatchString(at.Text) {
			continue
		}
		days, unsure := r.daysIn(at.Text)
		if unsure != "" {
			return doubt(at, eitherMonth(unsure)+" Nothing says which of the two numbers is the day.", "Let the report write its day as 2026-05-04. What rollcall.yaml says in dates: settles it only while the list is no more than a week old.")
		}
		for _, day := range days {
			said = append(said, day)
			switch {
			case day != said[0]:
				return doubt(at, fmt.Sprintf("The lines around the table give two days: %s and %s.", said[0].Format(time.DateOnly), day.Format(time.DateOnly)), "Keep the line that says of which day the list is.")
			case day.After(r.src.Today.UTC().Add(aheadOfUTC)):
				return doubt(at, fmt.Sprintf("The list says that it is of %s, which is ahead.", day.Format(time.DateOnly)), "Check the year, and send the newest export.")
			}
		}
	}
	if len(said) == 0 {
		return time.Time{}
	}
	return said[0]
}

const (
	// aheadOfUTC is how much earlier the day begins where it begins first.
	aheadOfUTC = 14 * time.Hour
	// fresh is how old the day of an export may be that counts as a new one.
	fresh = 7 * 24 * time.Hour
)

// daysIn are the days that a line gives; unsure is one of which nobody knows which number
// is the day. Times of day do not count, nor what is no day.
func (r *reader) daysIn(text string) (days []time.Time, unsure string) {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, ",", " ")), " ")
	for _, v := range numbered.FindAllString(text, -1) {
		m := twoWays.FindStringSubmatch(v)
		if m == nil {
			days = append(days, dayBy(v, "2006-1-2", "2006/1/2", "2006.1.2", "20060102")...)
			continue
		}
		day, ok := turned("", m) // as it speaks for itself
		if !ok && m[2] != "." && isMonth(m[1]) && isMonth(m[3]) {
			if day, ok = turned(order(r.src.Dates), m); !ok || !r.isFresh(day.At) {
				return nil, v
			}
		}
		if ok {
			days = append(days, day.At)
		}
	}
	for _, m := range dayMonth.FindAllStringSubmatch(text, -1) {
		days = append(days, dayBy(titled(m[1]+" "+m[2]+" "+m[3]), "2 Jan 2006", "2 January 2006")...)
	}
	for _, m := range monthDay.FindAllStringSubmatch(text, -1) {
		days = append(days, dayBy(titled(m[2]+" "+m[1]+" "+m[3]), "2 Jan 2006", "2 January 2006")...)
	}
	return days, ""
}

// isFresh reports whether a day is that of a fresh export: the order in which the columns
// write days is believed for the report's own day only then, for a system may write the two
// in two ways. Read in the other order it would be four weeks away at least.
func (r *reader) isFresh(day time.Time) bool {
	return !day.Before(r.today.Add(-fresh)) && !day.After(r.src.Today.UTC().Add(aheadOfUTC))
}

func isMonth(s string) bool { return number(s) >= 1 && number(s) <= 12 }

// dayBy reads a day in the first of these forms that it has; none if it has none.
func dayBy(v string, layouts ...string) []time.Time {
	for _, layout := range layouts {
		if day, err := time.Parse(layout, v); err == nil {
			return []time.Time{day}
		}
	}
	return nil
}
