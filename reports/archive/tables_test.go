package archive

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

// contract is the list of the columns that readers rely on, in order
// (the design's section on the archive). Columns may be added at the end.
const contract = `
runs: run_id, started_at, finished_at, mode, trigger, tool_version, config_sha256, roster_sha256, rolemap_sha256, plan_sha256, verdict, exit_code, previous_run_id, actor, policy_unread
reads: run_id, system, scope, kind, complete, gap, requests, pages, records, claimed_total, started_at, finished_at, sha256, caller, lists
identities: run_id, source, employee_id, email, name, title, department, manager_id, worker_type, status, start_date, end_date, last_working_day, timezone, access_ends_at, kind, roster_row, first_seen_left_at, problem, standing, same_as
accounts: run_id, system, scope, account_id, login, email, status, kind, source, employee_id, match, privileged, mfa, created_at, last_used_at, candidates, name, hr_id, scope_name, vendor_status, upstream, usage_known, read, self, admin_unread
entitlements: run_id, system, scope, kind, entitlement_id, name, risk, owner, meaning, created_at, scope_name, privileged, read, editable, credential, ruled, denies
grants: run_id, system, scope, account_id, login, source, employee_id, kind, entitlement_id, entitlement, via, direct, expected, cites, approved_by, risk, last_used_at, first_seen_on, account_scope, via_id, via_scope
findings: run_id, finding_id, kind, severity, disposition, source, employee_id, system, scope, account_id, login, entitlement_kind, entitlement_id, entitlement, reason, cites, first_seen_on
actions: run_id, action_id, finding_id, stage, verb, source, employee_id, system, scope, account_id, entitlement_kind, entitlement_id, reason, outcome, detail, request_id, planned_at, sent_at, verified_at, before, undoable, approval_id, actor, account_scope, ticket, ordered_by
rules: run_id, file, line, role, title, department, worker_type, system, scope, kind, entitlement, requirement, risk, owner, meaning, approved_by, approved_on, expires_on
exceptions: run_id, file, line, id, source, employee_id, system, scope, kind, entitlement, reason, ticket, approved_by, approved_on, expires_on
nonhuman: run_id, file, line, system, scope, account, kind, owner_id, purpose, review_by
approvals: run_id, approval_id, guard, cohort_sha256, count, approved_by, reason, expires_at, spent_at, scope, created_at, plan_sha256, file, file_sha256, counted, detail
events: run_id, event_id, system, scope, account_id, action_id, event_type, outcome, actor, client, published_at, request_id, raw, action_run_id, says
endings: run_id, source, employee_id, system, scope, account_id, access_ends_at, first_seen_left_at, blocked_verified_at, removing_at, removed_verified_at
worksheets: run_id, campaign_id, worksheet_sha256, revision, reviewer, rows, issued_at, received_at, channel, sender, worksheet_id, reviewer_source, reviewer_employee_id, reviewer_name, reviewer_email, manager_email, because, delegate_source, delegate_employee_id, delegate_name, delegate_email, passed_from, due_on, file, answers, refused, problems, signed_by
`

// tables gives the contract by table.
func tables() map[string][]string { return tablesOf(contract) }

func tablesOf(contract string) map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(strings.TrimSpace(contract)) {
		table, columns, _ := strings.Cut(strings.TrimSpace(line), ": ")
		all[table] = strings.Split(columns, ", ")
	}
	return all
}

func tablePath(root, table string, night int) string {
	return filepath.Join(root, table, "date=2026-03-0"+string(rune('1'+night)), "run="+string(runID(night)), "part-00000.parquet")
}

func readTable[T any](t *testing.T, root, table string) []T {
	t.Helper()
	rows, err := parquet.ReadFile[T](tablePath(root, table, 1))
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return rows
}

