//go:build cgo

package main

import (
	"context"
	"database/sql/driver"
	"fmt"
	"runtime"

	"github.com/duckdb/duckdb-go/v2"

	"rollcall/internal/access"
	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/versus"
)

// join is the same comparison as one would write it in SQL: a verdict on all that
// is expected and all that is held, of those who work here.
const join = `CREATE TABLE found AS
SELECT coalesce(d.person, a.person) AS person, coalesce(d.entitlement, a.entitlement) AS entitlement,
       CASE WHEN a.person IS NULL THEN 'missing_grant' WHEN d.person IS NULL THEN 'unexpected_grant' ELSE 'expected' END AS kind
FROM desired d FULL OUTER JOIN actual a ON d.person = a.person AND d.entitlement = a.entitlement`

// duck compares a population once in DuckDB, whose tables hold the same strings.
func duck(t versus.Task) (out took, err error) {
	p, err := company.New(t.Size)
	if err != nil {
		return out, err
	}
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return out, fmt.Errorf("open DuckDB: %w", err)
	}
	defer connector.Close()
	conn, err := connector.Connect(context.Background())
	if err != nil {
		return out, fmt.Errorf("open DuckDB: %w", err)
	}
	defer conn.Close()
	for _, setting := range []string{fmt.Sprintf("SET threads = %d", runtime.GOMAXPROCS(0))} {
		if err := run(conn, setting); err != nil {
			return out, err
		}
	}
	if err := fill(p, conn, "desired", p.Rights, nil); err != nil {
		return out, err
	}
	if err := fill(p, conn, "actual", p.Held, &out.Grants); err != nil {
		return out, err
	}
	if out.Cost, err = figures.Measure(func() error { return run(conn, join) }); err != nil {
		return out, fmt.Errorf("compare in DuckDB: %w", err)
	}
	for kind, n := range map[access.FindingKind]*int{access.MissingGrant: &out.Missing, access.UnexpectedGrant: &out.Unexpected} {
		if *n, err = count(conn, kind); err != nil {
			return out, err
		}
	}
	return out, nil
}

func run(conn driver.Conn, query string) error {
	if _, err := conn.(driver.ExecerContext).ExecContext(context.Background(), query, nil); err != nil {
		return fmt.Errorf("DuckDB: %w", err)
	}
	return nil
}

func count(conn driver.Conn, kind access.FindingKind) (int, error) {
	rows, err := conn.(driver.QueryerContext).QueryContext(context.Background(), fmt.Sprintf("SELECT count(*) FROM found WHERE kind = '%s'", kind), nil)
	if err != nil {
		return 0, fmt.Errorf("DuckDB: %w", err)
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		return 0, fmt.Errorf("DuckDB: %w", err)
	}
	return int(row[0].(int64)), nil
}

// fill makes a table of who has what, of those who work here, as the strings by
// which systems and HR know them. Each pair is in it once.
func fill(p company.Population, conn driver.Conn, table string, of func(i int, yield func(right int)), rows *int) error {
	if err := run(conn, "CREATE TABLE "+table+" (person VARCHAR, entitlement VARCHAR)"); err != nil {
		return err
	}
	a, err := duckdb.NewAppenderFromConn(conn, "", table)
	if err != nil {
		return fmt.Errorf("fill DuckDB: %w", err)
	}
	names := make([]string, p.All())
	for right := range names {
		names[right] = string(p.System(right)) + ":" + string(company.KindOf(p.System(right))) + ":" + company.RightID(right)
	}
	for i := range p.People {
		person, seen := company.PersonID(i), map[int]bool{}
		of(i, func(right int) {
			if seen[right] || err != nil {
				return
			}
			seen[right] = true
			if rows != nil {
				*rows++
			}
			if !p.Left(i) {
				err = a.AppendRow(person, names[right])
			}
		})
	}
	if err != nil {
		return fmt.Errorf("fill DuckDB: %w", err)
	}
	if err := a.Close(); err != nil {
		return fmt.Errorf("fill DuckDB: %w", err)
	}
	return nil
}
