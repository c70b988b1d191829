package reconcile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// Everybody reads the id, unless the person is still employed; HR and security read the name.
func TestWhomANoticeNamesToWhom(t *testing.T) {
	for name, tt := range map[string]struct {
		bend       func(*access.Night)
		open, more string
	}{
		"left":            {func(*access.Night) {}, "Account 00u1 in okta is blocked, and is that of employees/E7,", "Leo Lion (employees/E7): leo@example.test why"},
		"on garden leave": {func(n *access.Night) { n.People[0].Standing = access.StandingGarden }, "An account in okta is blocked, and is that of somebody whose id only the report gives,", "Leo Lion (employees/E7): leo@example.test why"},
		"without a name":  {func(n *access.Night) { n.People[0].Name = "" }, "Account 00u1 in okta is blocked, and is that of employees/E7,", "employees/E7: leo@example.test why"},
		"in no list":      {func(n *access.Night) { n.People = nil }, "Account 00u1 in okta is blocked, and is that of employees/E7,", "employees/E7: leo@example.test why"},
		"who works here": {func(n *access.Night) {
			n.People[0].Standing, n.People[0].AccessEndsAt = access.StandingActive, time.Time{}
		}, "Account 00u1 in okta is blocked, and is that of employees/E7,", "Leo Lion (employees/E7): leo@example.test why"},
		"who is to leave": {func(n *access.Night) {
			n.People[0].Standing, n.People[0].AccessEndsAt = access.StandingActive, n.Run.StartedAt.Add(1)
		}, "An account in okta is blocked, and is that of somebody whose id only the report gives,", "Leo Lion (employees/E7): leo@example.test why"},
		"in an account of a scope": {func(n *access.Night) {
			n.Findings[0].Account = access.AccountKey{System: "aws", Scope: "123", ID: "leo"}
		}, "Account leo in aws 123 is blocked", "Leo Lion"},
	} {
		c := newHousehold(t)
		n := c.night()
		n.Findings = []access.Finding{{ID: "f-1", Kind: access.BlockedActive, Person: leoLeft().Key(), Account: leosAccount, Login: "leo@example.test", Reason: "why"}}
		tt.bend(n)
		got := c.concern(n, NoticeBlockedActive)
		if !strings.HasPrefix(got.Open[0], tt.open) || !strings.HasPrefix(got.Restricted[0], tt.more) || got.Rests[1] != "roster:employees" || !got.Since.Equal(c.now) || got.SeenIn != n.Run.ID {
			t.Errorf("%s: %q, and to HR %q; rests on %q", name, got.Open, got.Restricted, got.Rests)
		}
	}
}

