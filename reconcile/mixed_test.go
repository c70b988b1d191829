package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestNoAnswerSettlesAnIDOfDifferentPeople: it would give the accounts of each to whoever it
// was about, or cut all of them off.
func TestNoAnswerSettlesAnIDOfDifferentPeople(t *testing.T) {
	id := func(name, mail string, row int) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: "1.2E+05", Name: name, Email: mail, Status: access.StatusUnknown, Row: row, Problem: "Excel changed it"}
	}
	nine := access.Identity{Source: "employees", EmployeeID: "9", Name: "Zoe", Email: "z@x.example", Status: access.StatusActive, Row: 4}
	for _, answer := range []string{"left", "active", "same_as", ""} { // the last one: nobody answered
		for second, held := range map[string]bool{"Ben": true, "Ann": false} {
			w := World{Now: midnight, Rosters: []SourceRoster{{Verdict: access.RosterVerdict{Source: "employees", File: "f.csv"}, Rows: []access.Identity{id("Ann", "a@x.example", 2), id(second, "b@x.example", 3), nine}}}}
			w.Policy.Answers = []access.Answer{{Person: access.PersonKey{Source: "employees", EmployeeID: "1.2E+05"}, Answer: answer, SameAs: "9", ConfirmedBy: "HR", ConfirmedOn: access.Day{At: midnight.Truncate(24 * time.Hour)}, Line: access.Line{File: "answers.csv", Row: 2}}}
			me := Stand(w).Get(w.Policy.Answers[0].Person)
			if (me.Standing == access.StandingHeld) != (held || answer == "") || strings.Contains(me.Why, "answers.csv row 2 cannot say "+answer+" of all of them") != (held && answer != "") {
				t.Errorf("%s, Ann and %s: %s, %s", answer, second, me.Standing, me.Why)
			}
		}
	}
}

// TestRowsOfOneIDAreOfOnePersonIfANameOrAnAddressTiesThem: in whatever order they stand.
func TestRowsOfOneIDAreOfOnePersonIfANameOrAnAddressTiesThem(t *testing.T) {
	for want, all := range map[string][][]access.Identity{
		"": {
			{{Row: 2, Name: "Ann", Email: "a@x"}, {Row: 3, Name: "ann"}},
			{{Row: 2, Name: "Ann Lee", Email: "a@x"}, {Row: 3, Name: "Ann Kim", Aliases: "b@x A@x"}},
			{{Row: 2, Name: "Ann", Email: "a@x"}, {Row: 3, Name: "Lee", Aliases: "<b@x>"}, {Row: 4, Name: "Ann", Email: "b@x"}},
		},
		"rows 2, 3 of f.csv have this id and are of different people: each needs their own": {
			{{Row: 2, Name: "Ann", Email: "a@x"}, {Row: 3, Name: "Ben", Email: "b@x"}},
			{{Row: 2, Email: "a@x"}, {Row: 3, Email: "b@x"}},
			{{Row: 2}, {Row: 3}},
		},
		"rows 2, 3, 4, 5, 6 of f.csv have this id and are of different people: each needs their own": {
			{{Row: 2, Name: "Ann"}, {Row: 3, Name: "Ben"}, {Row: 4, Name: "Ann"}, {Row: 5, Name: "Ben"}, {Row: 6, Name: "Ann"}},
		},
		"rows 2, 3, 4, 5, 6 and 1 more of f.csv have this id and are of different people: each needs their own": {
			{{Row: 2, Name: "Ann"}, {Row: 3, Name: "Ben"}, {Row: 4, Name: "Ann"}, {Row: 5, Name: "Ben"}, {Row: 6, Name: "Ann"}, {Row: 7, Name: "Ben"}},
		},
	} {
		for _, rows := range all {
			if got := mixed("f.csv", rows); got != want {
				t.Errorf("%v: %q, not %q", rows, got, want)
			}
		}
	}
}

