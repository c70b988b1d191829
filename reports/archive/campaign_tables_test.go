package archive

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

// campaignContract is what contract is, of the tables that only campaigns fill.
const campaignContract = `
items: run_id, campaign_id, worksheet_id, row_id, subject, duty, reviewer, source, employee_id, name, email, title, department, manager_id, manager_name, worker_type, status, standing, end_date, last_working_day, access_ends_at, system, scope, scope_name, account_scope, account_id, account_kind, login, account_email, account_name, account_status, privileged, entitlement_kind, entitlement_id, entitlement, meaning, risk, how_held, since_on, approved_by, approval_ref, last_used_at, usage_known, peers_have, peers_all, finding_id, finding_kind, why, suggested, suggested_why, carries, since_last, last_campaign_id, last_decision, last_decided_by, last_decided_on, mac, cells
decisions: run_id, campaign_id, row_id, worksheet_sha256, revision, reviewer, source, employee_id, system, scope, account_id, entitlement_id, suggested, decision, decision_reason, change_to, received_at, worksheet_id, subject, account_scope, entitlement_kind, reviewer_source, reviewer_employee_id, reviewer_name, sender, pass_to, comment, until_on
notices: run_id, kind, recipient, channel, subject_id, sent_at, result, campaign_id, audience, urgency, purpose, tier, delivery_id, receipt
`

func campaignTables() map[string][]string { return tablesOf(campaignContract) }

func TestDuckDBSeesTheColumnsAndTypesOfACampaign(t *testing.T) {
	root := campaignBetween(t, true)
	known := campaignTables()
	known["worksheets"] = tables()["worksheets"]
	for table, columns := range known {
		var want []string
		for _, column := range columns {
			want = append(want, column+"|"+duckType(table, column))
		}
		want = append(want, "date|DATE", "run|VARCHAR")
		if diff := gocmp.Diff(want, ask(t, root, "SELECT column_name, column_type FROM (DESCRIBE "+table+")")); diff != "" {
			t.Errorf("%s: %s", table, diff)
		}
	}
}

