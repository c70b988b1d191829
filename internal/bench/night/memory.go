package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
	"rollcall/reconcile"
	"rollcall/reports/archive"
)

// task is a night on facts that are in memory.
type task struct {
	company.Size
	Folder, Profile string
}

// took is what the parts of it took. The memory of a part is the most at once, facts
// and all.
type took struct {
	Parts            []part
	FactsKiB         int // the facts alone, at rest
	PeakKiB          int
	Grants, Findings int
	Actions, Held    int
	Bytes            int64
}

type part struct {
	Name string
	figures.Cost
}

// inMemory identifies, evaluates, plans, judges and commits a night in one process, as
// jobs.Nightly does. Without worksheets: of a million people they are ten thousand
// times a hundred and fifty rows, which bench-review and the night over HTTP measure.
func inMemory(t task) (out took, err error) {
	p, err := company.New(t.Size)
	if err != nil {
		return out, err
	}
	private, _, err := archive.NewKey()
	if err != nil {
		return out, err
	}
	key, err := archive.ParsePrivateKey(private)
	if err != nil {
		return out, err
	}
	keep, err := archive.Open(filepath.Join(t.Folder, "archive"), key)
	if err != nil {
		return out, err
	}
	w := p.World()
	n := &access.Night{Run: access.Run{ID: "20261124T020000Z-bench", StartedAt: company.Tonight, Mode: access.Observe, Trigger: "nightly", ToolVersion: "bench", Actor: "bench@memory"}, Policy: w.Policy}
	stop, err := figures.Profile(t.Profile)
	if err != nil {
		return out, err
	}
	if err := out.play(keep, n, w); err != nil {
		return out, err
	}
	if err := stop(); err != nil {
		return out, err
	}
	out.Findings, out.Actions = len(n.Findings), len(n.Plan.Actions)
	for _, s := range n.Systems {
		out.Grants += len(s.Grants)
	}
	for _, trip := range n.Plan.Trips {
		out.Held += len(trip.Cohort)
	}
	began := time.Time{}
	written, err := since(began, filepath.Join(t.Folder, "archive"), func(string) bool { return true })
	out.Bytes = written.bytes
	return out, err
}

// play does one part of the night after the other.
func (out *took) play(keep *archive.Archive, n *access.Night, w reconcile.World) error {
	var known reconcile.Identified
	var d reconcile.Decision
	var next access.Memory
	var snapshot *archive.Snapshot
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"inputs", func() error {
			list, err := roster.Encode(w.Rosters[0].Rows)
			if err != nil {
				return err
			}
			sum, err := keep.PutInput(list)
			w.Rosters[0].Verdict.InForce.SHA256 = sum
			n.Rosters = []access.RosterVerdict{w.Rosters[0].Verdict}
			return err
		}},
		{"identify", func() error { known = reconcile.Identify(w); return nil }},
		{"evaluate", func() error { d = known.Evaluate(); return nil }},
		{"facts", func() (err error) {
			d.Plan.RunID, d.Plan.CreatedAt, n.Run.PlanSHA256 = n.Run.ID, n.Run.StartedAt, d.Plan.SHA256
			n.People, n.Systems, n.Findings, n.Plan, n.Approvals, n.Residues = d.People, d.Systems, d.Findings, d.Plan, d.Approvals, d.Residues
			if snapshot, err = keep.Begin(n.Run); err != nil {
				return err
			}
			return snapshot.Facts(n)
		}},
		{"remember", func() error {
			next = reconcile.Remember(w, d, nil, n.Run.ID)
			n.Endings, n.Run.Verdict, n.Run.FinishedAt = next.Endings, "done", company.Tonight
			return nil
		}},
		{"commit", func() error { return snapshot.Finish(n, next) }},
	} {
		cost, err := figures.Measure(step.do)
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if out.FactsKiB == 0 {
			out.FactsKiB = cost.PeakKiB - cost.GrownKiB
		}
		out.Parts, out.PeakKiB = append(out.Parts, part{step.name, cost}), max(out.PeakKiB, cost.PeakKiB)
	}
	return nil
}

const (
	memoryTarget = 9 * 1024.0 // MiB, of the whole process
	mib          = 1024.0
)

// remembered measures it in a process of its own.
func remembered(r *figures.Report, want wanted, dir string, stderr io.Writer) error {
	var out took
	if err := figures.Apart("memory", task{Size: *want.facts, Folder: dir, Profile: want.profile}, &out, stderr); err != nil {
		return fmt.Errorf("measure the night in memory: %w", err)
	}
	r.Say("%d people, %d grants in memory: %d findings, %d actions, of which guards hold %d; the facts are %.0f MiB\n", want.facts.People, out.Grants, out.Findings, out.Actions, out.Held, float64(out.FactsKiB)/mib)
	var all figures.Cost
	for _, p := range out.Parts {
		all.Time, all.CPU = all.Time+p.Time, all.CPU+p.CPU
		r.Say("  %-10s %8.2f s %8.2f s of processors, %6.0f MiB more, %6.0f MiB in all\n", p.Name, p.Time.Seconds(), p.CPU.Seconds(), float64(p.GrownKiB)/mib, float64(p.PeakKiB)/mib)
		r.Figure("night.memory."+p.Name+".time", p.Time.Seconds(), "s", figures.NoTarget)
		r.Figure("night.memory."+p.Name+".cpu", p.CPU.Seconds(), "s", figures.NoTarget)
	}
	r.Say("  together   %8.2f s %8.2f s of processors; %.0f MiB into the archive\n", all.Time.Seconds(), all.CPU.Seconds(), float64(out.Bytes)/(1<<20))
	r.Figure("night.memory.grants", float64(out.Grants), "grants", figures.NoTarget)
	r.Figure("night.memory.findings", float64(out.Findings), "findings", figures.NoTarget)
	r.Figure("night.memory.time", all.Time.Seconds(), "s", figures.NoTarget)
	r.Figure("night.memory.cpu", all.CPU.Seconds(), "s", figures.NoTarget)
	r.Figure("night.memory.facts", float64(out.FactsKiB)/mib, "MiB", figures.NoTarget)
	r.Figure("night.memory.peak", float64(out.PeakKiB)/mib, "MiB", memoryTarget)
	r.Figure("night.memory.archived", float64(out.Bytes)/(1<<20), "MiB", figures.NoTarget)
	return nil
}
