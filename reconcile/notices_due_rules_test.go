package reconcile

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// blocked is a night that found leo, who works here by the list, to be blocked: what is urgent, and not critical.
func (c *household) blocked() *access.Night {
	n := c.night()
	n.Run.Trigger = "apply"
	n.Findings = []access.Finding{{ID: "f-1", Kind: access.BlockedActive, Person: leoLeft().Key(), Account: leosAccount}}
	return n
}

func TestTheMostUrgentIsSentFirstUnderOneNameByEveryChannel(t *testing.T) {
	c := newHousehold(t)
	n := c.failedBlock()
	n.Findings = c.blocked().Findings
	c.book = NextBook(c.book, n, c.rules)
	due := DueNotices(c.book, c.rules, c.now)
	var order []string
	for _, d := range due {
		order = append(order, string(d.Urgency)+" "+d.Recipient)
		if d.ID == "" || d.Message(ChannelTraits{}).ID != d.ID || d.Message(ChannelTraits{Private: true}).ID != d.ID || d.Record("x", c.now).Delivery != d.ID {
			t.Errorf("%+v", d)
		}
	}
	if want := []string{"critical on_call", "critical security", "high on_call", "same_day hr", "same_day compliance"}; !slices.Equal(order, want) {
		t.Errorf("%q", order)
	}
}

