package evidence

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"rollcall/reports/picture"
)

// ending is how long one account of somebody who left could still be used.
type ending struct {
	person, system string
	hours          float64
	blocked        bool // it was read that nothing of it can be used
	within         bool
}

// worstFirst draws a bar for each account, longest first as the answer has them,
// against the SLA.
func worstFirst(all []ending, sla float64) (template.HTML, error) {
	const labels, values, row, top = 330, 150, 28, 34
	room := picture.Wide - labels - values
	longest := sla * 1.2
	for _, e := range all {
		longest = max(longest, e.hours)
	}
	longest = min(longest, sla*6) // what is longer is cut, and says so
	c := picture.New(picture.Wide, top+row*len(all)+10)
	at := func(hours float64) int { return labels + int(min(max(hours, 0), longest)/longest*float64(room)) }
	c.Dashes(at(sla), top-6, at(sla), c.Height-6, "ink")
	for i, e := range all {
		y := top + i*row
		system := c.Fit(e.system, 150, picture.Small)
		c.WriteTo(system, labels-12, y+19, picture.Small, "soft")
		c.Write(c.Fit(e.person, labels-30-c.Wide(system, picture.Small), picture.Normal), 0, y+19, picture.Normal, "ink")
		bar(c, e, labels, at(e.hours), labels+room, y+5, y+row-4, at(sla), e.hours > longest)
	}
	c.WriteOver("SLA "+hoursText(sla), at(sla), top-13, picture.Small, "ink")
	c.Line(labels, top-6, labels, c.Height-6, "line")
	return c.SVG("hours", "Hours from the end of somebody's access to the verified block", worstWords(all, sla))
}

func bar(c picture.Canvas, e ending, from, to, end, y1, y2, sla int, cut bool) {
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
	c.Box(from, y1, to, y2, fill, edge)
	if !e.blocked { // hatched, for whoever sees no colours
		for x := from + 8; x < to; x += 10 {
			c.Line(x, y2, min(x+8, to), y1, edge)
		}
	}
	x := to + 8
	if x < sla+4 && x+c.Wide(says, picture.Small)*5/4 > sla {
		x = sla + 8 // not across the line
	}
	c.Write(says, x, y2-5, picture.Small, "ink")
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
	most, wide := 1, picture.Wide/len(buckets)
	for _, b := range buckets {
		most = max(most, b.count)
	}
	c := picture.New(picture.Wide, top+tall+bottom)
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
			c.Box(x+8, y, x+wide-8, top+tall, fill, edge)
		}
		c.WriteOver(fmt.Sprint(b.count), x+wide/2, y-6, picture.Normal, "ink")
		c.WriteOver(b.head, x+wide/2, top+tall+22, picture.Small, "soft")
		words = append(words, fmt.Sprintf("%s: %d", b.head, b.count))
	}
	c.Line(0, top+tall, picture.Wide, top+tall, "soft")
	c.Dashes(split, 6, split, top+tall, "ink")
	c.Write("later than the SLA", split+8, 16, picture.Small, "ink")
	return c.SVG("spread", "How many accounts were blocked and verified how fast", strings.Join(words, "; ")+".")
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
