package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// blockedWhole is the second night after Ann's block: of which the clocks are known, and
// a removal is remembered as begun.
func blockedWhole(t *testing.T) (l *leaving, first, blocked time.Time) {
	l = newLeaving(t)
	first, blocked = l.w.Now, l.w.Now.Add(2*time.Minute)
	l.wants(l.passes(access.Done), blocked, time.Time{})
	l.is(access.AccountSuspended, "SUSPENDED")
	return l, first, blocked
}

// doubts are nights on which Ann is no certain leaver, and nobody says that she works here.
var doubts = map[string]func(*World){
	"an unreadable row": func(w *World) { w.Rosters[0].Rows[0].Problem = "the end date cannot be read" },
	"a contradiction":   func(w *World) { w.Rosters[0].Rows[0].Status = access.StatusActive }, // the end stays past
	"an unknown status": func(w *World) { w.Rosters[0].Rows[0].Status = access.StatusUnknown },
	"a row more": func(w *World) {
		r := w.Rosters[0].Rows
		w.Rosters[0].Rows = append(r, r[0])
		w.Rosters[0].Rows[1].Status = access.StatusGardenLeave
	},
	"a start ahead only": func(w *World) {
		w.Rosters[0].Rows[0].Status, w.Rosters[0].Rows[0].EndDate, w.Rosters[0].Rows[0].StartDate = access.StatusPending, access.Day{}, access.Day{At: w.Now.AddDate(0, 1, 0)}
	},
	"garden leave": func(w *World) { w.Rosters[0].Rows[0].Status = access.StatusGardenLeave },
	"no list has her": func(w *World) {
		i := w.Rosters[0].Rows[0]
		i.Status = access.StatusUnknown
		w.Rosters[0].Rows = nil
		w.Rosters[0].Vanished = map[access.PersonKey]access.Vanished{i.Key(): {Identity: i, Since: w.Now}}
	},
	"the list is not asked": func(w *World) { w.Rosters = nil },
	"a riddle": func(w *World) {
		w.Rosters[0].Rows[0].Email = "ann@example.com"
		w.Rosters[0].Rows = append(w.Rosters[0].Rows, access.Identity{Source: "employees", EmployeeID: "9", Email: "ann@example.com", Status: access.StatusActive, Row: 3})
	},
	"a refused file that shows her at work": func(w *World) {
		i := w.Rosters[0].Rows[0]
		i.Status = access.StatusActive
		w.Rosters[0].Verdict.Refusal, w.Rosters[0].Refused = &access.GuardError{Guard: "roster"}, []access.Identity{i}
	},
}

// doubt plays a night of doubt, and gives what is remembered of her account after it.
func (l *leaving) doubt(change func(*World)) access.Ending {
	l.t.Helper()
	list := l.w.Rosters[0]
	list.Rows = append([]access.Identity(nil), list.Rows...)
	held := list
	held.Rows = append([]access.Identity(nil), list.Rows...)
	l.w.Rosters = []SourceRoster{held}
	change(&l.w)
	for _, p := range Stand(l.w).list {
		if p.EmployeeID == "1" && (p.Standing == access.StandingLeft || p.Standing == access.StandingActive || p.Standing == access.StandingScheduled) {
			l.t.Fatalf("she is %s", p.Standing)
		}
	}
	d := Decide(l.w)
	for _, a := range planned(d.Plan) {
		l.t.Errorf("on a night of doubt %s is planned", a)
	}
	end := l.passes(access.Done)
	l.w.Rosters = []SourceRoster{list}
	return end
}

func TestTheClocksOfALeaverStandWhileNobodyCanSayThatTheyLeft(t *testing.T) {
	for name, change := range doubts {
		l, first, blocked := blockedWhole(t)
		for range 3 {
			if end := l.doubt(change); !end.BlockedAt.Equal(blocked) {
				t.Errorf("%s: blocked %s, want %s", name, end.BlockedAt, blocked)
			}
			if got := l.w.Memory.FirstSeenLeft[access.PersonKey{Source: "employees", EmployeeID: "1"}]; !got.Equal(first) {
				t.Errorf("%s: first seen %s, want %s", name, got, first)
			}
		}
		removed := l.w.Now.Add(4 * time.Minute) // the grace ran on
		l.wants(l.passes(access.Done), blocked, removed)
		if p := Decide(l.w).People[0]; !p.FirstSeenLeftAt.Equal(first) {
			t.Errorf("%s: first seen %s, want %s", name, p.FirstSeenLeftAt, first)
		}
		after := l.doubt(change)
		if !after.RemovedAt.Equal(removed) || after.RemovingAt.IsZero() || len(after.Verbs) == 0 {
			t.Errorf("%s: of what was removed is remembered: %+v", name, after)
		}
	}
}

// TestANightOfDoubtStartsNoClock: that nothing works is proven of a leaver when they are one.
func TestANightOfDoubtStartsNoClock(t *testing.T) {
	l := newLeaving(t)
	l.wants(l.passes(access.Failed), time.Time{}, time.Time{})
	l.is(access.AccountDisabled, "DEPROVISIONED")
	l.w.Systems[0].Grants = nil
	l.wants(l.doubt(doubts["an unreadable row"]), time.Time{}, time.Time{})
	now := l.w.Now
	l.wants(l.passes(access.Done), now, now)
}

