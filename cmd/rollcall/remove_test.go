package main

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

// endowed gives leo everything that a remove takes.
func (w *townsfolk) endowed() {
	w.t.Helper()
	leo := w.users["leo"].ID
	for _, login := range []string{"ann", "leo"} {
		w.okta.AddFactor(fakeokta.Factor{UserID: w.users[login].ID, Type: "push"})
		w.okta.AddGrant(fakeokta.Grant{UserID: w.users[login].ID, ClientID: "notes", ClientName: "Notes", ScopeID: "openid"})
	}
	ruled := w.okta.AddGroup(fakeokta.Group{Name: "By rule"})
	rule := w.okta.AddGroupRule(fakeokta.GroupRule{Name: "Clerks", Expression: `user.title=="Clerk"`, GroupIDs: []string{ruled.ID}})
	w.okta.AddRuleMember(ruled.ID, rule.ID, leo)
	w.okta.AssignUser(w.okta.AddApp(fakeokta.App{Label: "Payroll"}).ID, leo)
	w.aws.AddIAMGroup(fakeaws.IAMGroup{Account: prodAWS, Name: "devs", Attached: []string{"arn:aws:iam::aws:policy/PowerUserAccess"}})
	w.aws.UpdateIAMUser(prodAWS, "leo", func(u *fakeaws.IAMUser) {
		u.Groups, u.Attached = []string{"devs"}, []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
		u.Inline = []fakeaws.InlinePolicy{{Name: "own", Document: `{"Statement":[]}`}}
		u.LoginProfile = &fakeaws.LoginProfile{}
		u.MFA = []fakeaws.MFADevice{{Serial: "arn:aws:iam::" + prodAWS + ":mfa/leo", Virtual: true}}
	})
}

// removes writes what the configuration says of removing.
func (w *townsfolk) removes(says string) {
	w.t.Helper()
	before, _, _ := strings.Cut(w.read("rollcall.yaml"), "remove:")
	w.write("rollcall.yaml", before+"remove: "+says+"\n")
}

// blockedForDays is a town in which leo was blocked, and is due for removal on the
// next night.
func blockedForDays(t *testing.T, opts fakeokta.Options) *townsfolk {
	t.Helper()
	w := newTown(t, opts)
	w.endowed()
	w.watched()
	w.leave("leo")
	w.removes("{mode: enforce, after_days: 2}")
	w.want(w.night("nightly"), exitDone)
	w.want(w.night("nightly"), exitDone, "leaver_remains")
	if w.status("leo") != fakeokta.Suspended || w.okta.GroupsOf(w.users["leo"].ID) == nil {
		t.Fatalf("leo is %s", w.status("leo"))
	}
	return w
}

func TestAfterTheGraceALeaverIsRemovedAndTheirClocksSaySo(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{})
	r := w.night("nightly")
	w.want(r, exitDone, "deactivate leo@example.test in okta: done", "tag_removed leo in aws: done", "removed and verified")
	if w.status("leo") != fakeokta.Deprovisioned {
		t.Errorf("leo is %s: %s", w.status("leo"), r)
	}
	if groups := w.okta.GroupsOf(w.users["leo"].ID); len(groups) != 2 { // Everyone, and the one that a rule fills
		t.Errorf("leo is in %v", groups)
	}
	leo, _ := w.aws.IAMUser(prodAWS, "leo")
	if len(leo.Attached) != 1 || leo.LoginProfile != nil || len(leo.AccessKeys)+len(leo.Groups)+len(leo.Inline)+len(leo.MFA) > 0 {
		t.Errorf("left of leo in IAM: %+v", leo)
	}
	w.verified()
	for k, end := range w.memory().Endings {
		if end.BlockedAt.IsZero() || end.RemovedAt.IsZero() || end.RemovedAt.Before(end.BlockedAt) {
			t.Errorf("the clocks of %s: %+v", k, end)
		}
	}
	w.quiet()
	r = w.night("nightly")
	w.want(r, exitDone)
	if n := w.sent(); n > 0 || strings.Contains(r.stdout, "leaver_remains") {
		t.Errorf("all was done, and %d changes were sent: %s", n, r)
	}
}

func TestByDefaultNothingIsRemoved(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{})
	w.removes("{after_days: 0}")
	w.quiet()
	for range 3 {
		w.want(w.night("nightly"), exitDone, "remove.mode is observe")
	}
	if n := w.sent(); n > 0 {
		t.Errorf("%d changes were sent", n)
	}
}

func TestWhoComesBackBeforeTheRemovalLosesNothing(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{})
	w.left["leo"] = false
	w.people = append(w.people, "zoe") // the same list again would be an old one
	w.roster()
	w.quiet()
	w.want(w.night("nightly"), exitDone, "blocked_active", "its removal, due on")
	if n := w.sent(); n > 0 {
		t.Errorf("%d changes were sent", n)
	}
}

func TestWhoIsBackAfterAKilledNightOfRemovesLosesNothingMore(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{})
	w.killed("before the outcome of leave_group") // and nobody wrote it down
	w.left["leo"] = false
	w.people = append(w.people, "zoe") // the same list again would be an old one
	w.roster()
	w.quiet()
	r := w.night("nightly")
	w.want(r, exitDone, "took over the journal of 1 earlier run(s)", "blocked_active", "its removal began on")
	if w.sent() > 0 || w.status("leo") != fakeokta.Suspended {
		t.Errorf("%d changes were sent, and leo is %s: %s", w.sent(), w.status("leo"), r)
	}
	w.verified()
}

func TestADeactivationThatTakesLongIsClosedByTheNextRunBeforeAnythingElse(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{DeactivatePolls: 12})
	w.want(w.night("nightly"), exitFailed, "deactivate leo@example.test in okta: pending")
	w.okta.ResetRequests()
	for range 4 {
		w.night("nightly")
	}
	if w.status("leo") != fakeokta.Deprovisioned || w.events("leo", "user.lifecycle.deactivate") != 1 {
		t.Errorf("leo is %s", w.status("leo"))
	}
	for _, r := range w.okta.Requests() {
		if r.Method == "POST" {
			t.Errorf("sent again: %s %s", r.Method, r.Path)
		}
	}
	w.want(w.night("nightly"), exitDone)
	w.verified()
}

func TestANightOfRemovesKilledAnywhereIsFinishedByTheNext(t *testing.T) {
	w := blockedForDays(t, fakeokta.Options{})
	w.killedAnywhere(t, 22, func(t *testing.T, died death) {
		if ended := w.events("leo", "user.lifecycle.deactivate"); ended != 1 {
			t.Errorf("leo was deactivated %d times", ended)
		}
		if end := w.memory().Endings[access.AccountKey{System: "okta", ID: access.AccountID(w.users["leo"].ID)}]; end.RemovedAt.IsZero() || died.when != "after 1" && end.RemovingAt.After(died.at.Add(time.Hour)) {
			t.Errorf("the clocks stand still, or what the killed run did is not counted as its: %+v", end)
		}
	})
}
