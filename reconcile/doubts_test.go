package reconcile

import (
	"maps"
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestAnAnswerIsToTheQuestionThatWasThere plays nights over HR's lists, each over what the one
// before it remembered. Of E1 the status is asked from 23 November on; they were answered
// to work here on that day.
func TestAnAnswerIsToTheQuestionThatWasThere(t *testing.T) {
	row := func(status, problem string) func(night int) []access.Identity {
		return func(night int) []access.Identity {
			i := access.Identity{EmployeeID: "E1", Status: access.Status(status), Problem: problem}
			return staff(40+night, i) // in another row each night
		}
	}
	odd := func(word string) func(int) []access.Identity {
		return func(night int) []access.Identity {
			rows := row("unknown", "")(night)
			rows[len(rows)-1].Problem = "Row " + time.Duration(night).String() + `, Status: Status "` + word + `" is new to us.`
			return rows
		}
	}
	plain, gone := row("active", ""), func(night int) []access.Identity { return staff(40 + night) }
	ended := func(night int) []access.Identity {
		rows := plain(night)
		rows[len(rows)-1].EndDate = day("2026-11-20")
		return rows
	}
	for name, c := range map[string]struct {
		before, after func(night int) []access.Identity // of the nights 0 to 9, and from then on
		want          access.Standing
	}{
		"the same question, for weeks":           {odd("Karenz"), odd("Karenz"), access.StandingActive},
		"another word":                           {odd("Karenz"), odd("Ausgeschieden"), access.StandingHeld},
		"their end has passed since":             {odd("Karenz"), ended, access.StandingHeld},
		"they vanished since":                    {odd("Karenz"), gone, access.StandingVanished},
		"a plain row, and nothing is asked":      {odd("Karenz"), plain, access.StandingActive},
		"nothing was asked, and they vanished":   {plain, gone, access.StandingVanished},
		"nothing was asked, and their end is on": {plain, ended, access.StandingHeld},
	} {
		m, k := access.Memory{}, personKey("employees/E1")
		answers := []access.Answer{{Line: access.Line{File: "answers.csv", Row: 2}, Person: k, Answer: "active", ConfirmedBy: "HR", ConfirmedOn: onDay(11, 23)}}
		var standings []access.Standing
		for night := range 20 {
			rows := c.before
			if night >= 10 {
				rows = c.after
			}
			now := midnight.AddDate(0, 0, night)
			id := now.Format(time.DateOnly)
			w := World{Now: now, Memory: m, Policy: access.Policy{Answers: answers}, Rosters: []SourceRoster{Accept(hrList(rows(night), id, id), nil, m, RosterGuard{}, now)}}
			d := Decide(w)
			m = Remember(w, d, nil, access.RunID(id))
			standings = append(standings, d.People[slices.IndexFunc(d.People, func(p access.Person) bool { return p.Key() == k })].Standing)
		}
		if standings[9] != access.StandingActive || standings[10] != c.want || standings[19] != c.want {
			t.Errorf("%s: %v", name, standings)
		}
	}
}

// TestOnlyOfWhoIsHeldADoubtIsRemembered: data about people is not kept without need.
func TestOnlyOfWhoIsHeldADoubtIsRemembered(t *testing.T) {
	rows := staff(3, access.Identity{EmployeeID: "E1", Status: access.StatusUnknown}, access.Identity{EmployeeID: "E2", Status: access.StatusLeft, EndDate: day("2026-11-10")})
	w := World{Now: midnight, Rosters: []SourceRoster{Accept(hrList(rows, "o", "n"), nil, access.Memory{}, RosterGuard{}, midnight)}}
	if got := slices.Collect(maps.Keys(Remember(w, Decide(w), nil, "r").Doubts)); len(got) != 1 || got[0] != personKey("employees/E1") {
		t.Errorf("of %v", got)
	}
}

func TestAnAnswerIsOfTheDaysAroundTheQuestion(t *testing.T) {
	for name, c := range map[string]struct {
		on   access.Day
		want bool
	}{
		"of a year before": {access.Day{At: midnight.AddDate(-1, 0, 0)}, false}, "of five days before": {onDay(11, 15), false}, "of four days before": {onDay(11, 16), true},
		"of after it": {onDay(11, 22), true}, "of tonight": {onDay(11, 23), true}, "of where tomorrow has begun": {access.Day{At: midnight.Add(14 * time.Hour)}, true},
		"of a day ahead": {access.Day{At: midnight.Add(14*time.Hour + time.Second)}, false}, "of no day": {access.Day{}, false},
	} {
		if got := outdated(World{Now: midnight}, access.Answer{ConfirmedOn: c.on}, onDay(11, 20).At.Add(2*time.Hour)) == ""; got != c.want {
			t.Errorf("%s: counts %t", name, got)
		}
	}
}
