package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/wholefile"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports"
)

const nightlyHelp = `Reads HR's lists, the role map and the systems; decides; lets the guards judge the
exact list of actions; blocks certain leavers (only with mode: enforce); removes what
is left of those who were blocked days ago (only with remove.mode: enforce too);
verifies by reading back; writes worksheets and a summary; and commits the signed evidence.

mode: observe, the default, changes nothing in any system. The first night is an
observe night: the guards need one complete night to know what is normal.

What a guard holds waits until somebody answers for it (rollcall approve); approvals
are looked for in approvals/, and each counts once.

A list that is much shorter than on the last run (collect.drop_percent) may have been
cut short, so that it is a gap: the gap says how to confirm the drop, for one run.

The summary goes to stdout (Markdown is appended to $GITHUB_STEP_SUMMARY when it
is set). Worksheets, the summary as text, Markdown and JSON, and the report to open in a
browser go to reports/: reports/index.html lists the runs, newest first.`

func nightlyCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "nightly", Usage: "the whole night: collect, decide, judge, block, verify, report, archive", Description: nightlyHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(), dropFlag()},
		Action: func(c *cli.Context) error {
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			drops, err := e.drops(c, cfg)
			if err != nil {
				return err
			}
			return e.nightly(c.Context, cfg, "nightly", nil, drops, c.Bool("json"))
		},
	}
}

// planned is a plan to carry out, and approval files besides those of the folder.
type planned struct {
	plan      access.Plan
	approvals []string
}

// limit keeps a run to a plan.
func (p *planned) limit(e *environ, cfg config.Config, j *jobs.Job) {
	j.Only = &p.plan
	inputs := j.Inputs
	j.Inputs = func(m access.Memory) (jobs.Inputs, error) {
		in, err := inputs(m)
		in.Approvals = e.approvalFiles(cfg, p.approvals)
		return in, err
	}
}

// nightly runs one night under the lock. Only, when not nil, limits what may be
// carried out to a plan.
func (e *environ) nightly(ctx context.Context, cfg config.Config, trigger string, only *planned, drops reconcile.Drops, asJSON bool) error {
	m := e.measuring(cfg, trigger)
	return m.ended(e.wholeOf(ctx, cfg, trigger, only, drops, asJSON, m))
}

func (e *environ) wholeOf(ctx context.Context, cfg config.Config, trigger string, only *planned, drops reconcile.Drops, asJSON bool, m *measuring) error {
	held, err := e.lock(ctx, cfg, trigger)
	if err != nil {
		return e.notBegun(ctx, cfg, trigger, cfg.Mode, err)
	}
	defer held.unlock()
	n, err := e.wire(ctx, cfg, trigger, cfg.Mode)
	if err == nil && trigger == "nightly" { // which would begin another chain, and have no baseline
		err = aborted(goneArchive(cfg, n.archive.Archive))
	}
	if err != nil {
		return e.notBegun(ctx, cfg, trigger, cfg.Mode, err)
	}
	n.job.Drops, n.job.Outlasts = drops, held.outlasts
	if only != nil {
		only.limit(e, cfg, n.job)
	}
	result, err := n.job.Nightly(ctx)
	if err != nil {
		e.tellAborted(ctx, cfg, n.job.Run, err)
		return aborted(err)
	}
	m.night = result.Night
	reminded, reached := error(nil), e.tellPeople(ctx, n, result.Night)
	m.waiting = n.waiting
	if trigger == "nightly" {
		e.heartbeat(ctx, cfg, result.Night.Run, reached)
		reminded = e.remindAll(ctx, cfg, result.Reviews)
	}
	return errors.Join(e.tellNight(n, result, asJSON), reminded)
}

// aborted gives an error of a run its exit code, unless it has one.
func aborted(err error) error {
	var coded exitError
	if err == nil || errors.As(err, &coded) {
		return err
	}
	return exitError{exitAborted, err}
}

// tellNight writes the summaries and says how the night ended.
func (e *environ) tellNight(n *night, r jobs.Result, asJSON bool) error {
	footer := reports.Footer{ArchiveHead: r.Head, Files: []string{n.dir}, Config: n.cfg.File}
	if len(r.Night.Plan.Trips) > 0 { // whoever answers for what is held needs the plan
		footer.Plan = filepath.Join(n.dir, "plan.json")
		if err := writePlan(footer.Plan, r.Night.Plan); err != nil {
			return exitError{exitAborted, fmt.Errorf("%w (the night itself is committed)", err)}
		}
	}
	told, err := n.tell(r.Night, footer)
	if err != nil {
		return exitError{exitAborted, fmt.Errorf("write the summary (the night itself is committed): %w", err)}
	}
	if err := e.stepSummary(told.markdown); err != nil {
		return exitError{exitAborted, err}
	}
	e.print(told.text, told.data, asJSON)
	return errors.Join(ended(r.Night), n.siem.ended())
}

// print writes the artefact of a command to stdout.
func (e *environ) print(text string, data []byte, asJSON bool) {
	if asJSON {
		fmt.Fprintln(e.stdout, string(data))
		return
	}
	fmt.Fprint(e.stdout, text)
}

// ended is the night's exit code, as an error without words: the summary has
// said it.
func ended(n *access.Night) error {
	if n.Run.ExitCode == exitDone {
		return nil
	}
	return exitError{code: n.Run.ExitCode}
}

// stepSummary appends to GitHub's page of the run, where there is one.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func (e *environ) stepSummary(markdown string) error {
	name := e.getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("append to $GITHUB_STEP_SUMMARY (the night itself is committed): %w", err)
	}
	_, err = f.WriteString(markdown + "\n")
	return errors.Join(err, f.Close())
}

// writeFile writes a file of the company's, in the place of one that may be there.
func writeFile(name string, b []byte) error { return wholefile.Put(name, b, 0o640) }

// writePlan writes a plan file.
func writePlan(file string, p access.Plan) error {
	b, err := json.MarshalIndent(p, "", "  ")
	if err == nil {
		err = writeFile(file, append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}

// readPlan reads a plan file.
func readPlan(file string) (access.Plan, error) {
	var p access.Plan
	b, err := readInput(file)
	if err != nil {
		return p, refuse("read the plan: %w: make one with rollcall plan", err)
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return p, refuse("%s is not a plan: %w: make one with rollcall plan", file, err)
	}
	return p, nil
}
