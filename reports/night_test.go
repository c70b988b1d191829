package reports

import (
	"strings"
	"time"

	"rollcall/internal/access"
)

// Names that somebody could put into an HR list or a directory.
const (
	nameFormula = `=cmd|'/c calc'!A1`
	nameScript  = `<script>alert(1)</script>`
	namePipes   = `|pipe| ::error::x`
	nameRTL     = "\u202eشيرين عبادي"
	nameCJK     = "山田 太郎"
	nameControl = "Ann\x00\x1b[31m Lee\x07"
)

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func dayOf(s string) access.Day {
	d, err := access.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func person(id, name, title string, standing access.Standing) access.Person {
	return access.Person{Identity: access.Identity{Source: "employees", EmployeeID: access.EmployeeID(id), Name: name, Title: title,
		Department: "Engineering", Email: "p" + id + "@example.com", WorkerType: "Employee", Status: access.StatusActive}, Standing: standing}
}

// testPeople are, by index: 0 and 1 active, 2 and 3 left, 4 leaves later, 5 on
// garden leave, 6 on leave, 7 held, 8 and 9 active.
func testPeople() []access.Person {
	all := []access.Person{
		person("0010442", nameFormula, "Engineer", access.StandingActive),
		person("0010443", nameCJK, "Engineer", access.StandingActive),
		person("0010500", nameScript, "Engineer", access.StandingLeft),
		person("0010501", nameControl, "Analyst", access.StandingLeft),
		person("0010600", "Zelda Leaves-Later", "Engineer", access.StandingScheduled),
		person("0010601", "Gwen Gardener", "Director", access.StandingGarden),
		person("0010602", "Paula Parental", "Engineer", access.StandingActive),
		person("0010603", "Hector Held", "Engineer", access.StandingHeld),
		person("0010444", namePipes, "Engineer", access.StandingActive),
		person("0010445", nameRTL, "Engineer", access.StandingActive),
	}
	for _, i := range []int{2, 3} {
		all[i].Status, all[i].EndDate = access.StatusLeft, dayOf("2026-11-20")
		all[i].AccessEndsAt, all[i].FirstSeenLeftAt = at("2026-11-20 23:00"), at("2026-11-21 02:00")
	}
	all[4].EndDate, all[4].LastWorkingDay, all[4].AccessEndsAt = dayOf("2026-12-24"), dayOf("2026-12-18"), at("2026-12-18 23:00")
	all[5].Status, all[5].EndDate, all[5].AccessEndsAt = access.StatusGardenLeave, dayOf("2027-01-31"), at("2027-01-31 23:00")
	all[6].Status = access.StatusLeave
	return all
}

func account(system access.System, scope, id, login string) access.Account {
	return access.Account{System: system, Scope: scope, ID: access.AccountID(id), Login: login, Status: access.AccountActive, UsageKnown: true}
}

func testItems(p []access.Person) []access.Item {
	base := access.Item{ManagerName: "Mara Boss", System: "okta", Kind: access.OktaGroup, Risk: access.RiskStandard, UsageKnown: true,
		HowHeld: "Role map: Engineer (rolemap.csv row 12)", PeersHave: 11, PeersAll: 12, ApprovedBy: "Otto Owner", ApprovalRef: "T-100", Since: dayOf("2025-03-04")}
	item := func(row string, who access.Person, change func(*access.Item)) access.Item {
		i := base
		i.RowID, i.Person = row, who
		i.Account = account("okta", "", "00u"+row, who.Email)
		change(&i)
		return i
	}
	return []access.Item{
		item("r01", p[0], func(i *access.Item) {
			i.FindingID, i.FindingKind, i.Why = "f01", access.UnexpectedGrant, "No rule of the role map gives an Engineer this, and only 1 of 12 with the same role has it"
			i.Kind, i.EntitlementID, i.Entitlement, i.Meaning = access.OktaAdminRole, "role1", "Super Administrator", "Change or delete every account and setting of Okta"
			i.Risk, i.HowHeld, i.LastUsedAt = access.RiskPrivileged, "Direct", at("2026-07-03 10:00")
			i.Suggested, i.SuggestedWhy, i.PeersHave = "Remove", "not used in 142 days, and no rule asks for it", 1
			i.ApprovedBy, i.ApprovalRef = "", ""
		}),
		item("r02", p[0], func(i *access.Item) {
			i.FindingID, i.FindingKind, i.Why = "f02", access.UnexpectedGrant, "+1 from outside the role map"
			i.EntitlementID, i.Entitlement, i.Meaning = "00g2", "=HYPERLINK(\"https://evil.example\")", "@SUM(1+1)"
			i.Risk, i.UsageKnown, i.Carries = access.RiskSensitive, false, []string{"app Payroll", "-2+3", "=1+1"}
		}),
		item("r03", p[4], func(i *access.Item) {
			i.FindingID, i.FindingKind, i.Why = "f03", access.UnexpectedGrant, "leaves on 2026-12-18 and has this beyond the role map"
			i.EntitlementID, i.Entitlement, i.Meaning = "00g3", "Build machines", "Start and stop the build machines"
			i.LastUsedAt = at("2026-11-20 09:00")
		}),
		item("r04", p[6], func(i *access.Item) {
			i.FindingID, i.FindingKind, i.Why = "f04", access.UnexpectedGrant, "on parental leave and has this beyond the role map"
			i.EntitlementID, i.Entitlement, i.Meaning = "00g3", "Build machines", "Start and stop the build machines"
		}),
		item("r05", p[7], func(i *access.Item) {
			i.FindingID, i.FindingKind, i.Why = "f05", access.HeldPerson, "status “Sick note” is new to us"
			i.EntitlementID, i.Entitlement = "00g4", "Wiki"
		}),
		item("r06", access.Person{}, func(i *access.Item) {
			i.FindingID, i.FindingKind, i.Why = "f06", access.OrphanAccount, "Nobody in HR's lists matches this account"
			i.System, i.Scope, i.ScopeName, i.Kind, i.ManagerName = "aws", "123456789012", "production", "", ""
			i.Account = account("aws", "123456789012", "AIDA1", "\t=deploy-bot")
			i.PeersAll, i.HowHeld, i.Since = 0, "", access.Day{}
		}),
		item("r07", p[5], func(i *access.Item) { i.EntitlementID, i.Entitlement = "00g5", "＝full width" }),
		item("r08", p[1], func(i *access.Item) {
			i.EntitlementID, i.Entitlement, i.Meaning = "00g6", "Mail", strings.Repeat("漢", 32768)
			i.LastUsedAt = at("2026-11-22 23:59")
		}),
		item("r09", p[8], func(i *access.Item) {
			i.EntitlementID, i.Entitlement, i.Meaning = "00g7", "Chat", "Write to everybody;=1+1\r\nand read, \"=2+2\""
			i.LastUsedAt = at("2026-10-08 00:00")
		}),
		item("r10", p[9], func(i *access.Item) {
			i.EntitlementID, i.Entitlement, i.Meaning = "00g8", "Calendar _x003D_1", "\u200b\ufeff =1+1"
			i.LastUsedAt = at("2026-10-09 00:00")
		}),
	}
}

func testAction(id string, p access.Person, system access.System, scope, account string, verb access.Verb) access.Action {
	return access.Action{ID: id, FindingID: "f-" + id, Stage: access.Block, Verb: verb, Person: p.Key(), Login: p.Email,
		Account: access.AccountKey{System: system, Scope: scope, ID: access.AccountID(account)}, Reason: "left on 2026-11-20"}
}

func testPlan(p []access.Person) (access.Plan, []access.Outcome) {
	suspend, sessions := testAction("a1", p[2], "okta", "", "00u50", access.OktaSuspend), testAction("a2", p[2], "okta", "", "00u50", access.OktaClearSessions)
	deny, key := testAction("a3", p[3], "aws", "123456789012", "AIDA51", access.IAMDeny), testAction("a4", p[3], "okta", "", "00u51", access.OktaSuspend)
	garden, held := testAction("a5", p[5], "okta", "", "00u61", access.OktaSuspend), testAction("a6", p[3], "aws", "123456789012", "AIDA52", access.IAMDeny)
	plan := access.Plan{RunID: "run-1", CreatedAt: at("2026-11-23 02:10"), Actions: []access.Action{suspend, sessions, deny, key, garden},
		Held: []access.Held{{Action: held, Guard: "blast_radius"}},
		Trips: []access.GuardError{{Guard: "blast_radius", Scope: "aws", Says: "6 accounts would be blocked for the first time tonight, the limit is 5",
			Mend: "look at the list of leavers in the report with HR; if it is right, approve it", Count: 6, Limit: 5, Approvable: true,
			Cohort: []access.AccountKey{held.Account}, Stakes: []access.Stake{{Account: held.Account, Stage: access.Block}}}},
		Behind: []access.GuardError{{Guard: "concentration", Scope: "department R&D; it's new", Says: "6 of the 6 people who would be blocked tonight share department R&D", Mend: "ask HR",
			Count: 6, Limit: 5, Approvable: true, Cohort: []access.AccountKey{held.Account}, Stakes: []access.Stake{{Account: held.Account, Stage: access.Block}}}}}
	return plan, []access.Outcome{
		{Action: suspend, Result: access.Done, SentAt: at("2026-11-23 02:11"), VerifiedAt: at("2026-11-23 02:11")},
		{Action: sessions, Result: access.Done, VerifiedAt: at("2026-11-23 02:12"), Detail: "an AWS session may live until 2026-11-23 14:12 UTC"},
		{Action: deny, Result: access.Failed, Detail: "AccessDenied: <b>not</b> authorised | iam:PutUserPolicy"},
		{Action: key, Result: access.Unknown, Detail: "the answer was lost", AdoptedFrom: "run-0"},
		{Action: garden, Result: access.Failed, Detail: "Gwen Gardener is still active"},
	}
}

// testApprovals are one that counted, one that did not, and one that nobody signed.
func testApprovals() []access.ApprovalVerdict {
	of := func(id, scope, reason string) access.GivenApproval {
		return access.GivenApproval{File: "approvals/" + id + ".json", Approval: access.Approval{ID: id, Guard: "blast_radius", Scope: scope, Count: 9, By: "Sam Sure", Reason: reason,
			CreatedAt: at("2026-11-22 16:00"), ExpiresAt: at("2026-11-25 16:00")}}
	}
	forged := of("ap-3", "okta", "believe me")
	forged.Unproven = "its signature does not fit: it was changed after it was signed; write it anew"
	return []access.ApprovalVerdict{
		{GivenApproval: of("ap-1", "okta", "the office in Ghent is closed"), Counts: true, Accounts: 9, Says: "it releases 18 actions on 9 accounts", SpentAt: at("2026-11-23 02:10")},
		{GivenApproval: of("ap-2", "aws", "Gwen Gardener goes too"), Says: "it expired on 2026-11-22 20:00 UTC"},
		{GivenApproval: forged, Says: forged.Unproven},
	}
}

func testFindings(p []access.Person) []access.Finding {
	orphan := access.AccountKey{System: "aws", Scope: "123456789012", ID: "AIDA1"}
	return []access.Finding{
		{ID: "f01", Kind: access.UnexpectedGrant, Severity: "high", Disposition: access.ToReview, Person: p[0].Key()},
		{ID: "f02", Kind: access.UnexpectedGrant, Severity: "medium", Disposition: access.ToReview, Person: p[0].Key()},
		{ID: "f06", Kind: access.OrphanAccount, Severity: "medium", Disposition: access.ToReview, Account: orphan},
		{ID: "f10", Kind: access.LeaverAccess, Severity: "critical", Disposition: access.ToRevoke, Person: p[2].Key(),
			Account: access.AccountKey{System: "okta", ID: "00u50"}, Reason: "left on 2026-11-20"},
		{ID: "f11", Kind: access.UsedAfterExit, Severity: "critical", Disposition: access.ToUrgent, Person: p[3].Key(), Login: p[3].Email,
			Account: access.AccountKey{System: "okta", ID: "00u51"}, Reason: "The account was used on 2026-11-22, after the end", Cites: "employees.csv row 88"},
		{ID: "f12", Kind: access.ProtectedLeaver, Severity: "high", Disposition: access.ToHold, Person: p[5].Key(),
			Account: access.AccountKey{System: "okta", ID: "00u62"}, Reason: "Gwen Gardener is on garden leave, and the account is protected"},
		{ID: "f13", Kind: access.LeaverAccess, Severity: "high", Disposition: access.ToRevoke, Person: p[2].Key(), Login: "script@example.com",
			Account: access.AccountKey{System: "aws", Scope: "999999999999", ID: "AIDA99"}, Reason: "the read of aws/999999999999 was not complete"},
	}
}

func testContacts() []access.Contact {
	return []access.Contact{
		{System: "", Responsibility: "security", Name: "Sam Security", BusinessHours: "+49 30 1234", AfterHours: "+49 170 999", Hours: "9-17", TimeZone: "Europe/Berlin"},
		{System: "okta", Responsibility: "on_call", Name: "IT desk", BusinessHours: "it@example.com", AfterHours: "page it-oncall"},
		{System: "okta", Responsibility: "owner", Name: "Otto Owner", BusinessHours: "otto@example.com"},
		{System: "", Responsibility: "hr", Name: nameFormula, BusinessHours: "hr@example.com"},
		{System: "sap", Responsibility: "owner", Name: "Not asked", BusinessHours: "x"},
	}
}

func testRosters() []access.RosterVerdict {
	inForce := access.AcceptedRoster{Source: "contractors", SHA256: strings.Repeat("a", 64), Original: strings.Repeat("b", 64),
		AsOf: at("2026-11-20 00:00"), AcceptedAt: at("2026-11-21 02:00"), Rows: 412}
	refused := access.RosterVerdict{Source: "contractors", File: "contractors.csv", Received: 301, InForce: inForce,
		Refusal: &access.GuardError{Guard: "roster", Scope: "contractors", Approvable: true, Says: "412 people last time, 301 today (-27 %)",
			Mend: "check the filter of the report; if it is right, approve it", Count: 111, Limit: 21},
		Problems: []access.Problem{
			{Severity: access.Stop, File: "contractors.csv", Says: "There are 27 % fewer rows", Mend: "Check the filter of the report."},
			{Severity: access.Hold, File: "contractors.csv", Row: 12, Column: "Status", Value: "Sick note", Says: "Status “Sick note” of Paula Parental is new to us.",
				Meanwhile: "Nothing of hers was changed.", Mend: "Use one of Active, Leave, Left."},
			{Severity: access.Hold, File: "contractors.csv", Row: 9, Column: "Employee ID", Value: "1.23E+05", Says: "Excel changed the ID.", Mend: "Format the column as Text."},
		}}
	for row := 20; row < 45; row++ {
		refused.Problems = append(refused.Problems, access.Problem{Severity: access.Note, File: "contractors.csv", Row: row, Column: "End date",
			Value: "2026-12-18", Says: "Zelda Leaves-Later leaves on 2026-12-18."})
	}
	accepted := inForce
	accepted.Source, accepted.Rows = "employees", 10
	return []access.RosterVerdict{{Source: "employees", File: "employees.csv", Accepted: true, Received: 10, InForce: accepted}, refused}
}

func testSystems() []access.Judged {
	okta := access.Judged{Observation: access.Observation{System: "okta",
		Accounts:     []access.Account{account("okta", "", "00u1", "a"), account("okta", "", "00u2", "b")},
		Entitlements: []access.Entitlement{{System: "okta", Kind: access.OktaGroup, ID: "00g6", Name: "Mail"}, {System: "okta", Kind: access.OktaGroup, ID: "00g7", Name: "Chat"}},
		Grants:       []access.Grant{{Account: 0, Entitlement: 0}, {Account: 1, Entitlement: 0}, {Account: 0, Entitlement: 1}},
		Reads: []access.Read{{System: "okta", Kind: "users", Complete: true, Requests: 3, Pages: 3, Records: 412, ClaimedTotal: -1,
			StartedAt: at("2026-11-23 02:00"), FinishedAt: at("2026-11-23 02:01"), SHA256: strings.Repeat("c", 64), Caller: "0oa1"}},
		Notes: []string{"Zelda Leaves-Later has an invalid time zone: the later cut-off counts"}},
		Matches:  []access.Match{{How: access.MatchedHRID}, {How: access.MatchedEmail}},
		Verdicts: []access.Verdict{{By: 2}, {By: 1}, {By: 1}}}
	aws := access.Judged{Observation: access.Observation{System: "aws",
		Accounts: []access.Account{account("aws", "123456789012", "AIDA1", "\t=deploy-bot")},
		Reads: []access.Read{
			{System: "aws", Scope: "123456789012", Kind: "iam", Complete: true, Requests: 9, Pages: 9, Records: 77, ClaimedTotal: 77, SHA256: strings.Repeat("d", 64), Caller: "arn:aws:iam::123456789012:role/rollcall"},
			{System: "aws", Scope: "999999999999", Kind: "iam", Gap: "403 on iam:ListUsers", ClaimedTotal: -1},
		}},
		Matches: []access.Match{{How: access.MatchedNonHuman, NonHuman: 0}}}
	return []access.Judged{okta, aws}
}

// testNight is a night with one of everything, names meant to do harm
// included.
func testNight() *access.Night {
	p := testPeople()
	items := testItems(p)
	plan, outcomes := testPlan(p)
	return &access.Night{
		Run: access.Run{ID: "20261123T020000Z-1", StartedAt: at("2026-11-23 02:00"), FinishedAt: at("2026-11-23 02:20"), Mode: access.Enforce, Trigger: "nightly",
			ToolVersion: "1.0.0", ConfigSHA256: strings.Repeat("e", 64), Verdict: "failed", ExitCode: 5, Previous: "20261122T020000Z-1", Actor: "rollcall@night"},
		Inputs: []access.Input{{Name: "rolemap", File: "rolemap.csv", SHA256: strings.Repeat("f", 64)}},
		Policy: access.Policy{Contacts: testContacts(),
			NonHuman: []access.NonHuman{{System: "aws", Account: "AIDA1", Kind: access.KindService, Purpose: "deploys"}},
			RoleMap: access.RoleMap{Rules: []access.Rule{
				{Role: "Everybody", Owner: "Ida IT"}, {Role: "Engineer", Owner: "=Owner()"}}}},
		Rosters: testRosters(), People: p, Systems: testSystems(), Findings: testFindings(p), Plan: plan, Outcomes: outcomes, Approvals: testApprovals(),
		Worksheets: []access.Worksheet{
			{Reviewer: access.PersonKey{Source: "employees", EmployeeID: "0010001"}, ReviewerName: "Mara Boss", ReviewerMail: "mara@example.com", Because: "manager", Items: items},
			{ReviewerName: "Mara  Boss", ReviewerMail: "mara2@example.com", Because: "owner of okta: the account is nobody's", Items: items[5:6]},
			{Reviewer: access.PersonKey{Source: "employees", EmployeeID: "0010002"}, ReviewerName: nameCJK, Because: "manager", Items: items[8:]},
		},
		Problems: []access.Problem{{Severity: access.Hold, File: "exceptions.csv", Row: 4, Column: "approved_by", Says: "Nobody approved this line.", Mend: "Add who approved it."}},
		Balances: []access.Balance{
			{What: "accounts of okta", Total: 2, Parts: []access.BalancePart{{Name: "matched", Count: 2}, {Name: "unmatched", Count: 0}}},
			{What: "grants of |okta|", Total: 4, Parts: []access.BalancePart{{Name: "issued", Count: 3}}}},
		Notes: []string{"the first night of exceptions.csv"},
	}
}
