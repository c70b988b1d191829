package evidence

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-analyze/charts"
)

// ending is how long one account of somebody who left could still be used.
type ending struct {
	person, system string
	hours          float64
	blocked        bool // it was read that nothing of it can be used
	within         bool
}

const pictureWide = 880

// worstFirst draws a bar for each account, longest first as the answer has them,
// against the SLA.
func worstFirst(all []ending, sla float64) (template.HTML, error) {
	const labels, values, row, top = 330, 150, 28, 34
	room := pictureWide - labels - values
	longest := sla * 1.2
	for _, e := range all {
		longest = max(longest, e.hours)
	}
	longest = min(longest, sla*6) // what is longer is cut, and says so
	c := newCanvas(pictureWide, top+row*len(all)+10)
	at := func(hours float64) int { return labels + int(min(max(hours, 0), longest)/longest*float64(room)) }
	c.dashes(at(sla), top-6, at(sla), c.height-6, "ink")
	for i, e := range all {
		y := top + i*row
		system := c.fit(e.system, 150, small)
		c.writeTo(system, labels-12, y+19, small, "soft")
		c.write(c.fit(e.person, labels-30-c.wide(system, small), normal), 0, y+19, normal, "ink")
		c.bar(e, labels, at(e.hours), labels+room, y+5, y+row-4, at(sla), e.hours > longest)
	}
	c.writeOver("SLA "+hoursText(sla), at(sla), top-13, small, "ink")
	c.line(labels, top-6, labels, c.height-6, "line")
	return c.svg("hours", "Hours from the end of somebody's access to the verified block", worstWords(all, sla))
}

func (c canvas) bar(e ending, from, to, end, y1, y2, sla int, cut bool) {
	says, fill, edge := hoursText(e.hours), "good-paper", "good"
	switch {
	case !e.blocked:
		says, fill, edge, to = "not verified", "paper", "urgent", end
	case !e.within:
		says, fill, edge = says+", late", "urgent-paper", "urgent"
	}
	if cut {
		says += " (cut)"
	}
	to = max(to, from+3)
	c.box(from, y1, to, y2, fill, edge)
	if !e.blocked { // hatched, for whoever sees no colours
		for x := from + 8; x < to; x += 10 {
			c.line(x, y2, min(x+8, to), y1, edge)
		}
	}
	x := to + 8
	if x < sla+4 && x+c.wide(says, small)*5/4 > sla {
		x = sla + 8 // not across the line
	}
	c.write(says, x, y2-5, small, "ink")
}

func worstWords(all []ending, sla float64) string {
	var words []string
	for _, e := range all[:min(len(all), 5)] {
		how := hoursText(e.hours)
		if !e.blocked {
			how = "not verified"
		}
		words = append(words, e.person+", "+e.system+": "+how)
	}
	return fmt.Sprintf("A bar for each account, worst first, against the SLA of %s. The first: %s. The table below has the same numbers.", hoursText(sla), strings.Join(words, "; "))
}

// bucket counts the accounts that took so long.
type bucket struct {
	head  string
	count int
	late  bool
}

// spread sorts accounts by how long they took; the SLA is always one of the bounds.
func spread(all []ending, sla float64) []bucket {
	bounds := []float64{1, 4, 8, 24, 48, 72, 168, sla}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	out := make([]bucket, len(bounds)+2)
	for i, b := range bounds {
		out[i] = bucket{head: "up to " + shortHours(b), late: b > sla}
	}
	out[len(bounds)] = bucket{head: "longer", late: true}
	out[len(bounds)+1] = bucket{head: "not verified", late: true}
	for _, e := range all {
		n := len(bounds) + 1
		if e.blocked {
			n, _ = slices.BinarySearch(bounds, e.hours)
		}
		out[n].count++
	}
	return out
}

