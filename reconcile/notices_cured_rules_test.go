package reconcile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// What is said to be cured must have been looked at to its end: else a leaver's access stays
// open, and nobody is told any more. It is long because it is one table of what a run looked at
// against what a matter rests on.
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

// It is long because the nights of its one table are bent in ways that are named right above
// it, and each is asked the same four questions below.
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
