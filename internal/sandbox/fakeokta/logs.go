package fakeokta

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"time"
)

type eventWire struct {
	UUID            string      `json:"uuid"`
	Published       *string     `json:"published"`
	EventType       string      `json:"eventType"`
	Version         string      `json:"version"`
	Severity        string      `json:"severity"`
	DisplayMessage  string      `json:"displayMessage"`
	LegacyEventType string      `json:"legacyEventType"`
	Actor           partyWire   `json:"actor"`
	Target          []partyWire `json:"target"`
	Outcome         outcomeWire `json:"outcome"`
}

type partyWire struct {
	ID          string `json:"id"`
	Type        string `json:"type"`
	AlternateID string `json:"alternateId"`
	DisplayName string `json:"displayName"`
}

type outcomeWire struct {
	Result string `json:"result"`
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
		Actor: c.partyWire(e.Actor), Target: each(e.Targets, c.partyWire), Outcome: outcomeWire{"SUCCESS"},
	}
}

var logFilters = map[string]string{"actor.id": "eq", "target.id": "eq", "eventType": "eq sw", "published": "gt ge lt le"}

// listLogs pages by position. Without until it is a poll: there is always a
// next link, even behind the last event.
func listLogs(c *call) reply {
	f, err := parseFilter(c.query.Get("filter"))
	if err != nil || f.only(logFilters) != nil {
		return badFilter()
	}
	since, until, ok := c.span()
	if !ok {
		return invalid("since, until", "must be ISO 8601 time stamps")
	}
	events := []Event{}
	for _, e := range c.org.events {
		within := !e.Published.Before(since) && (until.IsZero() || e.Published.Before(until))
		if within && f.match(func(attribute string) []string { return eventAttribute(e, attribute) }) {
			events = append(events, e)
		}
	}
	if c.query.Get("sortOrder") == "DESCENDING" {
		slices.Reverse(events)
	}
	return c.logPage(events, until.IsZero())
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
	default:
		return []string{stampText(e.Published)}
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
