package reconcile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

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
