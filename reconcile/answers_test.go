package reconcile

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

func onDay(month, n int) access.Day {
	return access.Day{At: time.Date(2026, time.Month(month), n, 0, 0, 0, 0, time.UTC)}
}

// TestAnAnswerThatSomebodyLeft says whose access it ends; midnight is that of 23 November. It
// contradicts what a list says of who works: then nothing ends.
func TestAnAnswerThatSomebodyLeft(t *testing.T) {
	for name, c := range map[string]struct {
		standing access.Standing
		status   access.Status
		start    access.Day
		end      access.Day
		last     access.Day
		on       access.Day
		want     access.Standing
		ends     string // of their access
	}{
		"who works":        {access.StandingActive, access.StatusActive, access.Day{}, access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingHeld, ""},
		"who begins later": {access.StandingPending, access.StatusPending, access.Day{}, access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingHeld, ""},
		"who works, and is held for another reason":  {access.StandingHeld, access.StatusActive, access.Day{}, access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingHeld, ""},
		"who is on leave, and is held":               {access.StandingHeld, access.StatusLeave, access.Day{}, access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingHeld, ""},
		"who works, and whose end is ahead":          {access.StandingHeld, access.StatusActive, access.Day{}, onDay(12, 10), onDay(11, 10), onDay(11, 20), access.StandingHeld, ""},
		"who is held because their end is past":      {access.StandingHeld, access.StatusActive, access.Day{}, onDay(11, 9), onDay(11, 10), onDay(11, 20), access.StandingLeft, "2026-11-11"},
		"whose end is tonight":                       {access.StandingHeld, access.StatusActive, access.Day{}, access.Day{At: midnight, Exact: true}, onDay(11, 10), onDay(11, 20), access.StandingLeft, "2026-11-11"},
		"of whom nobody knows":                       {access.StandingHeld, access.StatusUnknown, access.Day{}, access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingLeft, "2026-11-11"},
		"who vanished":                               {access.StandingVanished, access.StatusActive, access.Day{}, access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingLeft, "2026-11-11"},
		"who vanished, without a last day":           {access.StandingVanished, access.StatusActive, access.Day{}, access.Day{}, access.Day{}, onDay(11, 20), access.StandingLeft, "2026-11-21"},
		"who vanished, and whose last day is ahead":  {access.StandingVanished, access.StatusActive, access.Day{}, access.Day{}, onDay(11, 30), onDay(11, 20), access.StandingScheduled, "2026-12-01"},
		"who began after it was confirmed":           {access.StandingVanished, access.StatusActive, onDay(11, 21), access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingVanished, ""},
		"who began on that day":                      {access.StandingVanished, access.StatusActive, onDay(11, 20), access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingLeft, "2026-11-11"},
		"who began after the last day, nothing else": {access.StandingVanished, access.StatusActive, onDay(11, 11), access.Day{}, onDay(11, 10), access.Day{}, access.StandingVanished, ""},
		"who vanished, of an answer without any day": {access.StandingVanished, access.StatusActive, onDay(11, 1), access.Day{}, access.Day{}, access.Day{}, access.StandingScheduled, "2026-11-24"},
		"who has left anyway":                        {access.StandingLeft, access.StatusLeft, access.Day{}, access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingLeft, ""},
		"who is on garden leave":                     {access.StandingGarden, access.StatusGardenLeave, access.Day{}, access.Day{}, onDay(11, 10), onDay(11, 20), access.StandingGarden, ""},
	} {
		me := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "1", Status: c.status, StartDate: c.start, EndDate: c.end}, Standing: c.standing}
		answerLeft(World{Now: midnight}, &me, access.Answer{Answer: "left", LastWorkingDay: c.last, ConfirmedOn: c.on, ConfirmedBy: "HR"})
		ends := ""
		if !me.AccessEndsAt.IsZero() {
			ends = me.AccessEndsAt.Format(time.DateOnly)
		}
		if me.Standing != c.want || ends != c.ends || me.EndDate != c.end {
			t.Errorf("%s: %s, %s", name, me.Standing, ends)
		}
		if contradicts := c.want == access.StandingHeld; contradicts != strings.Contains(me.Why, "but the HR list says") {
			t.Errorf("%s: %s", name, me.Why)
		}
	}
}

