//go:build emulators && cgo

package audit

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/reports/archive"
)

type judged struct {
	SQL     string   `json:"sql"`
	Values  []string `json:"values"`
	Columns []string `json:"columns"`
}

type verdict struct {
	Faults []string
	DuckDB string
}

// judge lets a parser that is not ours say what it thinks of Athena's SQL.
func judge(t *testing.T, ddl string, queries map[string]judged) map[string]verdict {
	t.Helper()
	python := os.Getenv("ROLLCALL_PYTHON")
	if python == "" {
		t.Fatal("ROLLCALL_PYTHON names no Python with sqlglot: run make test")
	}
	in, err := json.Marshal(map[string]any{"ddl": ddl, "queries": queries})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, filepath.Join("..", "..", "tools", "trino_judge.py"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]verdict
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Every question as Athena is asked it is Trino's SQL over the columns of the DDL, and
// means what DuckDB was asked: translated by somebody else, and run over all the files
// of the archive's folder, what is in no manifest too, it gives the same rows.
func TestEveryQuestionForAthenaIsTrinosAndMeansTheSame(t *testing.T) {
	a, root := oneNight(t)
	stray(t, root)
	c := Catalog{Root: root, Database: "db"}
	var ddl bytes.Buffer
	if err := a.DDL("athena", c, &ddl); err != nil {
		t.Fatal(err)
	}
	queries, want := map[string]judged{}, map[string]*Answer{}
	for _, q := range mustQuestions(t) {
		bound, err := q.bind(nil, a.lastDate())
		if err != nil {
			t.Fatal(err)
		}
		files, err := a.filesOf(q, bound)
		if err != nil {
			t.Fatal(err)
		}
		text, values, err := Query{SQL: q.SQL, Values: bound, Files: files}.Trino(c)
		if err != nil {
			t.Fatal(err)
		}
		queries[q.Name] = judged{text, append([]string{}, values...), q.Columns}
		if want[q.Name], err = a.Ask(t.Context(), q, nil); err != nil {
			t.Fatal(err)
		}
	}
	db := overFiles(t, root)
	for name, v := range judge(t, ddl.String(), queries) {
		if len(v.Faults) > 0 {
			t.Errorf("%s: %q in\n%s", name, v.Faults, queries[name].SQL)
			continue
		}
		rows, err := db.QueryContext(t.Context(), v.DuckDB)
		if err != nil {
			t.Errorf("%s: %v in\n%s", name, err, v.DuckDB)
			continue
		}
		got, err := read(rows)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[name].Rows, got.Rows); diff != "" {
			t.Errorf("%s (-asked here +asked as Athena is):\n%.2000s", name, diff)
		}
	}
}

// overFiles is a database with a table over all files of each table, as Athena has
// them: the date is text, and the path of a row's file is a hidden column.
func overFiles(t *testing.T, root string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	// This step of DuckDB's optimizer fails on rows picked by their number over a semi-join
	// (an internal error, as of 1.5).
	statements := []string{"SET TimeZone = 'UTC'", "SET disabled_optimizers = 'top_n_window_elimination'", "CREATE SCHEMA db"}
	empty := t.TempDir()
	for _, table := range archive.TableNames() {
		name := filepath.Join(empty, table, "date=1970-01-01", "run=none", "part-00000.parquet")
		if err := write(name, func(f *os.File) error { return archive.EmptyTable(table, f) }); err != nil {
			t.Fatal(err)
		}
		paths := []string{text(name)}
		if found, _ := filepath.Glob(filepath.Join(root, table, "*", "*", "*")); len(found) > 0 {
			paths = append(paths, text(filepath.Join(root, table, "*", "*", "*.parquet")))
		}
		statements = append(statements, fmt.Sprintf(`CREATE VIEW db.files_%s AS SELECT * EXCLUDE (run, filename), filename AS "$path" FROM read_parquet([%s], hive_partitioning = true, hive_types = {'date': VARCHAR, 'run': VARCHAR}, union_by_name = true, filename = true)`,
			table, strings.Join(paths, ", ")))
	}
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
	return db
}

// stray puts a night's grants where no manifest lists them: as a run that died, as a
// second part, and as another day.
func stray(t *testing.T, root string) {
	t.Helper()
	const run = "run=20260302T010000Z-a"
	day := filepath.Join(root, "grants", "date=2026-03-02")
	b, err := os.ReadFile(filepath.Join(day, run, "part-00000.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		filepath.Join(day, run+"x", "part-00000.parquet"), filepath.Join(day, run, "part-00001.parquet"),
		filepath.Join(root, "grants", "date=2026-03-01", run, "part-00000.parquet"),
	} {
		if err := write(name, func(f *os.File) error { _, err := f.Write(b); return err }); err != nil {
			t.Fatal(err)
		}
	}
}
