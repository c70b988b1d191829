package reconcile

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
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

func TestWhatIsCriticalIsToldAtAnyHourAndTheRestInOneMessage(t *testing.T) {
	c := newHousehold(t)
	c.want(c.takes(c.failedBlock()), "first leaver_block_failed on_call pager", "first leaver_block_failed security chat",
		"digest leaver_block_failed hr mail", "digest leaver_block_failed compliance mail", "digest chain_head compliance mail")
	c.want(c.delivers())
}

func TestAGuardThatNobodyCanAnswerForIsNotToldAsOneToApprove(t *testing.T) {
	for guard, approvable := range map[string]bool{"protected": false, "reads": false, "baseline": false, "blast_radius": true, guardReviewed: true} {
		c := newHousehold(t)
		n := c.night()
		n.Plan.Trips = []access.GuardError{{Guard: guard, Scope: "okta", Cohort: []access.AccountKey{leosAccount}, Count: 1}}
		g := noticing{n: n, at: map[string]int{}}
		g.guards()
		if said := strings.Join(g.out[0].Open, " "); strings.Contains(said, "or approve") != approvable {
			t.Errorf("%s: %s", guard, said)
		}
	}
}

func TestNothingIsToldTwiceUnlessItIsCriticalAndOpen(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	c.want(c.passes(20 * time.Minute))
	c.want(c.passes(10*time.Minute), "again leaver_block_failed on_call pager", "again leaver_block_failed security chat")
	refused := func() *access.Night {
		n := c.failedBlock()
		n.Plan.Trips = []access.GuardError{{Guard: "blast_radius", Scope: "okta", Cohort: []access.AccountKey{leosAccount}, Count: 9, Limit: 5}}
		return n
	}
	c.takes(refused())
	for range 3 { // the same guard, night after night
		c.now = c.now.Add(24 * time.Hour)
		for _, one := range c.takes(refused()) {
			if strings.Contains(one, "guard_tripped") {
				t.Errorf("told again: %s", one)
			}
		}
	}
}

func TestNobodyAnsweringBringsTheNextTierAnHourLater(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	told := c.passes(70 * time.Minute)
	if slices.Contains(told, "tier leaver_block_failed compliance mail") {
		t.Errorf("security is told already, so compliance comes second: %s", told)
	}
	if told = c.passes(time.Hour); !slices.Contains(told, "tier leaver_block_failed compliance mail") {
		t.Errorf("%s", told)
	}
}

func TestSomebodyWhoHasItStopsRepeatsAndTiers(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	id, found := c.rules.ConcernOf(c.book, "prod/leaver_block_failed/f-leo")
	if !found {
		t.Fatal("no such concern")
	}
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeAck, At: c.now, Concerns: []string{id}, By: "dana"}})
	c.want(c.passes(5 * time.Hour))
	c.want(c.takes(c.night()), "resolve leaver_block_failed on_call pager", "resolve leaver_block_failed security chat")
}

func TestWhatIsCuredIsSaidOnceToThoseWhoWereToldItWasUrgent(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	c.now = c.now.Add(24 * time.Hour)
	told := c.takes(c.night())
	for _, one := range []string{"resolve leaver_block_failed on_call pager", "resolve leaver_block_failed security chat"} {
		if !slices.Contains(told, one) {
			t.Errorf("%q is missing in %s", one, told)
		}
	}
	for _, d := range c.sent {
		if d.Purpose == access.ToResolve && (!d.Open.Resolve || d.Open.Key != "prod/leaver_block_failed/f-leo") {
			t.Errorf("%+v", d.Open)
		}
	}
	c.now = c.now.Add(24 * time.Hour)
	for _, one := range c.takes(c.night()) {
		if strings.HasPrefix(one, "resolve") {
			t.Errorf("told again: %s", one)
		}
	}
	if len(c.book.Told) > 0 && slices.ContainsFunc(c.book.Open, func(o access.Concern) bool { return o.Kind == NoticeBlockFailed }) {
		t.Errorf("it is still in the book: %+v", c.book.Open)
	}
	// and if it comes back, it is told anew
	c.now = c.now.Add(24 * time.Hour)
	c.hears(c.takes(c.failedBlock()), "first leaver_block_failed on_call pager")
}

