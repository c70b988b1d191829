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

// household is a company that is told of things: what is due is sent, unless a channel fails.
type household struct {
	t     *testing.T
	book  access.NoticeBook
	rules NoticeRules
	now   time.Time
	run   int
	fails map[string]bool
	sent  []Delivery // since the last look, by a channel that took it
	by    []string   // "purpose kind recipient channel", of those
	all   int
}

// newHousehold is at a Monday night, 02:00.
func newHousehold(t *testing.T) *household {
	zone, err := zones.Load("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c := &household{t: t, now: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC), fails: map[string]bool{}}
	c.rules = NoticeRules{Environment: "prod", SLA: 24 * time.Hour, Zone: zone, Reports: "https://reports.example.test", Runbooks: "https://books.example.test",
		Channels: map[string]ChannelTraits{"pager": {Wakes: true}, "chat": {}, "mail": {Private: true, Addressed: true}},
		Tell: map[access.Audience][]string{access.ForOnCall: {"pager", "chat"}, access.ForSecurity: {"chat", "mail"}, access.ForHR: {"mail"},
			access.ForCompliance: {"mail"}, access.ForOwner: {"mail"}, access.ForManager: {"mail"}},
		Escalate: []access.Audience{access.ForSecurity, access.ForCompliance},
		Contacts: []access.Contact{
			{Responsibility: "on_call", Name: "Desk", BusinessHours: "desk@example.test", AfterHours: "+49 1", Hours: "Mon-Fri 09:00-17:00"},
			{Responsibility: "security", Name: "Sec", BusinessHours: "sec@example.test", AfterHours: "night@example.test"},
			{Responsibility: "hr", Name: "HR", BusinessHours: "hr@example.test"},
			{Responsibility: "compliance", Name: "Co", BusinessHours: "co@example.test"},
			{System: "okta", Responsibility: "owner", Name: "Owner", BusinessHours: "owner@example.test"},
		}}
	return c
}

// night is one that read everything, whole.
func (c *household) night() *access.Night {
	c.run++
	return &access.Night{
		Run:     access.Run{ID: access.RunID(fmt.Sprintf("run-%d", c.run)), StartedAt: c.now, Mode: access.Enforce, Trigger: "nightly"},
		Rosters: []access.RosterVerdict{{Source: "employees", Accepted: true}},
		People:  []access.Person{leoLeft()},
		Systems: []access.Judged{{Observation: access.Observation{System: "okta", Reads: []access.Read{{System: "okta", Kind: "users", Complete: true, Lists: true}},
			Accounts: []access.Account{{System: "okta", ID: "00u1", Login: "leo@example.test", Privileged: true}}}}},
	}
}

func leoLeft() access.Person {
	return access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "E7", Name: "Leo Lion"}, Standing: access.StandingLeft,
		AccessEndsAt: time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)}
}

var leosAccount = access.AccountKey{System: "okta", ID: "00u1"}

// failedBlock is a night that could not block leo.
func (c *household) failedBlock() *access.Night {
	n := c.night()
	n.Outcomes = []access.Outcome{{Action: access.Action{ID: "a-1", FindingID: "f-leo", Stage: access.Block, Verb: access.OktaSuspend, Person: leoLeft().Key(), Account: leosAccount, Login: "leo@example.test"}, Result: access.Failed, Detail: "HTTP 500"}}
	return n
}

// takes puts a night into the book, and sends what is due.
func (c *household) takes(n *access.Night) []string {
	c.book = NextBook(c.book, n, c.rules)
	return c.delivers()
}

// hears fails unless this was among what was told.
func (c *household) hears(told []string, want string) {
	c.t.Helper()
	if !slices.Contains(told, want) {
		c.t.Errorf("%q is missing in %q", want, told)
	}
}

// delivers sends what is due, and says what was sent.
func (c *household) delivers() []string {
	c.t.Helper()
	c.sent, c.by = nil, nil
	tried := map[string]bool{}
	for more := true; more; {
		more = false
		for _, d := range DueNotices(c.book, c.rules, c.now) {
			if !tried[d.ID] {
				tried[d.ID], more = true, true
				c.deliver(d)
			}
		}
	}
	slices.Sort(c.by)
	return c.by
}

func (c *household) deliver(d Delivery) {
	for n, channel := range d.Channels {
		r := d.Record(access.NoticeSent, c.now)
		r.Channel, r.Attempt = channel, n+1
		if c.fails[channel] {
			r.Kind, r.Error, r.Last = access.NoticeFailed, "down", n == len(d.Channels)-1
		}
		c.book = Fold(c.book, []access.NoticeRecord{r})
		if r.Kind == access.NoticeSent {
			c.sent = append(c.sent, d)
			for _, id := range d.Concerns {
				kind, _, _ := strings.Cut(id, "/")
				c.by = append(c.by, d.Purpose+" "+kind+" "+d.Recipient+" "+channel)
			}
			c.all++
			return
		}
	}
}

// passes lets time pass, as cron sees it.
func (c *household) passes(d time.Duration) (all []string) {
	for end := c.now.Add(d); c.now.Before(end); {
		c.now = c.now.Add(10 * time.Minute)
		all = append(all, c.delivers()...)
	}
	return all
}

func (c *household) want(got []string, want ...string) {
	c.t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		c.t.Errorf("was told:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// manyFailed is a night that could not block so many accounts.
func (c *household) manyFailed(many int) *access.Night {
	n := c.night()
	for i := range many {
		n.Outcomes = append(n.Outcomes, access.Outcome{Action: access.Action{ID: fmt.Sprint("a", i), FindingID: fmt.Sprint("f", i), Stage: access.Block, Person: leoLeft().Key(), Account: leosAccount}, Result: access.Failed})
	}
	return n
}

// blocked is a night that found leo, who works here by the list, to be blocked: what is urgent, and not critical.
func (c *household) blocked() *access.Night {
	n := c.night()
	n.Run.Trigger = "apply"
	n.Findings = []access.Finding{{ID: "f-1", Kind: access.BlockedActive, Person: leoLeft().Key(), Account: leosAccount}}
	return n
}

// kindsOf are the kinds of concerns that a night has, each once, without the receipt of the night.
func (c *household) kindsOf(n *access.Night) string {
	var all []string
	for _, one := range Concerns(n, c.rules) {
		if one.Kind != NoticeChainHead {
			all = append(all, one.Kind)
		}
	}
	return strings.Join(slices.Compact(all), " ")
}

// concern is the one concern of a kind that a night has.
func (c *household) concern(n *access.Night, kind string) access.Concern {
	c.t.Helper()
	all := slices.DeleteFunc(Concerns(n, c.rules), func(one access.Concern) bool { return one.Kind != kind })
	if len(all) != 1 {
		c.t.Fatalf("%d of %s: %+v", len(all), kind, all)
	}
	return all[0]
}

// blockOf is an outcome of a block of an account.
func blockOf(id string, account access.AccountID, r access.Result) access.Outcome {
	return access.Outcome{Action: access.Action{ID: id, FindingID: "f-" + id, Stage: access.Block, Verb: access.OktaSuspend, Person: leoLeft().Key(), Account: access.AccountKey{System: "okta", ID: account}}, Result: r}
}
