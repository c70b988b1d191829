package reconcile

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// What is said to be cured must have been looked at to its end: else a leaver's access stays
// open, and nobody is told any more.
func TestWhatARunMustHaveLookedAtToSayThatSomethingIsNoMore(t *testing.T) {
	reads := func(all ...access.Read) func(*access.Night) {
		return func(n *access.Night) { n.Systems[0].Reads = all }
	}
	users := access.Read{System: "okta", Kind: "users", Complete: true}
	half := func(system access.System, scope, kind string) access.Read {
		return access.Read{System: system, Scope: scope, Kind: kind}
	}
	rosters := func(all ...access.RosterVerdict) func(*access.Night) {
		return func(n *access.Night) { n.Rosters = all }
	}
	good, bad := access.RosterVerdict{Source: "employees", Accepted: true}, access.RosterVerdict{Source: "temps"}
	trigger := func(s string) func(*access.Night) { return func(n *access.Night) { n.Run.Trigger = s } }
	asIs := func(*access.Night) {}
	for _, tt := range []struct {
		name string
		bend func(*access.Night)
		rest string
		want bool
	}{
		{"a night", asIs, "trigger:nightly", true},
		{"a night", asIs, "trigger:sweep", true},
		{"a sweep", trigger("sweep"), "trigger:sweep", true},
		{"a sweep", trigger("sweep"), "trigger:nightly", false},
		{"good policy", asIs, "policy", true},
		{"policy that is unusable", func(n *access.Night) { n.Problems = []access.Problem{{Severity: access.Stop}} }, "policy", false},
		{"all lists", asIs, "rosters", true},
		{"one of two refused", rosters(good, bad), "rosters", false},
		{"one of two refused", rosters(good, bad), "roster:employees", true},
		{"one of two refused", rosters(good, bad), "roster:temps", false},
		{"no list", rosters(), "rosters", false},
		{"no list", rosters(), "roster:employees", false},
		{"an order", func(n *access.Night) { n.Order = &access.Order{} }, "rosters", false},
		{"an order", func(n *access.Night) { n.Order = &access.Order{} }, "scope:okta/", false},
		{"all read", reads(users), "scope:okta/", true},
		{"one of the system is not", reads(users, half("okta", "", "apps")), "scope:okta/", false},
		{"one of another system is not", reads(users, half("aws", "", "apps")), "scope:okta/", true},
		{"one of another scope is not", reads(users, half("aws", "2", "iam")), "scope:aws/1", true},
		{"one of the scope is not", reads(users, half("aws", "1", "iam")), "scope:aws/1", false},
		{"one of the whole system is not", reads(users, half("aws", "", "accounts")), "scope:aws/1", false},
		{"a scope of another system is not", reads(users, half("gcp", "1", "iam")), "scope:aws/1", true},
		{"recalled", reads(access.Read{System: "okta", Kind: "users", Complete: true, Recalled: true}), "scope:okta/", false},
		{"read by an earlier run", func(n *access.Night) { n.SeenAt = n.Run.StartedAt }, "scope:okta/", false},
		{"a restore", trigger("restore"), "scope:okta/", false},
		{"the read itself", reads(users), "read:okta/users", true},
		{"the read itself is not whole", reads(half("okta", "", "users")), "read:okta/users", false},
		{"another read of the system is not whole", reads(users, half("okta", "", "apps")), "read:okta/users", true},
		{"the read is there no more", reads(users), "read:okta/logs", true},
		{"it is there no more, and another of the system is not whole", reads(users, half("okta", "", "apps")), "read:okta/logs", false},
		{"it is there no more, and one of another system is not whole", reads(users, half("aws", "", "apps")), "read:okta/logs", true},
		{"everything", asIs, "whole", true},
		{"any read is not whole", reads(users, half("aws", "", "apps")), "whole", false},
		{"any list is refused", rosters(good, bad), "whole", false},
		{"the role map is unread", func(n *access.Night) { n.Policy.RoleMapUnread = true }, "whole", false},
		{"something that this version does not know", asIs, "moon", false},
	} {
		n := newHousehold(t).night()
		tt.bend(n)
		if got := looked(n, tt.rest); got != tt.want {
			t.Errorf("%s: looked at %s: %v", tt.name, tt.rest, got)
		}
	}
}

