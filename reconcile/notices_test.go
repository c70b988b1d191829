package reconcile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestWhatIsCriticalIsToldAtAnyHourAndTheRestInOneMessage(t *testing.T) {
	c := newHousehold(t)
	c.want(c.takes(c.failedBlock()), "first leaver_block_failed on_call pager", "first leaver_block_failed security chat",
		"digest leaver_block_failed hr mail", "digest leaver_block_failed compliance mail", "digest chain_head compliance mail")
	c.want(c.delivers())
}

func TestAGuardThatNobodyCanAnswerForIsNotToldAsOneToApprove(t *testing.T) {
	for guard, approvable := range map[string]bool{"protected": false, "reads": false, "baseline": false, "blast_radius": true, guardReviewed: true} {
		c := newHousehold(t)
		n := c.night()
		n.Plan.Trips = []access.GuardError{{Guard: guard, Scope: "okta", Cohort: []access.AccountKey{leosAccount}, Count: 1}}
		g := noticing{n: n, at: map[string]int{}}
		g.guards()
		if said := strings.Join(g.out[0].Open, " "); strings.Contains(said, "or approve") != approvable {
			t.Errorf("%s: %s", guard, said)
		}
	}
}

func TestNothingIsToldTwiceUnlessItIsCriticalAndOpen(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	c.want(c.passes(20 * time.Minute))
	c.want(c.passes(10*time.Minute), "again leaver_block_failed on_call pager", "again leaver_block_failed security chat")
	refused := func() *access.Night {
		n := c.failedBlock()
		n.Plan.Trips = []access.GuardError{{Guard: "blast_radius", Scope: "okta", Cohort: []access.AccountKey{leosAccount}, Count: 9, Limit: 5}}
		return n
	}
	c.takes(refused())
	for range 3 { // the same guard, night after night
		c.now = c.now.Add(24 * time.Hour)
		for _, one := range c.takes(refused()) {
			if strings.Contains(one, "guard_tripped") {
				t.Errorf("told again: %s", one)
			}
		}
	}
}

func TestNobodyGetsMoreThanOneDigestADayAndOneMoreForWhatIsDueThatDay(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.night())
	gap := func(read string) *access.Night {
		n := c.night()
		n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: read, Gap: "HTTP 403"})
		n.Run.Trigger = "apply"
		return n
	}
	for hour := range 5 { // on one day, in Berlin
		c.now = c.now.Add(time.Hour)
		told := c.takes(gap(fmt.Sprintf("r%d", hour)))
		owner := slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, "owner:okta") })
		if owner != (hour < 2) {
			t.Errorf("hour %d: %s", hour, told)
		}
	}
	c.now = c.now.Add(20 * time.Hour)
	if told := c.delivers(); len(told) == 0 || len(c.sent) == 0 {
		t.Errorf("the next day: %s", told)
	}
	for _, d := range c.sent {
		if d.Recipient == "owner:okta" && len(d.Concerns) != 3 {
			t.Errorf("%s: all that waited is in one message: %s", d.Recipient, d.Concerns)
		}
	}
}

func TestWhatIsNotUrgentWakesNobody(t *testing.T) {
	c := newHousehold(t)
	c.rules.Tell[access.ForOnCall] = []string{"pager"}
	n := c.night()
	n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: "logs", Gap: "HTTP 403"})
	for _, one := range c.takes(n) {
		if strings.Contains(one, "pager") {
			t.Errorf("at night: %s", one)
		}
	}
	told := c.passes(7 * time.Hour) // until 09:00 in Berlin
	if !slices.Contains(told, "digest read_incomplete on_call pager") {
		t.Errorf("in business hours: %s", told)
	}
}

func TestARefusedListPagesOnTheSecondNight(t *testing.T) {
	c := newHousehold(t)
	refused := func() *access.Night {
		n := c.night()
		n.Rosters[0] = access.RosterVerdict{Source: "employees", Refusal: &access.GuardError{Guard: "roster", Scope: "employees", Count: 40, Limit: 10}}
		return n
	}
	for _, one := range c.takes(refused()) {
		if strings.HasPrefix(one, "first") {
			t.Errorf("on the first night: %s", one)
		}
	}
	c.now = c.now.Add(24 * time.Hour)
	if told := c.takes(refused()); !slices.Contains(told, "first roster_refused on_call pager") {
		t.Errorf("on the second night: %s", told)
	}
}

func TestManyOfAKindAreToldTogether(t *testing.T) {
	c := newHousehold(t)
	n := c.night()
	for i := range mostApart + 5 {
		n.Outcomes = append(n.Outcomes, access.Outcome{Action: access.Action{ID: fmt.Sprint("a", i), FindingID: fmt.Sprint("f", i), Stage: access.Block, Person: leoLeft().Key(), Account: leosAccount}, Result: access.Failed})
	}
	c.takes(n)
	pages := 0
	for _, d := range c.sent {
		if d.Recipient == "on_call" && d.Purpose == access.ToTell {
			pages++
		}
	}
	if pages != 1 {
		t.Errorf("%d pages", pages)
	}
}

func TestOneMoreAmongManyIsToldAlsoWhereSomebodyHasTheOthers(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.manyFailed(mostApart + 1))
	id, found := c.rules.ConcernOf(c.book, "prod/leaver_block_failed/many")
	if !found {
		t.Fatal("no such concern")
	}
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeAck, At: c.now, Concerns: []string{id}, By: "dana"}})
	c.now = c.now.Add(24 * time.Hour)
	if told := c.takes(c.manyFailed(mostApart + 1)); slices.Contains(told, "first leaver_block_failed on_call pager") {
		t.Errorf("the same ones are told again: %s", told)
	}
	c.now = c.now.Add(24 * time.Hour)
	if told := c.takes(c.manyFailed(mostApart + 2)); !slices.Contains(told, "first leaver_block_failed on_call pager") {
		t.Errorf("nobody is told of the new one: %s", told)
	}
}

func TestAnObserveNightPagesNobodyAboutWhatItWouldHaveEnded(t *testing.T) {
	c := newHousehold(t)
	n := c.night()
	n.Run.Mode = access.Observe
	n.Findings = []access.Finding{{ID: "f-1", Kind: access.LeaverAccess, Disposition: access.ToRevoke, Person: leoLeft().Key(), Account: leosAccount},
		{ID: "f-2", Kind: access.ProtectedLeaver, Disposition: access.ToUrgent, Person: leoLeft().Key(), Account: leosAccount}}
	for _, one := range c.takes(n) {
		if strings.HasPrefix(one, "first") {
			t.Errorf("%s", one)
		}
	}
	n = c.night()
	n.Findings = []access.Finding{{ID: "f-1", Kind: access.LeaverAccess, Disposition: access.ToRevoke, Person: leoLeft().Key(), Account: leosAccount}}
	if told := c.takes(n); !slices.Contains(told, "first leaver_past_sla on_call pager") {
		t.Errorf("in enforce mode: %s", told)
	}
}

func TestTheSameBookGivesTheSameMessages(t *testing.T) {
	bytes := func() string {
		c := newHousehold(t)
		c.book = NextBook(c.book, everything(c, false), c.rules)
		b, err := json.Marshal([]any{c.book, DueNotices(c.book, c.rules, c.now)})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	first := bytes()
	for range 5 {
		if bytes() != first {
			t.Fatal("they differ")
		}
	}
}
