package reconcile

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestAChannelThatFailsIsToldByAnotherOneAndWhatItHadGoesOn(t *testing.T) {
	c := newHousehold(t)
	c.fails["pager"] = true
	told := c.takes(c.failedBlock())
	if !slices.Contains(told, "first leaver_block_failed on_call chat") {
		t.Errorf("%s", told)
	}
	failing := FailingChannels(c.book, c.rules, c.now)
	if len(failing) != 1 || failing[0].Subject != "pager" {
		t.Fatalf("%+v", failing)
	}
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, At: c.now, Raised: &failing[0]}})
	c.want(c.delivers(), "first channel_failing on_call chat", "digest channel_failing security chat")
	c.fails["pager"] = false
	c.passes(30 * time.Minute)
	cure := FailingChannels(c.book, c.rules, c.now)
	if len(cure) != 1 || cure[0].CuredAt.IsZero() {
		t.Fatalf("%+v", cure)
	}
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, At: c.now, Raised: &cure[0]}})
	c.want(c.delivers(), "resolve channel_failing on_call chat")
}

func TestAChannelThatTheCompanyHasNoMoreIsNoMatter(t *testing.T) {
	c := newHousehold(t)
	c.fails["pager"] = true
	c.takes(c.failedBlock())
	if got := FailingChannels(c.book, c.rules, c.now); len(got) != 1 || got[0].Subject != "pager" {
		t.Fatalf("%+v", got)
	}
	without := c.rules
	without.Channels = maps.Clone(c.rules.Channels)
	delete(without.Channels, "pager")
	if got := FailingChannels(c.book, without, c.now); len(got) != 0 {
		t.Errorf("%+v", got)
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
