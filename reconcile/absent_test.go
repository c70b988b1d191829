package reconcile

import (
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
)

// absenceCountsWithCare asks of everybody who vanished, with no answer of HR's to say so,
// whether they may count as left: slowly, by all that is known of everybody.
func absenceCountsWithCare(t *testing.T, _ random, w World, d Decision) {
	answers := newestAnswers(w)
	for _, s := range w.Rosters {
		for _, p := range d.People {
			v, gone := s.Vanished[p.Key()]
			listed := slices.ContainsFunc(s.Rows, func(i access.Identity) bool { return i.Key() == p.Key() })
			said := v.Identity.Status == access.StatusLeft && v.Identity.Problem == ""
			if !gone || listed || said || answers[p.Key()].Answer != "" || w.Order != nil || p.Standing != access.StandingLeft && p.Standing != access.StandingScheduled {
				continue
			}
			if s.LeftAfter < 2 || v.Lists < s.LeftAfter || v.Identity.Problem != "" || working(v.Identity.Status) && v.Identity.Status != access.StatusActive {
				t.Errorf("%s counts as left after %d of %d lists: %+v", p.Key(), v.Lists, s.LeftAfter, v.Identity)
			}
			if p.AccessEndsAt.Before(endOfDay(p.FirstSeenLeftAt.In(zoneOf(p.Identity, w.Settings.zone())), zoneOf(p.Identity, w.Settings.zone()))) {
				t.Errorf("%s would lose access at %s, before the day is over on which it was enough (%s)", p.Key(), p.AccessEndsAt, p.FirstSeenLeftAt)
			}
			for _, o := range d.People {
				mine := func(mail string) bool { return slices.Contains(addresses(o.Identity), mail) }
				if o.Standing == access.StandingActive && o.SameAs.Zero() && slices.ContainsFunc(addresses(p.Identity), mine) {
					t.Errorf("%s counts as left, and %s works here with the same e-mail", p.Key(), o.Key())
				}
			}
		}
	}
}

func TestAWorldInWhichAbsenceCountsDoesCount(t *testing.T) {
	left, held := 0, 0
	for seed := range seeds(worlds) {
		w := counting(seed, newRandom(seed).world())
		p := Stand(w)
		for _, s := range w.Rosters {
			for k, v := range s.Vanished {
				if me := p.Get(k); me != nil && mayCountDown(w, s, v) && v.Lists >= s.LeftAfter {
					left += map[bool]int{true: 1}[me.Standing == access.StandingLeft]
					held += map[bool]int{true: 1}[me.Standing == access.StandingHeld]
				}
			}
		}
	}
	if left == 0 || held == 0 {
		t.Errorf("%d count as left and %d are held: the worlds prove nothing", left, held)
	}
}

// absences plays lists, night by night, over the memory of the one before, and gives how
// many without E1 were counted after each.
func absences(t *testing.T, leftAfter int, nights ...func(m access.Memory) (access.Roster, []access.Problem)) (counted []int, w World) {
	t.Helper()
	m := access.Memory{}
	for n, list := range nights {
		r, problems := list(m)
		now := midnight.AddDate(0, 0, n)
		w = World{Now: now, Memory: m, Rosters: []SourceRoster{Accept(r, problems, m, RosterGuard{LeftAfter: leftAfter}, now)}}
		m = Remember(w, Decide(w), nil, access.RunID(now.Format(time.DateOnly)))
		counted = append(counted, m.Vanished[access.PersonKey{Source: "employees", EmployeeID: "E1"}].Lists)
	}
	return counted, w
}

// aList has a staff of twenty, the first of whom is E1 or nobody, and rows that name makes others.
func aList(name string, hasE1 bool, more ...access.Identity) func(access.Memory) (access.Roster, []access.Problem) {
	return func(access.Memory) (access.Roster, []access.Problem) {
		r := access.Roster{Source: "employees", File: "employees.csv", Original: "bytes of " + name, SHA256: "rows of " + name}
		for n := range 20 {
			if id := access.EmployeeID("E" + string(rune('1'+n))); n > 0 || hasE1 {
				r.Rows = append(r.Rows, access.Identity{Source: "employees", EmployeeID: id, Status: access.StatusActive, Row: n + 2})
			}
		}
		r.Rows = append(r.Rows, more...)
		return r, nil
	}
}