// TestAnOrderAboutAnIDOfDifferentPeopleNamesTheirRows: it would end all access of each. Who has
// left by a sound row is none of them, where another row works here by it: a number that is
// used again is that of whoever works here.
func TestAnOrderAboutAnIDOfDifferentPeopleNamesTheirRows(t *testing.T) {
	const damaged = "Excel changed it"
	row := func(n int, name string, status access.Status, problem string) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: "7", Name: name, Email: strings.ToLower(name) + "@x.example", Status: status, Row: n, Problem: problem}
	}
	other := access.Identity{Source: "employees", EmployeeID: "8", Name: "Zoe", Status: access.StatusActive, Row: 9}
	for name, tt := range map[string]struct {
		rows, refused []access.Identity
		answer        string
		want          string
	}{
		"damaged, of two":               {rows: []access.Identity{row(2, "Ann", access.StatusLeft, damaged), row(3, "Ben", access.StatusActive, damaged)}, want: "2 3"},
		"damaged, of one":               {rows: []access.Identity{row(2, "Ann", access.StatusLeft, damaged), row(3, "Ann", access.StatusActive, damaged)}},
		"written for two who work here": {rows: []access.Identity{row(2, "Ann", access.StatusActive, ""), row(3, "Ben", access.StatusActive, "")}, want: "2 3"},
		"used again":                    {rows: []access.Identity{row(2, "Ann", access.StatusLeft, ""), row(3, "Ben", access.StatusActive, "")}},
		"nobody can tell of one":        {rows: []access.Identity{row(2, "Ann", access.StatusLeft, ""), row(3, "Ben", access.StatusUnknown, "")}, want: "2 3"},
		"both have left":                {rows: []access.Identity{row(2, "Ann", access.StatusLeft, ""), row(3, "Ben", access.StatusLeft, "")}},
		"only in a refused file":        {refused: []access.Identity{row(2, "Ann", access.StatusLeft, damaged), row(3, "Ben", access.StatusActive, damaged)}, want: "2 3"},
		"one person in the list, and several in a refused file": {rows: []access.Identity{row(2, "Ann", access.StatusActive, "")}, refused: []access.Identity{row(2, "Ann", access.StatusActive, damaged), row(3, "Ben", access.StatusActive, damaged)}},
		"one row":                     {rows: []access.Identity{row(2, "Ann", access.StatusActive, "")}},
		"in no list":                  {},
		"another id is said to be it": {rows: []access.Identity{row(2, "Ann", access.StatusLeft, damaged), row(3, "Ben", access.StatusActive, damaged)}, answer: "same_as", want: "2 3"},
	} {
		w := World{Now: midnight, Rosters: []SourceRoster{{Verdict: access.RosterVerdict{Source: "employees", File: "f.csv"}, Rows: append(tt.rows, other), Refused: tt.refused}}}
		who := access.PersonKey{Source: "employees", EmployeeID: "7"}
		if tt.answer != "" {
			who.EmployeeID = "8"
			w.Policy.Answers = []access.Answer{{Person: who, Answer: tt.answer, SameAs: "7", ConfirmedBy: "HR", ConfirmedOn: access.Day{At: midnight.Truncate(24 * time.Hour)}}}
		}
		file, rows := Several(w, who)
		var got []string
		for _, i := range rows {
			got = append(got, fmt.Sprint(i.Row))
		}
		if strings.Join(got, " ") != tt.want || (file == "f.csv") != (tt.want != "") {
			t.Errorf("%s: %q of %q, not %q", name, got, file, tt.want)
		}
	}
}

