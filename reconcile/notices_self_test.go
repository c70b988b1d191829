package reconcile

import (
	"slices"
	"testing"
	"time"

	"rollcall/internal/access"
)

// aborts is a run that ended without a record.
func (c *household) aborts(id access.RunID, trigger string) []string {
	c.t.Helper()
	aborted := AbortedRun(c.book, access.Run{ID: id, Trigger: trigger, StartedAt: c.now}, "disk full")
	c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, At: c.now, Raised: &aborted}})
	return c.delivers()
}

// taken says that somebody has all in hand that is open.
func (c *household) taken() {
	for _, open := range c.book.Open {
		c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeAck, At: c.now, Concerns: []string{open.ID()}, By: "dana"}})
	}
}

func TestAnAckCoversTheAbortedRunThatItWasGivenForAndNoLaterOne(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.night())
	page := "first run_aborted on_call pager"
	if told := c.aborts("r-1", "nightly"); !slices.Contains(told, page) {
		t.Fatalf("%s", told)
	}
	c.taken()
	c.want(c.passes(5 * time.Hour))
	c.now = c.now.Add(19 * time.Hour)
	if told := c.aborts("r-2", "nightly"); !slices.Contains(told, page) {
		t.Errorf("the next night was aborted, and the ack of the first keeps it quiet: %s", told)
	}
	c.now = c.now.Add(time.Hour)
	told := c.takes(c.night())
	told = slices.DeleteFunc(told, func(s string) bool { return s != "resolve run_aborted on_call pager" })
	c.want(told, "resolve run_aborted on_call pager", "resolve run_aborted on_call pager")
}

func TestASweepThatGoesOnFailingIsOneMatterAndItsAckHoldsForHalfADay(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.night())
	c.aborts("s-1", "sweep")
	c.now = c.now.Add(5 * time.Minute)
	c.want(c.aborts("s-2", "sweep")) // in the repeats of the first
	c.taken()
	for range 8 {
		c.now = c.now.Add(time.Hour)
		c.want(c.aborts("s-3", "sweep"))
	}
	c.now = c.now.Add(5 * time.Hour)
	if told := c.aborts("s-4", "sweep"); !slices.Contains(told, "first run_aborted on_call pager") {
		t.Errorf("half a day later: %s", told)
	}
}

func TestARunThatEndsCuresWhatIsOpenOfItsCommandAndOfNoOther(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.night())
	c.aborts("s-1", "sweep")
	c.aborts("n-1", "nightly")
	for _, cured := range Finished(c.book, "sweep", c.now.Add(time.Minute)) {
		c.book = Fold(c.book, []access.NoticeRecord{{Kind: access.NoticeRaised, At: c.now, Raised: &cured}})
	}
	c.now = c.now.Add(2 * time.Minute)
	c.want(c.delivers(), "resolve run_aborted on_call pager", "resolve run_aborted security chat")
	if more := Finished(c.book, "sweep", c.now); len(more) > 0 {
		t.Errorf("cured twice: %+v", more)
	}
}

func TestTheBookKeepsNoDayThatIsOverAndNoChannelThatIsGone(t *testing.T) {
	c := newHousehold(t)
	c.book.Digests = map[string]access.Digested{"hr": {Day: "2026-11-22", Times: 1}, "gone@example.test": {Day: "2026-11-20", Times: 2}}
	c.book.Failing = map[string]time.Time{"fax": c.now, "chat": c.now}
	before := c.book
	c.book = NextBook(c.book, c.night(), c.rules)
	if _, kept := c.book.Digests["gone@example.test"]; kept || c.book.Digests["hr"].Times != 1 {
		t.Errorf("%+v", c.book.Digests)
	}
	if _, kept := c.book.Failing["fax"]; kept || len(c.book.Failing) != 1 {
		t.Errorf("%+v", c.book.Failing)
	}
	if len(before.Digests) != 2 || len(before.Failing) != 2 {
		t.Error("the old book was changed")
	}
}

func TestWhatWaitsForSomebodyIsCountedByItsUrgency(t *testing.T) {
	c := newHousehold(t)
	c.takes(c.failedBlock())
	if got := Waiting(c.book); got[access.UrgencyCritical] != 1 || got[access.UrgencyHigh] != 0 || got[access.UrgencyDigest] != 0 {
		t.Errorf("%v", got)
	}
	c.taken()
	if got := Waiting(c.book); got[access.UrgencyCritical] != 0 || len(got) != len(urgencies) {
		t.Errorf("somebody has it, and it waits: %v", got)
	}
}
