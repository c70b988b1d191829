package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/zones"
)

// says is a message in one string, its title first.
func says(m access.Message) string {
	all := []string{m.Title}
	for _, p := range m.Parts {
		all = append(all, strings.TrimPrefix(p.Head+": ", ": ")+strings.Join(p.Lines, " | "))
	}
	for _, l := range m.Links {
		all = append(all, l.Words+" "+l.URL)
	}
	return strings.Join(all, "\n")
}

var deskSays = "Whom to call: Desk: desk@example.test; after hours, if somebody must lose access now, was cut off by mistake, or misuse is possible: +49 1 | Sec: sec@example.test; after hours, if somebody must lose access now, was cut off by mistake, or misuse is possible: night@example.test | Say: who (name and employee ID), what must happen, from when, why, who approved it, and the run ID. No passwords, nothing about health."

func TestWhatAMessageAboutOneMatterSays(t *testing.T) {
	since := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
	matter := access.Concern{Kind: NoticeGuard, Subject: "g", System: "okta", Open: []string{"Held."}, Restricted: []string{"", "Leo."}, Since: since, SeenIn: "run-1"}
	links := "\nWhat to do https://books.example.test/guard-tripped.html\nThe report https://reports.example.test/run-1/"
	for _, tt := range []struct {
		purpose string
		who     access.Audience
		private bool
		want    string
	}{
		{access.ToTell, access.ForCompliance, true, "A guard holds something back\nHeld.\nRun: run-1\n" + deskSays + links},
		{access.ToTell, access.ForHR, true, "A guard holds something back\nHeld. | Leo.\nRun: run-1\n" + deskSays + links},
		{access.ToTell, access.ForHR, false, "A guard holds something back\nHeld.\nRun: run-1\n" + deskSays + links},
		{access.ToRepeat, access.ForOnCall, false, "Still: A guard holds something back\nHeld.\nOpen since 2026-11-22 01:00 UTC, and nobody has taken it up: rollcall notices ack --key prod/guard_tripped/g --by NAME\nRun: run-1\n" + deskSays + links},
		{access.ToNext, access.ForOnCall, false, "A guard holds something back\nHeld.\nOpen since 2026-11-22 01:00 UTC, and nobody has taken it up: rollcall notices ack --key prod/guard_tripped/g --by NAME\nRun: run-1\n" + deskSays + links},
		{access.ToResolve, access.ForHR, true, "Cured: A guard holds something back\nA run that looked sees it no more. It was open since 2026-11-22 01:00 UTC."},
	} {
		c := newHousehold(t)
		m := c.rules.about(matter, recipient{audience: tt.who}, access.UrgencyHigh, tt.purpose, tt.private, c.now)
		if got := says(m); got != tt.want || m.Resolve != (tt.purpose == access.ToResolve) || m.Run != "run-1" || m.Kind != NoticeGuard {
			t.Errorf("%s to %s says\n%s\nwant\n%s", tt.purpose, tt.who, got, tt.want)
		}
	}
	c := newHousehold(t)
	c.rules.Contacts, c.rules.Reports, c.rules.Runbooks = nil, "", ""
	if got := says(c.rules.about(access.Concern{Kind: NoticeGuard, Open: []string{"Held."}}, recipient{}, access.UrgencyHigh, access.ToTell, true, c.now)); got != "A guard holds something back\nHeld." {
		t.Errorf("where nothing more is known:\n%s", got)
	}
}

