package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// late is a review of one right each in okta and aws, which asks Max; it opened on Monday,
// 2 November, and is due on Monday, the 16th.
func late() access.CampaignRecord {
	row := func(id string, system access.System) access.Issued {
		return access.Issued{ID: id, Item: access.Item{RowID: id, System: system}}
	}
	return access.CampaignRecord{
		Campaign: access.Campaign{ID: "2026-q4", OpenedAt: morning(2), Due: dayOf(morning(16)), Approver: "Ada", ApproverMail: "ada@example.com"},
		Sheets: []access.Sheet{{ID: "s", Reviewer: personKey("employees/9"), ReviewerName: "Max", ReviewerMail: "max@example.com", IssuedAt: morning(2),
			Rows: []access.Issued{row("o", "okta"), row("a", "aws")}}},
	}
}

// noticesAt is what goes out, and records it.
func noticesAt(rec *access.CampaignRecord, st *Staff, at time.Time) string {
	var all []string
	for _, d := range Due(*rec, st, CampaignRules{}, at) {
		for _, n := range d.Notices {
			all = append(all, fmt.Sprintf("%s: %s of %s", d.Name, strings.TrimPrefix(n.Kind, "review_"), n.Sheet))
		}
		rec.Notices = append(rec.Notices, d.Recorded("mail", at, "sent")...)
	}
	return strings.Join(all, ", ")
}

func TestAReviewThatIsDueWithinAWeekIsRemindedOfUntilItIsDone(t *testing.T) {
	rec, st := late(), staffIn(t, aStaff)
	rec.Campaign.Due = dayOf(morning(4))
	noticesAt(&rec, st, morning(2))
	for day := 3; day <= 13; day++ {
		at := time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC)
		if got := noticesAt(&rec, st, at); strings.Contains(got, "Max: overdue") != (day > 4 && !weekend(at)) || strings.Contains(got, "day7") {
			t.Errorf("on the %d: %s", day, got)
		}
	}
}