func TestARunThatCouldNotHaveSeenItCuresNothing(t *testing.T) {
	for name, bend := range map[string]func(*access.Night){
		"an incomplete read": func(n *access.Night) { n.Systems[0].Reads[0].Complete = false },
		"a recalled read":    func(n *access.Night) { n.Systems[0].Reads[0].Recalled = true },
		"a sweep":            func(n *access.Night) { n.SeenAt, n.Run.Trigger = n.Run.StartedAt.Add(-time.Hour), "sweep" },
		"an order":           func(n *access.Night) { n.Order, n.Run.Trigger = &access.Order{}, "revoke" },
		"a restore":          func(n *access.Night) { n.Run.Trigger = "restore" },
		"a list that is refuse": func(n *access.Night) {
			n.Rosters[0] = access.RosterVerdict{Source: "employees", Refusal: &access.GuardError{}}
		},
		"a list that is not read": func(n *access.Night) { n.Rosters = nil },
	} {
		t.Run(name, func(t *testing.T) {
			c := newHousehold(t)
			n := c.failedBlock()
			n.Plan.Trips = []access.GuardError{{Guard: "irreversible", Scope: "all systems"}}
			c.takes(n)
			c.now = c.now.Add(20 * time.Minute)
			n = c.night()
			bend(n)
			for _, one := range c.takes(n) {
				if strings.HasPrefix(one, "resolve") {
					t.Errorf("%s", one)
				}
			}
			for _, o := range c.book.Open {
				if !o.CuredAt.IsZero() {
					t.Errorf("cured: %s", o.ID())
				}
			}
		})
	}
}

func TestASweepThatBlocksWhatTheNightCouldNotCuresIt(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	c.now = c.now.Add(20 * time.Minute)
	n := c.failedBlock()
	n.Run.Trigger, n.SeenAt, n.Outcomes[0].Result, n.Outcomes[0].VerifiedAt = "sweep", c.now, access.Done, c.now
	told := c.takes(n)
	if !slices.Contains(told, "resolve leaver_block_failed on_call pager") {
		t.Errorf("%s", told)
	}
}

func TestNobodyGetsMoreThanOneDigestADayAndOneMoreForWhatIsDueThatDay(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.night())
	gap := func(read string) *access.Night {
		n := c.night()
		n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: read, Gap: "HTTP 403"})
		n.Run.Trigger = "apply"
		return n
	}
	for hour := range 5 { // on one day, in Berlin
		c.now = c.now.Add(time.Hour)
		told := c.takes(gap(fmt.Sprintf("r%d", hour)))
		owner := slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, "owner:okta") })
		if owner != (hour < 2) {
			t.Errorf("hour %d: %s", hour, told)
		}
	}
	c.now = c.now.Add(20 * time.Hour)
	if told := c.delivers(); len(told) == 0 || len(c.sent) == 0 {
		t.Errorf("the next day: %s", told)
	}
	for _, d := range c.sent {
		if d.Recipient == "owner:okta" && len(d.Concerns) != 3 {
			t.Errorf("%s: all that waited is in one message: %s", d.Recipient, d.Concerns)
		}
	}
}

func TestWhatIsNotUrgentWakesNobody(t *testing.T) {
	c := newHousehold(t)
	c.rules.Tell[access.ForOnCall] = []string{"pager"}
	n := c.night()
	n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: "logs", Gap: "HTTP 403"})
	for _, one := range c.takes(n) {
		if strings.Contains(one, "pager") {
			t.Errorf("at night: %s", one)
		}
	}
	told := c.passes(7 * time.Hour) // until 09:00 in Berlin
	if !slices.Contains(told, "digest read_incomplete on_call pager") {
		t.Errorf("in business hours: %s", told)
	}
}