func TestDuckDBAnswersWhatAuditorsAskOfACampaign(t *testing.T) {
	root := campaignBetween(t, true)
	for name, c := range map[string]struct {
		query string
		want  []string
	}{
		"what was she shown, and what did she decide": {
			`SELECT i.name, i.entitlement, i.cells::JSON->>1, d.decision, d.decision_reason, d.reviewer_name, d.until_on::VARCHAR, d.change_to, d.pass_to, d.comment FROM items i JOIN decisions d USING (campaign_id, worksheet_id, row_id) WHERE d.decision = 'validate'`,
			[]string{"Bob Ng|=eng|'=eng|validate|needed for the release|Ada|2026-03-31|c|p|m"},
		},
		"a decision says by itself what it is about": {
			`SELECT row_id, source, employee_id, system, scope, account_id, entitlement_kind, entitlement_id, subject, reviewer, suggested, length(worksheet_sha256) FROM decisions ORDER BY 1`,
			[]string{"000002|employees|200|okta|123456789012|00u2|group|00g1|r-9|employees/100|Remove|64", "000003|||okta||00u9|||r-3|||0"},
		},
		"issued, answered, and what came back": {
			`SELECT worksheet_id, reviewer, rows, answers, issued_at IS NULL, received_at IS NULL, due_on::VARCHAR, file, nullif(refused, '')->>'says', json_array_length(nullif(problems, '')) FROM worksheets WHERE campaign_id <> '' ORDER BY received_at NULLS FIRST, 1`,
			[]string{"owner-okta|okta@x.test|1|0|false|true|2026-03-16||NULL|NULL", "w-ada|employees/100|2|0|false|true|2026-03-16||NULL|NULL",
				"||0|0|true|false|NULL|old.xls|it is an old workbook|NULL", "w-ada|employees/100|2|1|true|false|NULL|back.csv|NULL|1"},
		},
		"a night's worksheets are of no campaign": {`SELECT count(*), count(issued_at) FROM worksheets WHERE campaign_id = ''`, []string{"4|4"}},
		"who was told": {`SELECT kind, recipient, subject_id, campaign_id, result FROM notices`, []string{"review_day7|ada@x.test|2026-q1/w-ada|2026-q1|written"}},
		"the runs":     {`SELECT trigger, count(*), min(verdict) FROM runs GROUP BY 1 ORDER BY 1`, []string{"nightly|2|held", "review import|1|done", "review open|1|done", "review remind|1|done"}},
	} {
		if diff := gocmp.Diff(c.want, ask(t, root, c.query)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// bigCampaign is 100,000 rows for 2,000 reviewers.
func bigCampaign() []access.Sheet {
	model := fixtureSheets()[0]
	sheets := make([]access.Sheet, 2000)
	for n := range sheets {
		w := model
		w.ID, w.Reviewer.EmployeeID = fmt.Sprintf("access-review_2026-q1_reviewer-%04d_1", n), access.EmployeeID(fmt.Sprintf("E%05d", n))
		w.SHA256 = access.Digest([]byte(w.ID))
		w.Rows = make([]access.Issued, 50)
		for i := range w.Rows {
			r := model.Rows[0]
			r.ID, r.Worksheet, r.MAC = fmt.Sprintf("k%06d", n*50+i), w.ID, access.Digest([]byte{byte(n), byte(n >> 8), byte(i)})[:32]
			r.Item.RowID = access.Digest([]byte(r.ID))[:16]
			r.Item.Person.EmployeeID, r.Item.Person.Name = access.EmployeeID(fmt.Sprintf("P%05d", n*5+i/10)), fmt.Sprintf("Person %d", n*5+i/10)
			r.Item.Account.ID, r.Item.EntitlementID = access.AccountID(fmt.Sprintf("00u%07d", n*5+i/10)), fmt.Sprintf("00g%04d", i%10*50+n%50)
			r.Cells = make([]string, 26)
			for c := range r.Cells {
				r.Cells[c] = fmt.Sprintf("what the reviewer is shown %d", (n*7+i*c)%400)
			}
			w.Rows[i] = r
		}
		sheets[n] = w
	}
	return sheets
}

func BenchmarkCampaign(b *testing.B) {
	sheets := bigCampaign()
	var decisions []access.Decision
	for _, w := range sheets {
		for _, r := range w.Rows {
			decisions = append(decisions, access.Decision{Campaign: "2026-q1", RowID: r.ID, Worksheet: w.ID, Reviewer: w.Reviewer, Choice: access.ChooseKeep, Reason: "needed for the release", ReceivedAt: nightTime})
		}
	}
	for b.Loop() {
		root := b.TempDir()
		a := New(NewFolder(root), testKey)
		if err := record(NewFolder(root), 1); err != nil {
			b.Fatal(err)
		}
		took := map[string]time.Duration{}
		timed := func(what string, do func() error) {
			start := time.Now()
			if err := do(); err != nil {
				b.Fatal(err)
			}
			took[what] = time.Since(start)
		}
		c := fixtureCampaign()
		timed("open", func() error {
			_, err := a.RecordCampaign(campaignRun(1, runID(1)), access.CampaignRecord{Campaign: c, Sheets: sheets}, access.Memory{})
			return err
		})
		m, err := a.Memory(nil)
		if err != nil {
			b.Fatal(err)
		}
		timed("answers", func() error {
			_, err := a.RecordCampaign(campaignRun(2, m.Previous), access.CampaignRecord{Campaign: c, Decisions: decisions}, m)
			return err
		})
		if m, err = a.Memory(nil); err != nil {
			b.Fatal(err)
		}
		timed("read", func() error {
			r, err := a.Campaign(m.Campaigns[c.ID])
			if err == nil && (len(r.Sheets) != len(sheets) || len(r.Decisions) != len(decisions)) {
				err = fmt.Errorf("%d sheets, %d decisions", len(r.Sheets), len(r.Decisions))
			}
			return err
		})
		timed("why", func() error {
			_, _, err := a.ReviewsOf([]access.PersonKey{{Source: "employees", EmployeeID: "P00042"}})
			return err
		})
		for _, what := range slices.Sorted(maps.Keys(took)) {
			b.ReportMetric(took[what].Seconds(), "s/"+what)
		}
		size := bytesOnDisk(b, root, "items", "worksheets", "decisions")
		b.ReportMetric(float64(size)/1e5, "bytes/row")
	}
}

// bytesOnDisk is how large the tables of a campaign's runs are together.
func bytesOnDisk(b *testing.B, root string, tables ...string) int {
	b.Helper()
	size := 0
	for _, table := range tables {
		files, err := filepath.Glob(filepath.Join(root, table, "*", "run=*-c", "*.parquet"))
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range files {
			info, err := os.Stat(f)
			if err != nil {
				b.Fatal(err)
			}
			size += int(info.Size())
		}
	}
	return size
}

func TestTheOrderInWhichACampaignIsHandedOverDoesNotShow(t *testing.T) {
	bytesOf := func(sheets []access.Sheet) []byte {
		var b bytes.Buffer
		if _, err := writeRows(&b, "items", itemRows("r", "c", sheets)); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	turned := fixtureSheets()
	slices.Reverse(turned)
	if !bytes.Equal(bytesOf(fixtureSheets()), bytesOf(turned)) {
		t.Error("items are written in the order in which the worksheets came")
	}
	var got []string
	rows, err := parquet.Read[ItemRow](bytes.NewReader(bytesOf(turned)), int64(len(bytesOf(turned))))
	for _, r := range rows {
		got = append(got, r.RowID)
	}
	if err != nil || !slices.Equal(got, []string{"000003", "000002", "000001"}) { // in a worksheet as they were issued
		t.Errorf("%q %v", got, err)
	}
}
