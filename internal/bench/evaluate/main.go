// Command evaluate measures the evaluation of a night (what policy says of every
// grant, every finding with its reason, the plan) against DuckDB comparing the same
// people's access in SQL, in the same run. People read its report on stderr; on
// stdout is one line a figure (package figures).
//
// It must never compare work that is not the same: both must find the same
// numbers, or it fails. Its one invariant: each measurement is a process of its
// own, so that neither's memory is counted as the other's.
package main

import (
	"fmt"
	"io"
	"os"

	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/versus"
)

func main() { os.Exit(start(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

var sides = versus.Sides[took]{Ours: ours, DuckDB: duck}

func start(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return sides.Start("evaluate", args, stdin, stdout, stderr, func() error { return bench(args, stdout, stderr) })
}

const (
	timeTarget   = 0.10
	memoryTarget = 0.125
	linearTarget = 1.25 // the time of a grant at the full size over that at a twentieth
)

func bench(args []string, stdout, stderr io.Writer) error {
	flags := figures.Flags("evaluate", stderr)
	full := company.Flags(flags)
	flags.IntVar(&full.Strangers, "strangers", 0, "how many accounts match nobody")
	flags.BoolVar(&full.Remember, "remember", false, "earlier nights saw every grant")
	profile := flags.String("profile", "", "write profiles of the evaluation to files of this `name`")
	if err := figures.Parse(flags, args); err != nil {
		return err
	}
	if _, err := company.New(*full); err != nil {
		return err
	}
	r := &figures.Report{Bench: "evaluate", Out: stdout, Story: stderr}
	few := *full
	few.People, few.Grants = max(1, full.People/20), full.Grants/20
	small, err := sides.Apart(versus.Task{Size: few, What: versus.Ours}, stderr)
	if err != nil {
		return err
	}
	large, err := sides.Apart(versus.Task{Size: *full, What: versus.Ours, Profile: *profile}, stderr)
	if err != nil {
		return err
	}
	one, err := sides.Apart(versus.Task{Size: *full, What: versus.Ours, Procs: 1}, stderr)
	if err != nil {
		return err
	}
	theirs, err := sides.Apart(versus.Task{Size: *full, What: versus.DuckDB}, stderr)
	if err != nil {
		return err
	}
	tell(r, *full, small, large, one, theirs)
	if large.Missing != theirs.Missing || large.Unexpected != theirs.Unexpected || large.Grants != theirs.Grants {
		return fmt.Errorf("the two did not compare the same: %d grants, %d missing and %d unexpected here, %d, %d and %d in DuckDB",
			large.Grants, large.Missing, large.Unexpected, theirs.Grants, theirs.Missing, theirs.Unexpected)
	}
	return r.Err
}

func tell(r *figures.Report, s company.Size, small, large, one, theirs took) {
	const mib = 1024.0
	r.Say("%d people, %d roles, %d grants: %d missing, %d unexpected; %d findings, %d actions\n", s.People, s.Roles, large.Grants, large.Missing, large.Unexpected, large.Findings, large.Actions)
	r.Say("  here    %.2f s (with one core %.2f s), %.0f MiB beyond the facts, %.0f MiB in all; who is who %.2f s before\n",
		large.Time.Seconds(), one.Time.Seconds(), float64(large.GrownKiB)/mib, float64(large.PeakKiB)/mib, large.Identify.Seconds())
	r.Say("  DuckDB  %.2f s, %.0f MiB beyond the tables, %.0f MiB in all\n", theirs.Time.Seconds(), float64(theirs.GrownKiB)/mib, float64(theirs.PeakKiB)/mib)
	perGrant := func(t took) float64 { return float64(t.Time.Nanoseconds()) / float64(max(1, t.Grants)) }
	r.Figure("evaluate.grants", float64(large.Grants), "grants", figures.NoTarget)
	r.Figure("evaluate.findings", float64(large.Findings), "findings", figures.NoTarget)
	r.Figure("evaluate.time", large.Time.Seconds(), "s", figures.NoTarget)
	r.Figure("evaluate.identify", large.Identify.Seconds(), "s", figures.NoTarget)
	r.Figure("evaluate.duckdb", theirs.Time.Seconds(), "s", figures.NoTarget)
	r.Figure("evaluate.time_ratio", large.Time.Seconds()/theirs.Time.Seconds(), "ratio", timeTarget)
	r.Figure("evaluate.cpu", large.CPU.Seconds(), "s", figures.NoTarget)
	r.Figure("evaluate.cpu_ratio", large.CPU.Seconds()/theirs.CPU.Seconds(), "ratio", figures.NoTarget)
	r.Figure("evaluate.memory_ratio", float64(large.GrownKiB)/float64(theirs.GrownKiB), "ratio", memoryTarget)
	r.Figure("evaluate.whole_memory_ratio", float64(large.PeakKiB)/float64(theirs.PeakKiB), "ratio", figures.NoTarget)
	r.Figure("evaluate.linear", perGrant(large)/perGrant(small), "ratio", linearTarget)
	r.Figure("evaluate.two_cores", one.Time.Seconds()/large.Time.Seconds(), "times", figures.NoTarget)
}
