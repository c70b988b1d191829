package audit

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustQuestions(t *testing.T) []Question {
	t.Helper()
	all, err := Questions()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestThereAreTwentyQuestionsAndEachUsesWhatItTakes(t *testing.T) {
	all := mustQuestions(t)
	if len(all) != 20 {
		t.Fatalf("%d questions", len(all))
	}
	for i, q := range all {
		if q.Number != i+1 || q.About == "" {
			t.Errorf("%s is number %d, about %q", q.Name, q.Number, q.About)
		}
		_, used := named(q.SQL, func(name string) string { return "$" + name })
		for _, p := range q.Parameters {
			if !strings.Contains(" "+strings.Join(used, " ")+" ", " "+p.Name+" ") {
				t.Errorf("%s takes --%s and does not use it", q.Name, p.Name)
			}
		}
		for _, name := range used {
			if !q.has(name) {
				t.Errorf("%s uses :%s and does not take it", q.Name, name)
			}
		}
	}
}

func TestAParameterInATextOrACommentIsNone(t *testing.T) {
	got, names := named("-- :no\nSELECT ':no', \":no\", :yes || ':no'", func(n string) string { return "$" + n })
	if got != "-- :no\nSELECT ':no', \":no\", $yes || ':no'" || !cmp.Equal(names, []string{"yes"}) {
		t.Errorf("%q, %q", got, names)
	}
}

func TestWhatAQuestionDoesNotTakeIsRefused(t *testing.T) {
	leavers := mustQuestions(t)[1]
	for name, values := range map[string]map[string]string{
		"takes no --campaign":        {"campaign": "q1"},
		"write a date as 2026-03-31": {"from": "31.3.2026"},
		"write a whole number":       {"days": "-1"},
		"give the earlier day first": {"from": "2026-03-02", "to": "2026-03-01"},
	} {
		_, err := leavers.bind(values, "2026-03-31")
		var wrong *MisuseError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: %v", values, err)
		}
	}
}

func TestWhatIsNotGivenHasADefault(t *testing.T) {
	got, err := mustQuestions(t)[1].bind(map[string]string{"person": "E1"}, "2026-03-31")
	want := map[string]string{"from": "2025-12-31", "to": "2026-03-31", "days": "1", "person": "E1", "system": ""}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestASampleIsThatOfItsSeed(t *testing.T) {
	draw := func(seed int64) *Answer {
		a := &Answer{Columns: []string{"n"}}
		for n := range int64(100) {
			a.Rows = append(a.Rows, []any{n})
		}
		a.Sample(5, seed)
		return a
	}
	first, again, other := draw(1), draw(1), draw(2)
	if !cmp.Equal(first.Rows, again.Rows) || cmp.Equal(first.Rows, other.Rows) || len(first.Rows) != 5 || first.Population.Rows != 100 {
		t.Errorf("%v, %v, %v, of %d", first.Rows, again.Rows, other.Rows, first.Population.Rows)
	}
}

func TestNoSpreadsheetTakesTextForAFormula(t *testing.T) {
	for _, before := range []string{"", "\u00a0", "\u200b", "\ufeff\u3000"} { // what shows nothing is passed over
		a := &Answer{Columns: []string{"a", "b", "c"}, Rows: [][]any{{before + "=1+1", int64(-1), nil}}}
		if got := string(a.CSV()); got != "a,b,c\n'"+before+"=1+1,-1,\n" {
			t.Errorf("%q", got)
		}
	}
}
