//go:build cgo

package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"runtime"

	_ "github.com/duckdb/duckdb-go/v2" // the other writer

	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/versus"
)

// duck writes the rows of the archive's file with DuckDB, from a table that is in
// memory and has them in the same order, and reads both files back.
func duck(t versus.Task) (out took, err error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return out, fmt.Errorf("open DuckDB: %w", err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	written, copied := filepath.Join(t.Folder, oursName), filepath.Join(t.Folder, theirsName)
	for _, prepare := range []string{
		fmt.Sprintf("SET threads = %d", runtime.GOMAXPROCS(0)),
		fmt.Sprintf("CREATE TABLE grants AS SELECT * FROM read_parquet('%s', hive_partitioning = false)", written),
	} {
		if _, err := db.ExecContext(context.Background(), prepare); err != nil {
			return out, fmt.Errorf("DuckDB: %w", err)
		}
	}
	out.Cost, err = figures.Measure(func() error {
		_, err := db.ExecContext(context.Background(), fmt.Sprintf("COPY grants TO '%s' (FORMAT parquet, COMPRESSION zstd)", copied))
		return err
	})
	if err != nil {
		return out, fmt.Errorf("DuckDB: %w", err)
	}
	out.InputKiB = out.PeakKiB - out.GrownKiB
	if out.Ours, err = read(db, written); err != nil {
		return out, err
	}
	if out.Theirs, err = read(db, copied); err != nil {
		return out, err
	}
	out.Bytes, err = size(copied)
	return out, err
}

// read counts what is in a file, and hashes every cell of it.
func read(db *sql.DB, file string) (c content, err error) {
	err = db.QueryRowContext(context.Background(), fmt.Sprintf(`SELECT count(*), count_if(expected), count(DISTINCT (system, account_id)), count(DISTINCT (system, entitlement_id)),
		CAST(sum(date_diff('day', DATE '1970-01-01', first_seen_on)) AS BIGINT), CAST(sum(CAST(hash(g) AS HUGEINT)) AS VARCHAR) FROM read_parquet('%s', hive_partitioning = false) g`, file)).
		Scan(&c.Rows, &c.Expected, &c.Accounts, &c.Rights, &c.FirstSeen, &c.Hash)
	if err != nil {
		return c, fmt.Errorf("read %s with DuckDB: %w", filepath.Base(file), err)
	}
	return c, nil
}
