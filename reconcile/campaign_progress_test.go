package reconcile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestSheetProgress: each row of a worksheet is in one of its counts.
func TestSheetProgress(t *testing.T) {
	rec := access.CampaignRecord{
		Campaign: access.Campaign{ID: "2026-q4", OpenedAt: morning(2), Due: dayOf(morning(16)), Rows: 8},
		Sheets: []access.Sheet{
			{ID: "s", Reviewer: personKey("employees/4"), ReviewerName: "Dee", Rows: []access.Issued{
				{ID: "plain"}, {ID: "flagged", Item: access.Item{FindingID: "f"}}, {ID: "privileged", Item: access.Item{Risk: access.RiskPrivileged}}, {ID: "kept"}, {ID: "removed"}, {ID: "expired"}, {ID: "taken at the close", Item: access.Item{Risk: access.RiskPrivileged}}, {ID: "passed"}}},
			{ID: "t", From: "s", Reviewer: personKey("employees/9"), ReviewerName: "Max", Rows: []access.Issued{{ID: "passed"}}},
		},
		Decisions: []access.Decision{
			{RowID: "kept", Choice: access.ChooseKeep, ReceivedAt: morning(3)}, {RowID: "removed", Choice: access.ChooseRemove, ReceivedAt: morning(4)},
			{RowID: "plain", Choice: access.ChooseKeep, ReceivedAt: morning(3)}, {RowID: "plain", Choice: access.ChooseNotMine, ReceivedAt: morning(5)},
			{RowID: "flagged", Choice: access.ChoiceOwnCheck, ReceivedAt: morning(4)}, {RowID: "expired", Choice: access.ChoiceExpired, ReceivedAt: morning(4)},
			{RowID: "taken at the close", Choice: access.ChooseRemove, Sender: byRollcall, ReceivedAt: morning(4)},
		},
		Files: []access.ReturnedFile{
			{Sheet: "s", ReceivedAt: morning(3), Problems: make([]access.RowProblem, 3)}, {Sheet: "s", ReceivedAt: morning(4), Problems: make([]access.RowProblem, 1)},
			{Sheet: "s", ReceivedAt: morning(5), Refused: &access.Problem{}}, {Sheet: "t", ReceivedAt: morning(6)},
		},
	}
	st := staffIn(t, aStaff)
	p := Progress(rec, st, CampaignRules{}, morning(6))
	s := p.Sheets[0]
	if got := fmt.Sprint(s.Issued, s.Answered, s.PassedOn, s.Open, s.Expired, s.Urgent, s.Keep, s.Change, s.Remove); got != "8 2 1 3 2 2 1 0 1" {
		t.Errorf("the worksheet: %s", got)
	}
	if s.Returned != 2 || !s.LastReceived.Equal(morning(4)) || s.Wrong != 1 || !s.Gone || p.Sheets[1].Gone {
		t.Errorf("what came back: %+v", s)
	}
	if got := fmt.Sprint(p.Issued, p.Answered, p.Open, p.Expired, p.Overdue); got != "8 2 4 2 false" {
		t.Errorf("the review: %s", got)
	}
	var days []string
	for _, b := range p.Burndown {
		days = append(days, fmt.Sprint(b.Day.At.Day(), ":", b.Open, "/", b.Answered))
	}
	if got := strings.Join(days, " "); got != "2:8/0 3:6/2 4:5/3 5:6/2 6:6/2" {
		t.Errorf("day by day: %s", got)
	}
	if late := Progress(rec, st, CampaignRules{}, morning(17)); !late.Overdue || !late.Sheets[0].Overdue || Progress(rec, st, CampaignRules{}, morning(16)).Overdue {
		t.Error("it is overdue from the 17th on")
	}
	stands := access.Delegate{Reviewer: personKey("employees/4"), Delegate: personKey("employees/2"), From: dayOf(morning(1)), Until: dayOf(morning(30))}
	if got := Progress(rec, staffIn(t, aStaff, stands), CampaignRules{}, morning(6)).Sheets[0]; got.Delegate != "Ben" || got.Gone {
		t.Errorf("Ben stands in: %+v", got)
	}
	rec.Decisions = append(rec.Decisions, access.Decision{RowID: "passed", Choice: access.ChooseChange, ReceivedAt: morning(6)})
	if got := Progress(rec, st, CampaignRules{}, morning(17)); !got.Overdue || got.Sheets[1].Open != 0 || got.Sheets[1].Change != 1 {
		t.Errorf("one worksheet is done: %+v", got)
	}
	rec.Campaign.ClosedAt = morning(4)
	if got := Progress(rec, nil, CampaignRules{}, morning(6)); len(got.Burndown) != 3 || got.Sheets[0].Gone {
		t.Errorf("it was closed on the 4th: %v", got.Burndown)
	}
	if got := Progress(rec, nil, CampaignRules{}, morning(3)); len(got.Burndown) != 2 {
		t.Errorf("as of the 3rd, and it was closed on the 4th: %v", got.Burndown)
	}
}

