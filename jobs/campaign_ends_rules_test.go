package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

func TestAReviewIsClosedWhenAllAnsweredOrTheTimeIsOverOrSomebodyWantsItSo(t *testing.T) {
	c := opened(t)
	sheet := c.sheetOf(t, "2026-q1", "ann")
	c.takes(t, "2026-q1", answer(sheet, "one", map[string]string{"leo": "Remove", "mia": "Keep"}))
	parts := len(c.parts)
	var refused Refused
	if out, err := c.review().Close(t.Context(), "2026-q1", false); !errors.As(err, &refused) || !strings.Contains(err.Error(), "6 of the 8 rows") || out.Head != "" || len(c.parts) != parts {
		t.Errorf("too early: %v", err)
	}
	r := c.review()
	out, err := r.Close(t.Context(), "2026-q1", true)
	if err != nil {
		t.Fatal(err)
	}
	if out.Head == "" || out.Expired != 6 || out.Gone != 0 || out.Campaign.ClosedBy != "dana@desk" || !out.Campaign.ClosedAt.Equal(r.Now()) || c.recorded["2026-q1"].Campaign.Open() || c.memory.Campaigns["2026-q1"].Open() {
		t.Errorf("%+v", out.Closed)
	}
	if part := c.parts[parts]; len(part.Decisions) != 6 || len(out.Record.Decisions) != 8 || out.Record.Campaign.Open() {
		t.Errorf("recorded: %d decisions, all in all %d", len(part.Decisions), len(out.Record.Decisions))
	}
	if len(out.Removals) != 1 || out.Removals[0].Login != "leo@example.test" || len(out.Kept) != 1 || len(out.Checks.Checks) == 0 {
		t.Errorf("what follows: %+v, %+v, %+v", out.Removals, out.Kept, out.Checks)
	}
	if _, err := c.review().Close(t.Context(), "2026-q1", true); !errors.As(err, &refused) || !strings.Contains(err.Error(), "was closed on 2026-03-02 by dana@desk already") {
		t.Errorf("once more: %v", err)
	}
	c = opened(t)
	c.at = midnight.AddDate(0, 0, 21)
	if out, err := c.review().Close(t.Context(), "2026-q1", false); err != nil || out.Expired != 8 {
		t.Errorf("a week after it was due: %+v, %v", out.Closed, err)
	}
}

// What the close itself decides takes effect with it.
func TestWhatACloseRemovesBecauseTheCompanyChoseSoIsToBeRemoved(t *testing.T) {
	c := newCouncil(t)
	c.admins, c.rules.RemovePrivileged = true, true
	c.policy.Contacts = []access.Contact{{System: "okta", Responsibility: "owner", Name: "cid", BusinessHours: "cid@example.test"}}
	c.open(t, "2026-q1")
	out, err := c.review().Close(t.Context(), "2026-q1", true)
	if err != nil || out.Removed == 0 || len(c.removals()) == 0 || len(out.Removals) != len(c.removals()) {
		t.Errorf("%d rows are removed, to be removed %q: %v", out.Removed, c.removals(), err)
	}
}

// What a night after the opening no longer saw needs no answer, and proves a removal.
func TestWhatALaterNightNoLongerSawIsGone(t *testing.T) {
	c := opened(t)
	c.takes(t, "2026-q1", answer(c.sheetOf(t, "2026-q1", "ann"), "one", map[string]string{"leo": "Remove"}))
	seen := func(when string, gone bool, run access.RunID) {
		t.Helper()
		out, progress, err := c.review().Look(t.Context(), "2026-q1")
		if err != nil || len(out.Removals) != 1 || out.Removals[0].GoneAt.IsZero() == gone || out.Removals[0].GoneIn != run || progress.Open != 7 || progress.Issued != 8 || len(out.Checks.Checks) == 0 || out.Record.Campaign.ID != "2026-q1" {
			t.Errorf("%s: %+v, %d of %d are open, %v", when, out.Removals, progress.Open, progress.Issued, err)
		}
	}
	seen("before any night", false, "")
	c.gone[6], c.gone[7] = true, true // leo's, and mia's of whom nobody has said anything
	c.memory.Campaigns["2026-q0"] = access.Campaign{ID: "2026-q0"}
	c.memory.Removals["other"] = access.Removal{Campaign: "2026-q0"}
	before := c.memory.Removals
	c.night(t)
	if seen("after a night", true, c.hamlet.last.Run.ID); len(before) != 2 {
		t.Fatal(before)
	}
	c.memory.Removals = before // also where the night itself did not follow it
	seen("after a night", true, c.hamlet.last.Run.ID)
	out, err := c.review().Close(t.Context(), "2026-q1", true)
	if err != nil || out.Gone != 1 || out.Expired != 6 {
		t.Errorf("%+v, %v", out.Closed, err)
	}
}