func TestWhereTheReportAndTheRunbookAreToBeFound(t *testing.T) {
	for _, tt := range []struct {
		reports, runbooks string
		run               access.RunID
		page              access.Runbook
		lines             string
		links             string
	}{
		{"", "", "run-1", "p", "Run: run-1", ""},
		{"", "", "", "p", "", ""},
		{"/srv/reports", "/srv/books", "run-1", "p", "Report: /srv/reports/run-1|What to do: /srv/books/p.md|Run: run-1", ""},
		{"/srv/reports", "/srv/books", "", "p", "What to do: /srv/books/p.md", ""},
		{"/srv/reports", "/srv/books", "run-1", "", "Report: /srv/reports/run-1|Run: run-1", ""},
		{"https://r.test/", "http://b.test", "run-1", "p", "Run: run-1", "http://b.test/p.html|https://r.test/run-1/"},
		{"http://r.test", "https://b.test/", "", "p", "", "https://b.test/p.html"},
		{"http://r.test", "https://b.test/", "run-1", "", "Run: run-1", "http://r.test/run-1/"},
	} {
		r := NoticeRules{Reports: tt.reports, Runbooks: tt.runbooks}
		var links []string
		for _, l := range r.links(tt.run, tt.page) {
			links = append(links, l.URL)
		}
		if got := strings.Join(r.places(tt.run, tt.page).Lines, "|"); got != tt.lines || strings.Join(links, "|") != tt.links {
			t.Errorf("%+v: %q, %q", tt, got, links)
		}
	}
}

func TestWhomToCallIsWhoAnswersForTheSystemElseForAll(t *testing.T) {
	r := NoticeRules{Contacts: []access.Contact{{Responsibility: "on_call", Name: "Desk", BusinessHours: "1"}, {System: "okta", Responsibility: "on_call", Name: "Okta desk", BusinessHours: "2", AfterHours: "3"}, {Responsibility: "hr", Name: "HR", BusinessHours: "4"}}}
	for system, want := range map[string]string{"okta": "Okta desk: 2; after hours", "aws": "Desk: 1", "": "Desk: 1"} {
		p := r.callPart(system)
		if len(p.Lines) != 2 || !strings.HasPrefix(p.Lines[0], want) || system != "okta" && p.Lines[0] != want || !strings.HasPrefix(p.Lines[1], "Say: ") {
			t.Errorf("%q: %q", system, p.Lines)
		}
	}
	if p := (NoticeRules{}).callPart("okta"); len(p.Lines) != 0 {
		t.Errorf("%q", p.Lines)
	}
	r.Contacts = append(r.Contacts, access.Contact{Responsibility: "hr", BusinessHours: "b@example.test, a@example.test"}, access.Contact{Responsibility: "hr", BusinessHours: "b@example.test"}, access.Contact{Responsibility: "compliance", BusinessHours: "c@example.test"})
	if got := r.Addresses(access.ForHR); !slices.Equal(got, []string{"a@example.test", "b@example.test"}) {
		t.Errorf("%q", got)
	}
}