// TestAnIDOfSeveralIsForgottenOnceEachHasTheirOwn: and not before, nor where one row takes the
// addresses of two, or says something else of somebody.
func TestAnIDOfSeveralIsForgottenOnceEachHasTheirOwn(t *testing.T) {
	row := func(id access.EmployeeID, name, mails string, status access.Status) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: id, Name: name, Aliases: mails, Status: status}
	}
	const left, works = access.StatusLeft, access.StatusActive
	ann, ben, zoe := row("1.2E+05", "Ann", "a@x.example", left), row("1.2E+05", "Ben", "b@x.example", works), row("9", "Zoe", "z@x.example", works)
	annie := row("1.2E+05", "Ann", "a2@x.example", left) // whom her name ties to Ann
	for name, tt := range map[string]struct {
		before, after []access.Identity
		want          bool
	}{
		"each has their own":                    {[]access.Identity{ann, ben}, []access.Identity{row("1", "Ann", "a@x.example", left), row("2", "Ben", "b@x.example", works)}, true},
		"whoever had left works here":           {[]access.Identity{ann, ben}, []access.Identity{row("1", "Ann", "a@x.example", works), row("2", "Ben", "b@x.example", works)}, true},
		"two rows of one of them are one now":   {[]access.Identity{ann, annie, ben}, []access.Identity{row("1", "Ann", "a@x.example a2@x.example", left), row("2", "Ben", "b@x.example", works)}, true},
		"one is in no list":                     {[]access.Identity{ann, ben}, []access.Identity{row("1", "Ann", "a@x.example", left)}, false},
		"one is said to have left":              {[]access.Identity{ann, ben}, []access.Identity{row("1", "Ann", "a@x.example", left), row("2", "Ben", "b@x.example", left)}, false},
		"one has the addresses of both":         {[]access.Identity{ann, ben}, []access.Identity{row("1", "Ann", "a@x.example b@x.example", left), row("2", "Bea", "", works)}, false},
		"one has them, and works here":          {[]access.Identity{ann, ben}, []access.Identity{row("1", "Ann", "a@x.example b@x.example", works)}, false},
		"one has the row of somebody else":      {[]access.Identity{ann, ben, zoe}, []access.Identity{row("1", "Ann", "a@x.example", left), row("9", "Zoe", "z@x.example b@x.example", works)}, false},
		"one still has no id":                   {[]access.Identity{ann, ben}, []access.Identity{row("1", "Ann", "a@x.example", left), row("", "Ben", "b@x.example", works)}, false},
		"rows of one person, who is gone":       {[]access.Identity{ann, annie}, []access.Identity{row("1", "Ann", "a@x.example a2@x.example", left)}, false},
		"one of them has no address to know by": {[]access.Identity{ann, row("1.2E+05", "Cid", "", works)}, []access.Identity{row("1", "Ann", "a@x.example", left), row("3", "Cid", "", works)}, false},
	} {
		k := ann.Key()
		if got := vanishedNow(map[access.PersonKey]access.Vanished{}, tt.before, append(tt.after, zoe), midnight); (len(got) == 0) != tt.want {
			t.Errorf("%s: remembered is %v", name, got)
		}
		if got := takenApart([]access.PersonKey{k, zoe.Key()}, tt.before, tt.after); got[k] != tt.want || len(got) > 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := takenApart([]access.PersonKey{zoe.Key()}, []access.Identity{ann, ben, zoe}, []access.Identity{row("1", "Ann", "a@x.example", left), row("2", "Ben", "b@x.example", works)}); len(got) != 0 {
		t.Errorf("of an id that is not asked about: %v", got)
	}
	if gone := newlyGone([]access.Identity{ann, ben, zoe}, []access.Identity{row("1", "Ann", "a@x.example", left), row("2", "Ben", "b@x.example", works), zoe}); len(gone) != 0 {
		t.Errorf("it counts as newly gone: %v", gone)
	}
}

// TestWhatWasAnsweredWhileAnIDWasOfSeveralSettlesNothingLater: it was about somebody else, so
// that it would cut off whoever is left with the id, or keep them in.
func TestWhatWasAnsweredWhileAnIDWasOfSeveralSettlesNothingLater(t *testing.T) {
	row := func(name string, n int) access.Identity {
		return access.Identity{Source: "employees", EmployeeID: "1.2E+05", Name: name, Email: strings.ToLower(name) + "@x.example", Status: access.StatusUnknown, Row: n, Problem: "Excel changed it"}
	}
	ann, ben := row("Ann", 2), row("Ben", 3)
	day := func(n int) access.Day { return access.Day{At: midnight.Truncate(24*time.Hour).AddDate(0, 0, n)} }
	night := func(n int, m access.Memory, answer string, on access.Day, vanished bool, rows ...access.Identity) *People {
		s := SourceRoster{Verdict: access.RosterVerdict{Source: "employees", File: "f.csv"}, Rows: rows}
		if vanished {
			s.Vanished = map[access.PersonKey]access.Vanished{ben.Key(): {Identity: ben, Since: midnight.AddDate(0, 0, n)}}
		}
		w := World{Now: midnight.AddDate(0, 0, n), Memory: m, Rosters: []SourceRoster{s}}
		w.Policy.Answers = []access.Answer{{Person: ben.Key(), Answer: answer, ConfirmedBy: "HR", ConfirmedOn: on, Line: access.Line{File: "answers.csv", Row: 2}}}
		return Stand(w)
	}
	for answer, stands := range map[string]access.Standing{"left": access.StandingLeft, "active": access.StandingActive} {
		for name, tt := range map[string]struct {
			on       access.Day
			vanished bool
			settles  bool
		}{
			"while it was of both":            {day(-1), false, false},
			"on the last day of that":         {day(0), false, false},
			"on no day":                       {access.Day{}, false, false},
			"since":                           {day(1), false, true},
			"while it was of both, and gone":  {day(0), true, false},
			"since, and they are in no list":  {day(2), true, true},
			"on no day, and they are no more": {access.Day{}, true, false},
		} {
			m := access.Memory{}
			for n := range 3 { // of both, then of Ben alone
				if m.Doubts = night(n, m, "", access.Day{}, false, []access.Identity{ann, ben}[min(1, n):]...).doubts; m.Doubts[ben.Key()].Several.IsZero() {
					t.Fatalf("night %d: %+v", n, m.Doubts)
				}
			}
			var rows []access.Identity
			if !tt.vanished {
				rows = []access.Identity{ben}
			}
			me := night(3, m, answer, tt.on, tt.vanished, rows...).Get(ben.Key())
			if (me.Standing == stands) != tt.settles {
				t.Errorf("%s, confirmed %s: %s, %s", answer, name, me.Standing, me.Why)
			}
			if says := "answers.csv row 2 says " + answer + ", but"; !tt.settles && !strings.Contains(me.Why, says) {
				t.Errorf("%s, confirmed %s: does not say why it does not count: %s", answer, name, me.Why)
			}
		}
	}
}

