package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// ordered plays an order about Ann while she is no certain leaver, which blocks her account.
// Ten nights follow on which nobody can say either, far longer than the grace of two days.
func (l *leaving) ordered(change func(*World)) (blocked time.Time) {
	l.t.Helper()
	list := l.w.Rosters[0]
	list.Rows = append([]access.Identity(nil), list.Rows...)
	change(&l.w)
	l.w.Order = &access.Order{Person: access.PersonKey{Source: "employees", EmployeeID: "1"}, Reason: "stolen", By: "ann@host"}
	blocked = l.w.Now.Add(2 * time.Minute)
	l.wants(l.passes(access.Done), blocked, time.Time{})
	l.w.Order, l.w.Rosters = nil, []SourceRoster{list}
	l.is(access.AccountSuspended, "SUSPENDED")
	for range 10 {
		l.wants(l.doubt(change), blocked, time.Time{})
	}
	return blocked
}

// removes says whether a night plans to remove something of Ann's.
func (l *leaving) removes() bool {
	for _, a := range Decide(l.w).Plan.Actions {
		if a.Stage == access.Remove {
			return true
		}
	}
	return false
}

// TestTheGraceOfWhomOnlyAnOrderEndedBeginsWhenAListSaysThatTheyLeft: their block is known as
// of the order, and nothing is removed on days that no list, nor an answer, gave for it.
func TestTheGraceOfWhomOnlyAnOrderEndedBeginsWhenAListSaysThatTheyLeft(t *testing.T) {
	for name, change := range doubts {
		if name == "the list is not asked" {
			continue // an order about somebody whom no list has is refused
		}
		for _, days := range []int{0, 3} {
			l := newLeaving(t)
			l.w.Settings.Removal.AfterDays = days
			blocked := l.ordered(change)
			for night := range max(1, days-1) {
				if l.removes() {
					t.Errorf("%s: of %d days of grace, something is removed %d days after a list first said that she left", name, days, night)
				}
				l.wants(l.passes(access.Done), blocked, time.Time{})
			}
			l.wants(l.doubt(change), blocked, time.Time{}) // who was certain keeps the days since
			removed := l.w.Now.Add(4 * time.Minute)
			l.wants(l.passes(access.Done), blocked, removed)
		}
	}
}

// TestAnOrderOnACertainLeaverTakesNoDayOfGrace: a list has said it.
func TestAnOrderOnACertainLeaverTakesNoDayOfGrace(t *testing.T) {
	for name, before := range map[string]func(*leaving) time.Time{
		"the order blocks": func(l *leaving) time.Time { return l.w.Now.Add(2 * time.Minute) },
		"a night did, long before": func(l *leaving) time.Time {
			blocked := l.w.Now.Add(2 * time.Minute)
			l.passes(access.Done)
			l.is(access.AccountSuspended, "SUSPENDED")
			return blocked
		},
	} {
		l := newLeaving(t)
		l.w.Settings.Removal.AfterDays = 1
		blocked := before(l)
		l.w.Order = &access.Order{Person: access.PersonKey{Source: "employees", EmployeeID: "1"}, Reason: "stolen", By: "ann@host"}
		l.wants(l.passes(access.Done), blocked, time.Time{})
		l.w.Order = nil
		l.is(access.AccountSuspended, "SUSPENDED")
		l.w.Now = l.w.Now.Add(time.Hour)
		if !l.removes() {
			t.Errorf("%s: nothing is removed after a day", name)
		}
	}
}

// TestAnOrderOnALeaverWhoIsHeldTonightTakesNoDayOfGrace: a list had said it, and a night blocked them.
func TestAnOrderOnALeaverWhoIsHeldTonightTakesNoDayOfGrace(t *testing.T) {
	l, _, blocked := blockedWhole(t)
	row := l.w.Rosters[0].Rows[0]
	doubts["an unreadable row"](&l.w)
	l.w.Order = &access.Order{Person: row.Key(), Reason: "stolen", By: "ann@host"}
	l.wants(l.passes(access.Done), blocked, time.Time{})
	l.w.Order, l.w.Rosters[0].Rows[0] = nil, row
	l.w.Now = l.w.Now.AddDate(0, 0, 1)
	if !l.removes() {
		t.Error("her days of grace are over, and nothing is removed")
	}
}

// TestAnOrderThatBlocksAnewBeginsTheGraceAnew: somebody had let her in again, and no list
// said any more that she left.
func TestAnOrderThatBlocksAnewBeginsTheGraceAnew(t *testing.T) {
	l, _, _ := blockedWhole(t)
	l.is(access.AccountActive, "ACTIVE")
	blocked := l.ordered(doubts["an unreadable row"])
	if l.removes() {
		t.Error("something is removed on the first night on which a list says again that she left")
	}
	for range 2 {
		l.wants(l.passes(access.Done), blocked, time.Time{})
	}
	removed := l.w.Now.Add(4 * time.Minute)
	l.wants(l.passes(access.Done), blocked, removed)
}

// TestWhatANightBlocksAnewBeginsTheGraceAnew also of whom an order had ended, and a list since.
func TestWhatANightBlocksAnewBeginsTheGraceAnew(t *testing.T) {
	l := newLeaving(t)
	blocked := l.ordered(doubts["an unreadable row"])
	l.wants(l.passes(access.Done), blocked, time.Time{}) // a list says it
	l.is(access.AccountActive, "ACTIVE")                 // and somebody lets her in again
	again := l.w.Now.Add(2 * time.Minute)
	l.wants(l.passes(access.Done), again, time.Time{})
	l.is(access.AccountSuspended, "SUSPENDED")
	for range 2 {
		if l.removes() {
			t.Errorf("night %d: something is removed before the days of grace are over", l.night)
		}
		l.wants(l.passes(access.Done), again, time.Time{})
	}
	l.w.Now = l.w.Now.Add(time.Hour)
	if !l.removes() {
		t.Error("the days of grace are over, and nothing is removed")
	}
}

// TestNoRemovalIsToldAsDueOfWhomOnlyAnOrderEnded: no list has said that they left.
func TestNoRemovalIsToldAsDueOfWhomOnlyAnOrderEnded(t *testing.T) {
	l := newLeaving(t)
	l.ordered(doubts["an unreadable row"])
	e := Identify(l.w).e
	k := access.AccountKey{System: "okta", ID: "00u1"}
	if said := e.cancelled(k, access.StandingHeld); said != "" {
		t.Errorf("it says %q", said)
	}
	certain := l.w.Now
	l.passes(access.Done)
	want := "; its removal, due on " + certain.AddDate(0, 0, 2).Format(time.DateOnly) + ", waits until it is known whether they left"
	if said := Identify(l.w).e.cancelled(k, access.StandingHeld); said != want {
		t.Errorf("it says %q, want %q", said, want)
	}
	end := l.w.Memory.Endings[k]
	end.BlockedAt = time.Time{} // somebody let her in again
	l.w.Memory.Endings[k] = end
	if said := Identify(l.w).e.cancelled(k, access.StandingHeld); said != "" {
		t.Errorf("of an account that works it says %q", said)
	}
}
