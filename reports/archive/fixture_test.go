package archive

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rollcall/internal/access"
)

var (
	testKey   = ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	testPub   = testKey.Public().(ed25519.PublicKey)
	nightTime = time.Date(2026, 3, 1, 23, 30, 0, 123_000_000, time.FixedZone("east", -2*60*60)) // 2 March in UTC
)

const rosterText = "employee_id,name\n100,Ada\n200,Bob\n"

func runID(night int) access.RunID { return access.RunID(fmt.Sprintf("20260302T01300%dZ-a", night)) }

func previous(night int) access.RunID {
	if night == 1 {
		return ""
	}
	return runID(night - 1)
}

// fixtureNight is a night with something in every table.
func fixtureNight(night int) *access.Night {
	start := nightTime.AddDate(0, 0, night-1)
	ada, bob := access.PersonKey{Source: "employees", EmployeeID: "100"}, access.PersonKey{Source: "employees", EmployeeID: "200"}
	n := &access.Night{
		Run: access.Run{
			ID: runID(night), StartedAt: start, FinishedAt: start.Add(time.Hour), Mode: access.Enforce, Trigger: "nightly",
			ToolVersion: "v1", ConfigSHA256: access.Digest([]byte("config")), Verdict: "held", ExitCode: 3, Previous: previous(night), Actor: "ci@host",
		},
		Inputs: []access.Input{
			{Name: "roster:employees", File: "roster.csv", SHA256: access.Digest([]byte(rosterText))},
			{Name: "rolemap", File: "rolemap.csv", SHA256: access.Digest([]byte("rolemap"))},
			{Name: "contacts", File: "contacts.csv"},
		},
		Policy: fixturePolicy(bob),
		Rosters: []access.RosterVerdict{{
			Source: "employees", File: "roster.csv", Accepted: true, Received: 2,
			InForce: access.AcceptedRoster{Source: "employees", SHA256: access.Digest([]byte(rosterText)), Rows: 2},
		}},
		People: []access.Person{
			{
				Identity: access.Identity{
					Source: "employees", EmployeeID: "200", Name: "Bob", Email: "bob@x.test", Status: access.StatusLeft, Row: 3,
					EndDate: access.Day{At: time.Date(2026, 2, 28, 17, 0, 0, 0, time.UTC), Exact: true}, Problem: "caf\xe9",
				},
				Standing: access.StandingLeft, AccessEndsAt: time.Date(2026, 2, 28, 17, 0, 0, 0, time.UTC), FirstSeenLeftAt: start,
			},
			{Identity: access.Identity{
				Source: "employees", EmployeeID: "100", Name: "Ada", Email: "ada@x.test", Title: "Engineer", Status: access.StatusActive, Row: 2,
				StartDate: access.Day{At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)},
			}, Standing: access.StandingActive},
		},
		Systems: []access.Judged{fixtureOkta(start, ada, bob), fixtureAWS(start, ada)},
		Worksheets: []access.Worksheet{
			{ReviewerName: "Owner", ReviewerMail: "owner@x.test", Items: make([]access.Item, 3)},
			{Reviewer: ada, ReviewerName: "Ada", Items: make([]access.Item, 2)},
		},
	}
	fixtureDecisions(n, bob)
	return n
}

func fixturePolicy(bob access.PersonKey) access.Policy {
	day := access.Day{At: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)}
	return access.Policy{
		RoleMap: access.RoleMap{SHA256: access.Digest([]byte("rolemap")), Rules: []access.Rule{
			{Line: access.Line{File: "rolemap.csv", Row: 2}, Role: "Engineer", Title: "Engineer", System: "okta", Kind: "group",
				Entitlement: "eng", Requirement: access.Required, Risk: access.RiskSensitive, Owner: "100", Meaning: "build servers", ApprovedBy: "CTO", ApprovedOn: day},
			{Line: access.Line{File: "rolemap.csv", Row: 3}, Role: "Anyone", Requirement: access.Allowed, Risk: access.RiskStandard, ExpiresOn: day},
		}},
		Exceptions: []access.Exception{{Line: access.Line{File: "exceptions.csv", Row: 3}, ID: "EX-1", Person: bob, System: "okta",
			Kind: "group", Entitlement: "fin", Reason: "audit", Ticket: "T-1", ApprovedBy: "CFO", ApprovedOn: day, ExpiresOn: day}},
		NonHuman: []access.NonHuman{{Line: access.Line{File: "nonhuman.csv", Row: 2}, System: "aws", Scope: "123456789012",
			Account: "ci", Kind: access.KindService, OwnerID: "100", Purpose: "builds", Review: day}},
	}
}