// TestAStaleAnswerAboutAnIDThatWasOfSeveralStillContradictsAWorkingRow: what settles nothing is
// not what goes unsaid.
func TestAStaleAnswerAboutAnIDThatWasOfSeveralStillContradictsAWorkingRow(t *testing.T) {
	ben := access.Identity{Source: "employees", EmployeeID: "1.2E+05", Name: "Ben", Status: access.StatusActive, Row: 3}
	since := midnight.AddDate(0, 0, -3)
	w := World{Now: midnight, Rosters: []SourceRoster{{Verdict: access.RosterVerdict{Source: "employees", File: "f.csv"}, Rows: []access.Identity{ben}}},
		Memory: access.Memory{Doubts: map[access.PersonKey]access.Doubt{ben.Key(): {Person: ben.Key(), Since: since, Several: since}}}}
	if p := Stand(w); p.Get(ben.Key()).Standing != access.StandingActive || p.doubts[ben.Key()] != (access.Doubt{Person: ben.Key(), Since: since, Several: since}) {
		t.Errorf("without an answer: %+v, %+v", p.Get(ben.Key()), p.doubts)
	}
	w.Policy.Answers = []access.Answer{{Person: ben.Key(), Answer: "left", ConfirmedBy: "HR", ConfirmedOn: dayOf(since)}}
	if me := Stand(w).Get(ben.Key()); me.Standing != access.StandingHeld || !strings.Contains(me.Why, "says left, but the HR list says active") {
		t.Errorf("%s: %s", me.Standing, me.Why)
	}
}

