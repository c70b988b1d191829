package archive

import (
	"fmt"
	"testing"
	"time"

	"rollcall/internal/access"
)

// campaignRun is the nth run of the fixture's campaign: after night 1, and before the
// night that follows it.
func campaignRun(n int, previous access.RunID) access.Run {
	start := nightTime.Add(time.Duration(8+n) * time.Hour)
	return access.Run{ID: access.RunID(fmt.Sprintf("20260302T09000%dZ-c", n)), StartedAt: start, FinishedAt: start.Add(time.Minute), Mode: access.Observe,
		Trigger: "review " + []string{"", "open", "import", "remind"}[n], ToolVersion: "v1", Verdict: "done", Previous: previous, Actor: "ann@host"}
}

func fixtureCampaign() access.Campaign {
	return access.Campaign{ID: "2026-q1", Title: "First quarter", Reason: "SOC 2 CC6.3", Approver: "Cy", ApproverMail: "cy@x.test",
		Scope:    access.CampaignScope{Systems: []string{"okta"}, Risks: []access.Risk{access.RiskPrivileged}, Delta: true, Since: "2025-q4"},
		OpenedAt: nightTime.Add(9 * time.Hour).UTC(), OpenedBy: "ann@host", Due: dayOn(16), Night: runID(1), SeenAt: nightTime.UTC(), Rows: 3,
		Books: []access.Balance{{What: "grants of okta", Total: 4, Parts: []access.BalancePart{{Name: "issued", Count: 3}, {Name: "excluded: the account has ended", Count: 1}}}}}
}

func dayOn(march int) access.Day {
	return access.Day{At: time.Date(2026, 3, march, 0, 0, 0, 0, time.UTC)}
}

// fixtureSheets are two worksheets: of a manager, with all that a row may have, and of
// somebody who is in contacts.csv only.
func fixtureSheets() []access.Sheet {
	ada, bob := access.PersonKey{Source: "employees", EmployeeID: "100"}, access.PersonKey{Source: "employees", EmployeeID: "200"}
	person := access.Person{Standing: access.StandingScheduled, AccessEndsAt: nightTime.UTC().Truncate(time.Millisecond), Identity: access.Identity{
		Source: "employees", EmployeeID: "200", Name: "Bob Ng", Email: "bob@x.test", Title: "Engineer", Department: "Build", ManagerID: "100", WorkerType: "Contractor",
		Status: access.StatusActive, EndDate: access.Day{At: time.Date(2026, 5, 1, 17, 0, 0, 0, time.UTC), Exact: true}, LastWorkingDay: dayOn(30)}}
	full := access.Item{RowID: "r-9", FindingID: "f1", FindingKind: access.UnexpectedGrant, Person: person, ManagerName: "Ada", System: "okta", Scope: "123456789012", ScopeName: "prod",
		Account: access.Account{System: "okta", Scope: "s", ID: "00u2", Kind: access.OktaUser, Login: "bob", Email: "bob@x.test", Name: "Bob N.", Status: access.AccountActive, Privileged: true},
		Kind:    access.OktaGroup, EntitlementID: "00g1", Entitlement: "=eng", Meaning: "build servers", Risk: access.RiskSensitive, HowHeld: "Direct", Since: dayOn(1), ApprovedBy: "CTO", ApprovalRef: "T-1",
		LastUsedAt: nightTime.Add(-time.Hour).UTC(), UsageKnown: true, PeersHave: 11, PeersAll: 12, Why: "nothing allows it", Suggested: "Remove", SuggestedWhy: "not used", Carries: []string{"app Wiki", "app \"Git\""}}
	rows := []access.Issued{
		{ID: "000002", Worksheet: "w-ada", Duty: access.DutyManager, SinceLast: access.RowChanged, Item: full, MAC: "aa", Cells: []string{"000002", "'=eng", "", "2026-03-01"},
			Last: access.LastDecision{Campaign: "2025-q4", Choice: access.ChooseKeep, By: "Ada", On: dayOn(3)}},
		{ID: "000001", Worksheet: "w-ada", Duty: access.DutyManager, SinceLast: access.RowNew, MAC: "bb", Cells: []string{"000001"}, Item: access.Item{RowID: "r-1", System: "okta", Person: person,
			Account: access.Account{System: "okta", ID: "00u2", Login: "bob"}, Kind: access.OktaApp, EntitlementID: "0oa1", Entitlement: "Wiki"}},
	}
	orphan := access.Issued{ID: "000003", Worksheet: "owner-okta", Duty: access.DutyOwner, SinceLast: access.RowSame, MAC: "cc", Cells: []string{"000003"},
		Item: access.Item{RowID: "r-3", System: "okta", Account: access.Account{System: "okta", ID: "00u9", Login: "ghost"}}}
	issued := nightTime.Add(9 * time.Hour).UTC()
	return []access.Sheet{
		{ID: "w-ada", Reviewer: ada, ReviewerName: "Ada", ReviewerMail: "ada@x.test", ManagerMail: "cto@x.test", Because: "manager", Delegate: bob, DelegateName: "Bob", DelegateMail: "bob@x.test",
			Rows: rows, SHA256: access.Digest([]byte("w-ada")), Revision: 1, IssuedAt: issued},
		{ID: "owner-okta", ReviewerName: "Okta team", ReviewerMail: "okta@x.test", Because: "owner of okta", Rows: []access.Issued{orphan}, SHA256: access.Digest([]byte("owner")), Revision: 1, From: "w-x", IssuedAt: issued},
	}
}