func TestWhatNoChannelTookIsTriedAgainHalfAnHourLaterAndNotBefore(t *testing.T) {
	c := newHousehold(t)
	for name := range c.rules.Channels {
		c.fails[name] = true
	}
	c.takes(c.failedBlock())
	ids := func() (all []string) {
		for _, d := range DueNotices(c.book, c.rules, c.now) {
			all = append(all, d.Purpose+" "+d.Recipient)
		}
		return all
	}
	if got := ids(); len(got) != 0 {
		t.Errorf("at once: %q", got)
	}
	c.now = c.now.Add(retryAfter - 1)
	if got := ids(); len(got) != 0 {
		t.Errorf("just before: %q", got)
	}
	c.now = c.now.Add(1)
	if got, want := ids(), []string{"first on_call", "first security", "digest compliance", "digest hr"}; !slices.Equal(got, want) {
		t.Errorf("half an hour later: %q", got)
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

func TestWhoWasToldThatSomethingIsUrgentIsToldByTheSameChannelThatItIsCured(t *testing.T) {
	c := newHousehold(t)
	c.fails["chat"] = true // so that security is told by mail
	c.takes(c.failedBlock())
	c.now, c.fails["chat"], c.fails["mail"] = c.now.Add(9*time.Hour), false, true
	c.want(c.takes(c.night()), "resolve leaver_block_failed on_call pager")
	if due := DueNotices(c.book, c.rules, c.now); slices.ContainsFunc(due, func(d Delivery) bool { return d.Purpose == access.ToResolve }) {
		// one message of one channel that failed: it is sent again, as nobody else says so
		for _, d := range due {
			if d.Purpose == access.ToResolve && (d.Recipient != "security" || !slices.Equal(d.Channels, []string{"mail"})) {
				t.Errorf("%+v", d)
			}
		}
		t.Errorf("what no channel took is due again at once: %+v", due)
	}
	c.now, c.fails["mail"] = c.now.Add(retryAfter), false
	told := c.delivers()
	if !slices.Contains(told, "resolve leaver_block_failed security mail") {
		t.Fatalf("%q", told)
	}
	for _, d := range c.sent {
		if d.Purpose == access.ToResolve && (!slices.Equal(d.Restricted.To, []string{"sec@example.test"}) || d.Audience != access.ForSecurity || d.Urgency != access.UrgencyHigh) {
			t.Errorf("%+v", d)
		}
	}
	// a channel that the company has no more says nothing
	c = newHousehold(t)
	c.takes(c.failedBlock())
	c.rules.Channels = maps.Clone(c.rules.Channels)
	delete(c.rules.Channels, "chat")
	c.now = c.now.Add(24 * time.Hour)
	for _, one := range c.takes(c.night()) {
		if strings.HasPrefix(one, "resolve") && strings.HasSuffix(one, "chat") {
			t.Errorf("%s", one)
		}
	}
}

func TestTheMessageOfTheDayIsAsUrgentAsWhatIsInItAndCounted(t *testing.T) {
	c := newHousehold(t)
	day := access.Concern{Kind: NoticePolicyUnusable, Subject: "p", Since: c.now}
	calm := access.Concern{Kind: NoticeApprovalSpent, Subject: "a", Since: c.now}
	digest := func(open ...access.Concern) Delivery {
		c.book.Open = open
		due := DueNotices(c.book, c.rules, c.now)
		at := slices.IndexFunc(due, func(d Delivery) bool { return d.Recipient == "compliance" })
		if at < 0 {
			return Delivery{}
		}
		return due[at]
	}
	if d := digest(calm); d.Urgency != access.UrgencyDigest || d.Day != "2026-11-23" || !strings.HasSuffix(d.Open.Key, "-2026-11-23-1") || len(d.Concerns) != 1 {
		t.Errorf("%+v", d)
	}
	for _, open := range [][]access.Concern{{day, calm}, {calm, day}} {
		if d := digest(open...); d.Urgency != access.UrgencySameDay || len(d.Concerns) != 2 {
			t.Errorf("%s of %q", d.Urgency, d.Concerns)
		}
	}
	first := digest(day).ID
	for _, tt := range []struct {
		was  access.Digested
		open access.Concern
		ends string
	}{
		{access.Digested{Day: "2026-11-23", Times: 1}, day, "-2026-11-23-2"}, {access.Digested{Day: "2026-11-23", Times: 2}, day, ""}, {access.Digested{Day: "2026-11-23", Times: 1}, calm, ""},
		{access.Digested{Day: "2026-11-22", Times: 1}, day, "-2026-11-23-1"}, {access.Digested{Day: "2026-11-22", Times: 2}, calm, "-2026-11-23-1"},
	} {
		c.book.Digests = map[string]access.Digested{"compliance": tt.was}
		d := digest(tt.open)
		if (d.ID == "") != (tt.ends == "") || !strings.HasSuffix(d.Open.Key, tt.ends) || strings.HasSuffix(tt.ends, "-2") && d.ID == first {
			t.Errorf("after %+v: %q", tt.was, d.Open.Key)
		}
	}
	c.book.Digests, c.rules.Tell[access.ForCompliance] = nil, []string{"pager"}
	if d := digest(day); d.ID != "" {
		t.Errorf("at night nobody is woken by it: %+v", d)
	}
}

func TestAMissingNightIsOneMatterUntilItIsCured(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	open := access.Concern{Kind: NoticeRunMissing, Subject: "nightly"}
	cured := open
	cured.CuredAt = now
	for name, tt := range map[string]struct {
		b    access.NoticeBook
		told bool
	}{
		"there never was one":    {access.NoticeBook{}, false},
		"long ago":               {access.NoticeBook{NightAt: now.Add(-27 * time.Hour)}, true},
		"not so long ago":        {access.NoticeBook{NightAt: now.Add(-26 * time.Hour)}, false},
		"told already":           {access.NoticeBook{NightAt: now.Add(-27 * time.Hour), Open: []access.Concern{open}}, false},
		"cured, and once more":   {access.NoticeBook{NightAt: now.Add(-27 * time.Hour), Open: []access.Concern{cured}}, true},
		"something else is open": {access.NoticeBook{NightAt: now.Add(-27 * time.Hour), Open: []access.Concern{{Kind: NoticeGuard}}}, true},
	} {
		if got := MissingNight(tt.b, now); (got != nil) != tt.told {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What is open of a command goes on with its next abort; an ack of what runs every few
// minutes covers half a day, of anything else that run alone.
func TestWhichMatterAnAbortedRunIs(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	open := func(trigger string) access.Concern {
		return access.Concern{Kind: NoticeRunAborted, Subject: "old", Rests: []string{"trigger:" + trigger}}
	}
	cured, damaged := open("sweep"), open("sweep")
	cured.CuredAt, damaged.Kind = now, NoticeDamaged
	acked := func(ago time.Duration) map[string]access.TakenUp {
		return map[string]access.TakenUp{NoticeRunAborted + "/old": {By: "dana", At: now.Add(-ago)}}
	}
	for _, tt := range []struct {
		name    string
		c       access.Concern
		acked   map[string]access.TakenUp
		trigger string
		same    bool
	}{
		{"open of the same command", open("sweep"), nil, "sweep", true}, {"open of another command", open("sweep"), nil, "apply", false},
		{"cured", cured, nil, "sweep", false}, {"another kind of matter", damaged, nil, "sweep", false},
		{"acked a while ago", open("sweep"), acked(ackHolds - 1), "sweep", true}, {"acked half a day ago", open("sweep"), acked(ackHolds), "sweep", false},
		{"acked a while ago", open(access.TriggerNotices), acked(time.Hour), access.TriggerNotices, true}, {"acked a while ago", open("nightly"), acked(time.Hour), "nightly", false},
	} {
		b := access.NoticeBook{Open: []access.Concern{tt.c}, Acked: tt.acked}
		run := access.Run{ID: "r2", Trigger: tt.trigger, StartedAt: now}
		want := tt.trigger + "-r2"
		if tt.same {
			want = "old"
		}
		got, unread := AbortedRun(b, run, "why"), UnreadableArchive(b, run, "why")
		if got.Subject != want || !slices.Equal(got.Rests, []string{"trigger:" + tt.trigger}) || unread.ID() != got.ID() || unread.Open[0] == got.Open[0] || !strings.HasPrefix(unread.Open[0], "The archive could not be read") {
			t.Errorf("%s of %s: %+v", tt.name, tt.trigger, got)
		}
		ends := Finished(b, tt.trigger, now)
		if cures := len(ends) == 1 && ends[0].CuredAt.Equal(now); cures != (tt.same || tt.acked != nil) || len(ends) > 1 {
			t.Errorf("%s: one that ends cures %+v", tt.name, ends)
		}
	}
}

func TestWhatWaitsIsOpenAndInNobodysHand(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	b := access.NoticeBook{Acked: map[string]access.TakenUp{NoticeGuard + "/acked": {}}, Open: []access.Concern{{Kind: NoticeGuard, Subject: "acked"}, {Kind: NoticeGuard, Subject: "g"}, {Kind: NoticeGuard, Subject: "cured", CuredAt: now},
		{Kind: NoticeBreakGlass, Subject: "once"}, {Kind: NoticeBlockedActive, Subject: "b"}, {Kind: NoticeRosterRefused, Subject: "r"}, {Kind: "unknown", Subject: "u"}}}
	want := map[access.Urgency]int{access.UrgencyDigest: 1, access.UrgencySameDay: 2, access.UrgencyHigh: 1, access.UrgencyCritical: 0}
	if got := Waiting(b); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestWhichChannelsAreToldToFailAndToWorkAgain(t *testing.T) {
	c := newHousehold(t)
	at := c.now.Add(-time.Hour)
	of := func(name string, cured time.Time) access.Concern {
		return access.Concern{Kind: NoticeChannelFailing, Subject: name, Since: at, CuredAt: cured}
	}
	b := access.NoticeBook{Failing: map[string]time.Time{"pager": at, "mail": at, "chat": at, "fax": at},
		Open: []access.Concern{of("chat", time.Time{}), of("mail", at), of("sms", time.Time{}), of("fax", time.Time{}), of("old", at), {Kind: NoticeGuard, Subject: "x"}}}
	var got []string
	for _, one := range FailingChannels(b, c.rules, c.now) {
		what := "fails "
		if !one.CuredAt.IsZero() {
			what = "works "
		}
		got = append(got, what+one.ID())
	}
	if want := []string{"works channel_failing/fax", "fails channel_failing/mail", "fails channel_failing/pager", "works channel_failing/sms"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if len(b.Failing) != 4 {
		t.Error("the book was changed")
	}
}

func TestWhomNoChannelReachesAndWhoWasNotReached(t *testing.T) {
	c := newHousehold(t)
	critical := access.Concern{Kind: NoticeProtected, Subject: "f"} // on call and security at once, compliance that day
	cured, day := critical, access.Concern{Kind: NoticeGuard, Subject: "g"}
	cured.CuredAt = c.now
	told := func(who ...string) (all []access.Told) {
		for _, one := range who {
			all = append(all, access.Told{Concern: critical.ID(), Recipient: one, Times: 1})
		}
		return all
	}
	for _, tt := range []struct {
		name       string
		open       access.Concern
		told       []access.Told
		untold     []access.Audience // whom no channel reaches
		untellable []access.Audience
		unreached  bool
	}{
		{"nobody was told", critical, nil, nil, nil, true},
		{"one of two was told", critical, told("on_call"), nil, nil, true},
		{"both were told", critical, told("on_call", "security"), nil, nil, false},
		{"cured", cured, nil, nil, nil, false},
		{"not urgent", day, nil, nil, nil, false},
		{"one that no channel reaches", critical, told("on_call"), []access.Audience{access.ForSecurity}, []access.Audience{access.ForSecurity}, false},
		{"no channel for what is not urgent", critical, told("on_call", "security"), []access.Audience{access.ForCompliance}, nil, false},
		{"no channel, and cured", cured, nil, []access.Audience{access.ForSecurity}, nil, false},
		{"no channel for anybody", critical, nil, access.Audiences, []access.Audience{access.ForOnCall, access.ForSecurity}, false},
	} {
		rules := c.rules
		rules.Tell = maps.Clone(c.rules.Tell)
		for _, a := range tt.untold {
			delete(rules.Tell, a)
		}
		b := access.NoticeBook{Open: []access.Concern{tt.open}, Told: tt.told}
		got := Untellable(b, rules)
		slices.Sort(got)
		slices.Sort(tt.untellable)
		if !slices.Equal(got, tt.untellable) || Unreached(b, rules) != tt.unreached {
			t.Errorf("%s: %q cannot be told, unreached %v", tt.name, got, Unreached(b, rules))
		}
	}
}
