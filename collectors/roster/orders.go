package roster

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// order is how a column writes days: which of the two numbers is the day.
type order string

const (
	dmy order = "dmy"
	mdy order = "mdy"
)

// dateColumns are those with days in them.
var dateColumns = [...]struct {
	name string
	of   func(*line) *string
}{
	{"start_date", func(l *line) *string { return &l.StartDate }},
	{"rehire_date", func(l *line) *string { return &l.RehireDate }},
	{"end_date", func(l *line) *string { return &l.EndDate }},
	{"last_working_day", func(l *line) *string { return &l.LastWorkingDay }},
}

var (
	twoWays  = regexp.MustCompile(`^(\d{1,2})([./-])(\d{1,2})[./-](\d{4})$`)
	midnight = regexp.MustCompile(`(?i)[ T](12:00(:00)?\s*AM|00:00(:00(\.0+)?)?)$`)
)

// cell is one cell; row 0 is none.
type cell struct {
	row   int
	value string
}

// written is how the cells of one column write days: the first of each way.
type written struct {
	dmy, mdy, doubt cell // two numbers and a year: the day first, the month first, either
	instant, number cell // a moment; a number of days
	others          bool // written in a way that needs no order
	times           bool // an instant that is no midnight
}

func (w *written) see(row int, v string) {
	switch {
	case v == "":
		return
	case isoDay(v):
		w.others = true
		return
	case len(v) > len(time.DateOnly):
		if d, ok := csvfile.Day(v); ok && d.Exact {
			w.instant.or(row, v)
			w.times = w.times || !midnightAt.MatchString(v)
		}
	}
	m := twoWays.FindStringSubmatch(plainDay(v))
	if m == nil {
		w.others = true
		if _, is := counted(plainDay(v)); is {
			w.number.or(row, v)
		}
		return
	}
	switch first, second := number(m[1]), number(m[3]); {
	case m[2] == "." || (first > 12 && second <= 12): // 04.05.2026 is written where the day comes first
		w.dmy.or(row, m[0])
	case second > 12 && first <= 12:
		w.mdy.or(row, m[0])
	case first != second:
		w.doubt.or(row, m[0])
	}
}

// or keeps the first cell.
func (c *cell) or(row int, v string) {
	if c.row == 0 {
		*c = cell{row, v}
	}
}

// add adds what a later part of the column has.
func (w *written) add(later written) {
	w.dmy.or(later.dmy.row, later.dmy.value)
	w.mdy.or(later.mdy.row, later.mdy.value)
	w.doubt.or(later.doubt.row, later.doubt.value)
	w.instant.or(later.instant.row, later.instant.value)
	w.number.or(later.number.row, later.number.value)
	w.others, w.times = w.others || later.others, w.times || later.times
}

// readOrders finds out, for each column of days, which of two numbers is the
// day. One value above 12 settles a whole column, for a report writes all of a
// column alike; the configuration settles it too. What nothing settles refuses
// the file: somebody's last day would be a guess of a month.
func (r *reader) readOrders(days [len(dateColumns)]written) *access.Problem {
	r.orders = map[string]order{}
	for c, column := range dateColumns {
		o, stop := r.orderOf(column.name, days[c])
		if stop != nil {
			return stop
		}
		r.orders[column.name] = o
	}
	return nil
}

func (r *reader) orderOf(column string, w written) (order, *access.Problem) {
	switch {
	case r.src.Dates != "":
		return order(r.src.Dates), nil
	case w.others: // somebody typed some of them: each has to speak for itself
		return "", nil
	case w.dmy.row > 0 && w.mdy.row > 0:
		return "", r.twoOrders(column, later(w.dmy, w.mdy))
	case w.dmy.row > 0:
		return dmy, nil
	case w.mdy.row > 0:
		return mdy, nil
	case w.doubt.row > 0:
		return "", r.whichMonth(column, w.doubt)
	}
	return "", nil
}

func later(a, b cell) cell {
	if a.row > b.row {
		return a
	}
	return b
}

// turns reports whether a day is read otherwise than one that speaks for itself.
func (r *reader) turns() bool {
	for _, o := range r.orders {
		if o != "" {
			return true
		}
	}
	return len(r.midnight) > 0
}