// TestAnIDIsNoOtherOneByWhatWasAnsweredWhileItWasOfSeveral: it was about somebody else, so that
// whoever is left with the id would be cut off with the person of the other one.
func TestAnIDIsNoOtherOneByWhatWasAnsweredWhileItWasOfSeveral(t *testing.T) {
	day := func(n int) access.Day { return access.Day{At: midnight.Truncate(24*time.Hour).AddDate(0, 0, n)} }
	ben := access.Identity{Source: "employees", EmployeeID: "1.2E+05", Name: "Ben", Email: "ben@x.example", Status: access.StatusUnknown, Row: 3, Problem: "Excel changed it"}
	works := ben
	works.Status, works.Problem = access.StatusActive, ""
	ann := access.Identity{Source: "employees", EmployeeID: "1.2E+05", Name: "Ann", Email: "ann@x.example", Status: access.StatusUnknown, Row: 2, Problem: "Excel changed it"}
	bea := access.Identity{Source: "employees", EmployeeID: "7", Name: "Bea", Status: access.StatusLeft, EndDate: day(-9), Row: 5}
	zoe := access.Identity{Source: "employees", EmployeeID: "9", Name: "Zoe", Status: access.StatusLeft, EndDate: day(-9), Row: 4}
	for name, tt := range map[string]struct {
		several int // days ago; 0: never
		on      access.Day
		rows    []access.Identity
		is      bool
	}{
		"while it was of both":    {3, day(-4), []access.Identity{ben}, false},
		"on the last day of that": {3, day(-3), []access.Identity{ben}, false},
		"on no day":               {3, access.Day{}, []access.Identity{ben}, false},
		"since":                   {3, day(-2), []access.Identity{ben}, true},
		"while it was of both, and they are gone":  {3, day(-4), nil, false},
		"since, and they are gone":                 {3, day(-2), nil, true},
		"while it was of both, and they work here": {3, day(-4), []access.Identity{works}, false},
		"it is of both now":                        {0, day(-2), []access.Identity{ann, ben}, false},
		"it never was of several":                  {0, day(-4), []access.Identity{ben}, true},
		"it never was, on no day":                  {0, access.Day{}, []access.Identity{ben}, true},
	} {
		list := SourceRoster{Verdict: access.RosterVerdict{Source: "employees", File: "f.csv"}, Rows: append(slices.Clone(tt.rows), zoe, bea)}
		if tt.rows == nil {
			list.Vanished = map[access.PersonKey]access.Vanished{ben.Key(): {Identity: ben, Since: midnight.AddDate(0, 0, -1)}}
		}
		w := World{Now: midnight, Rosters: []SourceRoster{list}}
		if tt.several > 0 {
			w.Memory.Doubts = map[access.PersonKey]access.Doubt{ben.Key(): {Person: ben.Key(), Several: midnight.AddDate(0, 0, -tt.several)}}
		}
		w.Policy.Answers = []access.Answer{
			{Person: ben.Key(), Answer: "same_as", SameAs: "9", ConfirmedBy: "HR", ConfirmedOn: tt.on, Line: access.Line{File: "answers.csv", Row: 2}},
			{Person: bea.Key(), Answer: "same_as", SameAs: "1.2E+05", ConfirmedBy: "HR", ConfirmedOn: day(-1), Line: access.Line{File: "answers.csv", Row: 3}},
		}
		p := Stand(w)
		counts := ben.Key()
		if tt.is {
			counts = zoe.Key()
		}
		if p.one(ben.Key()) != counts || p.one(bea.Key()) != counts {
			t.Errorf("%s: %s is %s, and %s, who is said to be that id, is %s", name, ben.Key(), p.one(ben.Key()), bea.Key(), p.one(bea.Key()))
		}
		me := p.Get(ben.Key())
		if says := "answers.csv row 2 "; !tt.is && (me.Standing == access.StandingLeft || !strings.Contains(me.Why, says)) {
			t.Errorf("%s: %s: %s", name, me.Standing, me.Why)
		}
		w.Order = &access.Order{Person: zoe.Key()}
		if cut := Stand(w).Get(ben.Key()).Standing == access.StandingLeft; cut != tt.is {
			t.Errorf("%s: an order about the other id cuts off %s: %t", name, ben.Name, cut)
		}
	}
}

// TestALeaverWhoseIDWasAlwaysTheirsIsSettledByAnAnswerWithoutADay: only of an id that was of
// several is it asked when it was answered.
func TestALeaverWhoseIDWasAlwaysTheirsIsSettledByAnAnswerWithoutADay(t *testing.T) {
	for name, vanished := range map[string]bool{"held": false, "vanished": true} {
		ben := access.Identity{Source: "employees", EmployeeID: "7", Name: "Ben", Status: access.StatusUnknown, Row: 3}
		list := SourceRoster{Verdict: access.RosterVerdict{Source: "employees", File: "f.csv"}, Rows: []access.Identity{ben}}
		if vanished {
			list.Rows, list.Vanished = nil, map[access.PersonKey]access.Vanished{ben.Key(): {Identity: ben, Since: midnight.AddDate(0, 0, -1)}}
		}
		w := World{Now: midnight, Rosters: []SourceRoster{list}}
		w.Policy.Answers = []access.Answer{{Person: ben.Key(), Answer: "left", LastWorkingDay: dayOf(midnight.AddDate(0, 0, -2)), ConfirmedBy: "HR"}}
		if me := Stand(w).Get(ben.Key()); me.Standing != access.StandingLeft {
			t.Errorf("%s: %s, %s", name, me.Standing, me.Why)
		}
	}
}