func TestAfterHoursWhatIsUrgentGoesToTheContactOfThoseHours(t *testing.T) {
	c := newHousehold(t)
	c.rules.Tell[access.ForSecurity] = []string{"mail"}
	c.takes(c.failedBlock())
	to := func() string {
		for _, d := range c.sent {
			if d.Recipient == "security" {
				return strings.Join(d.Restricted.To, " ")
			}
		}
		return ""
	}
	if to() != "night@example.test" {
		t.Errorf("at 02:00 it went to %q", to())
	}
	c.now = c.now.Add(9 * time.Hour)
	c.delivers()
	if to() != "sec@example.test" {
		t.Errorf("at 11:00 it went to %q", to())
	}
}

func TestAChannelThatFailsIsToldByAnotherOneAndWhatItHadGoesOn(t *testing.T) {
	c := newHousehold(t)
	c.fails["pager"] = true
	told := c.takes(c.failedBlock())
	if !slices.Contains(told, "first leaver_block_failed on_call chat") {
		t.Errorf("%s", told)
	}
	failing := FailingChannels(c.book, c.rules, c.now)
	if len(failing) != 1 || failing[0].Subject != "pager" {
		t.Fatalf("%+v", failing)
	}
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, At: c.now, Raised: &failing[0]}})
	c.want(c.delivers(), "first channel_failing on_call chat", "digest channel_failing security chat")
	c.fails["pager"] = false
	c.passes(30 * time.Minute)
	cure := FailingChannels(c.book, c.rules, c.now)
	if len(cure) != 1 || cure[0].CuredAt.IsZero() {
		t.Fatalf("%+v", cure)
	}
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, At: c.now, Raised: &cure[0]}})
	c.want(c.delivers(), "resolve channel_failing on_call chat")
}

func TestAChannelThatTheCompanyHasNoMoreIsNoMatter(t *testing.T) {
	c := newHousehold(t)
	c.fails["pager"] = true
	c.takes(c.failedBlock())
	if got := FailingChannels(c.book, c.rules, c.now); len(got) != 1 || got[0].Subject != "pager" {
		t.Fatalf("%+v", got)
	}
	without := c.rules
	without.Channels = maps.Clone(c.rules.Channels)
	delete(without.Channels, "pager")
	if got := FailingChannels(c.book, without, c.now); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestWhereNoChannelWorksTheNextTierIsToldAtOnceAndTheFirstIsTriedAgain(t *testing.T) {
	c := newHousehold(t)
	c.rules.Tell[access.ForOnCall], c.rules.Tell[access.ForSecurity] = []string{"pager"}, []string{"pager"}
	c.rules.Escalate = []access.Audience{access.ForHR}
	c.fails["pager"] = true
	told := c.takes(c.failedBlock())
	if !slices.Contains(told, "tier leaver_block_failed hr mail") || !Unreached(c.book, c.rules) {
		t.Errorf("%s", told)
	}
	c.fails["pager"] = false
	told = c.passes(30 * time.Minute)
	if !slices.Contains(told, "first leaver_block_failed on_call pager") || Unreached(c.book, c.rules) {
		t.Errorf("%s", told)
	}
}

func TestARefusedListPagesOnTheSecondNight(t *testing.T) {
	c := newHousehold(t)
	refused := func() *access.Night {
		n := c.night()
		n.Rosters[0] = access.RosterVerdict{Source: "employees", Refusal: &access.GuardError{Guard: "roster", Scope: "employees", Count: 40, Limit: 10}}
		return n
	}
	for _, one := range c.takes(refused()) {
		if strings.HasPrefix(one, "first") {
			t.Errorf("on the first night: %s", one)
		}
	}
	c.now = c.now.Add(24 * time.Hour)
	if told := c.takes(refused()); !slices.Contains(told, "first roster_refused on_call pager") {
		t.Errorf("on the second night: %s", told)
	}
}

func TestManyOfAKindAreToldTogether(t *testing.T) {
	c := newHousehold(t)
	n := c.night()
	for i := range mostApart + 5 {
		n.Outcomes = append(n.Outcomes, access.Outcome{Action: access.Action{ID: fmt.Sprint("a", i), FindingID: fmt.Sprint("f", i), Stage: access.Block, Person: leoLeft().Key(), Account: leosAccount}, Result: access.Failed})
	}
	c.takes(n)
	pages := 0
	for _, d := range c.sent {
		if d.Recipient == "on_call" && d.Purpose == access.ToTell {
			pages++
		}
	}
	if pages != 1 {
		t.Errorf("%d pages", pages)
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

func TestOneMoreAmongManyIsToldAlsoWhereSomebodyHasTheOthers(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.manyFailed(mostApart + 1))
	id, found := c.rules.ConcernOf(c.book, "prod/leaver_block_failed/many")
	if !found {
		t.Fatal("no such concern")
	}
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeAck, At: c.now, Concerns: []string{id}, By: "dana"}})
	c.now = c.now.Add(24 * time.Hour)
	if told := c.takes(c.manyFailed(mostApart + 1)); slices.Contains(told, "first leaver_block_failed on_call pager") {
		t.Errorf("the same ones are told again: %s", told)
	}
	c.now = c.now.Add(24 * time.Hour)
	if told := c.takes(c.manyFailed(mostApart + 2)); !slices.Contains(told, "first leaver_block_failed on_call pager") {
		t.Errorf("nobody is told of the new one: %s", told)
	}
}

