package reconcile

import (
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
	for _, answer := range []string{"left", "active", "same_as"} {
		for second, held := range map[string]bool{"Ben": true, "Ann": false} {
			w := World{Now: midnight, Rosters: []SourceRoster{{Verdict: access.RosterVerdict{Source: "employees", File: "f.csv"}, Rows: []access.Identity{id("Ann", "a@x.example", 2), id(second, "b@x.example", 3), nine}}}}
			w.Policy.Answers = []access.Answer{{Person: access.PersonKey{Source: "employees", EmployeeID: "1.2E+05"}, Answer: answer, SameAs: "9", ConfirmedBy: "HR", ConfirmedOn: access.Day{At: midnight.Truncate(24 * time.Hour)}, Line: access.Line{File: "answers.csv", Row: 2}}}
			me := Stand(w).Get(w.Policy.Answers[0].Person)
			if (me.Standing == access.StandingHeld) != held || strings.Contains(me.Why, "answers.csv row 2 cannot say "+answer+" of all of them") != held {
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