func fixtureOkta(start time.Time, ada, bob access.PersonKey) access.Judged {
	return access.Judged{
		Observation: access.Observation{
			System: "okta",
			Accounts: []access.Account{
				{System: "okta", ID: "00u2", Kind: access.OktaUser, Login: "bob", Email: "bob@x.test", Status: access.AccountActive, MFA: access.MFAYes, LastUsedAt: start.Add(-time.Hour), UsageKnown: true},
				{System: "okta", ID: "00u1", Kind: access.OktaUser, Login: "ada", Email: "ada@x.test", Status: access.AccountActive, MFA: access.MFAYes, CreatedAt: start.AddDate(-1, 0, 0)},
			},
			Entitlements: []access.Entitlement{
				{System: "okta", Kind: access.OktaGroup, ID: "00g2", Name: "fin", Editable: true},
				{System: "okta", Kind: access.OktaGroup, ID: "00g1", Name: "eng", Editable: true},
				{System: "okta", Kind: access.OktaApp, ID: "0oa1", Name: "Git"},
				{System: "okta", Kind: access.OktaAdminRole, ID: "SUPER_ADMIN", Name: "Super admin", Privileged: true},
			},
			Grants: []access.Grant{
				{Account: 0, Entitlement: 0},             // bob fin, by an exception
				{Account: 1, Entitlement: 2, Carrier: 2}, // ada Git through eng
				{Account: 1, Entitlement: 1},             // ada eng, by a rule
				{Account: 1, Entitlement: 3, LastUsed: uint32(start.Add(-24 * time.Hour).Unix())},
			},
			Reads: []access.Read{
				{System: "okta", Kind: "users", Complete: true, Requests: 2, Pages: 1, Records: 2, ClaimedTotal: -1, StartedAt: start, FinishedAt: start.Add(time.Minute), SHA256: access.Digest([]byte("users")), Caller: "app", Lists: true},
				{System: "okta", Kind: "apps", Complete: true, Requests: 1, ClaimedTotal: 1},
			},
		},
		Matches:  []access.Match{{How: access.MatchedHRID, Person: bob}, {How: access.MatchedEmail, Person: ada}},
		Verdicts: []access.Verdict{access.ByException(1, true), {}, {By: 1}, {}},
		Seen:     []uint16{20_000, 20_100, 20_100, 20_514},
	}
}

func fixtureAWS(start time.Time, ada access.PersonKey) access.Judged {
	return access.Judged{
		Observation: access.Observation{
			System: "aws",
			Accounts: []access.Account{
				{System: "aws", ID: "9067-1", Kind: access.IdentityCenter, Login: "ada", Status: access.AccountActive, Upstream: "okta"},
				{System: "aws", Scope: "123456789012", ID: "AIDA1", Kind: access.IAMUser, Login: "ci", Status: access.AccountActive, MFA: access.MFANotApplicable, Privileged: true},
			},
			Entitlements: []access.Entitlement{
				{System: "aws", Scope: "123456789012", ScopeName: "Production", Kind: access.PermissionSet, ID: "ps-1", Name: "Admin", Privileged: true},
				{System: "aws", Scope: "123456789012", Kind: access.AccessKey, ID: "AKIA1", Name: "AKIA1", Credential: true, CreatedAt: start.AddDate(0, 0, -200)},
			},
			Grants: []access.Grant{{Account: 0, Entitlement: 0}, {Account: 1, Entitlement: 1}},
			Reads:  []access.Read{{System: "aws", Scope: "123456789012", Kind: "iam", Complete: true, StartedAt: start, FinishedAt: start}},
		},
		Matches:  []access.Match{{How: access.MatchedEmail, Person: ada}, {How: access.MatchedNonHuman}},
		Verdicts: []access.Verdict{{By: 2}, {}},
		Tonight:  20_514,
	}
}

