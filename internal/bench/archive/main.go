// Command archive measures how the grants of a night are written into the archive,
// against DuckDB's COPY of the same rows into Parquet, in the same run. People read
// its report on stderr; on stdout is one line a figure (package figures).
//
// It must never compare files that do not hold the same: DuckDB reads both back, or
// it fails. Its one invariant: each side is a process of its own, so that neither's
// memory is counted as the other's.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/versus"
)

func main() { os.Exit(start(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

var sides = versus.Sides[took]{Ours: ours, DuckDB: duck}

// took is what one process measured.
type took struct {
	figures.Cost
	Bytes int64
	// Holds is what the night holds; Ours and Theirs what DuckDB found in the two files.
	Holds, Ours, Theirs content
	InputKiB            int // the memory of what was written from, at rest
}

// content is what is counted of the rows, so that a row too many, too few or another
// one shows. Hash is known of files only.
type content struct {
	Rows, Expected, Accounts, Rights int
	FirstSeen                        int64 // the sum of the days since 1970
	Hash                             string
}

func start(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return sides.Start("archive", args, stdin, stdout, stderr, func() error { return bench(args, stdout, stderr) })
}

const (
	timeTarget   = 0.5
	bytesTarget  = 0.6
	memoryTarget = 0.25
)

func bench(args []string, stdout, stderr io.Writer) (err error) {
	flags := figures.Flags("archive", stderr)
	full := company.Flags(flags)
	profile := flags.String("profile", "", "write profiles of the writing to files of this `name`")
	under := flags.String("folder", os.TempDir(), "write to a new folder under this `folder`")
	if err := figures.Parse(flags, args); err != nil {
		return err
	}
	if _, err := company.New(*full); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(*under, "rollcall-bench")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	here, err := sides.Apart(versus.Task{Size: *full, What: versus.Ours, Folder: dir, Profile: *profile}, stderr)
	if err != nil {
		return err
	}
	there, err := sides.Apart(versus.Task{Size: *full, What: versus.DuckDB, Folder: dir}, stderr)
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, oursName)); err != nil {
		return fmt.Errorf("make room: %w", err)
	}
	one, err := sides.Apart(versus.Task{Size: *full, What: versus.Ours, Folder: dir, Procs: 1}, stderr)
	if err != nil {
		return err
	}
	r := &figures.Report{Bench: "archive", Out: stdout, Story: stderr}
	tell(r, here, one, there)
	return errors.Join(r.Err, same(here.Holds, there))
}

// same fails unless both files hold what the night holds.
func same(night content, there took) error {
	night.Hash = there.Ours.Hash
	if there.Ours != night || there.Theirs != night {
		return fmt.Errorf("the two did not write the same: the night holds %+v, the archive's file %+v, DuckDB's %+v", night, there.Ours, there.Theirs)
	}
	return nil
}

func tell(r *figures.Report, here, one, there took) {
	const mib = 1024.0
	rows := float64(max(1, here.Holds.Rows))
	r.Say("%d grants\n", here.Holds.Rows)
	r.Say("  here    %.2f s (with one core %.2f s), %.1f MiB, %.0f MiB beyond the night of %.0f MiB\n",
		here.Time.Seconds(), one.Time.Seconds(), float64(here.Bytes)/mib/mib, float64(here.GrownKiB)/mib, float64(here.InputKiB)/mib)
	r.Say("  DuckDB  %.2f s, %.1f MiB, %.0f MiB beyond the table of %.0f MiB\n",
		there.Time.Seconds(), float64(there.Bytes)/mib/mib, float64(there.GrownKiB)/mib, float64(there.InputKiB)/mib)
	r.Figure("archive.grants", rows, "grants", figures.NoTarget)
	r.Figure("archive.time", here.Time.Seconds(), "s", figures.NoTarget)
	r.Figure("archive.duckdb", there.Time.Seconds(), "s", figures.NoTarget)
	r.Figure("archive.time_ratio", here.Time.Seconds()/there.Time.Seconds(), "ratio", timeTarget)
	r.Figure("archive.cpu", here.CPU.Seconds(), "s", figures.NoTarget)
	r.Figure("archive.cpu_ratio", here.CPU.Seconds()/there.CPU.Seconds(), "ratio", figures.NoTarget)
	r.Figure("archive.bytes", float64(here.Bytes)/rows, "bytes a grant", figures.NoTarget)
	r.Figure("archive.bytes_ratio", float64(here.Bytes)/float64(there.Bytes), "ratio", bytesTarget)
	r.Figure("archive.memory", float64(here.GrownKiB)/mib, "MiB", figures.NoTarget)
	r.Figure("archive.memory_ratio", float64(here.GrownKiB)/float64(there.GrownKiB), "ratio", memoryTarget)
	r.Figure("archive.whole_memory_ratio", float64(here.PeakKiB)/float64(there.PeakKiB), "ratio", figures.NoTarget)
	r.Figure("archive.two_cores", one.Time.Seconds()/here.Time.Seconds(), "times", figures.NoTarget)
}
