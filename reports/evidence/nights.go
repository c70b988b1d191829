package evidence

import (
	"fmt"
	"strings"

	"rollcall/internal/phrase"
	"rollcall/reports/picture"
)

// nightsSection tells whether the control ran, day by day.
func (p *pack) nightsSection() (section, verdict, error) {
	s := p.sheet(nightsQuestion)
	out := section{ID: "nights", Title: "Did the control run every night?", Files: p.files(nightsQuestion)}
	counts, days := map[string]int{}, make([]picture.Night, len(s.rows))
	for i := range s.rows {
		days[i] = picture.Night{Day: dayOf(s.text(i, "day")), Outcome: s.text(i, "outcome")}
		counts[days[i].Outcome]++
	}
	short := verdict{Text: nightsSentence(len(days), counts), Look: counts["ran"] < len(days)}
	out.Says = append([]string{short.Text}, p.beforeTheArchive(days)...)
	drawn, err := picture.Calendar(days)
	if err != nil {
		return out, short, err
	}
	strip := part{Picture: drawn, Class: "strip", Label: "What each night came to"}
	for _, o := range picture.Outcomes {
		if n := counts[o.Outcome]; n > 0 {
			strip.Key = append(strip.Key, key{o.Letter, paperOf(o.Fill), o.Says, n})
		}
	}
	out.Parts = append(out.Parts, strip)
	if counts["ran"] < len(days) {
		out.Parts = append(out.Parts, part{Table: notRan(s)})
	}
	return out, short, nil
}

func paperOf(fill string) string { return strings.TrimSuffix(fill, "-paper") }

func nightsSentence(days int, counts map[string]int) string {
	ran := days - counts["missed"]
	if ran == 0 {
		return fmt.Sprintf("The nightly check did not run on any of the %s of the period.", count(days, "day", "days"))
	}
	var but []string
	for _, o := range picture.Outcomes[1:] {
		if n := counts[o.Outcome]; n > 0 {
			but = append(but, fmt.Sprintf("%s %s", number(n), shortOutcome[o.Outcome]))
		}
	}
	text := fmt.Sprintf("The nightly check ran on %s of %s", number(ran), count(days, "day", "days"))
	if len(but) == 0 {
		return text + ", each time to its end and over everything."
	}
	return text + ": " + phrase.Listed(but) + "."
}

var shortOutcome = map[string]string{
	"observe only": "only observed", "held": "held something back", "incomplete": "could not read everything",
	"failed": "had a change that failed", "missed": "missed",
}

// beforeTheArchive says which days of the period no archive was there for.
func (p *pack) beforeTheArchive(days []picture.Night) []string {
	first, n := p.chain[0].CreatedAt.UTC().Truncate(24*60*60*1e9), 0
	for _, d := range days {
		if d.Day.Before(first) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("The archive begins on %s: %s of the period lie before it, and count as missed.", phrase.Day(first), count(n, "day", "days"))}
}

// notRan lists the days that were not as they should be; days in a row for the same
// reason are one line.
func notRan(s sheet) *grid {
	g := &grid{Caption: "Days that were not as they should be, and why", Heads: heads("Days", "What", "#Days", "Why")}
	first, last, days, why := "", "", 0, ""
	add := func(outcome string) {
		span := first
		if days > 1 {
			span += " to " + last
		}
		g.row(outcome == "missed" || outcome == "failed", span, outcome, days, why)
	}
	for i := range s.rows {
		day, outcome, reason := s.text(i, "day"), s.text(i, "outcome"), s.why(i)
		if i > 0 && days > 0 && (outcome != s.text(i-1, "outcome") || reason != why) {
			add(s.text(i-1, "outcome"))
			days = 0
		}
		if outcome == "ran" {
			continue
		}
		if days == 0 {
			first, why = day, reason
		}
		last, days = day, days+1
	}
	if days > 0 {
		add(s.text(len(s.rows)-1, "outcome"))
	}
	return g
}

// why says what kept a night from being as it should be.
func (s sheet) why(i int) string {
	var all []string
	if n := s.count(i, "gaps"); n > 0 {
		all = append(all, fmt.Sprintf("%s not complete, the first: %s", count(n, "read was", "reads were"), s.text(i, "first_gap")))
	}
	if n := s.count(i, "held"); n > 0 {
		all = append(all, fmt.Sprintf("%s, the first %s", count(n, "change was held back", "changes were held back"), s.text(i, "first_held")))
	}
	if n := s.count(i, "failed"); n > 0 {
		all = append(all, count(n, "change failed or could not be verified", "changes failed or could not be verified"))
	}
	if t := s.text(i, "policy_unread"); t != "" {
		all = append(all, "policy files that could not be used: "+t)
	}
	switch s.text(i, "outcome") {
	case "missed":
		all = append(all, "no night was committed: it did not run, or it was aborted, which leaves no record")
		if n := s.count(i, "other_runs"); n > 0 {
			all = append(all, "other runs (orders, sweeps, reviews) were")
		}
	case "observe only":
		all = append(all, "the configuration said mode: observe")
	}
	return strings.Join(all, "; ")
}
