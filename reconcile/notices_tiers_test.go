package reconcile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestNobodyAnsweringBringsTheNextTierAnHourLater(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	told := c.passes(70 * time.Minute)
	if slices.Contains(told, "tier leaver_block_failed compliance mail") {
		t.Errorf("security is told already, so compliance comes second: %s", told)
	}
	if told = c.passes(time.Hour); !slices.Contains(told, "tier leaver_block_failed compliance mail") {
		t.Errorf("%s", told)
	}
}

func TestSomebodyWhoHasItStopsRepeatsAndTiers(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	id, found := c.rules.ConcernOf(c.book, "prod/leaver_block_failed/f-leo")
	if !found {
		t.Fatal("no such concern")
	}
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeAck, At: c.now, Concerns: []string{id}, By: "dana"}})
	c.want(c.passes(5 * time.Hour))
	c.want(c.takes(c.night()), "resolve leaver_block_failed on_call pager", "resolve leaver_block_failed security chat")
}

func TestAfterHoursWhatIsUrgentGoesToTheContactOfThoseHours(t *testing.T) {
	c := newHousehold(t)
	c.rules.Tell[access.ForSecurity] = []string{"mail"}
	c.takes(c.failedBlock())
	to := func() string {
		for _, d := range c.sent {
			if d.Recipient == "security" {
				return strings.Join(d.Restricted.To, " ")
			}
		}
		return ""
	}
	if to() != "night@example.test" {
		t.Errorf("at 02:00 it went to %q", to())
	}
	c.now = c.now.Add(9 * time.Hour)
	c.delivers()
	if to() != "sec@example.test" {
		t.Errorf("at 11:00 it went to %q", to())
	}
}

func TestWhereNoChannelWorksTheNextTierIsToldAtOnceAndTheFirstIsTriedAgain(t *testing.T) {
	c := newHousehold(t)
	c.rules.Tell[access.ForOnCall], c.rules.Tell[access.ForSecurity] = []string{"pager"}, []string{"pager"}
	c.rules.Escalate = []access.Audience{access.ForHR}
	c.fails["pager"] = true
	told := c.takes(c.failedBlock())
	if !slices.Contains(told, "tier leaver_block_failed hr mail") || !Unreached(c.book, c.rules) {
		t.Errorf("%s", told)
	}
	c.fails["pager"] = false
	told = c.passes(30 * time.Minute)
	if !slices.Contains(told, "first leaver_block_failed on_call pager") || Unreached(c.book, c.rules) {
		t.Errorf("%s", told)
	}
}

func TestOnlyWhatIsCriticalGoesToTheNextTierByTimeAndWhoIsInTheTableIsNotToldTwice(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	got := c.passes(2 * time.Hour) // security is in the table and the first tier, compliance is the second
	var want []string
	for range 4 { // every half an hour
		want = append(want, "again leaver_block_failed on_call pager", "again leaver_block_failed security chat")
	}
	c.want(got, append(want, "tier leaver_block_failed compliance mail")...)
	for _, d := range c.sent {
		if d.Recipient == "compliance" && d.Tier != 2 || d.Recipient == "on_call" && d.Tier != 0 {
			t.Errorf("%s is told as tier %d", d.Recipient, d.Tier)
		}
	}
	c.now = c.now.Add(20 * time.Minute)
	c.want(c.delivers())
	c.now = c.now.Add(10 * time.Minute)
	c.want(c.delivers(), "again leaver_block_failed on_call pager", "again leaver_block_failed security chat", "again leaver_block_failed compliance mail")
	for _, d := range c.sent {
		if d.Recipient == "compliance" && (d.Tier != 2 || d.Urgency != access.UrgencyCritical) {
			t.Errorf("%s is told as tier %d, %s", d.Recipient, d.Tier, d.Urgency)
		}
	}
	c = newHousehold(t)
	c.takes(c.blocked())
	c.want(c.passes(5 * time.Hour))
}

func TestWhereOneOfThoseWhoHaveToKnowCannotBeReachedTheNextTierIsToldAtOnce(t *testing.T) {
	tiers := func(bend func(*household), n func(*household) *access.Night, d time.Duration) (told []string) {
		c := newHousehold(t)
		c.rules.Escalate = []access.Audience{access.ForOwner}
		bend(c)
		all := c.takes(n(c))
		for _, one := range append(slices.Clone(all), c.passes(d)...) {
			if strings.HasPrefix(one, "tier ") || strings.Contains(one, "again") && strings.Contains(one, "owner") {
				told = append(told, one)
			}
		}
		return told
	}
	failing := func(c *household) *access.Night { return c.failedBlock() }
	blocked := func(c *household) *access.Night { return c.blocked() }
	pagerFails := func(c *household) { c.rules.Tell[access.ForOnCall], c.fails["pager"] = []string{"pager"}, true }
	if got := tiers(pagerFails, failing, 0); !slices.Equal(got, []string{"tier leaver_block_failed owner:okta mail"}) {
		t.Errorf("the pager of on call fails: %q", got)
	}
	if got := tiers(pagerFails, blocked, 5*time.Hour); !slices.Equal(got, []string{"tier blocked_active owner:okta mail"}) {
		t.Errorf("of what is not critical the tier is told once: %q", got)
	}
	hrFails := func(c *household) {
		c.rules.Tell[access.ForHR], c.rules.Channels["fax"], c.fails["fax"] = []string{"fax"}, ChannelTraits{}, true
	}
	if got := tiers(hrFails, blocked, 5*time.Hour); len(got) != 0 {
		t.Errorf("only what is not urgent did not reach HR: %q", got)
	}
	tierFails := func(c *household) {
		pagerFails(c)
		c.rules.Channels["fax"], c.fails["fax"], c.rules.Tell[access.ForOwner] = ChannelTraits{}, true, []string{"fax"}
	}
	c := newHousehold(t)
	c.rules.Escalate = []access.Audience{access.ForOwner}
	tierFails(c)
	c.takes(c.failedBlock())
	if due := DueNotices(c.book, c.rules, c.now); len(due) != 0 {
		t.Errorf("the tier that could not be reached is tried again at once: %+v", due)
	}
}

// The hour counts from when the first of them was told, whoever that was.
func TestTheHourOfTheNextTierCountsFromTheFirstWhoWasTold(t *testing.T) {
	for _, firstly := range []string{"on_call", "security"} {
		c := newHousehold(t)
		c.rules.Escalate = []access.Audience{access.ForOwner}
		c.book = NextBook(c.book, c.failedBlock(), c.rules)
		id := NoticeBlockFailed + "/f-leo"
		for _, who := range []string{"on_call", "security"} {
			at := c.now.Add(40 * time.Minute)
			if who == firstly {
				at = c.now
			}
			c.book.Told = append(c.book.Told, access.Told{Concern: id, Recipient: who, Urgency: access.UrgencyCritical, Times: 1, First: at, Last: c.now.Add(59 * time.Minute)})
		}
		for minutes, want := range map[int]bool{59: false, 60: true} {
			due := DueNotices(c.book, c.rules, c.now.Add(time.Duration(minutes)*time.Minute))
			if got := slices.ContainsFunc(due, func(d Delivery) bool { return d.Purpose == access.ToNext && d.Tier == 1 }); got != want {
				t.Errorf("%s was told first, and after %d minutes the next tier is due: %v", firstly, minutes, got)
			}
		}
	}
}