func TestWhatARunThatDoesNotSeeSomethingCures(t *testing.T) {
	blind := func(n *access.Night) { n.Systems[0].Reads[0].Complete = false }
	did := func(all ...access.Outcome) func(*access.Night) {
		return func(n *access.Night) { blind(n); n.Outcomes = all }
	}
	removed := blockOf("a", "00u1", access.Done)
	removed.Action.Stage = access.Remove
	skipped := blockOf("a", "00u1", access.Skipped)
	rests := []string{"scope:okta/", "roster:employees"}
	ordered := restsOf(access.Action{Stage: access.Block, Account: leosAccount, Order: &access.Order{}})
	stands := func(s access.AccountStatus) func(*access.Night) {
		return func(n *access.Night) { n.Systems[0].Accounts[0].Status = s }
	}
	center := func(g access.Grant) func(*access.Night) {
		return func(n *access.Night) {
			n.Systems[0].Accounts[0].Kind = access.IdentityCenter
			n.Systems[0].Entitlements, n.Systems[0].Grants = []access.Entitlement{{Kind: access.PermissionSet}}, []access.Grant{g}
		}
	}
	for _, tt := range []struct {
		name string
		was  access.Concern
		bend func(*access.Night)
		want bool
	}{
		{"all was looked at", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, func(*access.Night) {}, true},
		{"not all was", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, blind, false},
		{"the list was refused", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, func(n *access.Night) { n.Rosters[0].Accepted = false }, false},
		{"it happened, and does not end", access.Concern{Kind: NoticeBreakGlass, Subject: "f-a", Rests: rests}, func(*access.Night) {}, false},
		{"it rests on nothing", access.Concern{Kind: NoticeChannelFailing, Subject: "pager"}, func(*access.Night) {}, false},
		{"this run did it", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, did(blockOf("a", "00u1", access.Done)), true},
		{"this run found it done", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, did(blockOf("a", "00u1", access.AlreadyAbsent)), true},
		{"another kind of matter", access.Concern{Kind: NoticePastSLA, Subject: "f-a", Rests: rests}, did(blockOf("a", "00u1", access.Done)), false},
		{"it did something else", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, did(blockOf("b", "00u1", access.Done)), false},
		{"it removed", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, did(removed), false},
		{"it skipped a part", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, did(blockOf("a", "00u1", access.Done), skipped), false},
		{"it skipped a part of something else", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, did(blockOf("a", "00u1", access.Done), blockOf("b", "00u1", access.Skipped)), true},
		{"ordered, and the account works", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: ordered}, func(*access.Night) {}, false},
		{"ordered, and the account is suspended", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: ordered}, stands(access.AccountSuspended), true},
		{"ordered, and the account is disabled", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: ordered}, stands(access.AccountDisabled), true},
		{"ordered, and nobody can say how the account is", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: ordered}, stands(access.AccountUnknown), false},
		{"ordered, and the account is gone", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: ordered}, func(n *access.Night) { n.Systems[0].Accounts = nil }, true},
		{"ordered, and gone from half a list", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: ordered}, func(n *access.Night) { n.Systems[0].Accounts = nil; blind(n) }, false},
		{"ordered, and it holds nothing of its own", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: ordered}, center(access.Grant{Carrier: 1}), true},
		{"ordered, and it holds an assignment", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: ordered}, center(access.Grant{}), false},
		{"it skipped all", access.Concern{Kind: NoticeBlockFailed, Subject: "f-a", Rests: rests}, did(skipped), false},
	} {
		c := newHousehold(t)
		n := c.night()
		tt.bend(n)
		tt.was.Since = c.now.Add(-time.Hour)
		c.book = access.NoticeBook{Open: []access.Concern{tt.was}, Told: []access.Told{{Concern: tt.was.ID(), Recipient: "on_call", Times: 1, Urgency: access.UrgencyCritical, Channels: []string{"pager"}}}}
		book := NextBook(c.book, n, c.rules)
		at := slices.IndexFunc(book.Open, func(one access.Concern) bool { return one.ID() == tt.was.ID() })
		if at < 0 || book.Open[at].CuredAt.IsZero() == tt.want || tt.want && !book.Open[at].CuredAt.Equal(c.now) {
			t.Errorf("%s: %+v", tt.name, book.Open)
		}
		if !c.book.Open[0].CuredAt.IsZero() {
			t.Errorf("%s: the old book was changed", tt.name)
		}
		if !slices.IsSortedFunc(book.Open, func(x, y access.Concern) int { return strings.Compare(x.ID(), y.ID()) }) {
			t.Errorf("%s: %+v", tt.name, book.Open)
		}
		if tt.want { // since when it is cured does not change, so that it is not kept for ever
			c.now = c.now.Add(24 * time.Hour)
			again := NextBook(book, c.night(), c.rules)
			if at := slices.IndexFunc(again.Open, func(one access.Concern) bool { return one.ID() == tt.was.ID() }); at < 0 || !again.Open[at].CuredAt.Equal(c.now.Add(-24*time.Hour)) {
				t.Errorf("%s, and a night later: %+v", tt.name, again.Open)
			}
		}
	}
}

