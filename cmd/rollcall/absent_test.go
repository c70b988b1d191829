package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
)

// absenceCounts lets two lists without somebody count as left.
func (w *townsfolk) absenceCounts() {
	w.t.Helper()
	w.settles("file: roster.csv", "file: roster.csv, left_after_lists: 2")
}

// another writes HR's next list without some people: somebody new is in it, so that it is
// another list.
func (w *townsfolk) another(name string, without ...string) {
	w.t.Helper()
	w.people = append(w.people, name)
	w.roster(without...)
}

// absentFor plays nights, each with a list of HR's that somebody is not in.
func (w *townsfolk) absentFor(nights int, name string) {
	w.t.Helper()
	for n := range nights {
		w.another(fmt.Sprint("new", n+1), name)
		w.want(w.night("nightly"), exitDone)
	}
}

func TestAbsentFromTwoListsIsBlockedTheNightAfterTheSecond(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.absenceCounts()
	w.watched()
	w.roster("leo")
	w.want(w.night("nightly"), exitDone)
	w.want(w.now("why", "--person", "E11"), exitDone, "vanished", "2 different lists without them count as left, by the setting left_after_lists; 1 so far")
	w.want(w.night("nightly"), exitDone) // the same file says nothing new
	w.want(w.now("why", "--person", "E11"), exitDone, "vanished", "1 so far")

	w.another("new1", "leo")
	w.want(w.now("check", "--roster", filepath.Join(w.dir, "roster.csv")), exitDone, "1 person would leave later.",
		"leo Test (E11): is absent from 2 different lists since 2041-03-05, and none ever said Left: by the setting left_after_lists (2) that counts as left, access until 2041-03-")
	w.want(w.night("nightly"), exitDone)
	if w.status("leo") != fakeokta.Active {
		t.Fatalf("leo is %s before the day of the second list is over", w.status("leo"))
	}
	w.want(w.night("nightly"), exitDone, "blocked and verified")
	if w.status("leo") != fakeokta.Suspended {
		t.Fatalf("leo is %s", w.status("leo"))
	}
	w.want(w.now("why", "--person", "E11"), exitDone, "is absent from 2 different lists since 2041-03-05, and none ever said Left")

	w.another("new2") // and leo is in it
	w.want(w.night("nightly"), exitDone, "leo")
	w.want(w.now("why", "--person", "E11"), exitDone, "active", "works here")
	w.verified()
	w.replayed()
}

func TestAnAnswerBeatsAbsence(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.absenceCounts()
	w.write("answers.csv", "source,employee_id,answer,same_as,last_working_day,confirmed_by,confirmed_on\nemployees,E11,active,,,hr@example.test,2041-03-04\n")
	w.settles("rolemap: rolemap.csv", "rolemap: rolemap.csv, answers: answers.csv")
	w.watched()
	w.absentFor(4, "leo")
	w.want(w.now("why", "--person", "E11"), exitDone, "active", "confirmed as working by hr@example.test")
	w.inOkta("leo", fakeokta.Active)
	w.replayed()
}

func TestWithoutTheSettingAbsenceNeverCounts(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.watched()
	w.absentFor(5, "leo")
	w.want(w.now("why", "--person", "E11"), exitDone, "vanished", "is in no HR list since 2041-03-05, and nobody said that they left")
	w.inOkta("leo", fakeokta.Active)
	w.replayed()
}
