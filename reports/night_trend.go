package reports

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/picture"
)

// trend is the past nights in pictures, and as a table.
type trend struct {
	Nights   int
	Calendar template.HTML
	Key      []trendKey
	Levels   template.HTML
	Rows     [][]string
}

type trendKey struct {
	Letter, Paper, Says string
	Count               int
}

// trendOf draws the past nights; one night makes no trend.
func trendOf(past []access.PastNight) (trend, error) {
	nights, levels := byDay(past)
	t := trend{Nights: len(past)}
	if len(nights) < 2 {
		return t, nil
	}
	var err error
	if t.Calendar, err = picture.Calendar(nights); err != nil {
		return t, err
	}
	count := map[string]int{}
	for _, one := range nights {
		count[one.Outcome]++
	}
	for _, o := range picture.Outcomes {
		if count[o.Outcome] > 0 {
			t.Key = append(t.Key, trendKey{o.Letter, strings.TrimSuffix(o.Fill, "-paper"), o.Says, count[o.Outcome]})
		}
	}
	t.Levels, err = picture.Levels("levels", "The past nights in numbers", levels, nights[0].Day, nights[len(nights)-1].Day)
	for _, p := range slices.Backward(past) {
		t.Rows = append(t.Rows, []string{stamp(p.At), picture.LookOf(outcomeOf(p)).Says, fmt.Sprint(p.Findings), fmt.Sprint(p.Urgent), fmt.Sprint(p.Blocked), fmt.Sprint(p.Removed), fmt.Sprint(p.Held), fmt.Sprintf("%d of %d", p.Complete, p.Reads)})
	}
	return t, err
}

func outcomeOf(p access.PastNight) string {
	switch {
	case p.Verdict == "done" && firstMode(p.Mode) == access.Observe:
		return "observe only"
	case p.Verdict == "done":
		return "ran"
	}
	return p.Verdict
}

// byDay gives every day from the first night to the last, the last run of a day for it.
func byDay(past []access.PastNight) (nights []picture.Night, levels []picture.Series) {
	levels = []picture.Series{{Name: "Findings"}, {Name: "Urgent"}, {Name: "Accounts blocked"}, {Name: "Accounts held"}}
	for i, p := range past {
		day := p.At.UTC().Truncate(24 * time.Hour)
		if i+1 < len(past) && past[i+1].At.UTC().Truncate(24*time.Hour).Equal(day) {
			continue
		}
		for len(nights) > 0 && nights[len(nights)-1].Day.AddDate(0, 0, 1).Before(day) {
			nights = append(nights, picture.Night{Day: nights[len(nights)-1].Day.AddDate(0, 0, 1), Outcome: "missed"})
		}
		nights = append(nights, picture.Night{Day: day, Outcome: outcomeOf(p)})
		for n, count := range []int{p.Findings, p.Urgent, p.Blocked, p.Held} {
			levels[n].Levels = append(levels[n].Levels, picture.Level{Day: day, Count: count})
		}
	}
	return nights, levels
}