// TestWhatIsTold, on one day and of one state of the review. It is long because it is one
// table: a day and a state in each line, beside the messages of that day.
func TestWhatIsTold(t *testing.T) {
	stands := access.Delegate{Reviewer: personKey("employees/9"), Delegate: personKey("employees/2"), From: dayOf(morning(9)), Until: dayOf(morning(30))}
	sent := func(kind, to, subject string, day int) access.Notice {
		return access.Notice{Kind: kind, Recipient: to, Subject: subject, SentAt: morning(day), Result: "sent"}
	}
	launched := func(r *access.CampaignRecord) {
		r.Notices = append(r.Notices, sent(NoticeLaunch, "max@example.com", "2026-q4/s", 2))
	}
	for name, c := range map[string]struct {
		day    int
		by     []access.Delegate
		change func(*access.CampaignRecord)
		want   string
	}{
		"a first message that is late is one message": {9, nil, func(*access.CampaignRecord) {}, "Max: launch of s"},
		"the newest step": {9, nil, launched, "Max: day7 of s"},
		"who stands in hears of it too": {9, []access.Delegate{stands}, func(r *access.CampaignRecord) {
			launched(r)
			r.Notices = append(r.Notices, sent(NoticeLaunch, "ben@example.com", "2026-q4/s", 3))
		}, "Ben: day7 of s, Max: day7 of s"},
		"who begins to stand in hears of the review first": {9, []access.Delegate{stands}, launched, "Ben: launch of s"},
		"one of them heard of the review before": {9, []access.Delegate{stands}, func(r *access.CampaignRecord) {
			r.Notices = append(r.Notices, sent(NoticeLaunch, "ben@example.com", "2026-q4/s", 3))
		}, "Max: launch of s"},
		"a message of another review today": {9, nil, func(r *access.CampaignRecord) {
			launched(r)
			r.Notices = append(r.Notices, sent(NoticeLaunch, "max@example.com", "2026-q3/s", 9))
		}, "Max: day7 of s"},
		"a message of this review today": {9, nil, func(r *access.CampaignRecord) {
			launched(r)
			r.Notices = append(r.Notices, sent(NoticeManager, "max@example.com", "2026-q4/t", 9))
		}, ""},
		"no step has come since the worksheet went out": {10, nil, func(r *access.CampaignRecord) {
			r.Sheets[0].IssuedAt, r.Campaign.Due = morning(9), dayOf(morning(20))
			r.Notices = []access.Notice{sent(NoticeLaunch, "max@example.com", "2026-q4/s", 9)}
		}, ""},
		"the due day may be a Saturday": {14, nil, func(r *access.CampaignRecord) { launched(r); r.Campaign.Due = dayOf(morning(14)) }, "Max: due of s"},
		"a Saturday after it":           {21, nil, func(r *access.CampaignRecord) { launched(r); r.Sheets[0].IssuedAt = morning(20) }, ""},
		"the manager, by name":          {17, nil, launched, "Max: overdue of s, Sky: escalated_manager of s"},
		"the manager when it went out, whom no list knows": {17, nil, func(r *access.CampaignRecord) {
			launched(r)
			r.Sheets[0].Reviewer, r.Sheets[0].ManagerMail = access.PersonKey{}, "boss@example.com"
		}, "boss@example.com: escalated_manager of s, Max: overdue of s"},
		"the seventh day, where steps before the due day came first": {9, nil, func(r *access.CampaignRecord) { launched(r); r.Campaign.Due = dayOf(morning(10)) }, "Max: day7 of s"},
		"the manager when it went out, who has left since": {17, nil, func(r *access.CampaignRecord) {
			launched(r)
			r.Sheets[0].Reviewer, r.Sheets[0].ManagerMail = personKey("employees/3"), "dee@example.com"
		}, "Ada: escalated_manager of s, Max: overdue of s"},
		"what went out after the due date, from the next business day on": {18, nil, func(r *access.CampaignRecord) {
			r.Sheets[0].IssuedAt = morning(17)
			r.Notices = []access.Notice{sent(NoticeLaunch, "max@example.com", "2026-q4/s", 17)}
		}, "Max: overdue of s"},
		"what went out on a Friday after it, on the Monday": {23, nil, func(r *access.CampaignRecord) {
			r.Sheets[0].IssuedAt = morning(20)
			r.Notices = []access.Notice{sent(NoticeLaunch, "max@example.com", "2026-q4/s", 20), sent(NoticeManager, "sky@example.com", "2026-q4/s", 20)}
		}, "Ada: escalated_approver of s, Max: overdue of s"},
		"nobody is above":                    {17, nil, func(r *access.CampaignRecord) { launched(r); r.Sheets[0].Reviewer = access.PersonKey{} }, "Ada: escalated_manager of s, Max: overdue of s"},
		"nothing of a review that is closed": {17, nil, func(r *access.CampaignRecord) { launched(r); r.Campaign.ClosedAt = morning(17) }, ""},
		"owner and compliance of what is open; not who has left": {19, nil, func(r *access.CampaignRecord) {
			launched(r)
			r.Decisions = []access.Decision{{RowID: "o", Choice: access.ChooseKeep}}
		}, "Max: overdue of s, Sky: escalated_manager of s"},
		"the owner of both is told once, and not of what was passed on": {19, nil, func(r *access.CampaignRecord) {
			launched(r)
			r.Sheets = append(r.Sheets, access.Sheet{ID: "b", Reviewer: personKey("employees/10"), ReviewerName: "Sky", ReviewerMail: "sky@example.com", IssuedAt: morning(19), Rows: r.Sheets[0].Rows[:1]})
		}, "Max: overdue of s, Sky: launch of b, Sky: escalated_manager of s"},
		"owner and compliance": {19, nil, launched, "Cora: escalated_owner of s, Help: escalated_owner of s, Max: overdue of s, Sky: escalated_manager of s"},
	} {
		rec := late()
		c.change(&rec)
		if got := noticesAt(&rec, staffIn(t, aStaff, c.by...), morning(c.day)); got != c.want {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
	}
}

func TestAnOwnerOfTwoSystemsIsToldOnceOfAWorksheet(t *testing.T) {
	rec := late()
	st := staffIn(t, strings.Replace(aStaff, "aws,owner,Dee,dee@example.com", "aws,owner,Help,help@example.com", 1))
	for _, d := range Due(rec, st, CampaignRules{}, morning(19)) {
		if d.Name == "Help" && len(d.Notices) != 1 {
			t.Errorf("%+v", d.Notices)
		}
	}
}

func TestAMessageNamesWorksheetsAndKindsInOrder(t *testing.T) {
	rec := late()
	again := rec.Sheets[0]
	again.ID, again.Rows = "r", []access.Issued{{ID: "x", Item: access.Item{RowID: "x", System: "okta"}}}
	rec.Sheets = append(rec.Sheets, again)
	got := noticesAt(&rec, staffIn(t, aStaff), morning(3))
	if got != "Max: launch of r, Max: launch of s" {
		t.Error(got)
	}
	for range 20 { // a map has no order
		rec := late()
		var all []string
		for _, d := range Due(rec, staffIn(t, aStaff), CampaignRules{}, morning(19)) {
			all = append(all, d.Recipient)
		}
		if !slices.IsSorted(all) {
			t.Fatal(all)
		}
	}
}