// A read that an earlier night made proves what it saw, as of then, also where it was recalled since.
func TestWhatWasRecalledCountsAsOfWhenItWasRead(t *testing.T) {
	c := opened(t)
	c.takes(t, "2026-q1", answer(c.sheetOf(t, "2026-q1", "ann"), "one", map[string]string{"leo": "Remove"}))
	c.gone[6] = true
	before := c.memory.Removals
	c.night(t)
	c.memory.Removals = before // nobody has followed it yet
	for n := range c.hamlet.last.Systems[0].Reads {
		c.hamlet.last.Systems[0].Reads[n].Recalled = true
	}
	out, _, err := c.review().Look(t.Context(), "2026-q1")
	if err != nil || len(out.Removals) != 1 || out.Removals[0].GoneAt.IsZero() {
		t.Errorf("%+v, %v", out.Removals, err)
	}
	if !c.saw.Systems[0].Reads[0].Recalled {
		t.Error("the record of the night was changed")
	}
}

// told are the recipients of a day's messages.
func (c *council) reminds(t *testing.T, id access.CampaignID, result string) (Reminded, []string) {
	t.Helper()
	var told []string
	out, err := c.review().Remind(t.Context(), id, func(rec access.CampaignRecord, d reconcile.Digest) (string, string) {
		told = append(told, fmt.Sprintf("%s of %d sheets", d.Recipient, len(rec.Sheets)))
		return "mail", result
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, told
}

func TestARemindedPersonIsToldOnceADayUnlessItFailed(t *testing.T) {
	c := opened(t)
	out, told := c.reminds(t, "2026-q1", "failed: no route")
	all := []string{"ann@example.test of 2 sheets", "bob@example.test of 2 sheets"}
	if !slices.Equal(told, all) || len(out.Failed) != 2 || out.Failed[0] != "ann@example.test: failed: no route" || len(out.Sent) != 0 || len(out.Digests) != 2 || out.Head == "" || out.Stuck != nil {
		t.Errorf("told %q: %+v", told, out)
	}
	out, told = c.reminds(t, "2026-q1", "sent")
	if !slices.Equal(told, all) || len(out.Failed) != 0 || !slices.Equal(out.Sent, []string{"ann@example.test", "bob@example.test"}) || out.Campaign.ID != "2026-q1" {
		t.Errorf("told %q: %+v", told, out)
	}
	notices := c.recorded["2026-q1"].Notices
	if len(notices) != 4 || notices[2].Result != "sent" || notices[2].Channel != "mail" || !notices[2].SentAt.Equal(c.at) {
		t.Errorf("on record: %+v", notices)
	}
	out, told = c.reminds(t, "2026-q1", "written")
	if len(told) != 0 || out.Head != "" || len(c.parts) != 3 {
		t.Errorf("told again: %q, head %q", told, out.Head)
	}
	c = opened(t)
	if out, _ = c.reminds(t, "2026-q1", "written"); len(out.Sent) != 0 || len(out.Failed) != 0 || out.Head == "" {
		t.Errorf("a message that was written for somebody to send was not sent: %+v", out)
	}
}

func TestWhatIsSettledOrStuckIsRecordedWithTheDayAndWhatFollowsFromItToo(t *testing.T) {
	c := opened(t)
	c.takes(t, "2026-q1", answer(c.sheetOf(t, "2026-q1", "ann"), "one", map[string]string{"mia": "Remove"}))
	if out, _ := c.reminds(t, "2026-q1", "sent"); out.Head == "" {
		t.Fatalf("%+v", out)
	}
	c.gone[6] = true
	c.is("ann", access.StatusLeft)
	c.at = c.at.AddDate(0, 0, 1)
	c.night(t)
	parts, before := len(c.parts), len(c.memory.Removals)
	out, told := c.reminds(t, "2026-q1", "sent")
	if len(out.Settled) != 2 || len(out.Passed) == 0 || out.Head == "" || len(c.parts) != parts+1 {
		t.Errorf("%d are settled, %d worksheets are passed on, told %q", len(out.Settled), len(out.Passed), told)
	}
	part := c.parts[parts]
	if len(part.Decisions) != 2 || len(part.Sheets) != len(out.Passed) || part.Campaign.ID != "2026-q1" || len(part.Notices) != len(out.Sent) || len(part.Notices) == 0 {
		t.Errorf("recorded: %d decisions, %d sheets, %d notices", len(part.Decisions), len(part.Sheets), len(part.Notices))
	}
	for _, s := range part.Sheets {
		for _, row := range s.Rows {
			if row.MAC == "" || row.Item.Person.Name == "leo" || row.Item.Person.Name == "ann" {
				t.Errorf("%s of %s is passed on to %s, sealed %q", row.ID, row.Item.Person.Name, s.ReviewerName, row.MAC)
			}
		}
		if !slices.ContainsFunc(told, func(one string) bool { return strings.HasPrefix(one, s.ReviewerMail) }) {
			t.Errorf("%s is not told: %q", s.ReviewerMail, told)
		}
	}
	if len(c.memory.Removals) != before {
		t.Errorf("the removals are %+v", c.memory.Removals)
	}
	if len(c.sent()) > 0 {
		t.Errorf("a review changed something: %q", c.sent())
	}
}

// HR's list said for a night that somebody had left: their rows are asked about again.
func TestTheRowsOfSomebodyWhoDidNotLeaveAfterAllAreOpenAgain(t *testing.T) {
	c := opened(t)
	c.reminds(t, "2026-q1", "sent")
	day := func(s access.Status) (Reminded, []string) {
		t.Helper()
		c.is("mia", s)
		c.at = c.at.AddDate(0, 0, 1)
		c.night(t)
		return c.reminds(t, "2026-q1", "sent")
	}
	set, _ := day(access.StatusLeft)
	_, before, err := c.review().Look(t.Context(), "2026-q1")
	if err != nil || len(set.Settled) != 1 || len(set.Reopened) != 0 || before.Open != 7 {
		t.Fatalf("%d are settled, %d are open, %v", len(set.Settled), before.Open, err)
	}
	parts := len(c.parts)
	out, _ := day(access.StatusActive)
	_, after, err := c.review().Look(t.Context(), "2026-q1")
	if err != nil || len(out.Settled) != 0 || len(out.Reopened) != 1 || out.Head == "" || after.Open != 8 || len(c.parts) != parts+1 || len(c.parts[parts].Decisions) != 1 {
		t.Errorf("%d are open again, %d are open, %v", len(out.Reopened), after.Open, err)
	}
	if out, _ := day(access.StatusActive); len(out.Reopened)+len(out.Settled) != 0 {
		t.Errorf("once more: %+v", out)
	}
}

func TestNobodyIsRemindedOfAReviewThatIsClosed(t *testing.T) {
	c := opened(t)
	if _, err := c.review().Close(t.Context(), "2026-q1", true); err != nil {
		t.Fatal(err)
	}
	parts := len(c.parts)
	out, told := c.reminds(t, "2026-q1", "sent")
	if len(told) != 0 || out.Head != "" || out.Campaign.ID != "2026-q1" || len(out.Settled) != 0 || len(c.parts) != parts {
		t.Errorf("told %q: %+v", told, out)
	}
}

// Rows are compared with the review that is named, else with the newest that was closed
// before this one opened.
func TestAReviewIsComparedWithTheOneBefore(t *testing.T) {
	c := opened(t)
	c.takes(t, "2026-q1", answer(c.sheetOf(t, "2026-q1", "ann"), "one", map[string]string{"leo": "Keep", "mia": "Keep"}))
	if c.open(t, "2026-q2"); c.written[len(c.written)-1].Last != nil {
		t.Errorf("compared with one that is open: %+v", c.written[len(c.written)-1].Last.Campaign)
	}
	c.takes(t, "2026-q2", answer(c.sheetOf(t, "2026-q2", "ann"), "x", map[string]string{"leo": "Keep"}))
	if _, err := c.review().Close(t.Context(), "2026-q1", true); err != nil {
		t.Fatal(err)
	}
	if c.takes(t, "2026-q2", answer(c.sheetOf(t, "2026-q2", "ann"), "y", map[string]string{"mia": "Not mine"})); c.written[len(c.written)-1].Last != nil {
		t.Errorf("what is passed on is compared with a review that was closed after this one opened")
	}
	c.open(t, "2026-q3")
	last := c.written[len(c.written)-1].Last
	if last == nil || last.Campaign.ID != "2026-q1" {
		t.Fatalf("compared with %+v", last)
	}
	for _, s := range c.recorded["2026-q3"].Sheets {
		for _, row := range s.Rows {
			if row.Item.Person.Name == "leo" && (row.SinceLast == access.RowNew || row.Last.Choice != access.ChooseKeep) {
				t.Errorf("leo's row is %q since the last time, %+v", row.SinceLast, row.Last)
			}
		}
	}
	if _, err := c.review().Close(t.Context(), "2026-q3", true); err != nil {
		t.Fatal(err)
	}
	one := c.campaign("2026-q4")
	one.Scope.Since = "2026-q1"
	c.at = c.at.Add(time.Minute)
	one.OpenedAt = c.at
	if _, err := c.review().Open(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if last := c.written[len(c.written)-1].Last; last == nil || last.Campaign.ID != "2026-q1" {
		t.Errorf("the one that is named is %+v", last)
	}
}

// The campaigns that are remembered are those that were, and this one.
func TestAPartOfAReviewLeavesTheMemoryThatItWasReadFromAsItWas(t *testing.T) {
	c := opened(t)
	before := c.memory
	c.open(t, "2026-q2")
	if len(before.Campaigns) != 1 || len(c.memory.Campaigns) != 2 {
		t.Errorf("%d, %d", len(before.Campaigns), len(c.memory.Campaigns))
	}
}