func TestWhatWorksAgainOnANightOfDoubtStartsItsClockAnew(t *testing.T) {
	for name, change := range doubts {
		l, _, blocked := blockedWhole(t)
		l.is(access.AccountActive, "ACTIVE")
		users := &l.w.Systems[0].Reads[0]
		users.Complete = false
		l.wants(l.doubt(change), blocked, time.Time{}) // who knows
		users.Complete = true
		if end := l.doubt(change); !end.BlockedAt.IsZero() {
			t.Errorf("%s: it works, and its clock stands at %s", name, end.BlockedAt)
		}
		l.is(access.AccountSuspended, "SUSPENDED")
		again := l.w.Now
		l.wants(l.passes(access.Done), again, time.Time{})
	}
}

func TestWhatIsUsedThroughOktaWorksAgainWhenItDoesThere(t *testing.T) {
	l := pushing(t)
	blocked := l.w.Now.Add(2 * time.Minute)
	l.passes(access.Done)
	l.is(access.AccountSuspended, "SUSPENDED")
	l.doubt(doubts["an unreadable row"])
	l.pushed(blocked)
	l.is(access.AccountActive, "ACTIVE")
	okta := l.w.Systems[0]
	l.w.Systems[0] = unreadOkta()
	l.doubt(doubts["an unreadable row"])
	l.pushed(blocked)
	l.w.Systems[0] = okta
	l.w.Systems[0].Reads[0].Complete = false
	l.doubt(doubts["an unreadable row"])
	l.pushed(blocked)
	l.w.Systems[0].Reads[0].Complete = true
	l.doubt(doubts["an unreadable row"])
	l.pushed(time.Time{})
}

// TestWhomNoListHasAnyMoreIsForgottenWhereTheListWasAsked: data about people is not kept for ever.
func TestWhomNoListHasAnyMoreIsForgottenWhereTheListWasAsked(t *testing.T) {
	l, _, _ := blockedWhole(t)
	l.w.Rosters[0].Rows = nil // and it is not known as vanished either
	l.passes(access.Done)
	if len(l.w.Memory.FirstSeenLeft) > 0 {
		t.Errorf("kept: %v", l.w.Memory.FirstSeenLeft)
	}
}

// TestWhoWasBackLeavesAnew: on a list in force, or by an answer. No clock of before they
// were back is left, whether or not the system could be read that night.
func TestWhoWasBackLeavesAnew(t *testing.T) {
	for name, back := range map[string]func(*World){
		"active": func(w *World) {
			w.Rosters[0].Rows[0].Status, w.Rosters[0].Rows[0].EndDate = access.StatusActive, access.Day{}
		},
		"scheduled": func(w *World) { w.Rosters[0].Rows[0].EndDate = access.Day{At: w.Now.AddDate(0, 0, 3)} },
		"by an answer": func(w *World) {
			w.Rosters[0].Rows[0].Problem = "the row cannot be read"
			w.Policy.Answers = []access.Answer{{Person: w.Rosters[0].Rows[0].Key(), Answer: "active", ConfirmedBy: "hr", ConfirmedOn: dayOf(w.Now)}}
		},
	} {
		for _, read := range []bool{true, false} {
			l, first, _ := blockedWhole(t)
			list := l.w.Rosters[0].Rows[0]
			users := &l.w.Systems[0].Reads[0]
			back(&l.w)
			users.Complete = read
			l.wants(l.passes(access.Done), time.Time{}, time.Time{})
			if got := l.w.Memory.FirstSeenLeft[list.Key()]; name != "scheduled" && !got.IsZero() {
				t.Errorf("%s: first seen %s is kept", name, got)
			}
			users.Complete = true
			l.w.Rosters[0].Rows[0], l.w.Policy.Answers = list, nil
			again := l.w.Now
			l.wants(l.passes(access.Done), again, time.Time{})
			if got := l.w.Memory.FirstSeenLeft[list.Key()]; name != "scheduled" && !got.Equal(again) || got.Equal(first) && name != "scheduled" {
				t.Errorf("%s: first seen %s, want %s", name, got, again)
			}
			for _, a := range Decide(l.w).Plan.Actions {
				t.Errorf("%s, read %t: %s, the night after they left again", name, read, a.Verb)
			}
		}
	}
}

// TestTheClocksOfWhoIsBackEndThoughTheirAccountMatchesNobodyAnyMore: whoever is given it later has none.
func TestTheClocksOfWhoIsBackEndThoughTheirAccountMatchesNobodyAnyMore(t *testing.T) {
	l, _, blocked := blockedWhole(t)
	l.w.Systems[0].Accounts[0].HRID = "" // renamed
	l.wants(l.passes(access.Done), blocked, time.Time{})
	l.w.Rosters[0].Rows[0].Status, l.w.Rosters[0].Rows[0].EndDate = access.StatusActive, access.Day{}
	l.wants(l.passes(access.Done), time.Time{}, time.Time{})
}

// TestAnAccountThatIsSomebodyElsesNowHasNoClocksOfBefore: of whom it is counts.
func TestAnAccountThatIsSomebodyElsesNowHasNoClocksOfBefore(t *testing.T) {
	l, _, _ := blockedWhole(t)
	l.w.Rosters[0].Rows = append(l.w.Rosters[0].Rows, access.Identity{Source: "employees", EmployeeID: "2", Name: "Ben", Status: access.StatusActive, Row: 3})
	l.w.Systems[0].Accounts[0].HRID = "2"
	if end := l.passes(access.Done); !end.BlockedAt.IsZero() {
		t.Errorf("it is Ben's, who works here, and its clock stands at %s", end.BlockedAt)
	}
}
