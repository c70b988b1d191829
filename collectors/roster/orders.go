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
var dateColumns = []struct {
	name string
	of   func(line) string
}{
	{"start_date", func(l line) string { return l.StartDate }},
	{"rehire_date", func(l line) string { return l.RehireDate }},
	{"end_date", func(l line) string { return l.EndDate }},
	{"last_working_day", func(l line) string { return l.LastWorkingDay }},
}

var (
	twoWays  = regexp.MustCompile(`^(\d{1,2})([./-])(\d{1,2})[./-](\d{4})$`)
	midnight = regexp.MustCompile(`(?i)[ T](12:00(:00)?\s*AM|00:00(:00(\.0+)?)?)$`)
)

// readOrders finds out, for each column of days, which of two numbers is the
// day. One value above 12 settles a whole column, for a report writes all of a
// column alike; the configuration settles it too. What nothing settles refuses
// the file: somebody's last day would be a guess of a month.
func (r *reader) readOrders() *access.Problem {
	for _, c := range dateColumns {
		o, stop := r.orderOf(c.name, c.of)
		if stop != nil {
			return stop
		}
		r.orders[c.name] = o
	}
	return nil
}

func (r *reader) orderOf(column string, of func(line) string) (order, *access.Problem) {
	if r.src.Dates != "" {
		return order(r.src.Dates), nil
	}
	var settled order
	doubt, others := -1, 0
	for i, rec := range r.table.Records {
		v := of(rec.Line)
		if isoDay(v) {
			others++
			continue
		}
		v = plainDay(v)
		m := twoWays.FindStringSubmatch(v)
		if m == nil {
			if v != "" {
				others++
			}
			continue
		}
		first, second := number(m[1]), number(m[3])
		says := order("")
		switch {
		case m[2] == "." || (first > 12 && second <= 12): // 04.05.2026 is written where the day comes first
			says = dmy
		case second > 12 && first <= 12:
			says = mdy
		case first != second && doubt < 0:
			doubt = i
		}
		if says != "" && settled != "" && says != settled && others == 0 {
			return "", r.twoOrders(column, rec, v)
		}
		if says != "" {
			settled = says
		}
	}
	if others > 0 { // somebody typed some of them: each has to speak for itself
		return "", nil
	}
	if doubt >= 0 && settled == "" {
		return "", r.whichMonth(column, r.table.Records[doubt], plainDay(of(r.table.Records[doubt].Line)))
	}
	return settled, nil
}

// midnightAt is a day that a system wrote as the instant of its first second.
var midnightAt = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt ]00:00:00(\.0+)?([Zz]|[+-]\d\d:\d\d)$`)

// readMidnights finds the columns in which every instant is a midnight: no
// company ends everybody's access at that moment, so that these are days, which
// end a day later. One other time of day in a column shows that it is of times.
func (r *reader) readMidnights() {
	r.midnight = map[string]bool{}
	for _, c := range dateColumns {
		first, days := -1, true
		for i, rec := range r.table.Records {
			v := c.of(rec.Line)
			if len(v) <= len(time.DateOnly) {
				continue
			}
			if d, ok := csvfile.Day(v); !ok || !d.Exact {
				continue
			}
			if days = days && midnightAt.MatchString(v); first < 0 {
				first = i
			}
		}
		if first < 0 || !days {
			continue
		}
		r.midnight[c.name] = true
		meanwhile := "Access ends when the day is over, not when it begins."
		if c.name == "start_date" || c.name == "rehire_date" {
			meanwhile = "The day begins where the person is."
		}
		r.problems = append(r.problems, access.Problem{Severity: access.Note, File: r.src.File, Row: r.table.Records[first].Row, Column: r.table.Heading(c.name), Value: c.of(r.table.Records[first].Line),
			Says: "Every time in this column is a midnight, so they are read as whole days.", Meanwhile: meanwhile,
			Mend: "Write days as 2026-05-04. Where a midnight is really meant, write the second before it, such as 2026-05-03T23:59:59+02:00."})
	}
}

func (r *reader) whichMonth(column string, rec csvfile.Record[line], v string) *access.Problem {
	m := twoWays.FindStringSubmatch(v)
	months := [2]string{time.Month(number(m[1])).String(), time.Month(number(m[3])).String()}
	return &access.Problem{Severity: access.Stop, File: r.src.File, Row: rec.Row, Column: r.table.Heading(column), Value: v,
		Says: fmt.Sprintf("%s: %s or %s? Nothing in this column says which of the two numbers is the day.", v, months[0], months[1]), Meanwhile: inForce,
		Mend: "Write days as 2026-05-04, or ask IT to set dates: dmy or dates: mdy for this list in rollcall.yaml."}
}

func (r *reader) twoOrders(column string, rec csvfile.Record[line], v string) *access.Problem {
	return &access.Problem{Severity: access.Stop, File: r.src.File, Row: rec.Row, Column: r.table.Heading(column), Value: v,
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

// read reads a day as this file writes it. A number of days as Excel counts them
// is one, if it is between 1954 and 2119.
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
		return r.turned(column, m)
	}
	if len(v) == 5 {
		if n, err := strconv.Atoi(v); err == nil && n >= 20_000 && n <= 80_000 {
			return access.Day{At: epoch.AddDate(0, 0, n)}, true
		}
	}
	for _, layout := range worded {
		if at, err := time.Parse(layout, titled(v)); err == nil {
			return csvfile.Day(at.Format(time.DateOnly))
		}
	}
	return access.Day{}, false
}

// turned reads two numbers and a year in the order of the column. Where they are
// the same number, or one of them can be no month, the order does not matter.
func (r *reader) turned(column string, m []string) (access.Day, bool) {
	day, month := number(m[1]), number(m[3])
	if r.orders[column] == mdy && m[2] != "." {
		day, month = month, day
	}
	if r.orders[column] == "" && m[2] != "." {
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