// distribution draws how many accounts took how long.
func distribution(buckets []bucket) (template.HTML, error) {
	const top, bottom, tall = 30, 34, 150
	most, wide := 1, pictureWide/len(buckets)
	for _, b := range buckets {
		most = max(most, b.count)
	}
	c := newCanvas(pictureWide, top+tall+bottom)
	split := -1
	var words []string
	for i, b := range buckets {
		x, y := i*wide, top+tall-b.count*tall/most
		fill, edge := "good-paper", "good"
		if b.late {
			fill, edge = "urgent-paper", "urgent"
			if split < 0 {
				split = x
			}
		}
		if b.count > 0 {
			c.box(x+8, y, x+wide-8, top+tall, fill, edge)
		}
		c.writeOver(fmt.Sprint(b.count), x+wide/2, y-6, normal, "ink")
		c.writeOver(b.head, x+wide/2, top+tall+22, small, "soft")
		words = append(words, fmt.Sprintf("%s: %d", b.head, b.count))
	}
	c.line(0, top+tall, pictureWide, top+tall, "soft")
	c.dashes(split, 6, split, top+tall, "ink")
	c.write("later than the SLA", split+8, 16, small, "ink")
	return c.svg("spread", "How many accounts were blocked and verified how fast", strings.Join(words, "; ")+".")
}

// level is how many rights of a risk were held on a day.
type level struct {
	day    time.Time
	rights int
}

// byRisk draws how many rights of each risk were held over the period, one small picture
// beside another, each with a scale of its own: privileged rights are few, and a change
// of one of them matters.
func byRisk(risks []string, levels map[string][]level, from, to time.Time) (template.HTML, error) {
	const tall, gap = 230, 34
	wide := (pictureWide - gap*(len(risks)-1)) / len(risks)
	c := newCanvas(pictureWide+12, tall)
	var words []string
	for i, risk := range risks {
		c.panel(risk, levels[risk], i*(wide+gap), wide, from, to)
		words = append(words, levelWords(risk, levels[risk]))
	}
	return c.svg("risk", "Rights held, by risk, night by night", strings.Join(words, " "))
}

func levelWords(risk string, all []level) string {
	if len(all) == 0 {
		return risk + ": no night."
	}
	first, last := all[0], all[len(all)-1]
	return fmt.Sprintf("%s: %d on %s, %d on %s.", risk, first.rights, first.day.Format(time.DateOnly), last.rights, last.day.Format(time.DateOnly))
}

func (c canvas) panel(risk string, all []level, x, wide int, from, to time.Time) {
	const top, bottom = 66, 194
	c.write(strings.ToUpper(risk[:1])+risk[1:], x, 18, normal, "ink")
	if len(all) == 0 {
		return
	}
	low, high := all[0].rights, all[0].rights
	for _, l := range all {
		low, high = min(low, l.rights), max(high, l.rights)
	}
	first, last := all[0].rights, all[len(all)-1].rights
	c.write(fmt.Sprintf("%d, then %d%s", first, last, change(last-first)), x, 40, small, "soft")
	base, step := scale(low, high)
	days := max(to.Sub(from).Hours()/24, 1)
	left := x + c.wide(fmt.Sprint(base+4*step), small) + 8
	point := func(l level) charts.Point {
		return charts.Point{X: left + int(l.day.Sub(from).Hours()/24/days*float64(x+wide-left-6)), Y: bottom - (l.rights-base)*(bottom-top)/(4*step)}
	}
	for n := range 5 {
		y := bottom - n*(bottom-top)/4
		c.line(left, y, x+wide, y, "line")
		c.writeTo(fmt.Sprint(base+n*step), left-6, y+4, small, "soft")
	}
	c.write(from.Format("2 Jan"), left, bottom+24, small, "soft")
	c.writeTo(to.Format("2 Jan"), x+wide, bottom+24, small, "soft")
	for i, l := range all {
		if i > 0 && l.day.Sub(all[i-1].day) > 24*time.Hour {
			a, b := point(all[i-1]), point(l)
			c.dashes(a.X, a.Y, b.X, b.Y, "soft") // no night in between
		} else if i > 0 {
			c.LineStroke([]charts.Point{point(all[i-1]), point(l)}, colour("calm"), 2)
		}
	}
	for _, l := range []level{all[0], all[len(all)-1]} {
		c.Dots([]charts.Point{point(l)}, colour("calm"), colour("calm"), 1, 3)
	}
}

func change(by int) string {
	switch {
	case by > 0:
		return fmt.Sprintf(" (%d more)", by)
	case by < 0:
		return fmt.Sprintf(" (%d fewer)", -by)
	}
	return " (no change)"
}

// scale gives where an axis of four steps begins, and a round step that covers all
// values; it begins at 0 unless the values would be a flat line then.
func scale(low, high int) (base, step int) {
	if high-low > high/4 || high < 20 {
		low = 0
	}
	for _, step = range roundSteps {
		base = low / step * step
		if base+4*step >= high {
			return base, step
		}
	}
	return 0, high/4 + 1
}

