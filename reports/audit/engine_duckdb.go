//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package audit

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// prelude is what the questions need besides the tables.
//
//go:embed prelude.sql
var prelude string

// errNoEngine is why there is no DuckDB; here there is.
var errNoEngine error

// ask runs one SELECT over views of these files, by table, with room in dir for what
// does not fit in memory. By then the engine can
// read nothing but these files, and nothing can be set any more. It could write to
// them, which are copies, if it took anything but a SELECT.
func ask(ctx context.Context, dir string, files map[string][]string, query string, bound map[string]string) (_ *Answer, err error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("start DuckDB: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx) // settings and views are of one database, which lives as long as db
	if err != nil {
		return nil, fmt.Errorf("start DuckDB: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, s := range setUp(dir, files) {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return nil, fmt.Errorf("set up DuckDB: %w", err)
		}
	}
	var names []string
	if bound != nil {
		query, names = named(query, func(name string) string { return "$" + name })
	} else if err := onlySelect(ctx, conn, query); err != nil { // somebody's own query
		return nil, err
	}
	slices.Sort(names)
	var args []any
	for _, name := range slices.Compact(names) {
		if value, known := bound[name]; known {
			args = append(args, sql.Named(name, value))
		}
	}
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, asked(err)
	}
	answer, err := read(rows)
	return answer, errors.Join(err, rows.Close())
}

func setUp(dir string, files map[string][]string) []string {
	var views, all []string
	for _, table := range slices.Sorted(maps.Keys(files)) {
		paths := make([]string, len(files[table]))
		for i, path := range files[table] {
			paths[i] = text(path)
		}
		all = append(all, paths...)
		views = append(views, fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM read_parquet([%s], hive_partitioning = true, hive_types = {'date': DATE}, union_by_name = true)",
			table, strings.Join(paths, ", ")))
	}
	settings := []string{
		"SET TimeZone = 'UTC'",
		"SET parquet_metadata_cache = true", // each of a thousand files is looked at when a view is made, when a query is checked, and when it runs
		"SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false",
		"SET temp_directory = " + text(filepath.Join(dir, "spill")),
		fmt.Sprintf("SET allowed_paths = [%s]", strings.Join(all, ", ")),
		"SET enable_external_access = false",
	}
	return slices.Concat(settings, views, []string{prelude, "SET lock_configuration = true"})
}

// onlySelect refuses what is not one SELECT, before any of it runs.
func onlySelect(ctx context.Context, conn *sql.Conn, query string) error {
	// Preparing runs all statements but the last, so they are counted first, by DuckDB's
	// own parser, which serializes nothing but SELECTs.
	var serialized string
	if err := conn.QueryRowContext(ctx, "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)", query).Scan(&serialized); err != nil {
		return asked(err)
	}
	var parsed struct {
		Error      bool              `json:"error"`
		Says       string            `json:"error_message"`
		Statements []json.RawMessage `json:"statements"`
	}
	if err := json.Unmarshal([]byte(serialized), &parsed); err != nil {
		return fmt.Errorf("read the query as DuckDB understood it: %w", err)
	}
	if parsed.Error || len(parsed.Statements) != 1 {
		return Misuse("only one SELECT is taken, and this is something else: the archive is only read. %s", parsed.Says)
	}
	return conn.Raw(func(c any) error {
		stmt, err := c.(*duckdb.Conn).PrepareContext(ctx, query)
		if err != nil {
			return asked(err)
		}
		kind, err := stmt.(*duckdb.Stmt).StatementType()
		if err = errors.Join(err, stmt.Close()); err != nil {
			return err
		}
		if kind != duckdb.STATEMENT_TYPE_SELECT {
			return Misuse("only one SELECT is taken, and this is something else: the archive is only read")
		}
		return nil
	})
}

// asked is an error of whoever wrote the query.
func asked(err error) error {
	var e *duckdb.Error
	if errors.As(err, &e) {
		return Misuse("the query is refused: %s", e.Msg)
	}
	return Misuse("the query is refused: %v", err)
}

func read(rows *sql.Rows) (*Answer, error) {
	a := &Answer{}
	var err error
	if a.Columns, err = rows.Columns(); err != nil {
		return nil, err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		row, into := make([]any, len(types)), make([]any, len(types))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i := range row {
			if row[i], err = plain(row[i], types[i].DatabaseTypeName()); err != nil {
				return nil, fmt.Errorf("column %s: %w", a.Columns[i], err)
			}
		}
		a.Rows = append(a.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return nil, asked(err)
	}
	return a, nil
}

// plain makes of the engine's value one that an answer holds.
func plain(v any, kind string) (any, error) {
	switch v := v.(type) {
	case nil, string, bool, int64, float64:
		return v, nil
	case int32:
		return int64(v), nil
	case float32:
		return float64(v), nil
	case *big.Int:
		if v.IsInt64() {
			return v.Int64(), nil
		}
		return v.String(), nil
	case duckdb.Decimal:
		return v.Float64(), nil
	case time.Time:
		if kind == "DATE" {
			return v.Format(time.DateOnly), nil
		}
		return v.UTC().Format(timeForm), nil
	case driver.Valuer:
		inner, err := v.Value()
		return fmt.Sprint(inner), err
	default:
		b, err := json.Marshal(v)
		return string(b), err
	}
}
