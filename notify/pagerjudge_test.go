package notify_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"
	"unicode/utf16"
)

const routingKey = "PAGERCANARY0123456789abcdefghijk"

// pagerJudge is PagerDuty's Events API v2 as
// https://developer.pagerduty.com/docs/send-alert-event and PagerDuty's own
// description (github.com/PagerDuty/api-schema, events-v2) have it: it refuses with
// their status and errors, and keeps the alerts that are open.
type pagerJudge struct {
	t      *testing.T
	url    string
	open   map[string]pagerEvent
	events []pagerEvent
}

type pagerEvent struct {
	RoutingKey string `json:"routing_key"`
	Action     string `json:"event_action"`
	DedupKey   string `json:"dedup_key"`
	Client     string `json:"client"`
	Payload    *struct {
		Summary   string          `json:"summary"`
		Source    string          `json:"source"`
		Severity  string          `json:"severity"`
		Timestamp string          `json:"timestamp"`
		Component string          `json:"component"`
		Class     string          `json:"class"`
		Details   json.RawMessage `json:"custom_details"`
	} `json:"payload"`
	Links []struct {
		Href string `json:"href"`
		Text string `json:"text"`
	} `json:"links"`
}

func newPagerJudge(t *testing.T) *pagerJudge {
	j := &pagerJudge{t: t, open: map[string]pagerEvent{}}
	j.url = served(t, j.ServeHTTP)
	return j
}

func (j *pagerJudge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	say := func(status int, body map[string]any) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	if r.Method != http.MethodPost || r.URL.Path != "/v2/enqueue" {
		w.WriteHeader(404)
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		j.t.Error(err)
		return
	}
	var e pagerEvent
	if len(raw) > 512<<10 {
		say(413, map[string]any{"status": "invalid event", "message": "Event object is invalid", "errors": []string{"Event size exceeds the limit"}})
		return
	}
	if json.Unmarshal(raw, &e) != nil {
		say(400, map[string]any{"status": "Unrecognized object", "message": "Event object format is unrecognized", "errors": []string{"JSON parse error"}})
		return
	}
	if errs := e.errors(); len(errs) > 0 {
		j.t.Logf("the judge refuses: %q", errs)
		say(400, map[string]any{"status": "invalid event", "message": "Event object is invalid", "errors": errs})
		return
	}
	j.events = append(j.events, e)
	if e.Action == "resolve" {
		delete(j.open, e.DedupKey)
	} else {
		j.open[e.DedupKey] = e
	}
	say(202, map[string]any{"status": "success", "message": "Event processed", "dedup_key": e.DedupKey})
}

func (e pagerEvent) errors() []string {
	var errs []string
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Sprintf(format, args...))
		}
	}
	wrong(len(e.RoutingKey) != 32, "Length of 'routing_key' is incorrect (should be 32 characters)")
	wrong(!slices.Contains([]string{"trigger", "acknowledge", "resolve"}, e.Action), "'event_action' is invalid (must be trigger, acknowledge or resolve)")
	wrong(len(e.DedupKey) > 255, "Length of 'dedup_key' is incorrect (should be at most 255 characters)")
	if e.Action != "trigger" {
		wrong(e.DedupKey == "", "'dedup_key' is missing or blank")
		return errs
	}
	if e.Payload == nil {
		return append(errs, "'payload' is missing or blank")
	}
	p := e.Payload
	wrong(p.Summary == "", "'payload.summary' is missing or blank")
	wrong(len(utf16.Encode([]rune(p.Summary))) > 1024, "Length of 'payload.summary' is incorrect (should be at most 1024 characters)")
	wrong(p.Source == "", "'payload.source' is missing or blank")
	wrong(!slices.Contains([]string{"critical", "error", "warning", "info"}, p.Severity), "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')")
	if p.Timestamp != "" {
		_, err := time.Parse(time.RFC3339, p.Timestamp)
		wrong(err != nil, "'payload.timestamp' is invalid")
	}
	var details map[string]any
	wrong(p.Details != nil && json.Unmarshal(p.Details, &details) != nil, "'payload.custom_details' is no object")
	for _, l := range e.Links {
		u, err := url.Parse(l.Href)
		wrong(err != nil || u.Scheme != "https" && u.Scheme != "http", "'links.href' is invalid")
	}
	return errs
}
