package athena

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"rollcall/reports/archive"
	"rollcall/reports/audit"
)

// service is an Athena that answers as it is told, and keeps what was asked.
type service struct {
	mu      sync.Mutex
	states  []string // of each query, one more of them each time it is looked at
	reason  string
	scanned int64
	pages   [][][]any // of the second query: nil is NULL
	types   []string
	counts  map[string]int64 // what it sees of the tables
	loops   bool             // its pages never end

	started []started
	stopped []string
	looked  map[string]int
}

type started struct {
	QueryString         string
	ExecutionParameters []string
	WorkGroup           string
	ResultConfiguration struct{ OutputLocation string }
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var in struct {
		started
		QueryExecutionId, NextToken string
	}
	b, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(b, &in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var out any
	switch action {
	case "StartQueryExecution":
		s.started = append(s.started, in.started)
		out = map[string]any{"QueryExecutionId": fmt.Sprintf("q%d", len(s.started))}
	case "GetQueryExecution":
		n := min(s.looked[in.QueryExecutionId], len(s.states)-1)
		s.looked[in.QueryExecutionId]++
		out = map[string]any{"QueryExecution": map[string]any{"Status": map[string]any{"State": s.states[n], "StateChangeReason": s.reason},
			"Statistics": map[string]any{"DataScannedInBytes": s.scanned}}}
	case "StopQueryExecution":
		s.stopped = append(s.stopped, in.QueryExecutionId)
		out = map[string]any{}
	case "GetQueryResults":
		out = s.results(in.QueryExecutionId, in.NextToken)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(out)
}

func (s *service) results(id, token string) any {
	pages, kinds := s.pages, s.types
	if id == "q1" {
		pages, kinds = [][][]any{{{"table_name", "row_count"}}}, []string{"varchar", "bigint"}
		for table, n := range s.counts {
			pages[0] = append(pages[0], []any{table, fmt.Sprint(n)})
		}
	}
	at := 0
	_, _ = fmt.Sscan(token, &at)
	var rows, columns []any
	for _, row := range pages[at] {
		var data []any
		for _, cell := range row {
			datum := map[string]any{}
			if cell != nil {
				datum["VarCharValue"] = cell
			}
			data = append(data, datum)
		}
		rows = append(rows, map[string]any{"Data": data})
	}
	for i, kind := range kinds {
		columns = append(columns, map[string]any{"Name": pages[0][0][i], "Type": kind})
	}
	out := map[string]any{"ResultSet": map[string]any{"Rows": rows, "ResultSetMetadata": map[string]any{"ColumnInfo": columns}}}
	switch {
	case s.loops && id != "q1":
		out["NextToken"] = "1"
	case at+1 < len(pages):
		out["NextToken"] = fmt.Sprint(at + 1)
	}
	return out
}

// two is a service with two grants, in two pages.
func two() *service {
	return &service{states: []string{"QUEUED", "RUNNING", "SUCCEEDED"}, scanned: 1234, counts: map[string]int64{"grants": 2}, looked: map[string]int{},
		types: []string{"varchar", "timestamp(3)", "boolean", "double", "date", "bigint"},
		pages: [][][]any{
			{{"login", "at", "direct", "hours", "day", "n"}, {"ann", "2026-03-31 01:00:00.500", "true", "24.0", "2026-03-31", "7"}},
			{{"", "2026-03-31 01:00:00.000", "false", "0.25", nil, "-1"}},
		}}
}

func asks(t *testing.T, s *service, change func(*Config)) *Athena {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_ATHENA", server.URL)
	return opened(t, Config{Workgroup: "w", OutputLocation: "s3://out/", Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}, change)
}

// opened is an Athena of the archive of these tests that never sleeps; change, where it
// is not nil, has the last word.
func opened(t *testing.T, cfg Config, change func(*Config)) *Athena {
	t.Helper()
	cfg.Catalog, cfg.MaxScan = audit.Catalog{Root: "s3://evidence/a", Database: "db"}, 1_000_000
	cfg.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	if change != nil {
		change(&cfg)
	}
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// kept is an archive of one file, which S3 knows the digest of.
type kept struct {
	archive.Store
	size int64
	sum  string
}

func (k kept) Sum(context.Context, string) (int64, string, error) { return k.size, k.sum, nil }

func question() audit.Query {
	run := archive.CommittedRun{RunID: "20260331T010000Z-a", Date: "2026-03-31"}
	return audit.Query{SQL: "SELECT login FROM grants WHERE login = :person OR :person = '' OR hours_between(a, b) > 1", Values: map[string]string{"person": "O'Neil; DROP"},
		Files: []audit.File{{TableFile: archive.TableFile{Table: "grants", Entry: archive.Entry{Path: "grants/date=2026-03-31/run=20260331T010000Z-a/part-00000.parquet", Size: 9, Rows: sdk.Int64(2), SHA256: "ab"}}, Run: run}}}
}

var whole = kept{size: 9, sum: "ab"}

func TestAllPagesOfAnAnswerAreReadAndTypedAsDuckDBTypesThem(t *testing.T) {
	s := two()
	got, err := asks(t, s, nil).Answer(t.Context(), whole, question())
	if err != nil {
		t.Fatal(err)
	}
	want := [][]any{{"ann", "2026-03-31T01:00:00.5Z", true, 24.0, "2026-03-31", int64(7)}, {"", "2026-03-31T01:00:00Z", false, 0.25, nil, int64(-1)}}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Error(diff)
	}
	if csv := string(got.CSV()); csv != "login,at,direct,hours,day,n\nann,2026-03-31T01:00:00.5Z,true,24,2026-03-31,7\n,2026-03-31T01:00:00Z,false,0.25,,-1\n" {
		t.Errorf("%q", csv)
	}
	if !strings.Contains(got.Checked, "1 were compared by the SHA-256 that S3 keeps") || got.Notes[2].Value != "2468 bytes in 2 queries, of files of 9 bytes" {
		t.Errorf("%s, %v", got.Checked, got.Notes)
	}
}

func TestValuesAreBoundAndPartitionsAreNamed(t *testing.T) {
	s := two()
	if _, err := asks(t, s, nil).Answer(t.Context(), whole, question()); err != nil {
		t.Fatal(err)
	}
	asked := s.started[1]
	if diff := cmp.Diff([]string{"'O''Neil; DROP'", "'O''Neil; DROP'"}, asked.ExecutionParameters); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{`FROM "db"."files_grants" f WHERE f."date" IN ('2026-03-31')`, "login = ? OR ? = ''", "date_diff('millisecond', a, b)", "'s3://evidence/a/grants/date=' || day || '/run=' || run_id || '/part-00000.parquet'"} {
		if !strings.Contains(asked.QueryString, part) {
			t.Errorf("the query lacks %s:\n%s", part, asked.QueryString)
		}
	}
	if strings.Contains(asked.QueryString, "Neil") || asked.WorkGroup != "w" || asked.ResultConfiguration.OutputLocation != "s3://out/" {
		t.Errorf("%+v", asked)
	}
}

func TestAnAnswerThatCannotBeTrustedIsNone(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*service)
		store  archive.Store
		says   string
		asked  int
		stops  int
	}{
		"an altered file":       {store: kept{size: 9, sum: "cd"}, says: "was altered"},
		"a shorter file":        {store: kept{size: 8, sum: "ab"}, says: "was altered"},
		"rows are missing":      {change: func(s *service) { s.counts["grants"] = 1 }, says: "does not see the 2 row(s) that the manifests list of the table grants, but 1", asked: 1},
		"rows came in":          {change: func(s *service) { s.counts["grants"] = 3 }, says: "does not see the 2 row(s)", asked: 1},
		"no answer":             {change: func(s *service) { s.states, s.reason = []string{"FAILED"}, "TABLE_NOT_FOUND: it does not exist" }, says: "as FAILED: TABLE_NOT_FOUND: it does not exist; if it is a table or a column of the archive, run", asked: 1},
		"somebody cancelled it": {change: func(s *service) { s.states = []string{"CANCELLED"} }, says: "as CANCELLED", asked: 1},
		"it reads too much":     {change: func(s *service) { s.states, s.scanned = []string{"RUNNING"}, 1_000_001 }, says: "(its query q1 was stopped)", asked: 1, stops: 1},
		"pages in a circle":     {change: func(s *service) { s.loops = true }, says: "goes on with the page that was read already", asked: 2},
		"no names of columns":   {change: func(s *service) { s.types = nil }, says: "does not begin with the names of its columns", asked: 2},
		"a type of no answer":   {change: func(s *service) { s.types[0] = "row(a bigint)" }, says: "which an answer cannot hold", asked: 2},
		"no number":             {change: func(s *service) { s.pages[1][0][5] = "many" }, says: "row 2, column n", asked: 2},
	} {
		s := two()
		if tt.change != nil {
			tt.change(s)
		}
		if tt.store == nil {
			tt.store = whole
		}
		_, err := asks(t, s, nil).Answer(t.Context(), tt.store, question())
		if err == nil || !strings.Contains(err.Error(), tt.says) || len(s.started) != tt.asked || len(s.stopped) != tt.stops {
			t.Errorf("%s: %v, %d asked, %d stopped", name, err, len(s.started), len(s.stopped))
		}
	}
}

func TestWhoNoLongerWaitsStopsTheQuery(t *testing.T) {
	s := two()
	s.states = []string{"RUNNING"}
	ctx, cancel := context.WithCancel(t.Context())
	a := asks(t, s, func(c *Config) {
		c.Sleep = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
	})
	_, err := a.Answer(ctx, whole, question())
	if !errors.Is(err, context.Canceled) || !cmp.Equal(s.stopped, []string{"q1"}) {
		t.Errorf("%v, stopped %v", err, s.stopped)
	}
}

func TestWhatWouldReadMoreThanAllowedIsNotAsked(t *testing.T) {
	s := two()
	_, err := asks(t, s, func(c *Config) { c.MaxScan = 8 }).Answer(t.Context(), whole, question())
	var wrong *audit.MisuseError
	if !errors.As(err, &wrong) || len(s.started) > 0 {
		t.Errorf("%v, %d asked", err, len(s.started))
	}
}
