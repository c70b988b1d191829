//go:build emulators

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/collectors/aws/awstest"
	"rollcall/reports/archive"
	"rollcall/reports/archive/bucket"
	"rollcall/reports/archive/storetest"
)

// An archive in S3 is asked of an Athena that is not ours, which answers what it is told
// to: the same rows give the same digest, and what the answer rests on is said.
func TestAthenaIsAskedAsDuckDBIs(t *testing.T) {
	d := openDemo(t)
	d.playNight(t)
	endpoint := awstest.StartMoto(t)
	t.Setenv("AWS_ENDPOINT_URL", endpoint)
	intoBucket(t, endpoint, d.path("archive"))
	b, err := os.ReadFile(d.path("rollcall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	away := strings.Replace(string(b), "  root: archive\n", "  root: s3://evidence/a\n  s3: {region: us-east-1, path_style: true}\n", 1) +
		"\naudit:\n  athena: {database: audit, output_location: \"s3://evidence/out/\", max_scan_gb: 1}\n"
	if err := os.WriteFile(d.path("away.yaml"), []byte(away), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(config string, args ...string) (stdout string) {
		t.Helper()
		var out, story bytes.Buffer
		e := d.inside()
		e.args = append([]string{"rollcall", "audit"}, append(args, "--config", d.path(config))...)
		e.stdout, e.stderr = &out, &story
		if err := newApp(e).RunContext(t.Context(), e.args); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, story.String())
		}
		return out.String() + story.String()
	}
	var here, there struct {
		Columns []string          `json:"columns"`
		Rows    [][]any           `json:"rows"`
		SHA256  string            `json:"sha256"`
		Checked string            `json:"checked"`
		Notes   map[string]string `json:"notes"`
	}
	if err := json.Unmarshal([]byte(ask("rollcall.yaml", "ask", "--question", "orphans", "--format", "json")), &here); err != nil {
		t.Fatal(err)
	}
	queue(t, endpoint, []string{"table_name", "row_count"}, listedRows(t, d, "accounts", "findings", "grants", "runs"))
	queue(t, endpoint, here.Columns, here.Rows)
	if err := json.Unmarshal([]byte(ask("away.yaml", "ask", "--question", "orphans", "--format", "json", "--engine", "athena")), &there); err != nil {
		t.Fatal(err)
	}
	if len(here.Rows) == 0 || here.SHA256 != there.SHA256 {
		t.Errorf("%d row(s) with %s here, %d with %s there", len(here.Rows), here.SHA256, len(there.Rows), there.SHA256)
	}
	if !strings.Contains(there.Checked, "by the SHA-256 that S3 keeps of them, 0 were fetched") || there.Notes["engine"] != "Amazon Athena, database audit, workgroup primary" {
		t.Errorf("%q, %v", there.Checked, there.Notes)
	}
	if ddl := ask("away.yaml", "ddl"); !strings.Contains(ddl, "'storage.location.template' = 's3://evidence/a/grants/date=${date}/'") || !strings.Contains(ddl, "CREATE EXTERNAL TABLE `audit`.`files_grants`") {
		t.Errorf("%.2000s", ddl)
	}
}

// intoBucket copies an archive into moto's S3, as rollcall would have written it.
func intoBucket(t *testing.T, endpoint, root string) {
	t.Helper()
	storetest.Reach(endpoint, storetest.KeyID, storetest.Secret).MakeBucket(t, "evidence", true)
	store, err := bucket.Open(t.Context(), bucket.Config{Root: "s3://evidence/a", Region: "us-east-1", PathStyle: true, Now: time.Now,
		Credentials: credentials.NewStaticCredentialsProvider(storetest.KeyID, storetest.Secret, ""), Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		inside, err := filepath.Rel(root, name)
		if err != nil || archive.CheckName(filepath.ToSlash(inside)) != nil { // the lock
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return store.Create(filepath.ToSlash(inside), b)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// listedRows are the rows that the newest night's manifest lists of these tables, where
// there are any.
func listedRows(t *testing.T, d *demo, tables ...string) (rows [][]any) {
	t.Helper()
	keys, err := verificationKeys(d.path("keys", "rollcall-public.pem"))
	if err != nil {
		t.Fatal(err)
	}
	runs, err := archive.Committed(archive.NewFolder(d.path("archive")), keys...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range runs[len(runs)-1].Tables {
		if slices.Contains(tables, f.Table) && *f.Rows > 0 {
			rows = append(rows, []any{f.Table, float64(*f.Rows)})
		}
	}
	return rows
}

// queue tells moto what its Athena finds next.
// https://docs.getmoto.org/en/latest/docs/services/athena.html
func queue(t *testing.T, endpoint string, columns []string, rows [][]any) {
	t.Helper()
	kinds := make([]string, len(columns))
	head := make([]any, len(columns))
	for i, c := range columns {
		kinds[i], head[i] = "varchar", c
	}
	var written []any
	for n, row := range append([][]any{head}, rows...) {
		var data []any
		for i, v := range row {
			cell := map[string]any{}
			switch v := v.(type) {
			case string:
				cell["VarCharValue"] = v
			case bool:
				kinds[i], cell["VarCharValue"] = "boolean", fmt.Sprint(v)
			case float64:
				kinds[i], cell["VarCharValue"] = "bigint", fmt.Sprint(int64(v))
			}
			if n > 0 && kinds[i] == "varchar" && v != nil && strings.HasSuffix(columns[i], "_at") { // as Athena writes a time
				kinds[i] = "timestamp"
			}
			if kinds[i] == "timestamp" && v != nil && n > 0 {
				cell["VarCharValue"] = strings.NewReplacer("T", " ", "Z", "").Replace(v.(string))
			}
			data = append(data, cell)
		}
		written = append(written, map[string]any{"Data": data})
	}
	var info []any
	for i, c := range columns {
		info = append(info, map[string]any{"CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": c, "Label": c, "Type": kinds[i], "Precision": 17, "Scale": 0, "Nullable": "UNKNOWN", "CaseSensitive": false})
	}
	b, err := json.Marshal(map[string]any{"results": []any{map[string]any{"rows": written, "column_info": info}}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(endpoint+"/moto-api/static/athena/query-results", "application/json", bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("moto answers %s", answer.Status)
	}
}