func TestTablesHaveTheColumnsOfTheContractInOrder(t *testing.T) {
	root := archiveOf(t, 1)
	for table, want := range tables() {
		b, err := os.ReadFile(tablePath(root, table, 1))
		if err != nil {
			t.Fatal(err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		var got []string
		for _, column := range f.Schema().Columns() {
			got = append(got, strings.Join(column, "."))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has %v", table, got)
		}
		if version, _ := f.Lookup("rollcall.schema"); version != schemaVersion {
			t.Errorf("%s has schema %q", table, version)
		}
	}
}

func TestTheSameNightIsTheSameBytes(t *testing.T) {
	one, two := archiveOf(t, 2), archiveOf(t, 2)
	names, err := NewFolder(one).List("")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		a, err := os.ReadFile(filepath.Join(one, name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(two, name))
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs: %v", name, err)
		}
	}
}

func TestTheOrderInWhichANightIsHandedOverDoesNotShow(t *testing.T) {
	rows := func(n *access.Night) []GrantRow { return grantRows(t, n) }
	n, turned := fixtureNight(1), fixtureNight(1)
	slices.Reverse(turned.Systems)
	for i := range turned.Systems {
		slices.Reverse(turned.Systems[i].Grants)
		slices.Reverse(turned.Systems[i].Verdicts)
		slices.Reverse(turned.Systems[i].Seen)
	}
	if got, want := rows(turned), rows(n); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	slices.Reverse(turned.People)
	if !slices.Equal(slices.Collect(identityRows("r", turned.People)), slices.Collect(identityRows("r", n.People))) {
		t.Error("people are written in the order in which they came")
	}
}

func TestGrantsAreSortedByPersonAndCiteWhatTheyRestOn(t *testing.T) {
	type short struct{ System, Employee, Account, Kind, ID, Via, Cites, By, Risk, Scope string }
	var got []short
	for _, g := range readTable[GrantRow](t, archiveOf(t, 1), "grants") {
		got = append(got, short{g.System, g.EmployeeID, g.AccountID, g.Kind, g.EntitlementID, g.Via, g.Cites, g.ApprovedBy, g.Risk, g.Scope})
	}
	want := []short{
		{"aws", "", "AIDA1", "access_key", "AKIA1", "", "", "", "", "123456789012"},
		{"aws", "100", "9067-1", "permission_set", "ps-1", "", "rolemap.csv row 3", "", "standard", "123456789012"},
		{"okta", "100", "00u1", "admin_role", "SUPER_ADMIN", "", "", "", "privileged", ""},
		{"okta", "100", "00u1", "app", "0oa1", "group eng", "rolemap.csv row 2", "CTO", "", ""},
		{"okta", "100", "00u1", "group", "00g1", "", "rolemap.csv row 2", "CTO", "sensitive", ""},
		{"okta", "200", "00u2", "group", "00g2", "", "exceptions.csv row 3", "CFO", "", ""},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
}

func TestWhenARightWasMadeIsKeptAndAbsentWhereNobodySays(t *testing.T) {
	root := archiveOf(t, 1)
	made := map[string]time.Time{}
	for _, e := range readTable[EntitlementRow](t, root, "entitlements") {
		if !e.CreatedAt.IsZero() {
			made[e.EntitlementID] = e.CreatedAt
		}
	}
	if want := fixtureNight(1).Run.StartedAt.AddDate(0, 0, -200); len(made) != 1 || !made["AKIA1"].Equal(want) {
		t.Errorf("made %v, want AKIA1 at %s and nothing else", made, want)
	}
	type older struct { // as rollcalls before this column wrote and read it
		EntitlementID string `parquet:"entitlement_id"`
		Name          string `parquet:"name"`
	}
	if rows := readTable[older](t, root, "entitlements"); len(rows) != 6 || rows[0].EntitlementID == "" {
		t.Errorf("who does not know the column reads %v", rows)
	}
}

func TestAnActionSaysWhereTheRightAppliesElseWhereTheAccountIs(t *testing.T) {
	account := access.AccountKey{System: "aws", Scope: "1", ID: "a"}
	for want, a := range map[string]access.Action{"1": {Account: account}, "2": {Account: account, GrantScope: "2"}} {
		if row := actionRow("r", &a); row.Scope != want {
			t.Errorf("scope %q, want %q", row.Scope, want)
		}
	}
}

// grantRows are the rows of the table of grants, read back.
func grantRows(t *testing.T, n *access.Night) []GrantRow {
	t.Helper()
	var file bytes.Buffer
	written, err := WriteGrants(&file, n)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := parquet.Read[GrantRow](bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil || int64(len(rows)) != written {
		t.Fatalf("of %d rows %d are read back: %v", written, len(rows), err)
	}
	return rows
}

func TestALoopOfCarriersEnds(t *testing.T) {
	n := fixtureNight(1)
	j := &n.Systems[0]
	j.Grants = []access.Grant{{Account: 0, Entitlement: 0, Carrier: 2}, {Account: 0, Entitlement: 1, Carrier: 1}}
	j.Verdicts, j.Seen = make([]access.Verdict, 2), nil
	for _, row := range grantRows(t, n) {
		if row.System == "okta" && row.Cites != "" {
			t.Errorf("a grant that rests on nothing cites %q", row.Cites)
		}
	}
}

func TestManyGrantsAreWrittenInBatchesAndAllArrive(t *testing.T) {
	n := fixtureNight(1)
	j := &n.Systems[0]
	const many = 3*batch + 7
	j.Grants, j.Verdicts, j.Seen = make([]access.Grant, many), make([]access.Verdict, many), nil
	for i := range j.Grants {
		j.Grants[i].LastUsed = uint32(many - i)
	}
	var file bytes.Buffer
	written, err := WriteGrants(&file, n)
	if err != nil || written != many+2 {
		t.Fatalf("%d rows: %v", written, err)
	}
	rows, err := parquet.Read[GrantRow](bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil || len(rows) != many+2 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for i, row := range rows[2:] {
		if row.LastUsedAt.Unix() != int64(i+1) {
			t.Fatalf("row %d was last used at %v", i, row.LastUsedAt)
		}
	}
}

func TestEveryActionIsRecordedOnceWithWhatBecameOfIt(t *testing.T) {
	got := map[string]string{}
	for _, a := range readTable[ActionRow](t, archiveOf(t, 1), "actions") {
		got[a.ActionID] += a.Outcome + ": " + a.Detail
	}
	want := map[string]string{
		"a0": "unknown: found in the journal of run 20260228-dead",
		"a1": "done: ",
		"a2": "skipped: not attempted in this run",
		"a3": "skipped: held by guard irreversible",
	}
	for id, says := range want {
		if got[id] != says {
			t.Errorf("%s is %q", id, got[id])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
}

func TestUnknownTimesAreNullAndKnownOnesAreUTC(t *testing.T) {
	rows := readTable[AccountRow](t, archiveOf(t, 1), "accounts")
	var bob AccountRow
	for _, r := range rows {
		if r.AccountID == "00u2" {
			bob = r
		}
	}
	if !bob.CreatedAt.IsZero() {
		t.Errorf("created at %v", bob.CreatedAt)
	}
	if want := fixtureNight(1).Run.StartedAt.Add(-time.Hour); !bob.LastUsedAt.Equal(want) {
		t.Errorf("last used at %v, want %v", bob.LastUsedAt, want)
	}
}

func TestSeveralRostersAreNamedInTheOrderOfTheirSources(t *testing.T) {
	of := func(source access.Source, sum string) access.RosterVerdict {
		return access.RosterVerdict{Source: source, InForce: access.AcceptedRoster{SHA256: sum}}
	}
	if got := rosterDigests([]access.RosterVerdict{of("b", "2"), of("c", ""), of("a", "1")}); got != "1 2" {
		t.Errorf("%q", got)
	}
}
