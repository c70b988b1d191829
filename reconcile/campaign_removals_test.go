package reconcile

import (
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// askedAgain is a campaign that asked one person about one right, and what they answered.
func askedAgain(id access.CampaignID, subject string, c access.Choice, at time.Time) access.CampaignRecord {
	rec := access.CampaignRecord{Campaign: access.Campaign{ID: id}, Sheets: []access.Sheet{{ID: "s", Rows: []access.Issued{{ID: "w-1", Worksheet: "s", Item: access.Item{RowID: subject}}}}}}
	if c != "" {
		rec.Decisions = []access.Decision{{RowID: "w-1", Worksheet: "s", Choice: c, ReceivedAt: at}}
	}
	return rec
}

func TestALaterReviewOfTheSameRightOverrulesARemove(t *testing.T) {
	const older, newer = access.CampaignID("2026-q3"), access.CampaignID("2026-q4")
	before, decided, after := morning(1), morning(2), morning(3)
	for name, c := range map[string]struct {
		rec  access.CampaignRecord
		was  access.CampaignID
		want access.CampaignID
	}{
		"Keep":                           {askedAgain(newer, "r-1", access.ChooseKeep, after), "", newer},
		"Change":                         {askedAgain(newer, "r-1", access.ChooseChange, after), "", newer},
		"Remove: its own removal counts": {askedAgain(newer, "r-1", access.ChooseRemove, after), "", newer},
		"nobody answered":                {askedAgain(newer, "r-1", "", after), "", ""},
		"no answer until the close":      {askedAgain(newer, "r-1", access.ChoiceExpired, after), "", ""},
		"an answer before the decision":  {askedAgain(newer, "r-1", access.ChooseKeep, before), "", ""},
		"another right":                  {askedAgain(newer, "r-2", access.ChooseKeep, after), "", ""},
		"the same review":                {askedAgain(older, "r-1", access.ChooseKeep, after), "", ""},
		"its answer was taken back":      {askedAgain(newer, "r-1", access.ChooseNotMine, after), newer, ""},
		"another one overruled it":       {askedAgain(newer, "r-2", access.ChooseKeep, after), "2026-q2", "2026-q2"},
	} {
		removals := map[string]access.Removal{"w-0": {Campaign: older, RowID: "w-0", Subject: "r-1", DecidedAt: decided, Overruled: c.was}}
		Overrule(removals, c.rec)
		if got := removals["w-0"].Overruled; got != c.want {
			t.Errorf("%s: overruled by %q, want %q", name, got, c.want)
		}
	}
}

func morning(n int) time.Time { return time.Date(2026, 11, n, 9, 0, 0, 0, time.UTC) }

// Each row that does not count is told of and kept: a million of them is no worksheet.
func TestAFileOfFarMoreRowsThanItsWorksheetIsRefused(t *testing.T) {
	rec := askedAgain("2026-q4", "r-1", "", time.Time{})
	back := access.ReturnedSheet{Campaign: "2026-q4", Worksheet: "s", Rows: make([]access.ReturnedRow, 1100)}
	got := NewReceiving(rec, &Staff{}, CampaignRules{}).Receive(back, morning(2))
	if p := got.File.Refused; p == nil || !strings.Contains(p.Says, "it has 1100 rows") || len(got.File.Problems) > 0 {
		t.Errorf("%+v, %d problems", p, len(got.File.Problems))
	}
}

// TestWhatAnEndedAccountStillHoldsIsNotGone: an account that is let in again has what is
// listed of it, and nobody would remember that a review wanted it removed.
func TestWhatAnEndedAccountStillHoldsIsNotGone(t *testing.T) {
	account := access.AccountKey{System: "aws", ID: "u"}
	right := access.Removal{Person: personKey("employees/1"), Account: account, Kind: access.PermissionSet, Scope: "1", Entitlement: "p", DecidedAt: morning(2)}
	whole := access.Removal{Account: account, DecidedAt: morning(2)}
	for name, c := range map[string]struct {
		removal  access.Removal
		holds    bool
		status   access.AccountStatus
		standing access.Standing
		gone     bool
	}{
		"disabled, and the assignment is listed":                  {right, true, access.AccountDisabled, access.StandingActive, false},
		"disabled, and the assignment is not listed":              {right, false, access.AccountDisabled, access.StandingActive, true},
		"disabled, and its person has left":                       {right, true, access.AccountDisabled, access.StandingLeft, true},
		"disabled, and its person is held":                        {right, true, access.AccountDisabled, access.StandingHeld, false},
		"in use, of somebody who has left":                        {right, true, access.AccountActive, access.StandingLeft, false},
		"the account as a whole, disabled":                        {whole, true, access.AccountDisabled, access.StandingActive, true},
		"the account as a whole, disabled, and nothing is listed": {whole, false, access.AccountDisabled, access.StandingActive, true},
	} {
		o := access.Observation{System: "aws", Reads: []access.Read{{Kind: "all", Complete: true, Lists: true}}, Accounts: []access.Account{{System: "aws", ID: "u", Status: c.status}},
			Entitlements: []access.Entitlement{{System: "aws", Scope: "1", Kind: access.PermissionSet, ID: "p"}}}
		if c.holds {
			o.Grants = []access.Grant{{}}
		}
		people := []access.Person{{Identity: access.Identity{Source: "employees", EmployeeID: "1"}, Standing: c.standing}}
		got := Follow([]access.Removal{c.removal}, NewLaterNight("n", morning(3), []access.Observation{o}, people))
		if gone := !got[0].GoneAt.IsZero(); gone != c.gone {
			t.Errorf("%s: gone is %t", name, gone)
		}
	}
}

// TestAKeepOfTwoIsAsLateAsTheSecond: one Keep alone keeps nothing.
func TestAKeepOfTwoIsAsLateAsTheSecond(t *testing.T) {
	for name, c := range map[string]struct {
		manager, owner int // the day of their Keep
		want           access.CampaignID
	}{
		"the second after the Remove": {1, 3, "2026-q4"}, "the first after the Remove": {3, 1, "2026-q4"}, "both before it": {1, 1, ""},
	} {
		rec := askedAgain("2026-q4", "r-1", access.ChooseKeep, morning(c.manager))
		rec.Sheets[0].Rows[0].Duty = access.DutyManager
		rec.Sheets = append(rec.Sheets, access.Sheet{ID: "o", Rows: []access.Issued{{ID: "w-2", Worksheet: "o", Duty: access.DutyOwner, Item: access.Item{RowID: "r-1"}}}})
		rec.Decisions = append(rec.Decisions, access.Decision{RowID: "w-2", Worksheet: "o", Choice: access.ChooseKeep, ReceivedAt: morning(c.owner)})
		removals := map[string]access.Removal{"w-0": {Campaign: "2026-q3", RowID: "w-0", Subject: "r-1", DecidedAt: morning(2)}}
		Overrule(removals, rec)
		if got := removals["w-0"].Overruled; got != c.want {
			t.Errorf("%s: overruled by %q", name, got)
		}
	}
}

// TestThatNobodyAnsweredOverrulesNothing: the close of a review makes of a Change and a row that nobody answered a Change,
// and nobody said anything about the right since somebody else decided to remove it.
func TestThatNobodyAnsweredOverrulesNothing(t *testing.T) {
	for changed, want := range map[int]access.CampaignID{1: "", 3: "2026-q4"} {
		rec := askedAgain("2026-q4", "r-1", access.ChooseChange, morning(changed))
		rec.Sheets[0].Rows[0].Duty = access.DutyManager
		rec.Sheets = append(rec.Sheets, access.Sheet{ID: "o", Rows: []access.Issued{{ID: "w-2", Worksheet: "o", Duty: access.DutyOwner, Item: access.Item{RowID: "r-1"}}}})
		rec.Decisions = append(rec.Decisions, access.Decision{RowID: "w-2", Worksheet: "o", Choice: access.ChoiceExpired, ReceivedAt: morning(9)})
		removals := map[string]access.Removal{"w-0": {Campaign: "2026-q3", RowID: "w-0", Subject: "r-1", DecidedAt: morning(2)}}
		Overrule(removals, rec)
		if got := removals["w-0"].Overruled; got != want {
			t.Errorf("Change on the %d: overruled by %q", changed, got)
		}
	}
}

func TestARemoveThatNoLaterReviewOverrulesAnyMoreIsAnnouncedAnew(t *testing.T) {
	rec := askedAgain("2026-q4", "r-1", access.ChooseKeep, morning(3))
	removals := map[string]access.Removal{"w-0": {Campaign: "2026-q3", RowID: "w-0", Subject: "r-1", DecidedAt: morning(2), Announced: dayOf(morning(2))}}
	Overrule(removals, rec)
	if got := removals["w-0"]; got.Overruled != "2026-q4" || got.Announced != dayOf(morning(2)) {
		t.Errorf("kept since: %+v", got)
	}
	rec.Decisions = append(rec.Decisions, access.Decision{RowID: rec.Decisions[0].RowID, Worksheet: rec.Decisions[0].Worksheet, Choice: access.ChooseNotMine, ReceivedAt: morning(4)})
	Overrule(removals, rec)
	if got := removals["w-0"]; got.Overruled != "" || !got.Announced.IsZero() {
		t.Errorf("the Keep was taken back: %+v", got)
	}
}

// TestARemoveThatIsSaidAnew is newer than what overruled the one before it, and than the
// night that saw that one done: it is to be removed once more.
func TestARemoveThatIsSaidAnew(t *testing.T) {
	was := access.Removal{Campaign: "2026-q3", RowID: "w-0", DecidedAt: morning(2), Announced: dayOf(morning(3)), SentAt: morning(5), DoneAt: morning(5), GoneAt: morning(6), GoneIn: "n6", Overruled: "2026-q4"}
	for at, want := range map[int]access.Removal{
		2: was, // nothing was said anew
		4: {DecidedAt: morning(4), SentAt: was.SentAt, DoneAt: was.DoneAt, GoneAt: was.GoneAt, GoneIn: "n6"},
		7: {DecidedAt: morning(7), SentAt: was.SentAt},
	} {
		want.Campaign, want.RowID = "2026-q3", "w-0"
		if diff := gocmp.Diff(want, SoFar(access.Removal{Campaign: "2026-q3", RowID: "w-0", DecidedAt: morning(at)}, was)); diff != "" {
			t.Errorf("on the %d: %s", at, diff)
		}
	}
	for why, was := range map[string]access.Removal{"it was gone": {Announced: dayOf(morning(3)), GoneAt: morning(4)}, "it was taken, and given again": {Announced: dayOf(morning(3)), DoneAt: morning(4)}, "a later review kept it": {Announced: dayOf(morning(3)), Overruled: "2026-q4"}} {
		if got := SoFar(access.Removal{DecidedAt: morning(5)}, was); !got.Announced.IsZero() {
			t.Errorf("%s, and then it is to go after all: the notice of then, %s, counts", why, got.Announced)
		}
	}
	if got := SoFar(access.Removal{DecidedAt: morning(5)}, access.Removal{DecidedAt: morning(2), Announced: dayOf(morning(3))}); got.Announced != dayOf(morning(3)) {
		t.Error("who says the same again does not begin the notice anew")
	}
	if got := SoFar(access.Removal{RowID: "w-1", DecidedAt: morning(4)}, access.Removal{}); !got.Announced.IsZero() || got.RowID != "w-1" {
		t.Errorf("nothing was done about what is new: %+v", got)
	}
}
