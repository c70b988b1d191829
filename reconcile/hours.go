package reconcile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Hours are the business hours of a contact, in the contact's own time zone.
type Hours struct{ spans []hourSpan }

// hourSpan is from one minute of the day to another, on some days of the week. One that
// ends before it begins goes on after midnight.
type hourSpan struct {
	days     [7]bool // by time.Weekday
	from, to int
}

var usualHours = Hours{[]hourSpan{{weekdays(time.Monday, time.Friday), 9 * 60, 17 * 60}}}

var weekdayWords = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseHours reads what contacts.csv says of business hours: "Mon-Fri 09:00-17:30",
// "Mon,Wed 8-12; Sat 10:00-12:00", "24/7". Days or times that are not there are all of
// them; nothing at all is Monday to Friday, 9 to 17.
func ParseHours(s string) (Hours, error) {
	s = strings.ToLower(strings.NewReplacer("–", "-", "—", "-", " - ", "-").Replace(strings.TrimSpace(s)))
	switch s {
	case "":
		return usualHours, nil
	case "24/7", "always", "24x7":
		return Hours{[]hourSpan{{weekdays(time.Sunday, time.Saturday), 0, 24 * 60}}}, nil
	}
	var h Hours
	for part := range strings.SplitSeq(s, ";") {
		if err := h.add(strings.Fields(strings.ReplaceAll(part, ",", " "))); err != nil {
			return usualHours, fmt.Errorf("%w: write them as Mon-Fri 09:00-17:30", err)
		}
	}
	if len(h.spans) == 0 {
		return usualHours, errors.New("they hold neither days nor hours: write them as Mon-Fri 09:00-17:30, or leave them empty")
	}
	return h, nil
}

// add reads the days and the times between two semicolons.
func (h *Hours) add(words []string) error {
	var days [7]bool
	var times [][2]int
	for _, w := range words {
		if from, to, isTime := clockTimes(w); isTime {
			times = append(times, [2]int{from, to})
			continue
		}
		some, known := dayRange(w)
		if !known {
			return fmt.Errorf("%q is neither days nor hours", w)
		}
		for d := range days {
			days[d] = days[d] || some[d]
		}
	}
	if days == [7]bool{} {
		days = weekdays(time.Sunday, time.Saturday)
	}
	if len(words) > 0 && len(times) == 0 {
		times = [][2]int{{0, 24 * 60}}
	}
	for _, t := range times {
		h.spans = append(h.spans, hourSpan{days, t[0], t[1]})
	}
	return nil
}

func weekdays(from, to time.Weekday) (days [7]bool) {
	for d := from; ; d = (d + 1) % 7 {
		days[d] = true
		if d == to {
			return days
		}
	}
}

// dayRange reads mon, monday or mon-fri.
func dayRange(s string) (days [7]bool, known bool) {
	first, last, isRange := strings.Cut(s, "-")
	if !isRange {
		last = first
	}
	from, is := weekdayOf(first)
	to, alsoIs := weekdayOf(last)
	if !is || !alsoIs {
		return days, false
	}
	return weekdays(from, to), true
}

func weekdayOf(s string) (time.Weekday, bool) {
	for d, word := range weekdayWords {
		if s == word || strings.EqualFold(s, time.Weekday(d).String()) {
			return time.Weekday(d), true
		}
	}
	return 0, false
}

// clockTimes reads 09:00-17:30 or 9-17, in minutes of the day.
func clockTimes(s string) (from, to int, is bool) {
	a, b, both := strings.Cut(s, "-")
	from, is = clockTime(a)
	to, alsoIs := clockTime(b)
	return from, to, both && is && alsoIs && from != to
}

func clockTime(s string) (minutes int, is bool) {
	hour, minute, has := strings.Cut(s, ":")
	if !has {
		minute = "0"
	}
	h, err := strconv.Atoi(hour)
	m, alsoErr := strconv.Atoi(minute)
	if err != nil || alsoErr != nil || h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return 0, false
	}
	return h*60 + m, true
}

// Open reports whether it is within the hours; t is in the contact's time zone.
func (h Hours) Open(t time.Time) bool {
	minute, day := t.Hour()*60+t.Minute(), t.Weekday()
	for _, s := range h.spans {
		switch {
		case s.from < s.to && s.days[day] && minute >= s.from && minute < s.to,
			s.from > s.to && s.days[day] && minute >= s.from,
			s.from > s.to && s.days[(day+6)%7] && minute < s.to:
			return true
		}
	}
	return false
}