// TestAnAnswerThatSomebodyWorks keeps nobody whom a list let go after it was given.
func TestAnAnswerThatSomebodyWorks(t *testing.T) {
	for name, c := range map[string]struct {
		standing access.Standing
		on       access.Day
		want     access.Standing
	}{
		"who vanished": {access.StandingVanished, onDay(11, 20), access.StandingActive}, "who is held": {access.StandingHeld, onDay(11, 20), access.StandingActive},
		"who works": {access.StandingActive, onDay(11, 20), access.StandingActive}, "who begins later": {access.StandingPending, onDay(11, 20), access.StandingPending},
		"who left before": {access.StandingLeft, onDay(11, 20), access.StandingHeld}, "who left on that day": {access.StandingLeft, onDay(11, 15), access.StandingHeld},
		"who left since": {access.StandingLeft, onDay(11, 14), access.StandingLeft}, "who left, and nobody knows when it was confirmed": {access.StandingLeft, access.Day{}, access.StandingHeld},
		"who went on garden leave before": {access.StandingGarden, onDay(11, 20), access.StandingHeld}, "who went on garden leave since": {access.StandingGarden, onDay(11, 14), access.StandingGarden},
	} {
		me := access.Person{Standing: c.standing, FirstSeenLeftAt: time.Date(2026, 11, 15, 2, 0, 0, 0, time.UTC)}
		answerActive(World{Now: midnight}, &me, access.Answer{Answer: "active", ConfirmedOn: c.on, ConfirmedBy: "HR"}, onDay(11, 20).At)
		if me.Standing != c.want {
			t.Errorf("%s: %s", name, me.Standing)
		}
	}
}

func TestTheNewestAnswerCountsAndOfOneDayTheLastLine(t *testing.T) {
	a := func(row int, on access.Day) access.Answer {
		return access.Answer{Line: access.Line{Row: row}, Person: personKey("employees/1"), ConfirmedOn: on}
	}
	for name, c := range map[string]struct {
		all  []access.Answer
		want int
	}{
		"in order": {[]access.Answer{a(2, onDay(11, 1)), a(3, onDay(11, 2))}, 3}, "the other way round": {[]access.Answer{a(2, onDay(11, 2)), a(3, onDay(11, 1))}, 2}, "on one day": {[]access.Answer{a(2, onDay(11, 2)), a(3, onDay(11, 2))}, 3},
	} {
		if got := newestAnswers(World{Policy: access.Policy{Answers: c.all}})[personKey("employees/1")]; got.Row != c.want {
			t.Errorf("%s: row %d", name, got.Row)
		}
	}
}

// TestAnAnswerFromBeforeTheQuestion does not settle it: HR knew nothing of the rehire then.
func TestAnAnswerFromBeforeTheQuestion(t *testing.T) {
	for name, c := range map[string]struct {
		on   access.Day
		want access.Standing
	}{"before": {onDay(11, 14), access.StandingVanished}, "on the day": {onDay(11, 15), access.StandingLeft}, "on no day": {access.Day{}, access.StandingLeft}} {
		k := personKey("employees/1")
		p := &People{list: []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1"}, Standing: access.StandingVanished}}}
		p.answer(World{Now: midnight}, map[access.PersonKey]access.Answer{k: {Answer: "left", LastWorkingDay: onDay(11, 10), ConfirmedOn: c.on}}, map[access.PersonKey]access.Day{k: onDay(11, 15)})
		if got := p.list[0]; got.Standing != c.want || strings.Contains(got.Why, "but was confirmed before") != (c.want == access.StandingVanished) {
			t.Errorf("%s: %s, %s", name, got.Standing, got.Why)
		}
	}
}
