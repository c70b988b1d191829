package reconcile

import (
	"slices"
	"strings"
	"testing"

	"rollcall/internal/access"
)

// An order that never ended is one matter, by whichever run it is told, and everybody reads
// who is meant, but not why.
func TestAnOrderThatNeverEndedIsOneMatterUntilAWholeNightDoesNotFindIt(t *testing.T) {
	died := access.OpenOrder{Order: access.Order{Person: leoLeft().Key(), Reason: "stolen", By: "ann@host"}, Run: "run-1", At: orderedAt, Interrupted: true}
	ids := map[string]bool{}
	for name, bend := range map[string]func(*access.Night){
		"the run that found it": func(n *access.Night) { n.Interrupted = []access.OpenOrder{died} },
		"both":                  func(n *access.Night) { n.Interrupted, n.Orders = []access.OpenOrder{died}, []access.OpenOrder{died} },
		"a later night":         func(n *access.Night) { n.Orders = []access.OpenOrder{died} },
		"a night over lists that do not have them": func(n *access.Night) {
			n.Orders, n.People = []access.OpenOrder{died}, nil
			n.Orders[0].Interrupted = false
		},
	} {
		c := newHousehold(t)
		n := c.night()
		bend(n)
		one := c.concern(n, NoticeOrderLeft)
		ids[one.ID()] = true
		if open := strings.Join(one.Open, " "); !strings.Contains(open, "employees/E7") || strings.Contains(open, "stolen") || strings.Contains(open, "ann@host") || !strings.Contains(strings.Join(one.Restricted, " "), "ordered by ann@host: stolen") {
			t.Errorf("%s: %+v", name, one)
		}
		if gone := name == "a night over lists that do not have them"; strings.Contains(one.Open[0], "no list of HR's has them any more") != gone || strings.Contains(one.Open[0], "did not come to its end. Give it again now: rollcall revoke --read") == gone {
			t.Errorf("%s: %s", name, one.Open)
		}
	}
	if len(ids) != 1 {
		t.Errorf("it is several matters: %v", ids)
	}
	c := newHousehold(t)
	n := c.night()
	n.Orders = []access.OpenOrder{{Order: died.Order, Run: "run-1", At: orderedAt}}
	if got := c.kindsOf(n); strings.Contains(got, NoticeOrderLeft) {
		t.Errorf("an order that ended, about somebody whom the lists have, and nothing is found: %q", got)
	}
}

// An order that is done cures what orders about that person had left, and nothing of anybody
// else; one that is not done cures nothing.
func TestAnOrderThatIsDoneCuresWhatOrdersAboutThatPersonHadLeft(t *testing.T) {
	mine, others := orderRest+leoLeft().Key().String(), orderRest+"employees/E99"
	for name, tt := range map[string]struct {
		kind    string
		rests   []string
		verdict string
		order   bool
		want    bool
	}{
		"done":                       {NoticeOrderLeft, []string{"scope:okta/", mine}, "done", true, true},
		"held":                       {NoticeOrderLeft, []string{"scope:okta/", mine}, "held", true, false},
		"somebody else's":            {NoticeOrderLeft, []string{"scope:okta/", others}, "done", true, false},
		"many, and others are there": {NoticeOrderLeft, []string{mine, others}, "done", true, false},
		"of an unknown person":       {NoticeOrderLeft, []string{"scope:okta/"}, "done", true, false},
		"another matter":             {NoticeByHand, []string{"scope:okta/", mine}, "done", true, false},
		"a night that looked":        {NoticeOrderLeft, []string{"scope:okta/", mine}, "held", false, true},
	} {
		n := newHousehold(t).night()
		n.Run.Verdict = tt.verdict
		if tt.order {
			n.Order = &access.Order{Person: leoLeft().Key()}
		}
		if got := isCured(n, access.Concern{Kind: tt.kind, Subject: "f-1", Rests: tt.rests}); got != tt.want {
			t.Errorf("%s: cured %v", name, got)
		}
	}
}

// What an order left names its person in what it rests on, so that an order can cure it; a
// gap is the same matter on every night.
func TestWhatAnOrderLeftIsTheSameMatterOnEveryNight(t *testing.T) {
	mine := orderRest + leoLeft().Key().String()
	var before string
	for night := range 2 {
		c := newHousehold(t)
		n := c.night()
		n.Run.ID = access.RunID([]string{"run-1", "run-2"}[night])
		n.Orders = []access.OpenOrder{{Order: access.Order{Person: leoLeft().Key()}, Run: "run-0", At: orderedAt}}
		n.Systems[0].Reads[0].Complete = false
		gap := c.concern(n, NoticeOrderLeft)
		if night > 0 && gap.ID() != before || !slices.Equal(gap.Rests, []string{"read:okta/users", mine}) {
			t.Errorf("%+v, before %s", gap, before)
		}
		before = gap.ID()
		n.Systems[0].Reads[0].Complete = true
		n.Findings = []access.Finding{{ID: "f-1", Kind: access.PerhapsTheirs, Disposition: access.ToUrgent, Person: leoLeft().Key(), Account: leosAccount}}
		if left := c.concern(n, NoticeOrderLeft); left.Subject != "f-1" || !slices.Contains(left.Rests, mine) || !slices.Contains(left.Rests, "scope:okta/") {
			t.Errorf("%+v", left)
		}
	}
}
