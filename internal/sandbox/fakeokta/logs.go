package fakeokta

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"time"
)

type eventWire struct {
	UUID            string          `json:"uuid"`
	Published       *string         `json:"published"`
	EventType       string          `json:"eventType"`
	Version         string          `json:"version"`
	Severity        string          `json:"severity"`
	DisplayMessage  string          `json:"displayMessage"`
	LegacyEventType string          `json:"legacyEventType"`
	Actor           partyWire       `json:"actor"`
	Target          []partyWire     `json:"target"`
	Client          clientOfEvent   `json:"client"`
	Outcome         outcomeWire     `json:"outcome"`
	Transaction     transactionWire `json:"transaction"`
	DebugContext    debugWire       `json:"debugContext"`
}

type partyWire struct {
	ID          string `json:"id"`
	Type        string `json:"type"`
	AlternateID string `json:"alternateId"`
	DisplayName string `json:"displayName"`
}

type clientOfEvent struct {
	UserAgent userAgentWire `json:"userAgent"`
	Zone      string        `json:"zone"`
	Device    string        `json:"device"`
	IPAddress string        `json:"ipAddress"`
}

type userAgentWire struct {
	Raw     string `json:"rawUserAgent"`
	OS      string `json:"os"`
	Browser string `json:"browser"`
}

type outcomeWire struct {
	Result string `json:"result"`
}

type transactionWire struct {
	Type   string            `json:"type"`
	ID     string            `json:"id"`
	Detail map[string]string `json:"detail"`
}

// debugWire holds what no copy of an event should.
type debugWire struct {
	DebugData map[string]string `json:"debugData"`
}

func (c *call) partyWire(p Party) partyWire {
	w := partyWire{ID: p.ID, Type: p.Type, AlternateID: p.Name, DisplayName: p.Name}
	if u := c.org.users.get(p.ID); u != nil {
		w.AlternateID = u.Login()
	}
	return w
}

func (c *call) eventWire(e Event) eventWire {
	return eventWire{
		UUID: e.ID, Published: stamp(e.Published), EventType: e.Type, Version: "0", Severity: "INFO",
		DisplayMessage: e.Message, LegacyEventType: "core." + e.Type,
		Actor: c.partyWire(e.Actor), Target: each(e.Targets, c.partyWire), Outcome: outcomeWire{e.Outcome},
		Client: clientOfEvent{
			UserAgent: userAgentWire{Raw: "Mozilla/5.0 (" + e.Client.OS + ") " + e.Client.Browser, OS: e.Client.OS, Browser: e.Client.Browser},
			Zone:      "null", Device: "Computer", IPAddress: e.Client.IP,
		},
		Transaction:  transactionWire{Type: "WEB", ID: e.Request, Detail: map[string]string{}},
		DebugContext: debugWire{map[string]string{"requestId": e.Request, "dtHash": "debugDataOfTheSandboxThatMustNotBeKept"}},
	}
}

// logFilters are those of the documentation's attributes that are used here. It
// refuses published, since that is what since and until are for.
// https://developer.okta.com/docs/reference/system-log-query/#expression-filter
var logFilters = map[string]string{"actor.id": "eq", "target.id": "eq", "eventType": "eq sw", "transaction.id": "eq", "outcome.result": "eq"}

// The log keeps events for 90 days; a since of long before that is refused.
const (
	logKept   = 90 * 24 * time.Hour
	logOldest = 180 * 24 * time.Hour
)

// listLogs pages by position. Bounded by since and until it goes by the time of the
// events, and ends; without until, and in ascending order, it is a poll: it goes by
// when the log had the events, so that none is skipped that came late, and there is
// always a next link, even behind the last event.
// https://developer.okta.com/docs/reference/system-log-query/#request-types
func listLogs(c *call) reply {
	f, err := parseFilter(c.query.Get("filter"))
	if err != nil || f.only(logFilters) != nil {
		return badFilter()
	}
	since, until, ok := c.span()
	switch {
	case !ok:
		return invalid("since, until", "must be ISO 8601 time stamps")
	case c.now.Sub(since) > logOldest:
		return refuse(http.StatusBadRequest, "E0000053", "Invalid parameter: The since parameter is over 180 days prior to the current day.")
	}
	descending := c.query.Get("sortOrder") == "DESCENDING"
	polling := until.IsZero() && !descending
	events := c.eventsWithin(f, since, until, polling)
	if descending {
		slices.Reverse(events)
	}
	return c.logPage(events, polling)
}

// eventsWithin are what the log has by now of a time.
func (c *call) eventsWithin(f *filter, since, until time.Time, polling bool) []Event {
	at := func(e Event) time.Time { return e.Published }
	if polling {
		at = func(e Event) time.Time { return or(e.Persisted, e.Published) }
	}
	events := []Event{}
	for _, e := range c.org.events {
		there := !or(e.Persisted, e.Published).After(c.now) && c.now.Sub(e.Published) < logKept
		within := !at(e).Before(since) && (until.IsZero() || at(e).Before(until))
		if there && within && f.match(func(attribute string) []string { return eventAttribute(e, attribute) }) {
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return at(a).Compare(at(b)) })
	return events
}

func (c *call) logPage(events []Event, polling bool) reply {
	start := 0
	if after := c.query.Get("after"); after != "" {
		raw, err := base64.RawURLEncoding.DecodeString(after)
		if err != nil {
			return badCursor()
		}
		at, err := strconv.Atoi(string(raw))
		if err != nil || at < 0 {
			return badCursor()
		}
		start = min(at, len(events))
	}
	end := min(start+c.limit(logSize), len(events))
	next := ""
	if polling || end < len(events) {
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(end)))
	}
	return reply{status: http.StatusOK, body: each(events[start:end], c.eventWire), listed: true, next: next}
}

// span is the time asked for: seven days back unless since says otherwise.
func (c *call) span() (since, until time.Time, ok bool) {
	since = c.now.AddDate(0, 0, -7)
	for name, at := range map[string]*time.Time{"since": &since, "until": &until} {
		if asked := c.query.Get(name); asked != "" {
			t, err := time.Parse(time.RFC3339, asked)
			if err != nil {
				return since, until, false
			}
			*at = t
		}
	}
	return since, until, true
}

func eventAttribute(e Event, attribute string) []string {
	switch attribute {
	case "actor.id":
		return []string{e.Actor.ID}
	case "target.id":
		return each(e.Targets, func(p Party) string { return p.ID })
	case "eventType":
		return []string{e.Type}
	case "transaction.id":
		return []string{e.Request}
	default:
		return []string{e.Outcome}
	}
}

type orgWire struct {
	ID          string  `json:"id"`
	CompanyName string  `json:"companyName"`
	Subdomain   string  `json:"subdomain"`
	Status      string  `json:"status"`
	Created     *string `json:"created"`
	LastUpdated *string `json:"lastUpdated"`
}

func getOrg(c *call) reply {
	o := c.org.info
	return ok(orgWire{o.ID, o.CompanyName, o.Subdomain, "ACTIVE", stamp(o.Created), stamp(o.Created)})
}
