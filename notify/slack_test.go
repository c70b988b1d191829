package notify_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/notify"
)

func slackTo(t *testing.T, j *slackJudge, w notify.World) *notify.Slack {
	t.Helper()
	c, err := notify.NewSlack(j.url, w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSlackShowsTheTitleHowUrgentItIsThePartsAndTheLinks(t *testing.T) {
	clock := newClock()
	j := newSlackJudge(t, clock.Now)
	receipt, err := slackTo(t, j, clock.world()).Send(t.Context(), failedRevoke())
	if err != nil || receipt != "ok" {
		t.Fatalf("%q, %v", receipt, err)
	}
	shown := j.shown[0]
	want := []string{
		"A leaver still has access: revoking failed",
		"Critical: act now",
		"What happened\n- okta: the session of E-10442 could not be ended\n- aws: 2 keys are still active",
		"- Tried 3 times until 02:14 UTC.",
		"Worksheet: reports/2026-11-26/held_items.csv",
		"rollcall, run 20261126T020000Z-7f3a, 26 Nov 2026 02:14 UTC",
	}
	if !slices.Equal(shown.texts, want) {
		t.Errorf("got %q\nwant %q", shown.texts, want)
	}
	if len(shown.links) != 2 || shown.links["https://reports.example.com/2026-11-26/index.html?a=1&b=2"] != "Tonight's report" {
		t.Errorf("links: %q", shown.links)
	}
	if shown.fallback != "A leaver still has access: revoking failed" {
		t.Errorf("on a locked screen: %q", shown.fallback)
	}
}

func TestSlackTellsWhatIsCuredInOneLine(t *testing.T) {
	clock := newClock()
	j := newSlackJudge(t, clock.Now)
	m := failedRevoke()
	m.Resolve = true
	if _, err := slackTo(t, j, clock.world()).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	texts := j.shown[0].texts
	if texts[0] != "Cured: A leaver still has access: revoking failed" || len(texts) != 3 {
		t.Errorf("got %q", texts)
	}
}

func TestWhatARosterHoldsWakesNobodyAndLinksNowhereInSlack(t *testing.T) {
	clock := newClock()
	j := newSlackJudge(t, clock.Now)
	nasty := "<!channel> <@U123> <#C1|x> <https://evil.example|click> *bold* _it_ ~no~ `code` & &lt;!here&gt;\n> quote"
	m := access.Message{
		Key: "k", Title: nasty, Urgency: "<!here>",
		Parts: []access.MessagePart{{Head: nasty, Lines: []string{nasty, "two\nlines\u202e"}}},
		Links: []access.MessageLink{{Words: nasty, URL: "https://ok.example/<!channel>|x?q=<!here>"}, {Words: "a", URL: "javascript:alert(1)"}, {Words: "b", URL: "javascript://x.example/%0aalert(1)"}, {Words: "c", URL: "https://ann:secret@x.example/"}},
	}
	if _, err := slackTo(t, j, clock.world()).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	shown := j.shown[0]
	if len(shown.mentions) != 0 || len(shown.styled) != 0 || len(shown.links) != 1 {
		t.Errorf("mentions %q, styles %q, links %q", shown.mentions, shown.styled, shown.links)
	}
	for page := range shown.links {
		if !strings.HasPrefix(page, "https://ok.example/") {
			t.Errorf("a link to %q", page)
		}
	}
	if !slices.ContainsFunc(shown.texts, func(s string) bool {
		return strings.Contains(s, "<!channel> <@U123>") && strings.Contains(s, "two lines")
	}) {
		t.Errorf("the text is not shown as it was written: %q", shown.texts)
	}
}

func TestSlackIsToldOneMessageASecond(t *testing.T) {
	clock := newClock()
	j := newSlackJudge(t, clock.Now)
	c := slackTo(t, j, clock.world())
	for range 5 {
		if _, err := c.Send(t.Context(), failedRevoke()); err != nil {
			t.Fatal(err)
		}
	}
	if len(j.shown) != 5 || clock.Now().Sub(newClock().Now()) < 4*time.Second {
		t.Errorf("%d messages within %v", len(j.shown), clock.Now().Sub(newClock().Now()))
	}
}

func TestSlacksRetryAfterIsHeeded(t *testing.T) {
	clock := newClock()
	j := newSlackJudge(t, clock.Now)
	j.last = clock.Now() // somebody else posted just now
	if _, err := slackTo(t, j, clock.world()).Send(t.Context(), failedRevoke()); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(clock.Slept(), 7*time.Second) {
		t.Errorf("slept %v, Slack asked for 7 s", clock.Slept())
	}
}

func TestSlacksWordSaysWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		status     int
		body, says string
		again      bool
	}{
		{404, "no_service", "no_service: the webhook is switched off or gone", false},
		{410, "channel_is_archived", "channel_is_archived: the webhook's channel is archived", false},
		{400, "invalid_blocks", "refuses with status 400, invalid_blocks", false},
		{500, "<html>secret of the proxy</html>", "answers with status 500", true},
		{200, "<html>sign in to the hotel's network</html>", "not with Slack's \"ok\"", false},
		{403, "Your IP 10.0.0.1 and token SLACKCANARY", "refuses with status 403", false},
	} {
		clock := newClock()
		address, asked := answering(t, tt.status, "", tt.body)
		c, err := notify.NewSlack(address+"/services/T/B/SLACKCANARY", clock.world())
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Send(t.Context(), failedRevoke())
		fault := failed(t, err)
		if !strings.Contains(fault.Why, tt.says) || fault.Again != tt.again || strings.Contains(fault.Why, "html") || strings.Contains(fault.Why, "10.0.0.1") {
			t.Errorf("%d %s: %+v", tt.status, tt.body, fault)
		}
		if want := map[bool]int{true: 3, false: 1}[tt.again]; *asked != want {
			t.Errorf("%d %s: asked %d times, want %d", tt.status, tt.body, *asked, want)
		}
	}
}

