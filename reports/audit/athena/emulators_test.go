//go:build emulators

package athena

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/google/go-cmp/cmp"

	"rollcall/collectors/aws/awstest"
	"rollcall/reports/archive/bucket"
	"rollcall/reports/archive/storetest"
	"rollcall/reports/audit"
)

// tell is moto's own interface for tests: https://docs.getmoto.org/en/latest/docs/services/athena.html
func tell(t *testing.T, endpoint, path string, what any) {
	t.Helper()
	b, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(endpoint+"/moto-api/"+path, "application/json", bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("moto answers %s", answer.Status)
	}
}

type table struct {
	Rows    []any `json:"rows"`
	Columns []any `json:"column_info"`
}

// canned is a result as Athena gives it, the names of the columns first.
func canned(kinds []string, rows ...[]string) table {
	var out table
	for i, kind := range kinds {
		out.Columns = append(out.Columns, map[string]any{"CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": rows[0][i], "Label": rows[0][i], "Type": kind, "Precision": 17, "Scale": 0, "Nullable": "UNKNOWN", "CaseSensitive": false})
	}
	for _, row := range rows {
		var data []any
		for _, cell := range row {
			data = append(data, map[string]string{"VarCharValue": cell})
		}
		out.Rows = append(out.Rows, map[string]any{"Data": data})
	}
	return out
}

// inMoto is an archive of one file in moto's S3, and Athena beside it.
func inMoto(t *testing.T) (endpoint string, store *bucket.Bucket, q audit.Query, ask func(func(*Config)) *Athena) {
	t.Helper()
	endpoint = awstest.StartMoto(t)
	t.Setenv("AWS_ENDPOINT_URL", endpoint)
	storetest.Reach(endpoint, storetest.KeyID, storetest.Secret).MakeBucket(t, "evidence", true)
	who := credentials.NewStaticCredentialsProvider(storetest.KeyID, storetest.Secret, "")
	store, err := bucket.Open(t.Context(), bucket.Config{Root: "s3://evidence/a", Region: "us-east-1", PathStyle: true, Credentials: who, Now: time.Now,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	q = question()
	if err := store.Create(q.Files[0].Path, []byte("two rows!")); err != nil {
		t.Fatal(err)
	}
	q.Files[0].SHA256 = "3ec9fd7f9ec15b4bcf0e1f9e4e8a3e9a"
	return endpoint, store, q, func(change func(*Config)) *Athena {
		return opened(t, Config{OutputLocation: "s3://evidence/out/", Region: "us-east-1", Credentials: who}, change)
	}
}

// sumOf is the digest that S3 keeps of the file.
func sumOf(t *testing.T, store *bucket.Bucket, q audit.Query) string {
	t.Helper()
	_, sum, err := store.Sum(t.Context(), q.Files[0].Path)
	if err != nil || len(sum) != 64 {
		t.Fatalf("S3 keeps %q, %v", sum, err)
	}
	return sum
}

func TestAnAthenaThatIsNotOursIsWaitedForAndRead(t *testing.T) {
	endpoint, store, q, ask := inMoto(t)
	sum := sumOf(t, store, q)
	a := ask(nil)
	if _, err := a.Answer(t.Context(), store, q); err == nil || !strings.Contains(err.Error(), "was altered") {
		t.Errorf("a file with another digest: %v", err)
	}
	q.Files[0].SHA256 = sum
	tell(t, endpoint, "state-manager/set-transition", map[string]any{"model_name": "athena::execution", "transition": map[string]any{"progression": "manual", "times": 2}})
	tell(t, endpoint, "static/athena/query-results", map[string]any{"results": []table{
		canned([]string{"varchar", "bigint"}, []string{"table_name", "row_count"}, []string{"grants", "2"}),
		canned([]string{"varchar", "timestamp"}, []string{"login", "at"}, []string{"ann", "2026-03-31 01:00:00.000"}, []string{"", "2026-03-31 01:00:00.250"}),
	}})
	got, err := a.Answer(t.Context(), store, q)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]any{{"ann", "2026-03-31T01:00:00Z"}, {"", "2026-03-31T01:00:00.25Z"}}
	if diff := cmp.Diff(want, got.Rows); diff != "" || !cmp.Equal(got.Columns, []string{"login", "at"}) {
		t.Error(got.Columns, diff)
	}
	kept, err := a.client.GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: &got.Notes[1].Value})
	if err != nil || !cmp.Equal(kept.QueryExecution.ExecutionParameters, []string{"'O''Neil; DROP'", "'O''Neil; DROP'"}) || strings.Contains(*kept.QueryExecution.Query, "Neil") {
		t.Errorf("%+v, %v", kept, err)
	}
}

func TestAQueryThatNobodyWaitsForIsStoppedThereToo(t *testing.T) {
	endpoint, store, q, ask := inMoto(t)
	q.Files[0].SHA256 = sumOf(t, store, q)
	tell(t, endpoint, "state-manager/set-transition", map[string]any{"model_name": "athena::execution", "transition": map[string]any{"progression": "manual", "times": 1000}})
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	a := ask(func(c *Config) {
		c.Sleep = func(ctx context.Context, _ time.Duration) error {
			if looks++; looks == 3 {
				cancel()
			}
			return ctx.Err()
		}
	})
	if _, err := a.Answer(ctx, store, q); err == nil || !strings.Contains(err.Error(), "was stopped") {
		t.Fatal(err)
	}
	all, err := a.client.ListQueryExecutions(t.Context(), &athena.ListQueryExecutionsInput{})
	if err != nil || len(all.QueryExecutionIds) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	kept, err := a.client.GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: &all.QueryExecutionIds[0]})
	if err != nil || kept.QueryExecution.Status.State != "CANCELLED" {
		t.Errorf("%+v, %v", kept, err)
	}
}

func TestAWorkgroupThatThereIsNotIsTold(t *testing.T) {
	_, store, q, ask := inMoto(t)
	q.Files[0].SHA256 = sumOf(t, store, q)
	_, err := ask(func(c *Config) { c.Workgroup = "nobody" }).Answer(t.Context(), store, q)
	if err == nil || !strings.Contains(err.Error(), "ask Athena") {
		t.Error(err)
	}
}