// midnightAt is a day that a system wrote as the instant of its first second.
var midnightAt = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt ]00:00:00(\.0+)?([Zz]|[+-]\d\d:\d\d)$`)

// readMidnights finds the columns in which every instant is a midnight: no
// company ends everybody's access at that moment, so that these are days, which
// end a day later. One other time of day in a column shows that it is of times.
func (r *reader) readMidnights(days [len(dateColumns)]written) {
	r.midnight = map[string]bool{}
	for c, column := range dateColumns {
		first := days[c].instant
		if first.row == 0 || days[c].times {
			continue
		}
		r.midnight[column.name] = true
		meanwhile := "Access ends when the day is over, not when it begins."
		if column.name == "start_date" || column.name == "rehire_date" {
			meanwhile = "The day begins where the person is."
		}
		r.problems = append(r.problems, access.Problem{Severity: access.Note, File: r.src.File, Row: first.row, Column: r.sheet.Heading(column.name), Value: first.value,
			Says: "Every time in this column is a midnight, so they are read as whole days.", Meanwhile: meanwhile,
			Mend: "Write days as 2026-05-04. Where a midnight is really meant, write the second before it, such as 2026-05-03T23:59:59+02:00."})
	}
}

// tellNumbers tells HR as which day the first number of days in a column is read: who
// sees that it is another one can say so before anybody's last day is four years off.
func (r *reader) tellNumbers(days [len(dateColumns)]written) {
	for c, column := range dateColumns {
		first := days[c].number
		day, is := counted(plainDay(first.value))
		if !is {
			continue
		}
		r.problems = append(r.problems, access.Problem{Severity: access.Note, File: r.src.File, Row: first.row, Column: r.sheet.Heading(column.name), Value: first.value,
			Says: "Days of this column are numbers, as Excel counts days: " + first.value + " is read as " + day.String() + ".", Meanwhile: "The numbers count from 1900.",
			Mend: "Write days as 2026-05-04. If Excel shows you another day there, the workbook counts from 1904, and each day is read four years early: tell IT before the next night."})
	}
}

func (r *reader) whichMonth(column string, c cell) *access.Problem {
	return &access.Problem{Severity: access.Stop, File: r.src.File, Row: c.row, Column: r.sheet.Heading(column), Value: c.value,
		Says: eitherMonth(c.value) + " Nothing in this column says which of the two numbers is the day.", Meanwhile: inForce,
		Mend: "Write days as 2026-05-04, or ask IT to set dates: dmy or dates: mdy for this list in rollcall.yaml."}
}

// eitherMonth asks which of the two numbers of a day is the month.
func eitherMonth(v string) string {
	m := twoWays.FindStringSubmatch(v)
	return fmt.Sprintf("%s: %s or %s?", v, time.Month(number(m[1])), time.Month(number(m[3])))
}

func (r *reader) twoOrders(column string, c cell) *access.Problem {
	return &access.Problem{Severity: access.Stop, File: r.src.File, Row: c.row, Column: r.sheet.Heading(column), Value: c.value,
		Says: "In some rows of this column the first number is the day, in others the second.", Meanwhile: inForce,
		Mend: "Excel may have turned some of them round. Write days as 2026-05-04 in the whole column."}
}

// isoDay reports whether a value is written as 2026-05-04.
func isoDay(v string) bool { return len(v) == len(time.DateOnly) && v[4] == '-' && v[7] == '-' }

// plainDay takes off the midnight that databases write behind a day.
func plainDay(v string) string { return midnight.ReplaceAllString(v, "") }

// worded are days with a month in words, which can be read in one way only.
var worded = []string{"2-Jan-2006", "2 Jan 2006", "2 January 2006", "2-January-2006", "Jan 2, 2006", "January 2, 2006", "2006-1-2", "2006/1/2", "20060102"}

// epoch is the day 0 of Excel's numbers of days.
// https://learn.microsoft.com/en-us/office/troubleshoot/excel/1900-and-1904-date-system
var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// read reads a day as this file writes it.
func (r *reader) read(column, v string) (access.Day, bool) {
	if d, ok := csvfile.Day(v); ok {
		if d.Exact && r.midnight[column] {
			return csvfile.Day(v[:len(time.DateOnly)])
		}
		return d, true
	}
	v = plainDay(v)
	if d, ok := csvfile.Day(v); ok {
		return d, true
	}
	if m := twoWays.FindStringSubmatch(v); m != nil {
		return turned(r.orders[column], m)
	}
	if d, is := counted(v); is {
		return d, true
	}
	for _, layout := range worded {
		if at, err := time.Parse(layout, titled(v)); err == nil {
			return csvfile.Day(at.Format(time.DateOnly))
		}
	}
	return access.Day{}, false
}

// counted reads a number of days as Excel counts them, between 1954 and 2119.
func counted(v string) (access.Day, bool) {
	n, err := strconv.Atoi(v)
	if err != nil || len(v) != 5 || n < 20_000 || n > 80_000 {
		return access.Day{}, false
	}
	return access.Day{At: epoch.AddDate(0, 0, n)}, true
}

// turned reads two numbers and a year in the order of their column. Where they are
// the same number, or one of them can be no month, the order does not matter.
func turned(o order, m []string) (access.Day, bool) {
	day, month := number(m[1]), number(m[3])
	if o == mdy && m[2] != "." {
		day, month = month, day
	}
	if o == "" && m[2] != "." {
		switch {
		case day <= 12 && month > 12:
			day, month = month, day
		case day <= 12 && day != month:
			return access.Day{}, false
		}
	}
	return csvfile.Day(fmt.Sprintf("%s-%02d-%02d", m[4], month, day))
}

// titled writes months as Go reads them: 03-MAY-2026 is 03-May-2026.
func titled(v string) string {
	b := []byte(strings.ToLower(v))
	for i := range b {
		if b[i] >= 'a' && b[i] <= 'z' && (i == 0 || b[i-1] < 'a' || b[i-1] > 'z') {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // only digits come here
	return n
}