func fixtureDecisions(n *access.Night, bob access.PersonKey) {
	account := access.AccountKey{System: "okta", ID: "00u2"}
	n.Findings = []access.Finding{
		{ID: "f2", Kind: access.LeaverAccess, Severity: "critical", Disposition: access.ToRevoke, Person: bob, Account: account, Login: "bob",
			Reason: "Bob left", Cites: "roster.csv row 3", FirstSeen: access.Day{At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}},
		{ID: "f1", Kind: access.UnexpectedGrant, Severity: "high", Disposition: access.ToReview, Account: access.AccountKey{System: "aws", ID: "9067-1"},
			EntitlementKind: access.PermissionSet, EntitlementID: "ps-1", Entitlement: "Admin", GrantScope: "123456789012"},
	}
	action := func(id string, verb access.Verb) access.Action {
		return access.Action{ID: id, FindingID: "f2", Stage: access.Block, Verb: verb, Person: bob, Account: account, Reason: "Bob left", Undoable: true}
	}
	n.Plan = access.Plan{
		RunID: n.Run.ID, CreatedAt: n.Run.StartedAt.Add(time.Minute), Inputs: n.Inputs, SHA256: access.Digest([]byte("plan")),
		Actions: []access.Action{action("a1", access.OktaSuspend), action("a2", access.OktaClearSessions)},
		Held:    []access.Held{{Action: action("a3", access.OktaDeactivate), Guard: "irreversible"}},
	}
	released := action("a1", access.OktaSuspend)
	released.Released = []access.Release{{Approval: "ap-1", Guard: "blast_radius", Scope: "okta"}, {Approval: "ap-2", Guard: "concentration", Scope: "x"}, {Approval: "ap-1", Guard: "blast_radius", Scope: "okta"}}
	cohort := []access.Stake{{Account: account, Stage: access.Block}}
	made := n.Run.StartedAt.Add(-time.Hour)
	n.Approvals = []access.ApprovalVerdict{
		{GivenApproval: access.GivenApproval{File: "approvals/ap-1.json", SHA256: access.Digest([]byte("ap-1")), Approval: access.Approval{ID: "ap-1", Guard: "blast_radius", Scope: "okta", Cohort: cohort,
			CohortSHA256: access.CohortDigest(cohort), Count: 1, By: "Ann", Reason: "caf\xe9", CreatedAt: made, ExpiresAt: made.Add(72 * time.Hour)}},
			Counts: true, Says: "it releases 1 action", SpentAt: n.Run.StartedAt.Add(time.Minute)},
		{GivenApproval: access.GivenApproval{File: "approvals/forged.json", Unproven: "no signature", Approval: access.Approval{ID: "ap-3", Guard: "roster", By: "Eve", Reason: "x", ExpiresAt: made}}, Says: "no signature"},
	}
	n.Endings = map[access.AccountKey]access.Ending{account: {Account: account, Person: bob, BlockedAt: n.Plan.CreatedAt, RemovedAt: n.Plan.CreatedAt.AddDate(0, 0, 7)}}
	n.Outcomes = []access.Outcome{
		{Action: released, Result: access.Done, RequestID: "req", PlannedAt: n.Plan.CreatedAt, SentAt: n.Plan.CreatedAt,
			VerifiedAt: n.Plan.CreatedAt.Add(time.Second), Before: json.RawMessage(`{"status":"ACTIVE"}`), Actor: "revoker"},
		{Action: action("a0", access.OktaSuspend), Result: access.Unknown, AdoptedFrom: "20260228-dead"},
	}
	n.Systems[0].Uses = []access.Event{{ID: "e1", Account: account, Type: "user.authentication.sso", Outcome: "SUCCESS", Says: "opened the application Wiki", Actor: "bob",
		Client: "203.0.113.7", At: n.Plan.CreatedAt, RequestID: "req0", Raw: []byte(`{"uuid":"e1"}`)}}
	n.Events = []access.Evidence{{Event: access.Event{ID: "e2", Account: account, Type: "user.lifecycle.suspend", Outcome: "SUCCESS", Actor: "rollcall", At: n.Plan.CreatedAt.Add(time.Minute),
		RequestID: n.Outcomes[0].RequestID, Raw: []byte(`{"uuid":"e2"}`)}, ActionID: n.Outcomes[0].Action.ID, Run: n.Run.ID}}
}