func TestOnlyAcceptedListsOfNewContentCountAsAbsence(t *testing.T) {
	stopped := func(access.Memory) (access.Roster, []access.Problem) {
		return access.Roster{Source: "employees", File: "employees.csv", Original: "junk"}, []access.Problem{{Severity: access.Stop, Says: "unreadable"}}
	}
	shrunk := func(access.Memory) (access.Roster, []access.Problem) {
		r, _ := aList("shrunk", false)(access.Memory{})
		r.Rows = r.Rows[:5]
		return r, nil
	}
	sameRows := func(access.Memory) (access.Roster, []access.Problem) {
		r, _ := aList("b", false)(access.Memory{})
		r.Original = "saved once more"
		return r, nil
	}
	sameBytes := func(access.Memory) (access.Roster, []access.Problem) {
		r, _ := aList("b", false)(access.Memory{})
		r.SHA256 = "read by another mapping"
		return r, nil
	}
	nameless := aList("nameless", false, access.Identity{Source: "employees", Name: "somebody", Problem: "no id", Row: 99})
	for _, c := range []struct {
		name string
		set  int
		then []func(access.Memory) (access.Roster, []access.Problem)
		want []int
	}{
		{"each new list", 3, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), aList("c", false), aList("d", false)}, []int{0, 1, 2, 3}},
		{"by default nothing", 0, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), aList("c", false), aList("d", false)}, []int{0, 0, 0, 0}},
		{"the same file again", 3, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), aList("b", false), aList("b", false)}, []int{0, 1, 1, 1}},
		{"the same rows in another file", 3, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), sameRows, aList("c", false)}, []int{0, 1, 1, 2}},
		{"the same file read in another way", 3, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), sameBytes}, []int{0, 1, 1}},
		{"an unreadable list", 3, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), stopped, stopped}, []int{0, 1, 1, 1}},
		{"a refused list", 3, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), shrunk, aList("c", false)}, []int{0, 1, 1, 2}},
		{"a row that may be theirs", 3, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), nameless, aList("c", false)}, []int{0, 1, 1, 2}},
		{"the rows of the list before the last", 3, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), aList("c", false), sameRows, aList("d", false)}, []int{0, 1, 2, 2, 3}},
		{"who reappears begins anew", 3, []func(access.Memory) (access.Roster, []access.Problem){aList("b", false), aList("c", false), aList("d", true), aList("e", false)}, []int{0, 1, 2, 0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := absences(t, c.set, append([]func(access.Memory) (access.Roster, []access.Problem){aList("a", true)}, c.then...)...)
			if !slices.Equal(got, c.want) {
				t.Errorf("counted %v, want %v", got, c.want)
			}
		})
	}
}

func TestAbsenceIsCountedFromTheSettingOn(t *testing.T) {
	m := access.Memory{Vanished: map[access.PersonKey]access.Vanished{{Source: "employees", EmployeeID: "E1"}: {Identity: access.Identity{Source: "employees", EmployeeID: "E1", Status: access.StatusActive}, Since: midnight.AddDate(-1, 0, 0)}}}
	r, _ := aList("a", false)(m)
	on := Accept(r, nil, m, RosterGuard{LeftAfter: 2}, midnight)
	if got := on.Vanished[access.PersonKey{Source: "employees", EmployeeID: "E1"}].Lists; got != 1 {
		t.Errorf("%d lists were counted on the first night of the setting", got)
	}
	m.Vanished = on.Vanished
	off := Accept(r, []access.Problem{{Severity: access.Stop}}, m, RosterGuard{}, midnight)
	if got := off.Vanished[access.PersonKey{Source: "employees", EmployeeID: "E1"}].Lists; got != 0 {
		t.Errorf("%d lists are still counted without the setting", got)
	}
}

func TestTheLastDayIsThatOfTheListThatMadeItEnough(t *testing.T) {
	counted, w := absences(t, 2, aList("a", true), aList("b", false), aList("c", false))
	me := Stand(w).Get(access.PersonKey{Source: "employees", EmployeeID: "E1"})
	if me.Standing != access.StandingScheduled || !me.AccessEndsAt.Equal(endOfDay(w.Now, time.UTC)) {
		t.Errorf("%v: %s, access ends %s", counted, me.Standing, me.AccessEndsAt)
	}
	_, w = absences(t, 2, aList("a", true), aList("b", false), aList("c", false), aList("c", false))
	if me = Stand(w).Get(me.Key()); me.Standing != access.StandingLeft || !me.AccessEndsAt.Equal(endOfDay(w.Now.AddDate(0, 0, -1), time.UTC)) {
		t.Errorf("the night after: %s, access ends %s", me.Standing, me.AccessEndsAt)
	}
}

func TestAListIsNewAlsoIfAnotherSourceHadItsBytes(t *testing.T) {
	e1 := access.PersonKey{Source: "employees", EmployeeID: "E1"}
	m := access.Memory{Vanished: map[access.PersonKey]access.Vanished{e1: {Identity: access.Identity{Source: "employees", EmployeeID: "E1", Status: access.StatusActive}}},
		History: []access.AcceptedRoster{{Source: "contractors", Original: "bytes of a", SHA256: "rows of a"}}}
	r, _ := aList("a", false)(m)
	if got := Accept(r, nil, m, RosterGuard{LeftAfter: 2}, midnight).Vanished[e1].Lists; got != 1 {
		t.Errorf("%d lists were counted, want 1", got)
	}
}

func TestWhoCountsAsLeftKeepsWhatTheirLastRowSaid(t *testing.T) {
	v := access.Vanished{Identity: access.Identity{Source: "employees", EmployeeID: "1", Status: access.StatusActive, EndDate: dayAt(30), LastWorkingDay: dayAt(20)}, Since: midnight.AddDate(0, 0, -9), Lists: 5}
	w := World{Now: midnight, Rosters: []SourceRoster{{Verdict: access.RosterVerdict{Source: "employees", InForce: access.AcceptedRoster{SHA256: "x"}}, LeftAfter: 2, Vanished: map[access.PersonKey]access.Vanished{v.Identity.Key(): v}}}}
	me := Stand(w).Get(v.Identity.Key())
	if me.Standing != access.StandingScheduled || me.Identity != v.Identity || !me.AccessEndsAt.Equal(endOfDay(dayAt(20).At, time.UTC)) {
		t.Errorf("%s until %s: %+v", me.Standing, me.AccessEndsAt, me.Identity)
	}
}