func TestWhoseLeavingLiesAhead(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	past, next := access.Day{At: now.AddDate(0, 0, -1)}, access.Day{At: now.AddDate(0, 0, 1)}
	for name, tt := range map[string]struct {
		p     access.Person
		ahead bool
	}{
		"scheduled":            {access.Person{Standing: access.StandingScheduled}, true},
		"garden leave":         {access.Person{Standing: access.StandingGarden}, true},
		"left":                 {access.Person{Standing: access.StandingLeft, AccessEndsAt: next.At}, false},
		"no end":               {access.Person{Standing: access.StandingActive}, false},
		"access ends":          {access.Person{Standing: access.StandingActive, AccessEndsAt: next.At}, true},
		"access ended":         {access.Person{Standing: access.StandingActive, AccessEndsAt: now}, false},
		"the end date":         {access.Person{Standing: access.StandingActive, Identity: access.Identity{EndDate: next}}, true},
		"the last working day": {access.Person{Standing: access.StandingActive, Identity: access.Identity{EndDate: past, LastWorkingDay: next}}, true},
		"all over":             {access.Person{Standing: access.StandingActive, AccessEndsAt: past.At, Identity: access.Identity{EndDate: past, LastWorkingDay: past}}, false},
	} {
		if got := LeavesAhead(tt.p, now); got != tt.ahead {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestOnlyAManagerWhoWorksHereIsToldOfWhoHasLeft(t *testing.T) {
	for name, tt := range map[string]struct {
		bend func(p, boss *access.Person)
		told bool
	}{
		"both as they should be":  {func(_, _ *access.Person) {}, true},
		"who has not left":        {func(p, _ *access.Person) { p.Standing = access.StandingActive }, false},
		"without a manager":       {func(p, _ *access.Person) { p.ManagerID = "" }, false},
		"a manager in no list":    {func(p, _ *access.Person) { p.ManagerID = "E5" }, false},
		"a manager of nobody":     {func(_, boss *access.Person) { boss.EmployeeID = "" }, false},
		"a manager without mail":  {func(_, boss *access.Person) { boss.Email = "" }, false},
		"a manager who left":      {func(_, boss *access.Person) { boss.Standing = access.StandingLeft }, false},
		"a person who is unknown": {func(p, _ *access.Person) { p.EmployeeID = "E6" }, false},
	} {
		c := newHousehold(t)
		n := c.night()
		p := leoLeft()
		p.ManagerID = "E1"
		boss := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "E1", Email: "boss@example.test"}, Standing: access.StandingActive}
		tt.bend(&p, &boss)
		n.People = []access.Person{p, boss}
		n.Outcomes = []access.Outcome{blockOf("a", "00u1", access.Done)}
		told := slices.DeleteFunc(Concerns(n, c.rules), func(one access.Concern) bool { return one.Kind != NoticeReportLeft })
		if (len(told) == 1) != tt.told || tt.told && (told[0].To[0].Mail != "boss@example.test" || told[0].Open[0] != "Access of employees/E7, who reported to you, was ended, and that was read back.") {
			t.Errorf("%s: %+v", name, told)
		}
	}
}

func TestWhoIsToldThatAccessWasEndedIsToldWhatWasNotRead(t *testing.T) {
	for _, complete := range []bool{true, false} {
		c := newHousehold(t)
		n := c.night()
		boss := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "E1", Email: "boss@example.test"}, Standing: access.StandingActive}
		n.People = append(n.People, boss)
		n.People[0].ManagerID = "E1"
		n.Systems[0].Reads[0].Complete = complete
		n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: "group_rules"}) // which lists nobody
		done := blockOf("a", "00u1", access.Done)
		done.Action.Person = leoLeft().Key()
		n.Outcomes = []access.Outcome{done}
		for _, kind := range []string{NoticeRevoked, NoticeReportLeft} {
			if says := strings.Join(c.concern(n, kind).Open, " "); strings.Contains(says, "okta/users could not be read to the end: whether there is more is not known.") == complete || strings.Contains(says, "group_rules") {
				t.Errorf("%s, read to the end %t: %s", kind, complete, says)
			}
		}
	}
}

// A night told of the gap before: whoever waits for an order has to know it now.
func TestWhatAnOrderCouldNotReadIsToldAlsoIfAnEarlierRunDidNot(t *testing.T) {
	for _, order := range []*access.Order{nil, {Person: leoLeft().Key()}} {
		c := newHousehold(t)
		n := c.night()
		n.Order, n.Systems[0].Reads[0].Complete, n.Systems[0].Reads[0].Recalled = order, false, true
		if order != nil {
			n.Orders = []access.OpenOrder{{Order: *order}}
		}
		n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: "group_rules", Complete: true})
		if got := c.kindsOf(n); (got == NoticeOrderLeft) != (order != nil) {
			t.Errorf("ordered %t: %q", order != nil, got)
		}
		for _, one := range Concerns(n, c.rules) {
			if one.Kind == NoticeOrderLeft && !strings.HasPrefix(one.Open[0], "okta/users was not read to its end") {
				t.Errorf("of what was read it says %q", one.Open)
			}
		}
	}
}

func TestNobodyLearnsOfAFutureExitAsAManager(t *testing.T) {
	c := newHousehold(t)
	for _, one := range Concerns(everything(c, true), c.rules) {
		if one.Kind == NoticeReportLeft {
			t.Errorf("%+v", one)
		}
	}
}
