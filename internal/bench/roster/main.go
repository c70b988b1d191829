//go:build cgo

// Command roster measures how long HR's list takes to be read, all checks
// included, against DuckDB's typed read of the same file. People read its report
// on stderr; on stdout is one line a figure (package figures).
//
// It must never compare unlike work in silence: both must see every row, or it
// fails. Its invariant: both read the same bytes: here out of
// memory, DuckDB out of a file.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the other reader

	"rollcall/collectors/roster"
	"rollcall/internal/bench/figures"
	"rollcall/internal/csvfile"
)

func main() {
	if err := bench(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench-roster:", err)
		os.Exit(1)
	}
}

const timeTarget = 2.0

func bench(args []string, stdout, stderr io.Writer) error {
	flags := figures.Flags("roster", stderr)
	people := flags.Int("people", 1_000_000, "how many people")
	if err := figures.Parse(flags, args); err != nil {
		return err
	}
	if *people < 1 {
		return errors.New("there is nobody; see -help")
	}
	list := export(*people)
	ours, rows, err := read(list)
	if err != nil {
		return err
	}
	theirs, seen, err := duck(list)
	if err != nil {
		return err
	}
	if rows != *people || seen != *people {
		return fmt.Errorf("of %d people %d were read here and %d in DuckDB", *people, rows, seen)
	}
	r := &figures.Report{Bench: "roster", Out: stdout, Story: stderr}
	r.Say("%d people, %d MB: here %.2f s with every check (%.2f s of processors), DuckDB %.2f s into a typed table (%.2f s)\n", *people, len(list)>>20,
		ours.Time.Seconds(), ours.CPU.Seconds(), theirs.Time.Seconds(), theirs.CPU.Seconds())
	r.Figure("roster.time", ours.Time.Seconds(), "s", figures.NoTarget)
	r.Figure("roster.duckdb", theirs.Time.Seconds(), "s", figures.NoTarget)
	r.Figure("roster.time_ratio", ours.Time.Seconds()/theirs.Time.Seconds(), "ratio", timeTarget)
	r.Figure("roster.cpu_ratio", ours.CPU.Seconds()/theirs.CPU.Seconds(), "ratio", figures.NoTarget)
	return r.Err
}

// export is an HR list: nothing in it is wrong, so that what is measured is the
// looking.
func export(people int) []byte {
	var f bytes.Buffer
	f.WriteString("employee_id,email,name,title,department,manager_id,worker_type,status,start_date,end_date,last_working_day,timezone,aliases\n")
	for i := range people {
		manager := ""
		if i > 0 {
			manager = fmt.Sprintf("E%07d", i/10)
		}
		fmt.Fprintf(&f, "E%07d,person.number%d@example.com,Person Number%d,Title %d,Department %d,%s,employee,Active,2020-%02d-%02d,,,Europe/Berlin,\n", i, i, i, i%700, i%90, manager, i%12+1, i%28+1)
	}
	return f.Bytes()
}

func read(list []byte) (took figures.Cost, rows int, err error) {
	took, err = figures.Measure(func() error {
		got, problems := roster.Read(roster.Source{Name: "employees", File: "roster.csv", Today: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}, list)
		if roster.Stopped(problems) {
			return errors.New("the list is refused: " + csvfile.Message(problems, 1))
		}
		rows = len(got.Rows)
		return nil
	})
	return took, rows, err
}

func duck(list []byte) (took figures.Cost, rows int, err error) {
	dir, err := os.MkdirTemp("", "rollcall-bench")
	if err != nil {
		return took, 0, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "roster.csv")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		return took, 0, fmt.Errorf("write the list: %w", err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return took, 0, fmt.Errorf("open DuckDB: %w", err)
	}
	defer db.Close()
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, fmt.Sprintf("SET threads = %d", runtime.GOMAXPROCS(0))); err != nil {
		return took, 0, fmt.Errorf("DuckDB: %w", err)
	}
	took, err = figures.Measure(func() error {
		_, err := db.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE roster AS SELECT * FROM read_csv('%s', header = true, columns = {employee_id: 'VARCHAR', email: 'VARCHAR', name: 'VARCHAR', title: 'VARCHAR',
		department: 'VARCHAR', manager_id: 'VARCHAR', worker_type: 'VARCHAR', status: 'VARCHAR', start_date: 'DATE', end_date: 'DATE', last_working_day: 'DATE', timezone: 'VARCHAR', aliases: 'VARCHAR'})`, file))
		return err
	})
	if err != nil {
		return took, 0, fmt.Errorf("DuckDB: %w", err)
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM roster").Scan(&rows); err != nil {
		return took, 0, fmt.Errorf("DuckDB: %w", err)
	}
	return took, rows, nil
}