func fixtureMemory(n *access.Night) access.Memory {
	ada := access.PersonKey{Source: "employees", EmployeeID: "100"}
	at := n.Run.StartedAt.UTC()
	accepted := access.AcceptedRoster{Source: "employees", SHA256: access.Digest([]byte(rosterText)), Original: "o", AcceptedAt: at, Rows: 2, Gone: 1, Approval: "ap-0"}
	account := access.AccountKey{System: "okta", ID: "00u2"}
	return access.Memory{
		Previous:      n.Run.ID,
		Accounts:      map[access.System]int{"okta": 2, "aws": 2},
		Counts:        map[string]access.Counted{"okta/apps": {System: "okta", Kind: "apps", Records: 7, Run: n.Run.ID}, "aws/1/iam": {System: "aws", Scope: "1", Kind: "iam", Lists: true, Records: 2, Run: n.Run.ID}},
		Accepted:      map[access.Source]access.AcceptedRoster{"employees": accepted},
		InForce:       map[access.Source][]access.Identity{"employees": {{Source: "employees", EmployeeID: "100", Name: "Ada"}, {Source: "employees", EmployeeID: "200", Name: "Bob"}}},
		History:       []access.AcceptedRoster{accepted},
		Vanished:      map[access.PersonKey]access.Vanished{{Source: "employees", EmployeeID: "9"}: {Identity: access.Identity{Source: "employees", EmployeeID: "9", StartDate: access.Day{At: at.Truncate(24 * time.Hour)}}, Since: at, Lists: 2}},
		Doubts:        map[access.PersonKey]access.Doubt{ada: {Person: ada, Of: "0123456789abcdef", Since: at}},
		FirstSeenLeft: map[access.PersonKey]time.Time{ada: at},
		Moves:         map[access.PersonKey][]access.Move{ada: {{Title: "Clerk", Department: "Sales", Until: at}}},
		Watched:       map[access.AccountKey]access.Watched{account: {Account: account, Until: at, Seen: []string{"e1"}}},
		Awaited:       []access.Sent{{ActionID: "a1", Run: "run-1", Verb: access.OktaSuspend, Account: account, RequestID: "req1", At: at}},
		GlassUsed:     map[access.AccountKey]time.Time{account: at},
		FirstSeen:     map[string]access.Day{"f1": {At: at.Truncate(24 * time.Hour)}},
		GrantsSeen:    grantsSeen(n),
		Blocked:       map[access.AccountKey]access.BlockRecord{account: {Account: account, Person: ada, At: at, Run: n.Run.ID, Verified: true, Released: []access.Release{{Approval: "ap-1", Guard: "blast_radius", Scope: "okta"}}}},
		Endings:       map[access.AccountKey]access.Ending{account: {Account: account, Person: ada, BlockedAt: at, RemovingAt: at.Add(time.Hour), RemovedAt: at.Add(2 * time.Hour), Verbs: []access.Verb{access.OktaResetFactors}}},
		Orders:        map[access.PersonKey]access.OpenOrder{ada: {Order: access.Order{Person: ada, Reason: "stolen", Ticket: "INC-7", By: "ann@host"}, Run: "run-1", At: at, Interrupted: true, Known: []string{"okta::00u2"}}},
		Residues:      map[string]access.Residue{"f-1": {FindingID: "f-1", Person: ada, Account: account, Kind: access.OktaGroup, Scope: "1", ID: "g", AnnouncedAt: at, DueAt: at.AddDate(0, 0, 30), RemovingAt: at}},
		Campaigns:     map[access.CampaignID]access.Campaign{"2025-q4": {ID: "2025-q4", Title: "Last quarter", Due: access.Day{At: at.Truncate(24 * time.Hour)}, ClosedAt: at}},
		Removals:      map[string]access.Removal{"r-0": {Campaign: "2025-q4", RowID: "r-0", Account: account, Name: "fin", By: "Ada", DecidedAt: at, GoneAt: at, GoneIn: n.Run.ID}},
		Past:          []access.PastNight{{Run: "earlier", At: at, Mode: access.Enforce, Verdict: "held", Reads: 9, Complete: 8, Findings: 7, Urgent: 3, Blocked: 2, Removed: 1, Held: 4}},
		Kept:          map[string]access.Exception{"r-1": {ID: "RV-0", Person: ada, Entitlement: "fin", ApprovedBy: "Ada", ExpiresOn: access.Day{At: at.Truncate(24 * time.Hour)}}},
		Journals:      map[access.RunID]bool{n.Run.ID: true, "20260228-dead": true},
	}
}

func grantsSeen(n *access.Night) map[uint64]uint32 {
	days := map[uint64]uint32{}
	for i := range n.Systems {
		for g := range n.Systems[i].Verdicts {
			days[n.Systems[i].GrantKey(n.Systems[i].Grants[g])] = uint32(n.Systems[i].FirstSeen(g))
		}
	}
	return days
}

// decodeRoster reads rosterText's form.
func decodeRoster(b []byte) ([]access.Identity, error) {
	var rows []access.Identity
	for _, line := range strings.Fields(string(b))[1:] {
		id, name, _ := strings.Cut(line, ",")
		rows = append(rows, access.Identity{Source: "employees", EmployeeID: access.EmployeeID(id), Name: name})
	}
	return rows, nil
}
