package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"rollcall/internal/sandbox/fakeokta"
)

// next writes tonight's list as HR would send it, changed line by line, and
// gives its place.
func (w *townsfolk) next(change func(lines []string) []string) string {
	w.t.Helper()
	w.write("next.csv", strings.Join(change(strings.Split(strings.TrimSuffix(w.read("roster.csv"), "\n"), "\n")), "\n")+"\n")
	return filepath.Join(w.dir, "next.csv")
}

func TestHRSeesBeforeTheNightWhatAListWouldDo(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	asked := len(w.okta.Requests())
	list := w.next(func(lines []string) []string {
		for i, l := range lines {
			switch {
			case strings.Contains(l, "leo@"):
				lines[i] = strings.Replace(l, ",active,2030-01-01,", ",left,2030-01-01,2041-03-01", 1)
			case strings.Contains(l, "mia@"):
				lines[i] = strings.Replace(l, ",active,2030-01-01,", ",left,2030-01-01,2041-04-01", 1)
			case strings.Contains(l, "hal@"):
				lines[i] = strings.Replace(l, ",active,2030-01-01,", ",active,2030-01-01,2041-03-20", 1)
			case strings.Contains(l, "gus@"):
				lines[i] = strings.Replace(l, ",active,", ",sabbatical of a kind,", 1)
			}
		}
		return append(lines[:len(lines)-1:len(lines)-1], lines[len(lines)-1], "N1,zoe@example.test,zoe Test,Clerk,Dep,,employee,active,2040-01-01,,,,")
	})
	w.want(w.now("check", "--roster", list), exitDone,
		"If this were tonight's list (held against the list accepted on 2041-03-04, 12 rows)",
		"1 person would lose access. Their accounts are blocked in the night, if the guards agree. - leo Test (E11)",
		"1 person would be held. Nothing of theirs is changed until it is clear. - gus Test (E07)",
		"1 person would leave later. Nothing happens before that. - mia Test (E12)", ", access until 2041-04-0",
		"1 person would keep access past their last day. Their row gives a last day and does not say Left", ", access until 2041-03-2",
		"1 person would work here from now on. Nothing is taken away. - zoe Test (N1)")
	w.want(w.now("check", "--roster", list, "--json"), exitDone, `"what": "lose access"`)
	if n := len(w.okta.Requests()) - asked; n != 0 {
		t.Errorf("%d requests: HR has no credentials", n)
	}
	w.want(w.night("nightly"), exitDone) // and nothing of it was kept
}

func TestHRSeesThatAListWouldNotBeBelieved(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	half := w.next(func(lines []string) []string { return lines[:6] })
	w.want(w.now("check", "--roster", half), exitDone, "It would not be believed", "has 5 people, the list in force has 12", "The last accepted list would stay in force", "check the report's filter")
	gone := w.next(func(lines []string) []string { return lines[:len(lines)-1] })
	w.want(w.now("check", "--roster", gone), exitDone, "1 person would be in no list any more. Nothing is taken away: say in answers.csv whether they left. - mia Test (E12)")
	damaged := w.next(func(lines []string) []string {
		return append(lines[:2], "1.2E+05,x@example.test,X,,,,,active,,,,,", "1.2E+05,y@example.test,Y,,,,,active,,,,,")
	})
	if r := w.now("check", "--roster", damaged); !strings.Contains(r.stdout, "It would not be believed") || strings.Contains(r.stdout, "..") {
		t.Errorf("a sentence has one full stop: %s", r)
	}
	same := w.next(func(lines []string) []string { return lines })
	w.want(w.now("check", "--roster", same), exitDone, "Nothing would change for anybody.")
}

func TestBeforeTheFirstNightThereIsNothingToHoldAListAgainst(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	r := w.now("check", "--roster", filepath.Join(w.dir, "roster.csv"))
	w.want(r, exitDone)
	if strings.Contains(r.stdout, "tonight's list") {
		t.Errorf("it tells what nobody knows: %s", r)
	}
}

func TestHRGetsTheBadRowsBackAsAWorkbook(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	list := w.next(func(lines []string) []string {
		lines[3] = strings.Replace(lines[3], ",active,", ",sabbatical of a kind,", 1)
		return lines[:len(lines)-1]
	})
	out := filepath.Join(w.dir, "roster_problems.xlsx")
	w.want(w.now("check", "--roster", list, "--out", out), exitDone)
	f, err := excelize.OpenFile(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if rows, err := f.GetRows("Your rows"); err != nil || len(rows) != 2 || rows[1][0] != "4" || rows[1][1] != "E03" {
		t.Errorf("rows %v, %v", rows, err)
	}
	if err := os.Rename(list, filepath.Join(w.dir, "roster.csv")); err != nil {
		t.Fatal(err)
	}
	w.want(w.night("nightly"), exitDone)
	books, err := filepath.Glob(filepath.Join(w.dir, "reports", "*", "hr", "roster_problems_employees.xlsx"))
	if err != nil || len(books) != 1 {
		t.Fatalf("workbooks %v, %v", books, err)
	}
	night, err := excelize.OpenFile(books[0])
	if err != nil {
		t.Fatal(err)
	}
	defer night.Close()
	asked, err := night.GetRows("Please answer")
	if err != nil || len(asked) != 3 || asked[1][1] != "E03" || asked[2][1] != "E12" {
		t.Errorf("asked %v, %v", asked, err)
	}
	w.want(w.now("check", "--out", out), exitRefused, "only for --roster")
}