func TestWhatComesBackIsToldAnewThoughNotEverybodyHeardThatItWasCured(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	c.now, c.fails["chat"] = c.now.Add(24*time.Hour), true
	c.takes(c.night())
	c.now = c.now.Add(24 * time.Hour)
	c.hears(c.takes(c.failedBlock()), "first leaver_block_failed on_call pager")
}

func TestAGoodNightCuresWhatIsOpenOfAnAbortedSweep(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.night())
	aborted := AbortedRun(c.book, access.Run{ID: "r-sweep", Trigger: "sweep", StartedAt: c.now}, "disk full")
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, At: c.now, Raised: &aborted}})
	c.hears(c.delivers(), "first run_aborted on_call pager")
	c.now = c.now.Add(3 * time.Hour)
	c.hears(c.takes(c.night()), "resolve run_aborted on_call pager")
}

func TestAMissingNightIsToldAndTheNextOneCuresIt(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.night())
	c.now = c.now.Add(26 * time.Hour)
	if MissingNight(c.book, c.now) != nil {
		t.Error("too early")
	}
	c.now = c.now.Add(time.Minute)
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, At: c.now, Raised: MissingNight(c.book, c.now)}})
	if told := c.delivers(); !slices.Contains(told, "first run_missing on_call pager") || MissingNight(c.book, c.now) != nil {
		t.Errorf("%s", told)
	}
	c.hears(c.takes(c.night()), "resolve run_missing on_call pager")
}

func TestAnObserveNightPagesNobodyAboutWhatItWouldHaveEnded(t *testing.T) {
	c := newHousehold(t)
	n := c.night()
	n.Run.Mode = access.Observe
	n.Findings = []access.Finding{{ID: "f-1", Kind: access.LeaverAccess, Disposition: access.ToRevoke, Person: leoLeft().Key(), Account: leosAccount},
		{ID: "f-2", Kind: access.ProtectedLeaver, Disposition: access.ToUrgent, Person: leoLeft().Key(), Account: leosAccount}}
	for _, one := range c.takes(n) {
		if strings.HasPrefix(one, "first") {
			t.Errorf("%s", one)
		}
	}
	n = c.night()
	n.Findings = []access.Finding{{ID: "f-1", Kind: access.LeaverAccess, Disposition: access.ToRevoke, Person: leoLeft().Key(), Account: leosAccount}}
	if told := c.takes(n); !slices.Contains(told, "first leaver_past_sla on_call pager") {
		t.Errorf("in enforce mode: %s", told)
	}
}

