package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
)

// shrunk is a town whose Okta gives 25 groups less than on the last run.
func shrunk(t *testing.T) *townsfolk {
	t.Helper()
	w := newTown(t, fakeokta.Options{})
	before, err := w.okta.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for n := range 25 {
		w.okta.AddGroup(fakeokta.Group{Name: fmt.Sprintf("Team %d", n)})
	}
	w.watched()
	if err := w.okta.Restore(before); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAListThatWasCutShortIsAGapThatStopsNobodyElseFromBeingBlocked(t *testing.T) {
	w := shrunk(t)
	w.leave("leo")
	w.want(w.night("nightly"), exitIncomplete, "okta/groups", "it gave 3 records, and 28 records on", "rollcall nightly --confirm-drop okta/groups=3")
	w.blocked("leo")
	w.want(w.night("nightly"), exitIncomplete, "it gave 3 records, and 28 records on")
	w.verified()
}

func TestADropThatAPersonConfirmsIsBelievedAndIsTheNewNormal(t *testing.T) {
	w := shrunk(t)
	w.want(w.now("check", "--connect"), exitIncomplete, "okta/groups NO", "28", "--confirm-drop okta/groups=3")
	w.want(w.night("plan", "--out", filepath.Join(w.dir, "plan.json"), "--confirm-drop", "okta/groups=3"), exitDone)
	w.want(w.night("nightly", "--confirm-drop", "okta/groups=3"), exitDone, "okta/groups gave 3 records, and 28 records on", "says that this is right")
	w.want(w.night("nightly"), exitDone)
	w.want(w.now("check", "--connect"), exitRefused, "okta/groups yes", "policy.contacts is not set") // of the list nothing is wrong any more
}

func TestAConfirmationThatNamesNothingIsRefused(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	for _, said := range []string{"okta/groups", "okta/groups=many", "okta/groups=-1", "okat/groups=3", "okta=3", "=3"} {
		w.want(w.now("nightly", "--confirm-drop", said), exitRefused, "--confirm-drop")
	}
	if n := len(w.okta.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