// What stands for many covers each of its kind: that one of them has it is no cure.
func TestWhatIsToldTogetherFromNowOnIsNotSaidToBeCured(t *testing.T) {
	for id, cured := range map[string]bool{NoticeBlockFailed + "/f3": false, NoticeBlockFailed + "/f99": true, NoticeByHand + "/f3": true} {
		c := newHousehold(t)
		kind, subject, _ := strings.Cut(id, "/")
		c.book = access.NoticeBook{Open: []access.Concern{{Kind: kind, Subject: subject, Rests: []string{"scope:okta/"}}},
			Told: []access.Told{{Concern: id, Recipient: "on_call", Times: 1, Urgency: access.UrgencyCritical, Channels: []string{"pager"}}}}
		book := NextBook(c.book, c.manyFailed(mostApart+1), c.rules)
		at := slices.IndexFunc(book.Open, func(one access.Concern) bool { return one.ID() == id })
		if at < 0 || book.Open[at].CuredAt.IsZero() == cured {
			t.Errorf("%s: %+v", id, book.Open)
		}
	}
}

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

func TestWhatARunWithoutARecordRaisesGoesOnBeginsAnewOrIsCured(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	one := func(since, cured int, seen access.RunID) access.Concern {
		c := access.Concern{Kind: NoticeRunAborted, Subject: "s", Since: at.Add(time.Duration(since) * time.Hour), SeenIn: seen}
		if cured > 0 {
			c.CuredAt = at.Add(time.Duration(cured) * time.Hour)
		}
		return c
	}
	told := []access.Told{{Concern: NoticeRunAborted + "/s", Recipient: "hr", Times: 1}, {Concern: "other/s", Recipient: "hr", Times: 1}}
	for name, tt := range map[string]struct {
		open  []access.Concern
		raise access.Concern
		want  access.Concern
		told  int
	}{
		"new":                    {[]access.Concern{{Kind: "a", Subject: "s"}}, one(2, 0, "r2"), one(2, 0, "r2"), 2},
		"open":                   {[]access.Concern{one(1, 0, "r1")}, one(2, 0, "r2"), one(1, 0, "r2"), 2},
		"open, and cured":        {[]access.Concern{one(1, 0, "r1")}, one(1, 3, "r2"), one(1, 3, "r1"), 2},
		"cured, and there again": {[]access.Concern{one(1, 2, "r1")}, one(3, 0, "r3"), one(3, 0, "r3"), 1},
	} {
		old := access.NoticeBook{Open: tt.open, Told: told, Acked: map[string]access.TakenUp{NoticeRunAborted + "/s": {By: "dana"}, "other/s": {By: "eve"}}}
		before := tt.open[0]
		b := Fold(old, []access.NoticeRecord{{Kind: access.NoticeRaised, At: at, Raised: &tt.raise}})
		got := b.Open[len(b.Open)-1]
		if got.Since != tt.want.Since || got.CuredAt != tt.want.CuredAt || got.SeenIn != tt.want.SeenIn || len(b.Told) != tt.told || len(b.Acked) != tt.told || len(b.Open) > 2 {
			t.Errorf("%s: %+v, %d told, acked %v", name, got, len(b.Told), b.Acked)
		}
		if old.Open[0].CuredAt != before.CuredAt || len(old.Acked) != 2 {
			t.Errorf("%s: the old book was changed", name)
		}
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
