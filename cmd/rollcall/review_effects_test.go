package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeokta"
)

// newTownInReview is a town in which a review decided that ann is to leave Old hands,
// and that everything else stays.
func newTownInReview(t *testing.T, settings string, first ...func(*townsfolk)) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	for _, prepare := range first {
		prepare(w)
	}
	w.write("rollcall.yaml", w.read("rollcall.yaml")+"review: {approver: {name: Pat Outside, mail: pat@elsewhere.test}"+settings+"}\n")
	w.watched()
	w.want(w.reviews("open", "--campaign", "2041-q1"), exitDone, "The review 2041-q1 is open")
	w.answers(map[string]string{"ann Test Okta group: Old hands": "Remove"})
	return w
}

func (w *townsfolk) reviews(command string, args ...string) ran {
	w.t.Helper()
	return play(w.t.Context(), w.clock, nil, append([]string{"review", command, "--config", filepath.Join(w.dir, "rollcall.yaml")}, args...)...)
}

// answers answers every row of every worksheet: as given, by person and access, else
// Keep. The files come back as the page saves them.
func (w *townsfolk) answers(given map[string]string) {
	w.t.Helper()
	sheets, err := filepath.Glob(filepath.Join(w.dir, "reviews", "2041-q1", "worksheets", "*.csv"))
	if err != nil || len(sheets) == 0 {
		w.t.Fatalf("no worksheets: %v", err)
	}
	back := w.t.TempDir()
	used := map[string]bool{}
	for _, file := range sheets {
		b, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
		if err != nil {
			w.t.Fatal(err)
		}
		at := func(row []string, head string) string { return row[slices.Index(lines[0], head)] }
		rows := []map[string]string{}
		for _, l := range lines[1:] {
			name, _, _ := strings.Cut(at(l, "Technical name"), " [")
			key, decision := at(l, "Person")+" "+name, "Keep"
			if d, is := given[key]; is {
				decision, used[key] = d, true
			}
			rows = append(rows, map[string]string{"id": at(l, "Row ID"), "mac": at(l, "Row check"), "decision": decision, "reason": "asked the person, and it is so",
				"change_to": map[string]string{"Change": "the group Staff"}[decision]})
		}
		sheet := strings.TrimSuffix(filepath.Base(file), ".csv")
		saved, err := json.Marshal(map[string]any{"schema": "rollcall-worksheet-2", "campaign": "2041-q1", "sheet": sheet, "rows": rows})
		if err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(back, sheet+".json"), saved, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	if len(used) != len(given) {
		w.t.Fatalf("of %v only %v was asked", given, used)
	}
	w.want(w.reviews("import", "--dir", back), exitDone)
}

// oldHands reports whether ann is in the group.
func (w *townsfolk) oldHands() bool {
	return slices.Contains(w.okta.GroupsOf(w.users["ann"].ID), w.leaversOnly.ID)
}

func TestARemoveOfAReviewIsOnlyToldUnlessTheCompanyLetsItBeTaken(t *testing.T) {
	w := newTownInReview(t, "")
	w.quiet()
	for range 2 {
		w.want(w.night("nightly"), exitDone, "What reviews decided to remove: 1 still there", "review.removals is observe")
	}
	if n := w.sent(); n > 0 || !w.oldHands() {
		t.Errorf("%d changes were sent", n)
	}
	w.okta.RemoveMember(w.leaversOnly.ID, w.users["ann"].ID) // the owner does it
	w.want(w.night("nightly"), exitDone)
	w.want(w.reviews("status"), exitDone, "Old hands of okta: gone, as run")
	w.verified()
}

func TestARemoveOfAReviewIsTakenOnceAndFollowedUntilItIsGone(t *testing.T) {
	w := newTownInReview(t, ", removals: enforce, notice_days: 2")
	w.quiet()
	w.want(w.night("nightly"), exitDone, "it is taken away on 2041-03-07")
	w.want(w.night("nightly"), exitDone, "it is taken away on 2041-03-07")
	if n := w.sent(); n > 0 {
		t.Fatalf("%d changes were sent before the notice was over", n)
	}
	w.want(w.night("nightly"), exitDone, "What reviews decided to remove: 1 taken away and verified")
	if w.oldHands() || w.sent() != 1 {
		t.Errorf("%d changes were sent, and ann is in the group: %v", w.sent(), w.oldHands())
	}
	w.want(w.reviews("status"), exitDone, "taken away on 2041-03-07, not yet seen gone by a complete night")
	w.okta.AddMember(w.leaversOnly.ID, w.users["ann"].ID) // before a night looked
	w.want(w.night("nightly"), exitDone, "1 still there", "and somebody gave it again, who is to say why")
	if w.sent() != 1 {
		t.Error("it was taken twice")
	}
	w.okta.RemoveMember(w.leaversOnly.ID, w.users["ann"].ID)
	w.want(w.night("nightly"), exitDone)
	w.want(w.reviews("status"), exitDone, "Old hands of okta: gone, as run")
	w.want(w.reviews("close"), exitDone, "yes Every Remove was verified absent: all 1")
	w.verified()
}

func TestANightKilledWhileItTakesWhatAReviewDecidedIsClosedByTheNext(t *testing.T) {
	w := newTownInReview(t, ", removals: enforce")
	w.killed("before the outcome of leave_group") // and nobody wrote it down
	w.quiet()
	w.want(w.night("nightly"), exitDone, "took over the journal of 1 earlier run(s)")
	if n := w.sent(); n > 0 || w.oldHands() {
		t.Errorf("%d changes were sent again, and ann is in the group: %v", n, w.oldHands())
	}
	w.want(w.reviews("status"), exitDone, "Old hands of okta: gone, as run")
	w.verified()
}

func TestAChangeIsATaskForTheOwnerWithBothRightsNamed(t *testing.T) {
	w := newTownInReview(t, ", removals: enforce, notice_days: 9")
	w.answers(map[string]string{"ann Test Okta group: Old hands": "Change"})
	task := "ann Test, ann@example.test in okta: instead of Okta group Old hands they are to have the group Staff, says Pat Outside (asked the person, and it is so)"
	w.want(w.reviews("status"), exitDone, "To change, by the owner of the system", task)
	w.want(w.reviews("close"), exitDone, task, "0 to remove")
}

func TestALaterAnswerTakesBackARemoveThatWasNotTaken(t *testing.T) {
	w := newTownInReview(t, ", removals: enforce, notice_days: 2")
	w.want(w.night("nightly"), exitDone, "it is taken away on 2041-03-07")
	w.answers(nil) // Keep, everywhere
	w.quiet()
	for range 4 {
		if r := w.night("nightly"); r.code != exitDone || strings.Contains(r.stdout, "reviews decided to remove") {
			t.Errorf("%s", r)
		}
	}
	if n := w.sent(); n > 0 || !w.oldHands() {
		t.Errorf("%d changes were sent", n)
	}
	w.verified()
}

func TestWhoComesBackAfterARemoveIsJudgedByTheNextReview(t *testing.T) {
	w := newTownInReview(t, ", removals: enforce")
	w.want(w.night("nightly"), exitDone, "1 taken away and verified")
	w.want(w.night("nightly"), exitDone)
	w.okta.AddMember(w.leaversOnly.ID, w.users["ann"].ID) // after a night saw it gone
	w.quiet()
	w.clock.pass(48 * time.Hour)
	if r := w.night("nightly"); strings.Contains(r.stdout, "reviews decided to remove") || w.sent() > 0 || !w.oldHands() {
		t.Errorf("%d changes: %s", w.sent(), r)
	}
}

func TestAMessageThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.write("rollcall.yaml", w.read("rollcall.yaml")+"review: {approver: {name: Pat Outside, mail: pat@elsewhere.test}}\n")
	w.watched()
	w.want(w.reviews("open", "--campaign", "2041-q1"), exitDone)
	inTheWay := filepath.Join(w.dir, "reviews", "2041-q1", "messages")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.want(w.reviews("remind"), exitFailed, "1 messages could not be written (pat@elsewhere.test: failed:")
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	w.want(w.reviews("remind"), exitDone, "1 messages to send", "pat@elsewhere.test: review_launch")
	w.want(w.reviews("remind"), exitDone, "asks for nothing today")
}

func TestAReviewGoesOnFromAnEmptyDiskWithTheArchiveInABucket(t *testing.T) {
	_, endpoint := newBucket(t)
	w := newTownInReview(t, ", removals: enforce", func(w *townsfolk) { w.inBucket(endpoint) })
	next := func() { // worksheets went out by mail; another runner has none of them
		if err := os.RemoveAll(filepath.Join(w.dir, "reviews")); err != nil {
			t.Fatal(err)
		}
		w.elsewhere()
	}
	next()
	w.want(w.reviews("status"), exitDone, "0 are open", "Old hands of okta: still there")
	w.want(w.night("nightly"), exitDone, "1 taken away and verified")
	next()
	w.want(w.night("nightly"), exitDone)
	next()
	w.want(w.reviews("close"), exitDone, "yes Every Remove was verified absent: all 1", "yes Every row was reviewed")
	next()
	w.want(w.now("why", "--person", "E01"), exitDone, "by campaign 2041-q1")
	if w.oldHands() {
		t.Error("ann is in the group")
	}
}
