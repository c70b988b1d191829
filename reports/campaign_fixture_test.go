package reports

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"rollcall/internal/access"
)

var (
	mara = access.PersonKey{Source: "employees", EmployeeID: "0010001"}
	otto = access.PersonKey{Source: "employees", EmployeeID: "0010009"}
)

// testCampaign is a campaign about testNight with one of everything, and the sheets
// of two reviewers.
func testCampaign() (CampaignBook, []access.Sheet) {
	n := testNight()
	n.People[2].ManagerID = mara.EmployeeID
	okta := &n.Systems[0] // which still has what the second row is about
	okta.Accounts, okta.Matches = append(okta.Accounts, account("okta", "", "00ur02", "c")), append(okta.Matches, access.Match{How: access.MatchedHRID})
	okta.Entitlements = append(okta.Entitlements, access.Entitlement{System: "okta", Kind: access.OktaGroup, ID: "00g2"})
	okta.Grants, okta.Verdicts = append(okta.Grants, access.Grant{Account: 2, Entitlement: 2}), append(okta.Verdicts, access.Verdict{})
	n.Endings = map[access.AccountKey]access.Ending{}
	for _, e := range []access.Ending{
		{Account: access.AccountKey{System: "okta", ID: "00u50"}, Person: n.People[2].Key(), BlockedAt: at("2026-11-21 02:11"), RemovedAt: at("2026-11-22 02:11")},
		{Account: access.AccountKey{System: "aws", Scope: "123456789012", ID: "AIDA51"}, Person: n.People[2].Key()},
	} {
		n.Endings[e.Account] = e
	}
	c := access.Campaign{ID: "2026-q4", Title: "Fourth quarter 2026", Reason: "SOC 2 asks for a review of access in each quarter", Approver: "Cora Compliance", ApproverMail: "cora@example.com",
		OpenedAt: at("2026-11-23 08:00"), OpenedBy: "ops@night", Due: dayOf("2026-12-07"), Night: n.Run.ID, SeenAt: at("2026-11-23 02:01"), Rows: 12,
		Books: []access.Balance{{What: "grants of okta", Total: 14, Parts: []access.BalancePart{{Name: "issued", Count: 12}, {Name: "excluded: its owner has left, and it is being removed", Count: 2}}}}}
	sheet := func(id string, key access.PersonKey, name string, rows []access.Issued) access.Sheet {
		return access.Sheet{ID: id, Reviewer: key, ReviewerName: name, Because: "You manage these people", Rows: rows, Revision: 1, IssuedAt: c.OpenedAt}
	}
	items := testItems(n.People)
	items[7].Meaning = "Write mail\u00a0 in the name of the team"
	var rows []access.Issued
	for i, item := range items {
		rows = append(rows, access.Issued{ID: "c" + strconv.Itoa(i+1), Duty: access.DutyManager, SinceLast: access.RowSame, Item: item,
			Last: access.LastDecision{Campaign: "2026-q3", Choice: access.ChooseKeep, By: "=Mara Boss", On: dayOf("2026-08-12")}})
	}
	rows[0].SinceLast, rows[0].Last = access.RowNew, access.LastDecision{}
	rows[1].SinceLast = access.RowChanged
	own := slices.Clone(rows[:2])
	own[0].ID, own[0].Duty, own[1].ID, own[1].Duty = "c11", access.DutyOwner, "c12", access.DutyOwner
	sheets := []access.Sheet{sheet("access-review_2026-q4_mara-boss_1", mara, "Mara Boss", rows),
		sheet("access-review_2026-q4_otto-owner_1", otto, "Otto <b>Owner</b>", own)}
	sheets[1].Because, sheets[1].DelegateName, sheets[1].From = "You own okta", "Dana Delegate", "access-review_2026-q4_x_1"
	return CampaignBook{Campaign: c, Night: n, Last: testLast(items), Key: []byte("0123456789abcdef0123456789abcdef")}, sheets
}

// testLast is the campaign before: it had the second of these rows with another risk,
// one of an account that is still there without the right, and one of a leaver.
func testLast(items []access.Item) *access.CampaignRecord {
	was := items[1]
	was.Risk = access.RiskStandard
	gone, left := items[7], items[7]
	gone.RowID, gone.Kind, gone.EntitlementID, gone.Entitlement, gone.Account.ID = "r90", access.OktaGroup, "00g90", "Vault", "00u1"
	left.RowID, left.Person, left.Account.ID = "r91", testPeople()[3], "00u51"
	last := &access.CampaignRecord{Campaign: access.Campaign{ID: "2026-q3", OpenedAt: at("2026-08-03 08:00")},
		Sheets: []access.Sheet{{ID: "x", Reviewer: mara, Rows: []access.Issued{{ID: "b1", Item: was}, {ID: "b2", Item: gone}, {ID: "b3", Item: left}, {ID: "b4", Item: items[5]}}}},
		Decisions: []access.Decision{{RowID: "b2", Choice: access.ChooseKeep, ReviewerName: "Mara Boss", ReceivedAt: at("2026-08-10 10:00")},
			{RowID: "b2", Choice: access.ChooseRemove, ReviewerName: "Mara Boss", ReceivedAt: at("2026-08-12 10:00")}}}
	s := &sheet{night: testNight(), columns: campaignColumns, issued: last.Sheets[0].Rows}
	for i := range s.issued {
		s.issued[i].Cells = campaignColumns.lockedCells(s.row(&s.issued[i]))
	}
	return last
}

// issue writes the test campaign, and gives it with its sheets as prepared.
func issue(t *testing.T) (dir string, issued []access.Sheet, prepared []*sheet) {
	t.Helper()
	book, sheets := testCampaign()
	dir = filepath.Join(t.TempDir(), "campaign")
	if err := WriteCampaign(dir, book, sheets); err != nil {
		t.Fatal(err)
	}
	w := newCampaignWriter(book, sheets)
	for i := range sheets {
		prepared = append(prepared, w.sheet(&sheets[i]))
	}
	return dir, sheets, prepared
}
