package reconcile

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestWhatIsSeenAgainIsOneMatterSinceItsFirstNightAndMoreUrgentOnTheSecond(t *testing.T) {
	for _, tt := range []struct {
		name    string
		after   time.Duration
		trigger string
		raised  access.Urgency
	}{
		{"the next night", 24 * time.Hour, "nightly", access.UrgencyHigh},
		{"another run of that day", 24 * time.Hour, "apply", ""},
		{"another night of that day", 12 * time.Hour, "nightly", ""},
		{"just later", 12*time.Hour + 1, "nightly", access.UrgencyHigh},
	} {
		c := newHousehold(t)
		refused := func(trigger string) *access.Night {
			n := c.night()
			n.Run.Trigger = trigger
			n.Rosters[0] = access.RosterVerdict{Source: "employees", Refusal: &access.GuardError{}}
			return n
		}
		first := c.now
		c.book = NextBook(c.book, refused("nightly"), c.rules)
		c.book.Open = slices.DeleteFunc(c.book.Open, func(one access.Concern) bool { return one.Kind != NoticeRosterRefused })
		c.now = c.now.Add(tt.after)
		c.book = NextBook(c.book, refused(tt.trigger), c.rules)
		var got []access.Concern
		for _, one := range c.book.Open {
			if one.Kind == NoticeRosterRefused {
				got = append(got, one)
			}
		}
		if len(got) != 1 || !got[0].Since.Equal(first) || got[0].Raised != tt.raised || got[0].SeenIn != "run-2" {
			t.Errorf("%s: %+v", tt.name, got)
		}
		if night := c.book.NightAt; tt.trigger == "nightly" && !night.Equal(c.now) || tt.trigger != "nightly" && !night.Equal(first) {
			t.Errorf("%s: the last night was %s", tt.name, night)
		}
		if !slices.IsSortedFunc(c.book.Open, func(x, y access.Concern) int { return strings.Compare(x.ID(), y.ID()) }) {
			t.Errorf("%+v", c.book.Open)
		}
		if tt.raised != "" { // and once raised, it stays so
			c.now = c.now.Add(time.Hour)
			c.book = NextBook(c.book, refused("apply"), c.rules)
			if at := slices.IndexFunc(c.book.Open, func(one access.Concern) bool { return one.Kind == NoticeRosterRefused }); c.book.Open[at].Raised != tt.raised {
				t.Errorf("%s: it is %q later that day", tt.name, c.book.Open[at].Raised)
			}
		}
	}
}

// Only whom the table tells first is woken by what was raised, and nothing lowers it.
func TestHowSoonWhoHasToKnow(t *testing.T) {
	of := func(c access.Concern) (all []access.Urgency) {
		for _, one := range tellings(c) {
			all = append(all, one.how)
		}
		return all
	}
	day, high, low, crit := access.UrgencySameDay, access.UrgencyHigh, access.UrgencyDigest, access.UrgencyCritical
	for _, tt := range []struct {
		c    access.Concern
		want []access.Urgency
	}{
		{access.Concern{Kind: NoticeRosterRefused}, []access.Urgency{day, day, low}},
		{access.Concern{Kind: NoticeRosterRefused, Raised: high}, []access.Urgency{high, day, low}},
		{access.Concern{Kind: NoticeRosterRefused, Raised: low}, []access.Urgency{day, day, low}},
		{access.Concern{Kind: NoticeRosterRefused, Raised: high, Calm: true}, []access.Urgency{day, day, low}},
		{access.Concern{Kind: NoticeRevoked, Calm: true}, []access.Urgency{low, low}},
		{access.Concern{Kind: NoticeProtected}, []access.Urgency{crit, crit, day}},
		{access.Concern{Kind: NoticeProtected, Calm: true}, []access.Urgency{day, day, day}},
		{access.Concern{Kind: "of another version"}, nil},
	} {
		if got := of(tt.c); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.c, got, tt.want)
		}
	}
	if of(access.Concern{Kind: NoticeRosterRefused})[0] != day {
		t.Error("the table itself was raised")
	}
	if rowOf("of another version").title == "" || Title(access.Concern{Kind: NoticeGuard}) != "A guard holds something back" {
		t.Error("a kind has no words")
	}
}

