package main

import (
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
)

// leavesOn writes HR's list with somebody's last day in it.
func (w *townsfolk) leavesOn(name, status, last string) {
	w.t.Helper()
	w.roster()
	lines := strings.Split(w.read("roster.csv"), "\n")
	for n, line := range lines {
		if strings.Contains(line, name+"@") {
			lines[n] = strings.Replace(line, ",active,2030-01-01,", ","+status+",2030-01-01,"+last, 1)
		}
	}
	w.write("roster.csv", strings.Join(lines, "\n"))
}

func TestAListThatCannotBeUsedCutsNobodyOffWhomItShowsWorking(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.leavesOn("leo", "left", "2041-03-05")
	w.want(w.night("nightly"), exitDone)
	w.leavesOn("leo", "active", "")
	w.write("roster.csv", w.read("roster.csv")+"Total: 999,,,,,,,,,,,,\n")
	w.want(w.night("nightly"), exitHeld, "we counted 12")
	w.want(w.now("why", "--person", "E11"), exitDone, "left by the list in force, but works here by roster.csv (row 12), which was refused tonight")
	if w.status("leo") != fakeokta.Active {
		t.Errorf("leo is %s, and HR's newest list shows them working", w.status("leo"))
	}
	w.leavesOn("leo", "active", "")
	w.write("roster.csv", strings.Replace(w.read("roster.csv"), "E11,leo@example.test", ",Leo <leo@example.test>", 1)+"Total: 999,,,,,,,,,,,,\n")
	w.want(w.night("nightly"), exitHeld, "we counted 12")
	if w.status("leo") != fakeokta.Active {
		t.Errorf("leo is %s, and HR's newest list shows their address working", w.status("leo"))
	}
	w.leavesOn("leo", "left", "2041-03-05")
	w.write("roster.csv", w.read("roster.csv")+"Total: 999,,,,,,,,,,,,\n")
	w.want(w.night("nightly"), exitHeld, "we counted 12")
	if w.status("leo") != fakeokta.Suspended {
		t.Errorf("leo is %s, and both lists say that they left", w.status("leo"))
	}
	w.verified()
	w.replayed()
}

// twoOfAddresses writes HR's list without its ids, and with two columns of addresses: of which
// somebody's manager, too, is in the second one.
func (w *townsfolk) twoOfAddresses(second map[string]string) {
	w.t.Helper()
	lines := strings.Split(strings.TrimSpace(w.read("roster.csv")), "\n")
	for n, line := range lines {
		_, rest, _ := strings.Cut(line, ",")
		address, _, _ := strings.Cut(rest, ",")
		if n == 0 {
			lines[n] = rest + ",Work Email"
			continue
		}
		lines[n] = rest + "," + second[address]
	}
	w.write("roster.csv", strings.Join(lines, "\n")+"\n")
}

func TestAListWithTwoColumnsOfAddressesCutsNobodyOffWhomEitherShowsWorking(t *testing.T) {
	const held = "roster.csv (row 2), which was refused tonight, has an address of theirs in a row of somebody who works here"
	for name, c := range map[string]struct {
		status string // leo's in the refused list
		second map[string]string
		want   fakeokta.Status
		says   string
	}{
		"leo works by it":       {"active", nil, fakeokta.Active, "roster.csv (row 12), which was refused tonight"},
		"leo has left by it":    {"left", nil, fakeokta.Suspended, ""},
		"another row names leo": {"left", map[string]string{"ann@example.test": "leo@example.test"}, fakeokta.Active, held},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, fakeokta.Options{})
			w.watched()
			w.leavesOn("leo", "left", "2041-03-05")
			w.want(w.night("nightly"), exitDone)
			last := ""
			if c.status == "left" {
				last = "2041-03-05"
			}
			w.leavesOn("leo", c.status, last)
			w.twoOfAddresses(c.second)
			w.want(w.night("nightly"), exitHeld, "2 columns mean email")
			w.want(w.now("why", "--person", "E11"), exitDone, c.says)
			if w.status("leo") != c.want {
				t.Errorf("leo is %s, not %s", w.status("leo"), c.want)
			}
			w.verified()
			w.replayed()
		})
	}
}

// dated writes a line above HR's list that says of which day it is.
func (w *townsfolk) dated(line string) {
	w.t.Helper()
	w.write("roster.csv", line+"\n"+w.read("roster.csv"))
}

func TestAnExportWhoseDayCanBeReadInTwoWaysTakesForceOnlyIfItIsOlderByNeither(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.dated("Report date: 2041-02-15")
	w.watched()
	w.want(w.night("nightly"), exitDone)
	for _, c := range [][2]string{
		{"Report date: 01/02/2041", "roster.csv is older than what is known already: its day can be read as 2041-01-02 or as 2041-02-01, and the list accepted on 2041-03-04 was of 2041-02-15"},
		{"Report date: 02/03/2041", "roster.csv may be older than what is known already: its day can be read as 2041-02-03 or as 2041-03-02, and the list accepted on 2041-03-04 was of 2041-02-15"},
	} {
		line, says := c[0], c[1]
		w.leave("leo")
		w.dated(line)
		w.want(w.now("check", "--roster", filepath.Join(w.dir, "roster.csv")), exitDone, "It would not be believed: "+says)
		w.want(w.night("nightly"), exitHeld, says)
		if w.status("leo") != fakeokta.Active {
			t.Fatalf("leo is %s by an export that may be old", w.status("leo"))
		}
	}
	w.dated("As of 2 March 2041") // beside the line that can be read in two ways
	w.want(w.night("nightly"), exitDone)
	if w.status("leo") != fakeokta.Suspended {
		t.Errorf("leo is %s, and the list says of which day it is", w.status("leo"))
	}
	w.verified()
	w.replayed()
}

func TestAnOlderExportTakesForceOnlyIfSomebodyAnswersForIt(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.answering()
	w.dated("Report date: 2041-03-04")
	w.watched()
	w.want(w.night("nightly"), exitDone)
	w.leave("leo")
	w.dated("Report date: 2041-02-25")
	older := "roster.csv is older than what is known already: it says that it is of 2041-02-25, and the list accepted on 2041-03-04 was of 2041-03-04"
	list := filepath.Join(w.dir, "roster.csv")
	w.want(w.now("check", "--roster", list), exitDone, "It would not be believed: "+older)
	w.want(w.night("nightly"), exitHeld, older, "a list of 2041-02-25; what passes by itself is one of 2041-03-04 (the day of the list accepted on 2041-03-04) or later; 0 accounts held")
	if w.status("leo") != fakeokta.Active {
		t.Fatalf("leo is %s by an export of last week", w.status("leo"))
	}
	w.want(w.now("approve", "--guard", "roster", "--roster", list, "--by", "Ann", "--reason", "the day in the report is wrong"), exitDone, older)
	w.want(w.night("nightly"), exitDone, "by it the list employees is accepted")
	if w.status("leo") != fakeokta.Suspended {
		t.Errorf("leo is %s, and Ann answered for the list", w.status("leo"))
	}
	w.verified()
	w.replayed()
}
