package main

import (
	"testing"

	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/faults"
)

// actsAs makes the credential that blocks in Okta that of one of the people.
func (w *townsfolk) actsAs(login string) {
	w.okta.SetToken(blockToken, fakeokta.Token{Name: "block", UserID: w.users[login].ID})
}

func TestALeaverByWhoseTokenTheNightActsIsHeldAndToldAsAProtectedLeaver(t *testing.T) {
	w, told := newTownThatTells(t)
	w.actsAs("leo")
	w.watched()
	w.leave("leo", "mia")
	w.want(w.night("nightly"), exitHeld, "leo@example.test in okta is protected (rollcall itself acts as this account: give it a credential of somebody else first)")
	if w.status("leo") != fakeokta.Active || w.status("mia") != fakeokta.Suspended {
		t.Errorf("leo is %s and mia %s: the night cut itself off, or kept mia in", w.status("leo"), w.status("mia"))
	}
	w.contains("the pager", told.took("v2"), "A protected account belongs to somebody who has left")
	w.want(w.night("nightly"), exitHeld, "is protected (rollcall itself acts as this account:") // for as long as it is so
	w.want(w.now("sweep"), exitHeld)
	w.want(w.now("revoke", "--person", w.id("leo"), "--reason", "gone"), exitHeld, "is protected (rollcall itself acts as this account: give it a credential of somebody else first)")
	w.actsAs("ann")
	w.want(w.night("nightly"), exitDone)
	if w.status("leo") != fakeokta.Suspended {
		t.Errorf("the job acts as somebody else now, and leo is %s", w.status("leo"))
	}
	w.verified()
}

func TestWhoseAccountTheNightActsAsIsAskedWhereALeaverHasOneAlone(t *testing.T) {
	w := newTown(t, fakeokta.Options{})
	w.actsAs("leo")
	w.watched()
	asked := w.oktaFaults.Add(faults.Rule{Match: faults.Path("GET", "/api/v1/users/me")}) // by either credential
	w.want(w.night("nightly"), exitDone)
	if n := asked(); n != 1 {
		t.Errorf("nobody has left, and whose tokens these are was asked %d times, want once: by the one that reads", n)
	}
	w.leave("mia")
	w.want(w.night("nightly"), exitDone)
	if n := asked(); n != 3 {
		t.Errorf("somebody has left, and it was asked %d times, want two more", n)
	}
}