func TestWhomTheTableTellsAndHowUrgentlyAtTheMost(t *testing.T) {
	got := map[access.Audience]access.Urgency{}
	for _, one := range NoticeAudiences() {
		got[one.Audience] = one.Urgency
	}
	want := map[access.Audience]access.Urgency{access.ForOnCall: access.UrgencyCritical, access.ForSecurity: access.UrgencyCritical, access.ForHR: access.UrgencySameDay,
		access.ForCompliance: access.UrgencySameDay, access.ForOwner: access.UrgencySameDay, access.ForManager: access.UrgencyDigest}
	if !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// What happened and does not end is kept until all are told, what is cured until that is
// told, and neither for longer than a week.
func TestHowLongSomethingIsKeptToBeTold(t *testing.T) {
	c := newHousehold(t)
	since := func(ago time.Duration) access.Concern {
		return access.Concern{Kind: NoticeApprovalSpent, Subject: "a", Since: c.now.Add(-ago)}
	}
	cured := func(ago time.Duration) access.Concern {
		return access.Concern{Kind: NoticeByHand, Subject: "f", Since: c.now.Add(-90 * 24 * time.Hour), CuredAt: c.now.Add(-ago)}
	}
	told := func(c access.Concern, who ...string) (all []access.Told) {
		for _, one := range who {
			all = append(all, access.Told{Concern: c.ID(), Recipient: one, Times: 1, Urgency: access.UrgencyHigh, Channels: []string{"chat"}})
		}
		return all
	}
	resolved := told(cured(0), "security")
	resolved[0].Resolved = []string{"chat"}
	tried := told(cured(0), "security")
	tried[0].Times = 0
	calm := told(cured(0), "security")
	calm[0].Urgency = access.UrgencySameDay
	for name, tt := range map[string]struct {
		c    access.Concern
		told []access.Told
		want bool
	}{
		"nobody was told":                 {since(time.Hour), nil, true},
		"one of two was told":             {since(time.Hour), told(since(0), "security"), true},
		"all were told":                   {since(time.Hour), told(since(0), "security", "compliance"), false},
		"for almost a week":               {since(keptFor - 1), nil, true},
		"for a week":                      {since(keptFor), nil, false},
		"what is open":                    {access.Concern{Kind: NoticeByHand, Subject: "f", Since: c.now.Add(-90 * 24 * time.Hour)}, nil, true},
		"cured, and nobody had been told": {cured(time.Hour), nil, false},
		"cured, and somebody was told":    {cured(time.Hour), told(cured(0), "security"), true},
		"cured, and that was told":        {cured(time.Hour), resolved, false},
		"cured, and it was only tried":    {cured(time.Hour), tried, false},
		"cured, and it was not urgent":    {cured(time.Hour), calm, false},
		"cured almost a week ago":         {cured(keptFor - 1), told(cured(0), "security"), true},
		"cured a week ago":                {cured(keptFor), told(cured(0), "security"), false},
		"told of something else":          {cured(time.Hour), told(since(0), "security"), false},
	} {
		if got := stillTold(access.NoticeBook{Told: tt.told}, tt.c, c.rules, c.now); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestABookIsFoldedInTheOrderOfTheRecordsAndTheOldOneStays(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	r := func(kind string, minutes int, bend func(*access.NoticeRecord)) access.NoticeRecord {
		one := access.NoticeRecord{Kind: kind, At: at.Add(time.Duration(minutes) * time.Minute), Delivery: "n-1", Purpose: access.ToTell, Concerns: []string{"k/1"}, Recipient: "hr", Channel: "mail", Urgency: access.UrgencyHigh}
		if bend != nil {
			bend(&one)
		}
		return one
	}
	digest := func(day string) func(*access.NoticeRecord) {
		return func(r *access.NoticeRecord) { r.Purpose, r.Day = access.ToDigest, day }
	}
	by := func(channel, purpose string) func(*access.NoticeRecord) {
		return func(r *access.NoticeRecord) { r.Channel, r.Purpose = channel, purpose }
	}
	last := func(r *access.NoticeRecord) { r.Last = true }
	old := access.NoticeBook{Open: []access.Concern{{Kind: "k", Subject: "2"}, {Kind: "k", Subject: "1"}}, Digests: map[string]access.Digested{"hr": {Day: "2026-11-23", Times: 1}}, Failing: map[string]time.Time{"fax": at}}
	b := Fold(old, []access.NoticeRecord{
		r(access.NoticeSent, 9, func(r *access.NoticeRecord) { r.Channel, r.Urgency = "chat", access.UrgencySameDay }), r(access.NoticeFailed, 1, last), r(access.NoticeSent, 3, nil), r(access.NoticeSent, 5, func(r *access.NoticeRecord) { r.Urgency, r.Tier = access.UrgencyDigest, 2 }),
		r(access.NoticeSent, 6, digest("2026-11-23")), r(access.NoticeFailed, 10, by("", access.ToTell)), r(access.NoticeFailed, 11, by("fax", access.ToTell)), r(access.NoticeFailed, 12, by("pager", access.ToTell)), r(access.NoticeFailed, 13, by("pager", access.ToTell)),
		r(access.NoticeSent, 20, by("chat", access.ToResolve)), r(access.NoticeSent, 21, by("chat", access.ToResolve)), r(access.NoticeSent, 2, func(r *access.NoticeRecord) { r.Recipient = "co" }),
	})
	if len(b.Told) != 2 || b.Told[0].Recipient != "co" || b.Open[0].Subject != "1" {
		t.Fatalf("%+v", b)
	}
	hr := b.Told[1]
	if hr.Times != 4 || !hr.First.Equal(at.Add(3*time.Minute)) || !hr.Last.Equal(at.Add(9*time.Minute)) || !slices.Equal(hr.Channels, []string{"mail", "chat"}) || hr.Urgency != access.UrgencyHigh || hr.Tier != 2 || !hr.TriedAt.IsZero() || !slices.Equal(hr.Resolved, []string{"chat"}) {
		t.Errorf("%+v", hr)
	}
	if b.Digests["hr"] != (access.Digested{Day: "2026-11-23", Times: 2}) || len(b.Digests) != 1 {
		t.Errorf("%+v", b.Digests)
	}
	if len(b.Failing) != 2 || !b.Failing["fax"].Equal(at) || !b.Failing["pager"].Equal(at.Add(12*time.Minute)) {
		t.Errorf("%+v", b.Failing)
	}
	if old.Open[0].Subject != "2" || old.Digests["hr"].Times != 1 || len(old.Failing) != 1 {
		t.Errorf("the old book was changed: %+v", old)
	}
	b = Fold(b, []access.NoticeRecord{r(access.NoticeFailed, 30, last), r(access.NoticeSent, 31, digest("2026-11-24"))})
	if b.Digests["hr"] != (access.Digested{Day: "2026-11-24", Times: 1}) || !b.Told[1].TriedAt.IsZero() {
		t.Errorf("%+v, %+v", b.Digests, b.Told[1])
	}
	b = Fold(b, []access.NoticeRecord{r(access.NoticeFailed, 40, nil)})
	if !b.Told[1].TriedAt.IsZero() {
		t.Errorf("there was another channel left: %+v", b.Told[1])
	}
	b = Fold(b, []access.NoticeRecord{r(access.NoticeFailed, 41, last)})
	if !b.Told[1].TriedAt.Equal(at.Add(41 * time.Minute)) {
		t.Errorf("%+v", b.Told[1])
	}
}

// What nobody has to be told any more is forgotten, with who had it in hand.
func TestWhatIsOverIsForgottenWithAllThatWasToldOfIt(t *testing.T) {
	c := newHousehold(t)
	gone := "leaver_by_hand/gone"
	c.takes(c.failedBlock())
	c.taken()
	c.book.Acked[gone] = access.TakenUp{By: "dana"}
	c.book.Told = append(c.book.Told, access.Told{Concern: gone, Recipient: "hr", Times: 1})
	c.book.Digests["hr"] = access.Digested{Day: c.now.AddDate(0, 0, -2).Format(time.DateOnly), Times: 1}
	before := c.book
	b := NextBook(c.book, c.failedBlock(), c.rules)
	if _, kept := b.Acked[gone]; kept || b.Acked[NoticeBlockFailed+"/f-leo"].By != "dana" || slices.ContainsFunc(b.Told, func(t access.Told) bool { return t.Concern == gone }) || len(b.Told) == 0 {
		t.Errorf("%v, %+v", b.Acked, b.Told)
	}
	if b.Digests["hr"].Times != 1 {
		t.Errorf("a day that may not be over everywhere is forgotten: %+v", b.Digests)
	}
	if _, kept := before.Acked[gone]; !kept {
		t.Error("the old book was changed")
	}
	// what comes back is nobody's any more
	c.now = c.now.Add(24 * time.Hour)
	c.book = NextBook(c.book, c.night(), c.rules)
	c.now = c.now.Add(24 * time.Hour)
	c.book = NextBook(c.book, c.failedBlock(), c.rules)
	if who, taken := c.book.Acked[NoticeBlockFailed+"/f-leo"]; taken {
		t.Errorf("it came back, and %s is said to have it", who.By)
	}
}
