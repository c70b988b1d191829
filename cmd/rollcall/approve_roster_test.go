package main

import (
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
)

// somewhere writes HR's list with the place where everybody works instead of a time zone.
func (w *townsfolk) somewhere() {
	w.t.Helper()
	w.write("roster.csv", strings.NewReplacer(",timezone,", ",location,", ",,,\n", ",,Berlin,\n").Replace(w.read("roster.csv")))
}

func TestAnApprovedListIsReadAsTheNightReadsIt(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.settles("file: roster.csv", "file: roster.csv, timezones: {Berlin: Europe/Berlin}")
	w.somewhere()
	w.answering()
	w.watched()
	w.limits("{blast: {night_min: 60, week_min: 60}, concentration_min: 60, irreversible: 60}")
	w.leave("leo", "mia", "eve", "fay", "gus", "hal")
	w.somewhere()
	w.want(w.night("nightly"), exitHeld, "says that 6 people are newly gone")
	w.want(w.now("approve", "--guard", "roster", "--roster", filepath.Join(w.dir, "roster.csv"), "--by", "Ann", "--reason", "the office is closed"), exitDone, "6 are newly gone")
	w.want(w.night("nightly"), exitDone, "by it the list employees is accepted, with 6 people who are newly gone")
	if w.status("leo") != fakeokta.Suspended {
		t.Errorf("leo is %s", w.status("leo"))
	}
}
