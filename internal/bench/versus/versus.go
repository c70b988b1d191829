// Package versus measures two ways to do the same with one company, rollcall's own and
// DuckDB's, side by side.
//
// It must never do what Apart asks for in the process that asks. Its one invariant:
// neither's memory is counted as the other's.
package versus

import (
	"fmt"
	"io"
	"runtime"

	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
)

// The two sides.
const (
	Ours   = "ours"
	DuckDB = "duckdb"
)

// Task is what a process of its own is to do.
type Task struct {
	company.Size
	What    string // Ours or DuckDB
	Folder  string // where both write, if they write
	Profile string
	Procs   int // on how many cores; 0: on all
}

// Sides do a task, and say what it took.
type Sides[Took any] struct {
	Ours, DuckDB func(Task) (Took, error)
}

// Start runs a bench, or in a process that Apart began its task, and gives the exit code.
func (s Sides[Took]) Start(name string, args []string, stdin io.Reader, stdout, stderr io.Writer, bench func() error) int {
	parts := map[string]func() error{"measure": func() error { return figures.Part(stdin, stdout, s.Here) }}
	return figures.Start(name, args, stderr, parts, bench)
}

// Here does a task in this process.
func (s Sides[Took]) Here(t Task) (Took, error) {
	if t.Procs > 0 {
		runtime.GOMAXPROCS(t.Procs)
	}
	if t.What == DuckDB {
		return s.DuckDB(t)
	}
	return s.Ours(t)
}

// Apart does a task in a new process.
func (s Sides[Took]) Apart(t Task, stderr io.Writer) (Took, error) {
	var out, none Took
	if err := figures.Apart("measure", t, &out, stderr); err != nil {
		return none, fmt.Errorf("measure %s at %d grants: %w", t.What, t.Grants, err)
	}
	return out, nil
}
