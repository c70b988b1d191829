package picture

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/go-analyze/charts"
)

// Level is how many there were on a day.
type Level struct {
	Day   time.Time
	Count int
}

// Series is what one of several small pictures shows: a name and its levels, oldest first.
type Series struct {
	Name   string
	Levels []Level
}

// Wide is how wide the pictures of a page are, in pixels.
const Wide = 880

// Levels draws how many there were from one day to another, one small picture beside
// another, each with a scale of its own: of what is rare a change of one matters.
func Levels(id, title string, all []Series, from, to time.Time) (template.HTML, error) {
	const tall, gap = 230, 34
	wide := (Wide - gap*(len(all)-1)) / len(all)
	c := New(Wide+12, tall)
	var words []string
	for i, s := range all {
		c.panel(s, i*(wide+gap), wide, from, to)
		words = append(words, s.words())
	}
	return c.SVG(id, title, strings.Join(words, " "))
}

func (s Series) words() string {
	if len(s.Levels) == 0 {
		return s.Name + ": no night."
	}
	first, last := s.Levels[0], s.Levels[len(s.Levels)-1]
	return fmt.Sprintf("%s: %d on %s, %d on %s.", s.Name, first.Count, first.Day.Format(time.DateOnly), last.Count, last.Day.Format(time.DateOnly))
}

func (c Canvas) panel(s Series, x, wide int, from, to time.Time) {
	const top, bottom = 66, 194
	all := s.Levels
	c.Write(c.Fit(strings.ToUpper(s.Name[:1])+s.Name[1:], wide, Normal), x, 18, Normal, "ink")
	if len(all) == 0 {
		return
	}
	low, high := all[0].Count, all[0].Count
	for _, l := range all {
		low, high = min(low, l.Count), max(high, l.Count)
	}
	first, last := all[0].Count, all[len(all)-1].Count
	c.Write(fmt.Sprintf("%d, then %d%s", first, last, change(last-first)), x, 40, Small, "soft")
	base, step := scale(low, high)
	days := max(to.Sub(from).Hours()/24, 1)
	left := x + c.Wide(fmt.Sprint(base+4*step), Small) + 8
	point := func(l Level) charts.Point {
		return charts.Point{X: left + int(l.Day.Sub(from).Hours()/24/days*float64(x+wide-left-6)), Y: bottom - (l.Count-base)*(bottom-top)/(4*step)}
	}
	for n := range 5 {
		y := bottom - n*(bottom-top)/4
		c.Line(left, y, x+wide, y, "line")
		c.WriteTo(fmt.Sprint(base+n*step), left-6, y+4, Small, "soft")
	}
	c.Write(from.Format("2 Jan"), left, bottom+24, Small, "soft")
	c.WriteTo(to.Format("2 Jan"), x+wide, bottom+24, Small, "soft")
	for i, l := range all {
		if i > 0 && l.Day.Sub(all[i-1].Day) > 24*time.Hour {
			a, b := point(all[i-1]), point(l)
			c.Dashes(a.X, a.Y, b.X, b.Y, "soft") // no night in between
		} else if i > 0 {
			c.LineStroke([]charts.Point{point(all[i-1]), point(l)}, colour("calm"), 2)
		}
	}
	for _, l := range []Level{all[0], all[len(all)-1]} {
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
