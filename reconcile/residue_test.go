package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// movedNight is a night on which Ann, who was a clerk, still is in the clerks' group.
func movedNight(m access.Memory, now time.Time) World {
	w := titled(m, now, "Dev")
	w.Settings.Mode, w.Settings.MoverDays, w.Settings.Removal = access.Enforce, 2, Removal{Enforce: true, Movers: true}
	rule := func(title, group string) access.Rule {
		return access.Rule{Line: access.Line{File: "rolemap.csv", Row: 2}, Title: title, System: "okta", Kind: "group", Entitlement: group}
	}
	w.Policy.RoleMap.Rules = []access.Rule{rule("Clerk", "Orders"), rule("Dev", "Code")}
	read := func(kind string, lists bool) access.Read {
		return access.Read{System: "okta", Kind: kind, Lists: lists, Complete: true}
	}
	w.Systems = []access.Observation{{System: "okta", Reads: []access.Read{read("users", true), read("group_rules", false)},
		Accounts:     []access.Account{{System: "okta", ID: "u", Login: "ann", HRID: "1", Kind: access.OktaUser, Status: access.AccountActive, VendorStatus: "ACTIVE"}},
		Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "g", Name: "Orders", Editable: true}},
		Grants:       []access.Grant{{}}}}
	return w
}

// firstNights are those until the day on which the right is due.
func firstNights(t *testing.T) (World, Decision) {
	t.Helper()
	now := time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	w := titled(access.Memory{}, now, "Clerk")
	w.Settings.MoverDays = 2
	m := Remember(w, Decide(w), nil, "r")
	for n := 1; n < 4; n++ { // moved on the 2nd: two whole days are over at midnight of the 5th
		w = movedNight(m, now.AddDate(0, 0, n))
		d := Decide(w)
		if len(d.Plan.Actions)+len(d.Plan.Held) > 0 || len(d.Residues) != 1 {
			t.Fatalf("night %d: %+v, announced %v", n, d.Plan.Actions, d.Residues)
		}
		m = Remember(w, d, nil, "r")
	}
	w = movedNight(m, now.AddDate(0, 0, 4))
	d := Decide(w)
	if len(d.Plan.Actions) != 1 || !d.Plan.Actions[0].Mover || !d.Plan.Actions[0].First {
		t.Fatalf("on the day: %s", renderPlan(d.Plan))
	}
	return w, d
}

func TestARightOfAFormerJobIsTakenOnTheDayThatWasAnnounced(t *testing.T) { firstNights(t) }

func TestARemovalThatFailedIsTriedAgainAndOneThatWasDoneIsAnnouncedAgain(t *testing.T) {
	w, d := firstNights(t)
	for result, again := range map[access.Result]bool{access.Failed: true, access.Pending: true, access.Done: false, access.AlreadyAbsent: false} {
		o := access.Outcome{Action: d.Plan.Actions[0], Result: result, SentAt: w.Now, VerifiedAt: w.Now}
		next := movedNight(Remember(w, d, []access.Outcome{o}, "r"), w.Now.AddDate(0, 0, 1))
		if got := len(Decide(next).Plan.Actions) == 1; got != again {
			t.Errorf("after %s the right is still held and planned: %t", result, got)
		}
	}
}

func TestANightThatAnnouncesNothingBeginsTheNoticeAnew(t *testing.T) {
	w, _ := firstNights(t)
	covered := w
	covered.Policy.Exceptions = []access.Exception{{Person: access.PersonKey{Source: "employees", EmployeeID: "1"}, System: "okta", Entitlement: "Orders", ExpiresOn: access.Day{At: w.Now.AddDate(0, 0, 1)}}}
	next := movedNight(Remember(covered, Decide(covered), nil, "r"), w.Now.AddDate(0, 0, 1))
	if d := Decide(next); len(d.Plan.Actions) > 0 || len(d.Residues) != 1 {
		t.Errorf("%s, announced %v", renderPlan(d.Plan), d.Residues)
	}
}

func TestANightThatCannotTellKeepsTheNotice(t *testing.T) {
	w, _ := firstNights(t)
	for name, blind := range map[string]func(*World){
		"the role map was unread": func(w *World) { w.Policy.RoleMapUnread = true },
		"the system was not read": func(w *World) {
			o := movedNight(w.Memory, w.Now).Systems[0]
			o.Accounts, o.Grants = nil, nil
			o.Reads[0].Complete = false
			w.Systems = []access.Observation{o}
		},
	} {
		dark := w
		blind(&dark)
		next := movedNight(Remember(dark, Decide(dark), nil, "r"), w.Now.AddDate(0, 0, 1))
		if d := Decide(next); len(d.Plan.Actions) != 1 {
			t.Errorf("%s: %s", name, renderFindings(d))
		}
	}
}

func TestWhatWasTakenCountsForAWeekAndIsForgotten(t *testing.T) {
	w, d := firstNights(t)
	o := access.Outcome{Action: d.Plan.Actions[0], Result: access.Done, SentAt: w.Now, VerifiedAt: w.Now}
	m := Remember(w, d, []access.Outcome{o}, "r")
	for n, want := range map[int]int{6: 1, 8: 0} {
		now := w.Now.AddDate(0, 0, n)
		if got := removingSince(m, "okta", "okta", now.Add(-week)); got != want {
			t.Errorf("after %d days %d accounts count", n, got)
		}
		later := movedNight(m, now)
		later.Systems[0].Grants = nil
		if got := len(Remember(later, Decide(later), nil, "r").Residues); got != want {
			t.Errorf("after %d days %d are remembered", n, got)
		}
	}
}
