//go:build cgo

package evidence

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/reports/archive"
	"rollcall/reports/archive/storetest"
	"rollcall/reports/audit"
)

var (
	testKey = ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	testPub = testKey.Public().(ed25519.PublicKey)
)

// quarter is a small company's first quarter of 2026, night by night, with some of
// everything: nights that were missed, held, observed, incomplete and failed, people who
// left, a review, exceptions, an order, and names that would like to be more than names.
type quarter struct {
	a    *archive.Archive
	prev access.RunID
}

const (
	nameScript  = "<script>document.title='x'</script>"
	nameFormula = "=cmd|'/c calc'!A1"
	nameFuture  = "Fiona Future"
)

func dayAt(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

// played records the nights from one day to another, both included.
func played(t testing.TB, from, to string) (*audit.Archive, *storetest.Memory) {
	t.Helper()
	store := &storetest.Memory{}
	q := &quarter{a: archive.New(store, testKey)}
	for day := dayAt(from + " 01:00"); !day.After(dayAt(to + " 01:00")); day = day.AddDate(0, 0, 1) {
		switch day.Format(time.DateOnly) {
		case "2026-01-18", "2026-02-07", "2026-02-08":
			continue
		}
		if err := q.night(day); err != nil {
			t.Fatal(err)
		}
		if day.Format(time.DateOnly) == "2026-03-04" {
			if err := q.review(day); err != nil {
				t.Fatal(err)
			}
		}
	}
	return reopened(t, store), store
}

func reopened(t testing.TB, store archive.Store) *audit.Archive {
	t.Helper()
	a, err := audit.Open(store, nil, testPub)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (q *quarter) night(at time.Time) error {
	n := nightOf(at)
	n.Run.Previous = q.prev
	s, err := q.a.Begin(n.Run)
	if err != nil {
		return err
	}
	if err := s.Facts(n); err != nil {
		return err
	}
	q.prev = n.Run.ID
	next, err := q.a.Memory(nil)
	if err != nil {
		return err
	}
	next.Previous = n.Run.ID
	return s.Finish(n, next)
}

func nightOf(at time.Time) *access.Night {
	n := &access.Night{Run: access.Run{ID: access.RunID(at.Format("20060102T150405Z") + "-a"), StartedAt: at, FinishedAt: at.Add(4 * time.Minute),
		Mode: access.Enforce, Trigger: "nightly", ToolVersion: "v1", Verdict: "done", Actor: "ci@host"},
		Policy: policyOf(), Endings: map[access.AccountKey]access.Ending{}}
	okta, aws := access.Judged{Observation: oktaOf(at)}, access.Judged{Observation: awsOf(at)}
	for i, l := range left {
		n.People = append(n.People, l.person(i, at))
		l.fill(n, &okta, &aws, i, at)
	}
	for i, name := range staying {
		p := access.Person{Identity: access.Identity{Source: "employees", EmployeeID: access.EmployeeID(fmt.Sprint(200 + i)), Name: name, Title: "Engineer", Status: access.StatusActive}, Standing: access.StandingActive}
		if name == nameFuture {
			p.Standing, p.AccessEndsAt = access.StandingScheduled, dayAt("2026-05-01 17:00")
		}
		n.People = append(n.People, p)
		account := access.Account{System: "okta", ID: access.AccountID(fmt.Sprintf("00s%02d", i)), Kind: access.OktaUser, Login: fmt.Sprintf("person%d@x.test", i), Status: access.AccountActive, UsageKnown: true, LastUsedAt: at.Add(-time.Hour)}
		rights := []uint32{0}
		if i < 3+int(at.Month()) {
			rights = append(rights, 1)
		}
		if i < 2 || i == 2 && at.Before(dayAt("2026-03-10 00:00")) {
			rights = append(rights, 2)
		}
		add(&okta, account, p.Key(), rights)
	}
	for _, j := range []*access.Judged{&okta, &aws} {
		j.Reads[0].Records = len(j.Accounts)
		j.Tonight = uint16(at.Unix() / 86400)
	}
	n.Systems = []access.Judged{okta, aws}
	exceptionsOf(n)
	special(n, at)
	return n
}

func oktaOf(at time.Time) access.Observation {
	return access.Observation{System: "okta", Entitlements: []access.Entitlement{
		{System: "okta", Kind: access.OktaGroup, ID: "00g0", Name: "All staff"}, {System: "okta", Kind: access.OktaGroup, ID: "00g1", Name: "Payroll"},
		{System: "okta", Kind: access.OktaAdminRole, ID: "ADMIN", Name: "Organization administrator", Privileged: true}},
		Reads: []access.Read{{System: "okta", Kind: "users", Complete: true, Lists: true, ClaimedTotal: -1, StartedAt: at, FinishedAt: at},
			{System: "okta", Kind: "groups", Complete: true, Records: 2, ClaimedTotal: -1, StartedAt: at, FinishedAt: at}}}
}

func awsOf(at time.Time) access.Observation {
	return access.Observation{System: "aws", Entitlements: []access.Entitlement{{System: "aws", Scope: "111122223333", Kind: access.PermissionSet, ID: "ps-1", Name: "PowerUser"}},
		Reads: []access.Read{{System: "aws", Kind: "sso_users", Complete: true, Lists: true, ClaimedTotal: -1, StartedAt: at, FinishedAt: at}}}
}

func policyOf() access.Policy {
	rule := func(row int, system, kind, name string, risk access.Risk) access.Rule {
		return access.Rule{Line: access.Line{File: "rolemap.csv", Row: row}, Role: "Engineer", System: system, Kind: kind, Entitlement: name, Requirement: access.Allowed, Risk: risk, ApprovedBy: "CTO", ApprovedOn: access.Day{At: dayAt("2025-06-01 00:00")}}
	}
	exception := func(row int, id, person, last string) access.Exception {
		return access.Exception{Line: access.Line{File: "exceptions.csv", Row: row}, ID: id, Person: access.PersonKey{Source: "employees", EmployeeID: access.EmployeeID(person)}, System: "okta", Kind: "group",
			Entitlement: "Payroll", Reason: "audit season", Ticket: "T-" + id, ApprovedBy: "CFO", ExpiresOn: access.Day{At: dayAt(last + " 00:00")}}
	}
	return access.Policy{RoleMap: access.RoleMap{Rules: []access.Rule{rule(2, "okta", "group", "All staff", access.RiskStandard), rule(3, "okta", "group", "Payroll", access.RiskSensitive),
		rule(4, "okta", "admin_role", "Organization administrator", access.RiskPrivileged), rule(5, "aws", "permission_set", "PowerUser", access.RiskPrivileged)}},
		Exceptions: []access.Exception{exception(2, "EX-1", "200", "2026-02-28"), exception(3, "EX-2", "201", "2026-06-30")}}
}

// exceptionsOf gives two Payroll rights to exceptions, one of which has ended.
func exceptionsOf(n *access.Night) {
	okta := &n.Systems[0]
	for x, kind := range []access.FindingKind{access.ExpiredException, access.Excepted} {
		if x == 0 && n.Run.StartedAt.Before(dayAt("2026-03-01 00:00")) {
			kind = access.Excepted
		}
		account := access.AccountKey{System: "okta", ID: access.AccountID(fmt.Sprintf("00s%02d", x))}
		for g, grant := range okta.Grants {
			if okta.Accounts[grant.Account].ID != account.ID || grant.Entitlement != 1 {
				continue
			}
			okta.Verdicts[g] = access.ByException(int32(x+1), kind == access.ExpiredException)
			n.Findings = append(n.Findings, access.Finding{ID: fmt.Sprintf("f-ex%d-%s", x, kind), Kind: kind, Severity: "medium", Disposition: access.ToReview, Account: account,
				Person: access.PersonKey{Source: "employees", EmployeeID: access.EmployeeID(fmt.Sprint(200 + x))}, EntitlementKind: access.OktaGroup, EntitlementID: "00g1", Entitlement: "Payroll",
				Reason: "an exception", Cites: fmt.Sprintf("exceptions.csv row %d", x+2), FirstSeen: access.Day{At: n.Run.StartedAt.Truncate(24 * time.Hour)}})
		}
	}
}

// special makes of some nights what they are remembered for.
func special(n *access.Night, at time.Time) {
	action := func(id string) access.Action {
		return access.Action{ID: id, Stage: access.Block, Verb: access.OktaSuspend, Person: access.PersonKey{Source: "employees", EmployeeID: "107"}, Account: access.AccountKey{System: "okta", ID: "okta-07"}, Reason: "left"}
	}
	switch day := at.Format(time.DateOnly); {
	case day < "2026-01-04":
		n.Run.Mode = access.Observe
	case day == "2026-02-20":
		n.Run.Verdict, n.Run.ExitCode = "incomplete", 4
		n.Systems[0].Reads[1].Complete, n.Systems[0].Reads[1].Gap = false, "page 3 of groups: 500 from Okta, five times"
	case day == "2026-03-03":
		n.Run.Verdict, n.Run.ExitCode = "held", 3
		n.Plan = access.Plan{RunID: n.Run.ID, CreatedAt: at, Held: []access.Held{{Action: action("h1"), Guard: "blast_radius"}, {Action: action("h2"), Guard: "blast_radius"}}}
	case day == "2026-03-12":
		n.Run.Verdict, n.Run.ExitCode = "failed", 5
		n.Outcomes = []access.Outcome{{Action: action("x1"), Result: access.Failed, Detail: "500 from Okta", PlannedAt: at, SentAt: at}}
	case day == "2026-03-04":
		stakes := []access.Stake{{Account: access.AccountKey{System: "okta", ID: "okta-07"}, Stage: access.Block}}
		n.Approvals = []access.ApprovalVerdict{{GivenApproval: access.GivenApproval{File: "approvals/ap-1.json", SHA256: strings.Repeat("a", 64), Approval: access.Approval{ID: "ap-1", Guard: "blast_radius", Scope: "okta",
			Cohort: stakes, CohortSHA256: access.CohortDigest(stakes), Count: 2, By: "Sven Berg", Reason: "a team was closed, HR confirmed it", CreatedAt: at, ExpiresAt: at.Add(72 * time.Hour)}}, Counts: true, SpentAt: at}}
	}
}

// review is a campaign of one worksheet: two rows kept, one to be removed, one open.
func (q *quarter) review(night time.Time) error {
	lena := access.PersonKey{Source: "employees", EmployeeID: "200"}
	at := night.Add(8 * time.Hour)
	c := access.Campaign{ID: "2026-q1", Title: "First quarter", OpenedAt: at, OpenedBy: "ann@host", Due: access.Day{At: dayAt("2026-03-18 00:00")}, Night: q.prev, SeenAt: night, Rows: 4}
	sheet := access.Sheet{ID: "w-lena", Reviewer: lena, ReviewerName: "Lena Park", ReviewerMail: "lena@x.test", Because: "manager", SHA256: strings.Repeat("b", 64), Revision: 1, IssuedAt: at}
	for i := range 4 {
		sheet.Rows = append(sheet.Rows, access.Issued{ID: fmt.Sprintf("r%d", i), Worksheet: "w-lena", Duty: access.DutyManager, MAC: "m", Cells: []string{"c"}, Item: access.Item{RowID: fmt.Sprintf("i%d", i), System: "okta",
			Person:  access.Person{Identity: access.Identity{Source: "employees", EmployeeID: access.EmployeeID(fmt.Sprint(202 + i)), Name: staying[2+i]}, Standing: access.StandingActive},
			Account: access.Account{System: "okta", ID: access.AccountID(fmt.Sprintf("00s%02d", 2+i)), Login: "p"}, Kind: access.OktaGroup, EntitlementID: "00g0", Entitlement: "All staff", Risk: access.RiskStandard}})
	}
	next, err := q.a.Memory(nil)
	if err != nil {
		return err
	}
	next.Campaigns = map[access.CampaignID]access.Campaign{c.ID: {ID: c.ID}}
	run := access.Run{ID: access.RunID(at.Format("20060102T150405Z") + "-c"), StartedAt: at, FinishedAt: at.Add(time.Minute), Mode: access.Observe, Trigger: "review open", Verdict: "done", Previous: q.prev, Actor: "ann@host"}
	q.prev = run.ID
	if _, err := q.a.RecordCampaign(run, access.CampaignRecord{Campaign: c, Sheets: []access.Sheet{sheet}}, next); err != nil {
		return err
	}
	return q.answers(c, at)
}

func (q *quarter) answers(c access.Campaign, opened time.Time) error {
	at := opened.AddDate(0, 0, 5).Add(-7 * time.Hour)
	sum, err := q.a.PutInput([]byte("returned"))
	if err != nil {
		return err
	}
	part := access.CampaignRecord{Campaign: c, Files: []access.ReturnedFile{{Sheet: "w-lena", File: "back.xlsx", SHA256: sum, Revision: 1, Channel: "file", ReceivedAt: at, Rows: 4, Counted: 3}}}
	for i, choice := range []access.Choice{access.ChooseKeep, access.ChooseKeep, access.ChooseRemove} {
		part.Decisions = append(part.Decisions, access.Decision{Campaign: c.ID, RowID: fmt.Sprintf("r%d", i), Worksheet: "w-lena", WorksheetSHA256: sum, Revision: 1, Reviewer: access.PersonKey{Source: "employees", EmployeeID: "200"},
			ReviewerName: "Lena Park", Choice: choice, Reason: "seen with the team", ReceivedAt: at})
	}
	next, err := q.a.Memory(nil)
	if err != nil {
		return err
	}
	run := access.Run{ID: access.RunID(opened.Add(time.Hour).Format("20060102T150405Z") + "-c"), StartedAt: opened.Add(time.Hour), FinishedAt: opened.Add(2 * time.Hour), Mode: access.Observe, Trigger: "review import", Verdict: "done", Previous: q.prev, Actor: "ann@host"}
	q.prev = run.ID
	_, err = q.a.RecordCampaign(run, part, next)
	return err
}
