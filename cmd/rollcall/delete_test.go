package main

import (
	"strings"
	"testing"

	"rollcall/internal/sandbox/fakeokta"
)

func TestAnIAMUserIsDeletedByPolicyOnTheNightAfterNothingElseIsLeft(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{})
	w.removes("{mode: enforce, after_days: 2, delete_users: true}")
	w.want(w.night("nightly"), exitDone, "tag_removed leo in aws: done")
	if u, there := w.aws.IAMUser(prodAWS, "leo"); !there || len(u.Attached) != 1 {
		t.Fatalf("leo is deleted on the night that removes everything else: %t %+v", there, u)
	}
	w.want(w.night("nightly"), exitDone, "delete_user leo in aws: done", "removed and verified")
	if _, there := w.aws.IAMUser(prodAWS, "leo"); there {
		t.Error("leo is there")
	}
	if _, there := w.aws.IAMUser(prodAWS, "ann"); !there {
		t.Error("ann is gone")
	}
	r := w.night("nightly")
	w.want(r, exitDone)
	if strings.Contains(r.stdout+r.stderr, "delete_user") {
		t.Errorf("a user who is gone is deleted: %s", r)
	}
	w.verified()
}

func TestWithoutTheWordNoIAMUserIsDeleted(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{})
	for range 3 {
		w.want(w.night("nightly"), exitDone)
	}
	if _, there := w.aws.IAMUser(prodAWS, "leo"); !there {
		t.Error("leo is deleted")
	}
}

func TestWhoComesBackBeforeTheDeletionStays(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{})
	w.removes("{mode: enforce, after_days: 2, delete_users: true}")
	w.want(w.night("nightly"), exitDone, "tag_removed leo in aws: done")
	w.left["leo"] = false
	w.people = append(w.people, "zoe") // the same list again would be an old one
	w.roster()
	w.want(w.night("nightly"), exitDone, "blocked_active")
	if _, there := w.aws.IAMUser(prodAWS, "leo"); !there {
		t.Error("leo is deleted")
	}
}
