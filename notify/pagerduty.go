package notify

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/PagerDuty/go-pagerduty"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// Limits of https://developer.pagerduty.com/docs/send-alert-event
const (
	pagerSummary = 1024
	pagerDedup   = 255
	pagerBytes   = 512 << 10
	pagerEvents  = "https://events.pagerduty.com"
)

// PagerDutyConfig is a service's integration.
type PagerDutyConfig struct {
	RoutingKey string // the integration key of Events API v2: 32 letters and digits, a secret
	Source     string // what is on fire, such as the environment; empty: rollcall
	Endpoint   string // empty: PagerDuty's own; else https, such as https://events.eu.pagerduty.com
}

// PagerDuty raises an alert under the message's key, and resolves it: what is told
// every night is one incident.
type PagerDuty struct {
	side
	key      string
	source   string
	endpoint string
	world    World
}

// NewPagerDuty reads the settings. It connects to nothing.
func NewPagerDuty(cfg PagerDutyConfig, w World) (*PagerDuty, error) {
	if cfg.Endpoint == "" {
		cfg.Endpoint = pagerEvents
	}
	u, s, err := secretURL("pagerduty", cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	key := strings.TrimSpace(cfg.RoutingKey)
	s.secrets = spelled(key)
	if len(key) != 32 || strings.Trim(strings.ToLower(key), "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		return nil, &Error{Channel: "pagerduty", Why: "the secret is no routing key: it has 32 letters and digits (the service's integration key for Events API v2)"}
	}
	source := phrase.OneLine(cfg.Source)
	if source == "" {
		source = "rollcall"
	}
	return &PagerDuty{side: s, key: key, source: cut(source, 255, units, "..."), endpoint: strings.TrimRight(u.String(), "/"), world: w.withDefaults()}, nil
}

// Send implements Channel: the receipt is PagerDuty's status with the alert's key.
func (c *PagerDuty) Send(ctx context.Context, m access.Message) (string, error) {
	if m.Key == "" {
		return "", c.refuse("the message has no key, under which it could be resolved: this is a mistake in rollcall")
	}
	event := c.event(clean(m))
	receipt := ""
	err := c.world.insist(ctx, func() (err error) {
		receipt, err = c.enqueue(ctx, event)
		return err
	})
	return receipt, err
}

func (c *PagerDuty) enqueue(ctx context.Context, event *pagerduty.V2Event) (string, error) {
	try, cancel := c.world.limit(ctx, 1)
	defer cancel()
	w := &watch{next: c.world.Transport}
	client := pagerduty.NewClient("", pagerduty.WithV2EventsAPIEndpoint(c.endpoint))
	client.HTTPClient = w.client()
	answer, err := client.ManageEventWithContext(try, event)
	if fault := c.judge(ctx, w, err, c.world.Now(), c.words); fault != nil {
		return "", fault
	}
	if answer.Status != "success" {
		return "", c.closed("%s answers with status %d and something that is no receipt: check the address", c.host, w.status)
	}
	return c.scrub(answer.Status + " " + phrase.OneLine(answer.DedupKey)), nil
}

// words takes over PagerDuty's own errors, which the library drops.
func (c *PagerDuty) words(w *watch) string {
	var said pagerduty.EventsAPIV2Error
	if json.Unmarshal(w.body, &said) != nil {
		return ""
	}
	text := phrase.OneLine(strings.Join(append([]string{said.APIError.ErrorObject.Message}, said.APIError.ErrorObject.Errors...), "; "))
	if text = cut(c.scrub(text), 300, units, "..."); text == "" {
		return ""
	}
	return ": " + text
}

var pagerSeverity = map[access.Urgency]string{
	access.UrgencyCritical: "critical", access.UrgencyHigh: "error", access.UrgencySameDay: "warning", access.UrgencyDigest: "info",
}

func (c *PagerDuty) event(m access.Message) *pagerduty.V2Event {
	e := &pagerduty.V2Event{RoutingKey: c.key, Action: "trigger", DedupKey: dedupKey(m.Key), Client: "rollcall"}
	if m.Resolve {
		e.Action = "resolve"
		return e
	}
	severity := pagerSeverity[m.Urgency]
	if severity == "" {
		severity = "error" // better woken than not
	}
	e.Payload = &pagerduty.V2Payload{
		Summary: cut(m.Title, pagerSummary, units, "..."), Source: c.source, Severity: severity,
		Component: "rollcall", Class: m.Kind, Details: pagerDetails(m),
	}
	if !m.At.IsZero() {
		e.Payload.Timestamp = m.At.UTC().Format(time.RFC3339)
	}
	for _, l := range m.Links {
		if page, ok := href(l.URL); ok {
			e.Links = append(e.Links, map[string]string{"href": page, "text": l.Words})
		}
	}
	return e
}

// pagerDetails is what the alert's page shows below its summary: well within the
// limit of the whole event, also when every byte is escaped.
func pagerDetails(m access.Message) map[string]string {
	details := map[string]string{"urgency": standing(m), "run": string(m.Run)}
	if text := strings.TrimSpace(partsText(m.Parts)); text != "" {
		details["what"] = cut(text, pagerBytes/16, utf8.RuneLen, seeReport)
	}
	for name, value := range details {
		if value == "" {
			delete(details, name)
		}
	}
	return details
}

// dedupKey is the message's key; a longer one than PagerDuty takes keeps its
// beginning and stays its own.
func dedupKey(key string) string {
	key = phrase.OneLine(key)
	if length(key, utf8.RuneLen) <= pagerDedup {
		return key
	}
	return cut(key, pagerDedup-41, utf8.RuneLen, "") + "-" + fingerprint(key)
}