var roundSteps = func() (all []int) {
	for ten := 1; ten <= 1_000_000_000; ten *= 10 {
		all = append(all, ten, 2*ten, 5*ten)
	}
	return all
}()

// look is how a day of the calendar is shown: a letter, so that no colour is needed.
type look struct{ letter, fill, edge, says string }

// outcomes in the order of the key. The answer's word for a day is the key.
var outcomes = []struct {
	outcome string
	look
}{
	{"ran", look{"✓", "good-paper", "good", "ran to its end"}},
	{"observe only", look{"O", "calm-paper", "calm", "observed only: it was told to change nothing"}},
	{"held", look{"H", "want-paper", "want", "ran, and a guard held something back"}},
	{"incomplete", look{"I", "want-paper", "want", "ran, and could not read everything"}},
	{"failed", look{"F", "urgent-paper", "urgent", "ran, and a change failed or could not be verified"}},
	{"aborted", look{"A", "urgent-paper", "urgent", "broke off"}},
	{"missed", look{"M", "paper", "urgent", "missed: no night was committed"}},
}

func lookOf(outcome string) look {
	for _, o := range outcomes {
		if o.outcome == outcome {
			return o.look
		}
	}
	return look{"?", "urgent-paper", "urgent", outcome}
}

// night is one day of the period.
type night struct {
	day     time.Time
	outcome string
}

// calendar draws a box for each day, a column for each week, a strip for each year.
func calendar(nights []night) (template.HTML, error) {
	const cell, left, top, strip = 26, 44, 26, 26 + 7*26 + 14
	years := nights[len(nights)-1].day.Year() - nights[0].day.Year() + 1
	weeks, counts := 0, map[string]int{}
	place := func(d time.Time) (year, week, weekday int) {
		year = d.Year() - nights[0].day.Year()
		start := time.Date(d.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		if year == 0 {
			start = nights[0].day
		}
		return year, (int(d.Sub(start).Hours()/24) + monday(start)) / 7, monday(d)
	}
	for _, n := range nights {
		_, w, _ := place(n.day)
		weeks = max(weeks, w+1)
		counts[n.outcome]++
	}
	c := newCanvas(max(left+weeks*cell+8, 480), years*strip)
	month := ""
	for i, n := range nights {
		year, week, weekday := place(n.day)
		x, y := left+week*cell, year*strip+top+weekday*cell
		if i == 0 || n.day.YearDay() == 1 {
			for d, name := range []string{"Mon", "", "Wed", "", "Fri", "", "Sun"} {
				c.write(name, 0, year*strip+top+d*cell+17, small, "soft")
			}
		}
		if m := n.day.Format("Jan 2006"); m != month && (i == 0 || n.day.Day() == 1) && (i == 0 || len(nights)-i > 7) {
			c.write(monthHead(m, i == 0 || n.day.Month() == 1), x, year*strip+16, small, "soft")
			month = m
		}
		l := lookOf(n.outcome)
		c.box(x+1, y+1, x+cell-2, y+cell-2, l.fill, l.edge)
		c.writeOver(l.letter, x+cell/2, y+18, small, "ink")
	}
	return c.svg("nights", "What each night of the period came to", calendarWords(nights, counts))
}

// monthHead leaves the year out where it is known.
func monthHead(month string, whole bool) string {
	if whole {
		return month
	}
	return month[:3]
}

func monday(d time.Time) int { return (int(d.Weekday()) + 6) % 7 }

func calendarWords(nights []night, counts map[string]int) string {
	words := fmt.Sprintf("A box for each of %d days, a column for each week.", len(nights))
	for _, o := range outcomes {
		if n := counts[o.outcome]; n > 0 {
			words += fmt.Sprintf(" %s: %d.", o.says, n)
		}
	}
	return words
}

// hoursText writes hours as people read them.
func hoursText(h float64) string {
	if h >= 72 {
		return fmt.Sprintf("%s days", trim(h/24))
	}
	return trim(h) + " h"
}

func shortHours(h float64) string {
	if h > 24 && math.Mod(h, 24) == 0 {
		return trim(h/24) + " d"
	}
	return trim(h) + " h"
}

func trim(f float64) string {
	s := fmt.Sprintf("%.1f", f)
	return cmp.Or(strings.TrimSuffix(s, ".0"), "0")
}
