package archive

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // an independent reader
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// ask runs one query with the tables of an archive as views, as an auditor
// would, and gives the answer as text.
func ask(t *testing.T, root, query string) []string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	known := tables()
	maps.Copy(known, campaignTables())
	for table := range known {
		if _, err := os.Stat(filepath.Join(root, table)); err != nil {
			continue // no run wrote it
		}
		view := fmt.Sprintf(`CREATE VIEW %s AS SELECT * FROM read_parquet('%s', hive_partitioning = true)`,
			table, filepath.Join(root, table, "*", "*", "*.parquet"))
		if _, err := db.Exec(view); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	}
	answer, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = answer.Close() }()
	var lines []string
	for answer.Next() {
		lines = append(lines, scan(t, answer))
	}
	if err := answer.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func scan(t *testing.T, rows *sql.Rows) string {
	t.Helper()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	cells := make([]sql.NullString, len(columns))
	into := make([]any, len(cells))
	for i := range cells {
		into[i] = &cells[i]
	}
	if err := rows.Scan(into...); err != nil {
		t.Fatal(err)
	}
	var line []string
	for _, c := range cells {
		if !c.Valid {
			c.String = "NULL"
		}
		line = append(line, c.String)
	}
	return strings.Join(line, "|")
}

func TestDuckDBSeesTheColumnsAndTypesOfTheContract(t *testing.T) {
	root := archiveOf(t, 1)
	for table, columns := range tables() {
		var want []string
		for _, column := range columns {
			want = append(want, column+"|"+duckType(table, column))
		}
		want = append(want, "date|DATE", "run|VARCHAR")
		got := ask(t, root, "SELECT column_name, column_type FROM (DESCRIBE "+table+")")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", table, diff)
		}
	}
}

func duckType(table, column string) string {
	switch column {
	case "complete", "direct", "expected", "privileged", "undoable", "lists", "counted", "usage_known", "self", "admin_unread", "editable", "credential", "ruled", "denies":
		return "BOOLEAN"
	case "requests", "pages", "records", "claimed_total", "roster_row", "line", "exit_code", "revision", "rows", "count", "answers", "peers_have", "peers_all", "tier":
		return "BIGINT"
	case "first_seen_on", "due_on", "since_on", "last_decided_on", "until_on":
		return "DATE"
	}
	if strings.HasSuffix(column, "_at") || table == "identities" && column == "access_ends_at" {
		return "TIMESTAMP WITH TIME ZONE"
	}
	return "VARCHAR"
}

func TestDuckDBReadsEveryRowAcrossNights(t *testing.T) {
	root := archiveOf(t, 2)
	for table, want := range map[string]string{
		"runs": "1", "reads": "3", "identities": "2", "accounts": "4", "entitlements": "6", "grants": "6",
		"findings": "2", "actions": "4", "rules": "2", "exceptions": "1", "nonhuman": "1", "endings": "1", "events": "2", "worksheets": "2", "approvals": "2",
	} {
		got := ask(t, root, "SELECT date, run = run_id, count(*) FROM "+table+" GROUP BY ALL ORDER BY ALL")
		if diff := cmp.Diff([]string{"2026-03-02T00:00:00Z|true|" + want, "2026-03-03T00:00:00Z|true|" + want}, got); diff != "" {
			t.Errorf("%s: %s", table, diff)
		}
	}
}

func TestDuckDBAnswersFromTheArchive(t *testing.T) {
	root := archiveOf(t, 1)
	for name, c := range map[string]struct {
		query string
		want  []string
	}{
		"who reaches an AWS account, since when, on whose word": {
			`SELECT login, kind, entitlement, expected, cites, first_seen_on::VARCHAR, last_used_at FROM grants WHERE scope = '123456789012' ORDER BY ALL`,
			[]string{"ada|permission_set|Admin|true|rolemap.csv row 3|2026-03-02|NULL", "ci|access_key|AKIA1|false||2026-03-02|NULL"},
		},
		"people as they stood": {
			`SELECT employee_id, status, start_date, end_date, access_ends_at AT TIME ZONE 'UTC' = '2026-02-28 17:00:00', problem, kind FROM identities ORDER BY 1`,
			[]string{"100|active|2024-01-01||NULL||person", "200|left||2026-02-28T17:00:00Z|true|caf\uFFFD|person"},
		},
		"what a leaver's account underwent": {
			`SELECT verb, outcome, before->>'status', (verified_at - sent_at)::VARCHAR FROM actions WHERE action_id = 'a1'`,
			[]string{"suspend|done|ACTIVE|00:00:01"},
		},
		"the clocks of a leaver": {
			`SELECT employee_id, system, account_id, (blocked_verified_at - access_ends_at)::VARCHAR, removing_at, (removed_verified_at - blocked_verified_at)::VARCHAR FROM endings`,
			[]string{"200|okta|00u2|1 day 08:31:00.123|NULL|7 days"},
		},
		"the log's own word on a block, and on who used the account": {
			`SELECT e.event_type, a.verb, e.request_id = a.request_id, e.says, e.client, e.raw->>'uuid' FROM events e LEFT JOIN actions a ON (a.action_id, a.run_id) = (e.action_id, e.action_run_id) ORDER BY 1`,
			[]string{"user.authentication.sso|NULL|NULL|opened the application Wiki|203.0.113.7|e1", "user.lifecycle.suspend|suspend|true|||e2"},
		},
		"findings say where the right applies": {
			`SELECT finding_id, scope, entitlement, cites, first_seen_on::VARCHAR FROM findings ORDER BY 1`,
			[]string{"f1|123456789012|Admin||NULL", "f2|||roster.csv row 3|2026-03-01"},
		},
		"the run": {
			`SELECT epoch_ms(started_at), verdict, exit_code, length(roster_sha256), length(plan_sha256), actor FROM runs`,
			[]string{fmt.Sprint(fixtureNight(1).Run.StartedAt.UnixMilli()) + "|held|3|64|64|ci@host"},
		},
		"grants join their accounts and entitlements": {
			`SELECT count(*), count(a.status), count(e.name) FROM grants g LEFT JOIN accounts a USING (run_id, system, account_id) LEFT JOIN entitlements e ON (e.run_id, e.system, e.scope, e.kind, e.entitlement_id) = (g.run_id, g.system, g.scope, g.kind, g.entitlement_id)`,
			[]string{"6|6|6"},
		},
		"who was asked": {
			`SELECT reviewer, rows, length(worksheet_sha256) FROM worksheets ORDER BY 1`,
			[]string{"employees/100|2|0", "owner@x.test|3|64"},
		},
	} {
		if diff := cmp.Diff(c.want, ask(t, root, c.query)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestATableWithoutRowsIsReadableAsWell(t *testing.T) {
	root := t.TempDir()
	n := fixtureNight(1)
	n.Inputs, n.Policy, n.Rosters, n.People, n.Systems, n.Findings = nil, access.Policy{}, nil, nil, nil, nil
	n.Plan, n.Outcomes, n.Events, n.Endings, n.Worksheets, n.Approvals = access.Plan{}, nil, nil, nil, nil, nil
	if err := recordAs(New(NewFolder(root), testKey), n, access.Memory{}); err != nil {
		t.Fatal(err)
	}
	if r := mustVerify(t, root); r.Rows != 1 {
		t.Errorf("%d rows beside the run's", r.Rows)
	}
	for table := range tables() {
		want := "0"
		if table == "runs" {
			want = "1"
		}
		if got := ask(t, root, "SELECT count(*) FROM "+table); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v", table, got)
		}
	}
}