// canaries fills every free text of a value with a word that must not show.
func canaries(v reflect.Value, n *int) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			canaries(v.Elem(), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				canaries(v.Field(i), n)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			canaries(v.Index(i), n)
		}
	case reflect.String:
		if v.CanSet() && v.String() == "?" {
			*n++
			v.SetString(fmt.Sprintf("canary%d", *n))
		}
	}
}

// everything is a night of which each kind of concern tells, with "?" for each text that
// outsiders wrote, about somebody who is to leave and about somebody who has left.
func everything(c *household, ahead bool) *access.Night {
	n := c.night()
	p := leoLeft()
	p.Name, p.Email, p.Title, p.Department, p.Why, p.Cites, p.ManagerID = "?", "?", "?", "?", "?", "?", "E1"
	if ahead {
		p.Standing = access.StandingGarden
	}
	boss := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: "E1", Name: "?", Email: "boss@example.test"}, Standing: access.StandingActive}
	n.People = []access.Person{p, boss}
	n.Systems[0].Accounts[0].Login, n.Systems[0].Accounts[0].Name = "?", "?"
	n.Systems[0].Reads = append(n.Systems[0].Reads, access.Read{System: "okta", Kind: "logs", Gap: "?"})
	n.Rosters = append(n.Rosters, access.RosterVerdict{Source: "temps", Refusal: &access.GuardError{Guard: "roster", Scope: "temps", Says: "?", Mend: "?"}})
	n.Problems = []access.Problem{{Severity: access.Stop, File: "rolemap.csv", Says: "?", Value: "?", Meanwhile: "?", Mend: "?"}}
	n.Plan.Trips = []access.GuardError{{Guard: "concentration", Scope: "?", Says: "?", Mend: "?", Cohort: []access.AccountKey{leosAccount}}}
	n.Approvals = []access.ApprovalVerdict{{GivenApproval: access.GivenApproval{Approval: access.Approval{ID: "ap-1", Guard: "blast_radius", By: "?", Reason: "?"}}, SpentAt: c.now, Says: "?"}}
	n.Damaged = []string{"journal/run-0/000001.json"}
	for i, kind := range []access.FindingKind{access.UsedAfterExit, access.ProtectedLeaver, access.LeaverAccess, access.BlockedActive, access.OrphanAccount, access.AmbiguousMatch,
		access.BreakGlassUsed, access.HeldPerson, access.VanishedPerson, access.UnexpectedGrant, access.LeaverAccess, access.PerhapsTheirs} {
		f := access.Finding{ID: fmt.Sprintf("f-%d", i), Kind: kind, Disposition: access.ToUrgent, Person: p.Key(), Account: leosAccount, Login: "?", Entitlement: "?", Reason: "?", Cites: "?", Via: "?", FirstSeen: dayOf(c.now)}
		if i == 2 {
			f.Disposition = access.ToRevoke
		}
		n.Findings = append(n.Findings, f)
	}
	for i, stage := range []access.Stage{access.Block, access.Remove, access.Restore} {
		n.Outcomes = append(n.Outcomes, access.Outcome{Action: access.Action{ID: fmt.Sprint("a", i), FindingID: "f-2", Stage: stage, Verb: access.OktaSuspend, Person: p.Key(), Account: leosAccount, Login: "?", Reason: "?", Entitlement: "?"}, Result: access.Failed, Detail: "?"})
	}
	other := p
	other.EmployeeID = "E8"
	n.People = append(n.People, other)
	n.Outcomes = append(n.Outcomes, access.Outcome{Action: access.Action{ID: "a9", FindingID: "f-9", Stage: access.Block, Person: other.Key(), Account: access.AccountKey{System: "okta", ID: "00u9"}, Login: "?"}, Result: access.Done, VerifiedAt: c.now})
	canaries(reflect.ValueOf(n), new(int))
	return n
}