func TestWorksheetsWithMoreOpenRowsComeFirst(t *testing.T) {
	row := func(id string) access.Issued { return access.Issued{ID: id} }
	rec := access.CampaignRecord{Campaign: access.Campaign{OpenedAt: morning(2), Due: dayOf(morning(16))}, Sheets: []access.Sheet{
		{ID: "c", Rows: []access.Issued{row("1")}}, {ID: "b", Rows: []access.Issued{row("2"), row("3")}}, {ID: "a", Rows: []access.Issued{row("4")}}}}
	order := ""
	for _, s := range Progress(rec, nil, CampaignRules{}, morning(3)).Sheets {
		order += s.Sheet
	}
	if order != "bac" {
		t.Error(order)
	}
	order = ""
	for _, s := range figures(rec, Progress(rec, nil, CampaignRules{}, morning(3))) {
		order += s.Sheet
	}
	if order != "abc" {
		t.Error(order)
	}
}

// TestHandedOver: what came from another worksheet, or somebody else answered.
func TestHandedOver(t *testing.T) {
	max, ben := personKey("employees/9"), personKey("employees/2")
	file := func(by access.PersonKey, refused bool) access.ReturnedFile {
		f := access.ReturnedFile{Sheet: "s", Reviewer: by, Counted: 2, ReceivedAt: morning(5)}
		if refused {
			f.Refused = &access.Problem{}
		}
		return f
	}
	rec := access.CampaignRecord{
		Sheets:    []access.Sheet{{ID: "s", Reviewer: max, ReviewerName: "Max", IssuedAt: morning(2)}, {ID: "t", From: "s", ReviewerName: "Sky", Rows: make([]access.Issued, 3), IssuedAt: morning(4)}},
		Files:     []access.ReturnedFile{file(max, false), file(access.PersonKey{}, false), file(ben, true), {Sheet: "x", Reviewer: ben}, file(ben, false)},
		Decisions: []access.Decision{{Worksheet: "s", Choice: access.ChoiceOwnCheck}, {Worksheet: "s", Choice: access.ChooseKeep}},
	}
	var all []string
	for _, h := range handOvers(rec) {
		all = append(all, fmt.Sprint(h.From, ">", h.To, " ", h.Reviewer, " ", h.Rows))
	}
	if got := strings.Join(all, ", "); got != "s>t Sky 3, s>s employees/2 2" {
		t.Error(got)
	}
	rec.Campaign = access.Campaign{OpenedAt: morning(2), Due: dayOf(morning(16)), Rows: 4}
	f := figures(rec, Progress(rec, nil, CampaignRules{}, morning(6)))
	if f[0].SelfReview != 1 || f[0].Took != 3*24*time.Hour || f[1].SelfReview != 0 || f[1].Took != 0 {
		t.Errorf("%+v", f)
	}
	rec.Campaign.Books = []access.Balance{{What: "rows issued"}}
	if books := tieOut(rec, CampaignProgress{}); len(books) != 3 {
		t.Errorf("%+v", books)
	}
	rec.Campaign.Books = nil
	for _, b := range tieOut(rec, CampaignProgress{Answered: 1, Open: 2, Expired: 1}) {
		if b.What == "rows issued" != b.Holds() {
			t.Errorf("%+v", b)
		}
	}
}

// TestBusinessDays: a Saturday and a Sunday are none, forward and backward.
func TestBusinessDays(t *testing.T) {
	friday, saturday := dayOf(morning(6)), dayOf(morning(7))
	for _, c := range []struct {
		from access.Day
		n    int
		want int
	}{{friday, 0, 6}, {friday, 1, 9}, {friday, 5, 13}, {friday, 6, 16}, {friday, -4, 2}, {friday, -5, 30}, {saturday, 0, 7}, {saturday, 1, 9}, {saturday, -1, 6}} {
		if got := businessDays(c.from, c.n); got.At.Day() != c.want {
			t.Errorf("%d business days from %s: %s", c.n, c.from, got)
		}
	}
}

// TestWhereAGrantGoes: a carried one with what carries it, or that is not listed.
func TestWhereAGrantGoes(t *testing.T) {
	direct := map[uint32]bucket{0: inRows, 1: outRisk}
	for _, c := range []struct {
		grant   access.Grant
		account bucket
		want    bucket
	}{
		{access.Grant{Entitlement: 1}, outLeft, outLeft}, {access.Grant{Entitlement: 0}, inRows, inRows}, {access.Grant{Entitlement: 1}, inRows, outRisk},
		{access.Grant{Entitlement: 5, Carrier: 1}, inRows, inGroup}, {access.Grant{Entitlement: 5, Carrier: 2}, inRows, outRisk}, {access.Grant{Entitlement: 5, Carrier: 3}, inRows, outCarried},
	} {
		if got := whereTo(c.grant, c.account, direct); got != c.want {
			t.Errorf("%+v of %s: %s", c.grant, c.account, got)
		}
	}
	got := Excluded([]access.Balance{balance("grants of okta", 3, map[string]int{string(outLeft): 2, string(outRisk): 0, string(inRows): 1}), balance("accounts of okta", 1, map[string]int{string(outLeft): 1}), balance("grants of aws", 1, map[string]int{string(outLeft): 1})})
	if len(got) != 1 || got[string(outLeft)] != 3 {
		t.Error(got)
	}
}