const returnedText = "Row ID,Decision\r\n000001,Keep\r\n"

// fixtureAnswers are a file of which one answer counts, another that nobody can use,
// and what rollcall concluded by itself of a third row.
func fixtureAnswers() ([]access.ReturnedFile, []access.Decision) {
	ada := access.PersonKey{Source: "employees", EmployeeID: "100"}
	at := nightTime.Add(10 * time.Hour).UTC()
	files := []access.ReturnedFile{
		{Sheet: "w-ada", File: "back.csv", SHA256: access.Digest([]byte(returnedText)), Revision: 1, Reviewer: ada, Sender: "ada@x.test", Channel: "file", ReceivedAt: at, Rows: 2, Counted: 1,
			Problems: []access.RowProblem{{Line: 3, RowID: "000002", Column: "Decision", Seen: "perhaps", Says: "write Keep, Change, Remove or Not mine"}}},
		{File: "old.xls", SHA256: access.Digest([]byte("xls")), ReceivedAt: at, Channel: "file", Refused: &access.Problem{Severity: access.Stop, File: "old.xls", Says: "it is an old workbook", Mend: "save it as .xlsx"}},
	}
	decisions := []access.Decision{
		{Campaign: "2026-q1", RowID: "000003", Worksheet: "owner-okta", Choice: access.ChoiceGone, ReceivedAt: at.Add(time.Second)},
		{Campaign: "2026-q1", RowID: "000002", Worksheet: "w-ada", WorksheetSHA256: files[0].SHA256, Revision: 1, Reviewer: ada, ReviewerName: "Ada", Sender: "ada@x.test", Choice: access.ChooseKeep,
			Reason: "needed for the release", ChangeTo: "c", PassTo: "p", Comment: "m", Suggested: "Remove", Until: dayOn(31), ReceivedAt: at},
	}
	return files, decisions
}

// recordCampaign records the fixture's campaign, as many runs of it as asked for.
func recordCampaign(store Store, runs int) error {
	a := New(store, testKey)
	for n := 1; n <= runs; n++ {
		if err := recordPart(a, n); err != nil {
			return fmt.Errorf("run %d: %w", n, err)
		}
	}
	return nil
}

func recordPart(a *Archive, n int) error {
	next, err := a.Memory(nil)
	if err != nil {
		return err
	}
	c := fixtureCampaign()
	part := access.CampaignRecord{Campaign: c}
	next.Campaigns[c.ID] = access.Campaign{ID: c.ID, Runs: next.Campaigns[c.ID].Runs}
	switch n {
	case 1:
		part.Sheets = fixtureSheets()
	case 2:
		part.Files, part.Decisions = fixtureAnswers()
		for _, input := range []string{returnedText, "xls"} {
			if _, err := a.PutInput([]byte(input)); err != nil {
				return err
			}
		}
		next.Removals["000002"] = access.Removal{Campaign: c.ID, RowID: "000002", Subject: "r-9", Account: access.AccountKey{System: "okta", ID: "00u2"}, Login: "bob", Kind: access.OktaGroup,
			Entitlement: "00g1", Name: "eng", Risk: access.RiskSensitive, By: "Ada", DecidedAt: nightTime.UTC(), Due: dayOn(9)}
		next.Kept["000002"] = access.Exception{Line: access.Line{File: "review 2026-q1", Row: 2}, ID: "RV-1", Person: access.PersonKey{Source: "employees", EmployeeID: "200"}, System: "okta",
			Scope: "s", Kind: "group", Entitlement: "00g1", Reason: "needed for the release", Ticket: "t", ApprovedBy: "Ada", ApprovedOn: dayOn(2), ExpiresOn: dayOn(31)}
	case 3:
		part.Notices = []access.Notice{{Kind: "review_day7", Recipient: "ada@x.test", Channel: "file", Subject: "2026-q1/w-ada", SentAt: nightTime.UTC(), Result: "written"}}
	}
	_, err = a.RecordCampaign(campaignRun(n, next.Previous), part, next)
	return err
}

// campaignBetween is a folder with a night, the campaign, and, if asked for, a night
// after it.
func campaignBetween(t *testing.T, nightAfter bool) string {
	t.Helper()
	root := archiveOf(t, 1)
	if err := recordCampaign(NewFolder(root), 3); err != nil {
		t.Fatal(err)
	}
	if nightAfter {
		n := fixtureNight(2)
		n.Run.Previous = campaignRun(3, "").ID
		if err := recordNight(NewFolder(root), n); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