func TestEveryKindOfNoticeIsMadeByANightOrByWhatSurroundsIt(t *testing.T) {
	c := newHousehold(t)
	made := map[string]bool{NoticeRunAborted: true, NoticeRunMissing: true, NoticeChannelFailing: true}
	for _, one := range Concerns(everything(c, false), c.rules) {
		made[one.Kind] = true
	}
	for _, row := range noticeTable {
		if !made[row.kind] {
			t.Errorf("%s is made by nothing", row.kind)
		}
	}
}

func TestWhatEverybodyMayReadHasNoWordThatSomebodyElseWrote(t *testing.T) {
	for _, ahead := range []bool{false, true} {
		c := newHousehold(t)
		c.book = NextBook(c.book, everything(c, ahead), c.rules)
		aborted := AbortedRun(c.book, access.Run{ID: "run-9", Trigger: "nightly", StartedAt: c.now}, "canary of an error")
		c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, Raised: &aborted}})
		// all audiences by all channels, now and as the next tier
		for a := range c.rules.Tell {
			c.rules.Tell[a] = []string{"mail", "chat", "pager"}
		}
		seen, trusted := 0, 0
		for range 20 {
			for _, d := range DueNotices(c.book, c.rules, c.now) {
				for name, traits := range c.rules.Channels {
					b, err := json.Marshal(d.Message(traits))
					if err != nil {
						t.Fatal(err)
					}
					seen++
					if traits.Private && d.Audience.Trusted() {
						if strings.Contains(string(b), "canary") {
							trusted++
						}
						continue
					}
					if strings.Contains(string(b), "canary") {
						t.Errorf("%s to %s by %s: %s", d.Concerns, d.Recipient, name, b)
					}
					if ahead && (strings.Contains(string(b), "E7") || strings.Contains(string(b), "E8") || strings.Contains(string(b), "00u")) {
						t.Errorf("somebody is to leave, and %s to %s by %s names them: %s", d.Concerns, d.Recipient, name, b)
					}
				}
			}
			c.passes(time.Hour)
		}
		if seen < 50 || trusted == 0 {
			t.Errorf("%d messages were looked at, %d of them restricted ones that say more", seen, trusted)
		}
	}
}

func TestNobodyLearnsOfAFutureExitAsAManager(t *testing.T) {
	c := newHousehold(t)
	for _, one := range Concerns(everything(c, true), c.rules) {
		if one.Kind == NoticeReportLeft {
			t.Errorf("%+v", one)
		}
	}
}

func TestTitlesAndKeysNameNobodyAndFitAPager(t *testing.T) {
	c := newHousehold(t)
	c.rules.Environment = strings.Repeat("e", 64)
	n := everything(c, false)
	n.Damaged = []string{"journal/" + strings.Repeat("x", 400)}
	c.book = NextBook(c.book, n, c.rules)
	for _, d := range DueNotices(c.book, c.rules, c.now) {
		if len(d.Open.Key) > 255 || d.Open.Key == "" || d.Open.Key != d.Restricted.Key || d.Open.Title != d.Restricted.Title || strings.Contains(d.Restricted.Title+d.Restricted.Key, "canary") || strings.ContainsAny(d.Open.Title, "\r\n") {
			t.Errorf("%+v", d.Restricted)
		}
	}
}

func TestTheSameBookGivesTheSameMessages(t *testing.T) {
	bytes := func() string {
		c := newHousehold(t)
		c.book = NextBook(c.book, everything(c, false), c.rules)
		b, err := json.Marshal([]any{c.book, DueNotices(c.book, c.rules, c.now)})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	first := bytes()
	for range 5 {
		if bytes() != first {
			t.Fatal("they differ")
		}
	}
}
