package reconcile

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

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
