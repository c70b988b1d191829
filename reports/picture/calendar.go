package picture

import (
	"fmt"
	"html/template"
	"time"
)

// Look is how a night is shown: a letter, so that no colour is needed, and colours by
// what they mean.
type Look struct{ Letter, Fill, Edge, Says string }

// Outcomes are what a night may have come to, in the order of a key.
var Outcomes = []struct {
	Outcome string
	Look
}{
	{"ran", Look{"✓", "good-paper", "good", "ran to its end"}},
	{"observe only", Look{"O", "calm-paper", "calm", "observed only: it was told to change nothing"}},
	{"held", Look{"H", "want-paper", "want", "ran, and a guard held something back"}},
	{"incomplete", Look{"I", "want-paper", "want", "ran, and could not read everything"}},
	{"failed", Look{"F", "urgent-paper", "urgent", "ran, and a change failed or could not be verified"}},
	{"missed", Look{"M", "paper", "urgent", "missed: no night was committed"}},
}

// LookOf is how a night of an outcome is shown.
func LookOf(outcome string) Look {
	for _, o := range Outcomes {
		if o.Outcome == outcome {
			return o.Look
		}
	}
	return Look{"?", "urgent-paper", "urgent", outcome}
}

// Night is a day, and what its night came to.
type Night struct {
	Day     time.Time
	Outcome string
}

// Calendar draws a box for each day, a column for each week, a strip for each year.
func Calendar(nights []Night) (template.HTML, error) {
	const cell, left, top, strip = 26, 44, 26, 26 + 7*26 + 14
	years := nights[len(nights)-1].Day.Year() - nights[0].Day.Year() + 1
	weeks, counts := 0, map[string]int{}
	place := func(d time.Time) (year, week, weekday int) {
		year = d.Year() - nights[0].Day.Year()
		start := time.Date(d.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		if year == 0 {
			start = nights[0].Day
		}
		return year, (int(d.Sub(start).Hours()/24) + monday(start)) / 7, monday(d)
	}
	for _, n := range nights {
		_, w, _ := place(n.Day)
		weeks = max(weeks, w+1)
		counts[n.Outcome]++
	}
	c := New(max(left+weeks*cell+8, 480), years*strip)
	month := ""
	for i, n := range nights {
		year, week, weekday := place(n.Day)
		x, y := left+week*cell, year*strip+top+weekday*cell
		if i == 0 || n.Day.YearDay() == 1 {
			for d, name := range []string{"Mon", "", "Wed", "", "Fri", "", "Sun"} {
				c.Write(name, 0, year*strip+top+d*cell+17, Small, "soft")
			}
		}
		if m := n.Day.Format("Jan 2006"); m != month && (i == 0 || n.Day.Day() == 1) && (i == 0 || len(nights)-i > 7) {
			c.Write(monthHead(m, i == 0 || n.Day.Month() == 1), x, year*strip+16, Small, "soft")
			month = m
		}
		l := LookOf(n.Outcome)
		c.Box(x+1, y+1, x+cell-2, y+cell-2, l.Fill, l.Edge)
		c.WriteOver(l.Letter, x+cell/2, y+18, Small, "ink")
	}
	return c.SVG("nights", "What each night of the period came to", calendarWords(nights, counts))
}

// monthHead leaves the year out where it is known.
func monthHead(month string, whole bool) string {
	if whole {
		return month
	}
	return month[:3]
}

func monday(d time.Time) int { return (int(d.Weekday()) + 6) % 7 }

func calendarWords(nights []Night, counts map[string]int) string {
	words := fmt.Sprintf("A box for each of %d days, a column for each week.", len(nights))
	for _, o := range Outcomes {
		if n := counts[o.Outcome]; n > 0 {
			words += fmt.Sprintf(" %s: %d.", o.Says, n)
		}
	}
	return words
}