func TestWhoStopsIsToldThatHeStopped(t *testing.T) {
	clock := newClock()
	address, asked := answering(t, 503, "", "")
	ctx, cancel := context.WithCancel(t.Context())
	world := clock.world()
	world.Sleep = func(context.Context, time.Duration) error { cancel(); return ctx.Err() }
	c, err := notify.NewSlack(address+"/services/x", world)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send(ctx, failedRevoke())
	if !errors.Is(err, context.Canceled) || *asked != 1 {
		t.Errorf("%v after %d tries", err, *asked)
	}
}

func TestAnyMessageIsTakenBySlackAndStaysText(t *testing.T) {
	clock := newClock()
	j := newSlackJudge(t, clock.Now)
	c := slackTo(t, j, clock.world())
	anyMessage(t, func(t *testing.T, m access.Message) {
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		shown := j.shown[len(j.shown)-1]
		if len(shown.mentions) != 0 || len(shown.styled) != 0 {
			t.Errorf("mentions %q, styles %q", shown.mentions, shown.styled)
		}
		for page := range shown.links {
			if !strings.HasPrefix(page, "https://") {
				t.Errorf("a link to %q", page)
			}
		}
	})
}

func TestALongMessageEndsWithWhereTheRestIs(t *testing.T) {
	clock := newClock()
	j := newSlackJudge(t, clock.Now)
	c := slackTo(t, j, clock.world())
	m := failedRevoke()
	long := access.MessagePart{Lines: []string{strings.Repeat("🙂 many people ", 900)}}
	m.Parts = []access.MessagePart{long}
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if text := j.shown[0].texts[2]; !strings.HasSuffix(text, "... see the report") || units16(text) < 2900 {
		t.Errorf("%d characters that end with %q", units16(text), text[max(0, len(text)-40):])
	}
	for _, n := range []int{12, 46, 100} {
		m.Parts = nil
		for range n {
			m.Parts = append(m.Parts, access.MessagePart{Lines: []string{strings.Repeat("x", 9000/n)}})
		}
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		texts := j.shown[len(j.shown)-1].texts
		if end := texts[len(texts)-3]; !strings.HasSuffix(end, "... see the report") {
			t.Errorf("%d parts end with %q", n, end)
		}
		if strings.Count(strings.Join(texts, ""), "see the report") != 1 {
			t.Errorf("%d parts: said more than once", n)
		}
	}
}
