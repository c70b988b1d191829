package main

import (
	"fmt"
	"time"

	"rollcall/internal/access"
	"rollcall/reports"
)

var (
	night = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	since = access.Day{At: time.Date(2025, 3, 4, 0, 0, 0, 0, time.UTC)}
)

const rights = 400 // that there are in all

// campaign is one about a company in which each reviewer has ten people, and a tenth
// of the rows is flagged. A quarter of the rows was not in the campaign before.
func campaign(reviewers, rows int) (reports.CampaignBook, []access.Sheet) {
	n := &access.Night{Run: access.Run{ID: "20261124T020000Z-1", StartedAt: night}, Systems: []access.Judged{{Observation: access.Observation{System: "okta"}}}}
	okta := &n.Systems[0]
	okta.Reads = []access.Read{{System: "okta", Kind: "users", Complete: true}, {System: "okta", Kind: "groups", Complete: true}}
	for i := range rights {
		okta.Entitlements = append(okta.Entitlements, access.Entitlement{System: "okta", Kind: access.OktaGroup, ID: fmt.Sprintf("00g%017d", i), Name: fmt.Sprintf("engineering-%d", i)})
		n.Policy.RoleMap.Rules = append(n.Policy.RoleMap.Rules, access.Rule{Role: fmt.Sprintf("Engineer %d", i), Owner: "Otto Owner"})
	}
	last := &access.CampaignRecord{Campaign: access.Campaign{ID: "2026-q3", OpenedAt: night.AddDate(0, -3, 0)}}
	sheets := make([]access.Sheet, reviewers)
	for s := range sheets {
		sheets[s] = sheet(n, s, rows)
		before := sheets[s]
		before.Rows = append([]access.Issued(nil), before.Rows[rows/4:]...)
		last.Sheets = append(last.Sheets, before)
	}
	c := access.Campaign{ID: "2026-q4", Title: "Fourth quarter 2026", Reason: "each quarter", Approver: "Cora Compliance", OpenedAt: night, Due: access.Day{At: night.AddDate(0, 0, 14)}, Night: n.Run.ID, SeenAt: night, Rows: reviewers * rows}
	return reports.CampaignBook{Campaign: c, Night: n, Last: last, Key: make([]byte, 32)}, sheets
}

func sheet(n *access.Night, s, rows int) access.Sheet {
	key := access.PersonKey{Source: "employees", EmployeeID: access.EmployeeID(fmt.Sprintf("M%06d", s))}
	out := access.Sheet{ID: fmt.Sprintf("access-review_2026-q4_reviewer-%d_1", s), Reviewer: key, ReviewerName: fmt.Sprintf("Reviewer Number%d", s), Because: "You manage these people", Revision: 1, IssuedAt: night}
	for r := range rows {
		out.Rows = append(out.Rows, row(n, s, r, r*10/rows))
	}
	return out
}

// row is one right of the reviewer's person number p, which the night has too.
func row(n *access.Night, s, r, p int) access.Issued {
	id := access.EmployeeID(fmt.Sprintf("E%06d", s*10+p))
	who := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: id, Name: fmt.Sprintf("Person Number%d", s*10+p), Title: fmt.Sprintf("Title %d", p), Department: fmt.Sprintf("Department %d", s%90), WorkerType: "Employee"}, Standing: access.StandingActive}
	acc := access.Account{System: "okta", ID: access.AccountID(fmt.Sprintf("00u%017d", s*10+p)), Login: fmt.Sprintf("person.number%d@example.com", s*10+p), Status: access.AccountActive}
	okta := &n.Systems[0]
	if len(okta.Accounts) <= s*10+p {
		n.People, okta.Accounts, okta.Matches = append(n.People, who), append(okta.Accounts, acc), append(okta.Matches, access.Match{How: access.MatchedHRID, Person: who.Key()})
	}
	e := (s*7 + r) % rights
	okta.Grants, okta.Verdicts = append(okta.Grants, access.Grant{Account: uint32(len(okta.Accounts) - 1), Entitlement: uint32(e)}), append(okta.Verdicts, access.Verdict{By: int32(e + 1)})
	item := access.Item{RowID: fmt.Sprintf("r-%d-%d", s, r), Person: who, Account: acc, ManagerName: fmt.Sprintf("Reviewer Number%d", s), System: "okta", Kind: access.OktaGroup, EntitlementID: okta.Entitlements[e].ID, Entitlement: okta.Entitlements[e].Name,
		Meaning: fmt.Sprintf("Read and write what team %d has in the source code", e), Risk: access.RiskStandard, HowHeld: fmt.Sprintf("Role map: Engineer %d (rolemap.csv row %d)", e, e+2), Since: since, ApprovedBy: "Otto Owner", ApprovalRef: "T-100",
		LastUsedAt: night.AddDate(0, 0, -r), UsageKnown: true, PeersHave: 8, PeersAll: 9}
	if r%10 == 0 {
		item.FindingID, item.Why, item.Suggested, item.SuggestedWhy = "f", "No rule of the role map gives an Engineer this, and only 1 of 9 with the same role has it", "Remove", "no rule asks for it"
	}
	return access.Issued{ID: fmt.Sprintf("c-%d-%d", s, r), Duty: access.DutyManager, SinceLast: access.RowSame, Item: item,
		Last: access.LastDecision{Campaign: "2026-q3", Choice: access.ChooseKeep, By: fmt.Sprintf("Reviewer Number%d", s), On: since}}
}
