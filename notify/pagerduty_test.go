package notify_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/notify"
)

func pagerTo(t *testing.T, endpoint string, w notify.World) *notify.PagerDuty {
	t.Helper()
	c, err := notify.NewPagerDuty(notify.PagerDutyConfig{RoutingKey: routingKey, Source: "prod", Endpoint: endpoint}, w)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAPagerFoldsWhatIsToldAgainAndClosesWhatIsCured(t *testing.T) {
	j := newPagerJudge(t)
	c := pagerTo(t, j.url, newClock().world())
	m := failedRevoke()
	for range 3 {
		receipt, err := c.Send(t.Context(), m)
		if err != nil || receipt != "success prod/revoke_failed/E-10442" {
			t.Fatalf("%q, %v", receipt, err)
		}
		m.At = m.At.AddDate(0, 0, 1)
	}
	if len(j.open) != 1 {
		t.Fatalf("%d alerts", len(j.open))
	}
	p := j.open[m.Key].Payload
	if p.Summary != m.Title || p.Source != "prod" || p.Severity != "critical" || p.Class != "revoke_failed" || p.Timestamp != "2026-11-28T02:14:00Z" {
		t.Errorf("%+v", p)
	}
	var details map[string]string
	if err := json.Unmarshal(p.Details, &details); err != nil || !strings.Contains(details["what"], "- aws: 2 keys are still active") || details["run"] == "" {
		t.Errorf("%v %q", err, details)
	}
	if links := j.open[m.Key].Links; len(links) != 2 || links[1].Text != "What to do" {
		t.Errorf("%+v", links)
	}
	m.Resolve = true
	if _, err := c.Send(t.Context(), m); err != nil || len(j.open) != 0 {
		t.Errorf("%v, %d alerts are open", err, len(j.open))
	}
}

func TestHowUrgentItIsBecomesPagerDutysSeverity(t *testing.T) {
	j := newPagerJudge(t)
	c := pagerTo(t, j.url, newClock().world())
	var got []string
	for _, u := range []access.Urgency{access.UrgencyCritical, access.UrgencyHigh, access.UrgencySameDay, access.UrgencyDigest, "odd"} {
		m := failedRevoke()
		m.Urgency = u
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got = append(got, j.events[len(j.events)-1].Payload.Severity)
	}
	if want := []string{"critical", "error", "warning", "info", "error"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAnyMessageIsTakenByPagerDutyAndResolvedByItsKey(t *testing.T) {
	j := newPagerJudge(t)
	c := pagerTo(t, j.url, newClock().world())
	anyMessage(t, func(t *testing.T, m access.Message) {
		m.Resolve = false
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		m.Resolve = true
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if len(j.open) != 0 {
			t.Error("it is still open")
		}
	})
}

func TestTwoLongKeysStayTwoAlerts(t *testing.T) {
	j := newPagerJudge(t)
	c := pagerTo(t, j.url, newClock().world())
	for _, end := range []string{"a", "b"} {
		m := failedRevoke()
		m.Key = "prod/held/" + strings.Repeat("日", 100) + end
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if len(j.open) != 2 {
		t.Errorf("%d alerts", len(j.open))
	}
}

func TestAMessageWithoutAKeyIsNotPaged(t *testing.T) {
	j := newPagerJudge(t)
	m := failedRevoke()
	m.Key = ""
	if _, err := pagerTo(t, j.url, newClock().world()).Send(t.Context(), m); err == nil || len(j.events) != 0 {
		t.Errorf("%v, %d events", err, len(j.events))
	}
}

func TestPagerDutysOwnErrorsAreTold(t *testing.T) {
	address, asked := answering(t, 400, "Content-Type: application/json", `{"status":"invalid event","message":"Event object is invalid","errors":["'payload.source' is missing or blank","key `+routingKey+`"]}`)
	_, err := pagerTo(t, address, newClock().world()).Send(t.Context(), failedRevoke())
	fault := failed(t, err)
	long, _ := answering(t, 400, "Content-Type: application/json", `{"status":"invalid event","message":"`+strings.Repeat("x", 285)+routingKey+`"}`)
	_, err = pagerTo(t, long, newClock().world()).Send(t.Context(), failedRevoke())
	silentAbout(t, "what is cut", err)
	if fault.Again || *asked != 1 || !strings.Contains(fault.Why, "'payload.source' is missing or blank") || strings.Contains(fault.Why, routingKey) {
		t.Errorf("%+v", fault)
	}
}

func TestPagerDutyIsAskedAgainAfterWhatItAsksFor(t *testing.T) {
	j := newPagerJudge(t)
	full := 2
	busy := served(t, func(w http.ResponseWriter, r *http.Request) {
		if full--; full >= 0 {
			w.Header().Set("Retry-After", "20")
			w.WriteHeader(429)
			return
		}
		j.ServeHTTP(w, r)
	})
	clock := newClock()
	if _, err := pagerTo(t, busy, clock.world()).Send(t.Context(), failedRevoke()); err != nil || !slices.Equal(clock.Slept(), []time.Duration{20 * time.Second, 20 * time.Second}) {
		t.Errorf("%v, slept %v", err, clock.Slept())
	}
}

func TestAnAnswerThatIsNoReceiptIsNone(t *testing.T) {
	for _, body := range []string{"", "ok", `{"status":"queued"}`, "<html>"} {
		address, _ := answering(t, 202, "", body)
		if _, err := pagerTo(t, address, newClock().world()).Send(t.Context(), failedRevoke()); err == nil {
			t.Errorf("%q passes for a receipt", body)
		}
	}
}