func TestTheMessageOfTheDayHasEachMatterOnce(t *testing.T) {
	c := newHousehold(t)
	c.rules.Head = "abc"
	head := access.Concern{Kind: NoticeChainHead, Subject: "run-1", SeenIn: "run-1", Open: []string{"Committed."}}
	guard := access.Concern{Kind: NoticeGuard, Subject: "g", SeenIn: "run-2", Open: []string{"Held."}, Restricted: []string{"Leo."}}
	again := guard
	again.Subject = "h"
	of := func(audience access.Audience, all ...access.Concern) access.Message {
		return c.rules.daily(&digesting{who: recipient{audience: audience}, items: all}, access.UrgencyDigest, "digest/x", true, c.now)
	}
	report := "\nThe report https://reports.example.test/"
	if got, want := says(of(access.ForCompliance, head)), "rollcall: The night's evidence is committed\nThe night's evidence is committed: Committed. | Head of the archive: abc\nRun: run-1\n"+deskSays+"\nWhat to do https://books.example.test/audit-request.html"+report+"run-1/"; got != want {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
	m := of(access.ForHR, guard, again, head)
	want := "rollcall: 3 matters of today\nA guard holds something back: Held. | Leo.\nA guard holds something back: Held. | Leo.\nThe night's evidence is committed: Committed. | Head of the archive: abc\nRun: run-2\n" + deskSays +
		"\nWhat to do https://books.example.test/guard-tripped.html" + report + "run-2/\nWhat to do https://books.example.test/audit-request.html" + report + "run-1/"
	if got := says(m); got != want || m.Run != "run-2" || m.Key != "prod/digest/x" || m.Kind != "digest" {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
	c.rules.Contacts, c.rules.Reports, c.rules.Runbooks, c.rules.Head = nil, "", "", ""
	head.SeenIn = ""
	if got := says(of(access.ForHR, head)); got != "rollcall: The night's evidence is committed\nThe night's evidence is committed: Committed." {
		t.Errorf("where nothing more is known:\n%s", got)
	}
	c.rules.Contacts = []access.Contact{{System: "okta", Responsibility: "on_call", Name: "Okta desk", BusinessHours: "2"}}
	guard.System = "okta"
	if got := says(of(access.ForOwner, guard)); !strings.Contains(got, "Okta desk: 2") {
		t.Errorf("whom to call about okta:\n%s", got)
	}
}

func TestAKeyIsWhatAPagerTakesAndNamesItsMatter(t *testing.T) {
	for env, want := range map[string]string{"": "k/s", "prod": "prod/k/s"} {
		r := NoticeRules{Environment: env}
		b := access.NoticeBook{Open: []access.Concern{{Kind: "a", Subject: "b"}, {Kind: "k", Subject: "s"}}}
		if got := r.Key(b.Open[1]); got != want {
			t.Errorf("%q: %q", env, got)
		}
		for _, key := range []string{"k/s", want} {
			if id, found := r.ConcernOf(b, key); id != "k/s" || !found {
				t.Errorf("%q names %q, %v", key, id, found)
			}
		}
		if id, found := r.ConcernOf(b, "k/x"); id != "" || found {
			t.Errorf("what is unknown names %q, %v", id, found)
		}
		fits := "k/" + strings.Repeat("x", longestKey-len(want)+1)
		if got := r.key(fits); len(got) != longestKey || !strings.HasSuffix(got, fits) {
			t.Errorf("%q", got)
		}
		if got := r.key(fits + "y"); len(got) > longestKey || !strings.HasPrefix(got, strings.TrimSuffix(want, "s")+"n-") || got == r.key(fits+"z") {
			t.Errorf("%q", got)
		}
	}
}

func TestWhoIsToldAsAnAudience(t *testing.T) {
	r := NoticeRules{Tell: map[access.Audience][]string{access.ForOnCall: {"pager"}, access.ForOwner: {"mail"}, access.ForManager: {"mail"}, access.ForReviewer: {"mail"}},
		Contacts: []access.Contact{{Responsibility: "on_call", Name: "Desk"}, {System: "okta", Responsibility: "on_call", Name: "Okta desk"}, {System: "okta", Responsibility: "owner", Name: "Owner"}}}
	to := []access.Addressee{{Audience: access.ForManager, Mail: "m@example.test"}, {Audience: access.ForReviewer, Mail: "r@example.test"}, {Audience: access.ForManager, Mail: "n@example.test"}}
	for _, tt := range []struct {
		a      access.Audience
		system string
		want   string
	}{
		{access.ForOnCall, "", "on_call 1"}, {access.ForOnCall, "aws", "on_call 1"}, {access.ForOnCall, "okta", "on_call:okta 1"},
		{access.ForOwner, "okta", "owner:okta 1"}, {access.ForOwner, "aws", ""}, {access.ForOwner, "", ""},
		{access.ForManager, "okta", "m@example.test m@example.test n@example.test n@example.test"}, {access.ForReviewer, "", "r@example.test r@example.test"},
		{access.ForHR, "", ""},
	} {
		got := ""
		for _, w := range r.recipients(access.Concern{System: tt.system, To: to}, tt.a) {
			if got += " " + w.name; w.mail != "" {
				got += " " + w.mail
			} else {
				got += fmt.Sprintf(" %d", len(w.contacts))
			}
			if w.audience != tt.a {
				t.Errorf("%s is told as %s", w.name, w.audience)
			}
		}
		if strings.TrimSpace(got) != tt.want {
			t.Errorf("%s of %q: %q", tt.a, tt.system, got)
		}
	}
	r.Tell[access.ForHR] = []string{"mail"}
	if got := r.recipients(access.Concern{}, access.ForHR); len(got) != 1 || got[0].name != "hr" || len(got[0].contacts) != 0 {
		t.Errorf("an audience without contacts, by a channel that needs none: %+v", got)
	}
	r.Contacts = append(r.Contacts, access.Contact{Responsibility: "owner", Name: "All"})
	if got := r.recipients(access.Concern{System: "aws"}, access.ForOwner); len(got) != 1 || got[0].name != "owner" {
		t.Errorf("%+v", got)
	}
}

func TestTheHoursAndTheAddressesOfARecipient(t *testing.T) {
	berlin, err := zones.Load("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	r := NoticeRules{Zone: berlin}
	if (NoticeRules{}).zone() != time.UTC || r.zone() != berlin {
		t.Error("the zone of the company")
	}
	contact := func(zone, hours, day, night string) access.Contact {
		return access.Contact{TimeZone: zone, Hours: hours, BusinessHours: day, AfterHours: night}
	}
	at := func(hour int) time.Time { return time.Date(2026, 11, 23, hour, 30, 0, 0, time.UTC) } // a Monday
	for _, tt := range []struct {
		name  string
		w     recipient
		u     access.Urgency
		hour  int
		open  bool
		where string
	}{
		{"usual hours", recipient{}, access.UrgencyHigh, 8, true, ""}, {"usual hours", recipient{}, access.UrgencyHigh, 17, false, ""},
		{"in their own zone", recipient{contacts: []access.Contact{contact("America/New_York", "", "d@e.test", "n@e.test")}}, access.UrgencyHigh, 8, false, "n@e.test"},
		{"in their own zone", recipient{contacts: []access.Contact{contact("America/New_York", "", "d@e.test", "n@e.test")}}, access.UrgencyHigh, 17, true, "d@e.test"},
		{"in a zone that nobody knows", recipient{contacts: []access.Contact{contact("Mars", "", "d@e.test", "n@e.test")}}, access.UrgencyHigh, 8, true, "d@e.test"},
		{"their own hours", recipient{contacts: []access.Contact{contact("", "Mon-Fri 18:00-20:00", "d@e.test", "n@e.test")}}, access.UrgencyHigh, 17, true, "d@e.test"},
		{"their own hours", recipient{contacts: []access.Contact{contact("", "Mon-Fri 18:00-20:00", "d@e.test", "n@e.test")}}, access.UrgencyHigh, 9, false, "n@e.test"},
		{"what can wait", recipient{contacts: []access.Contact{contact("", "Mon-Fri 18:00-20:00", "d@e.test", "n@e.test")}}, access.UrgencySameDay, 9, false, "d@e.test"},
		{"no address for the night", recipient{contacts: []access.Contact{contact("", "Mon-Fri 18:00-20:00", "d@e.test", "+49 1")}}, access.UrgencyHigh, 9, false, "d@e.test"},
		{"several", recipient{contacts: []access.Contact{contact("", "", "d@e.test", ""), contact("", "", "b@e.test d@e.test", "")}}, access.UrgencyHigh, 9, true, "b@e.test d@e.test"},
		{"a person of HR's lists", recipient{mail: "p@e.test", contacts: []access.Contact{contact("", "", "d@e.test", "")}}, access.UrgencyHigh, 9, true, "p@e.test"},
	} {
		if got := strings.Join(tt.w.addresses(r, tt.u, at(tt.hour)), " "); tt.w.inHours(r, at(tt.hour)) != tt.open || got != tt.where {
			t.Errorf("%s at %d:30: in hours %v, %q", tt.name, tt.hour, tt.w.inHours(r, at(tt.hour)), got)
		}
	}
}
