package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/jobs"
)

const sweepHelp = `Leavers only, between two nights: reads HR's lists and the policy files, and blocks who
has certainly left by now. It is meant for every few minutes, so that access ends minutes
after HR's file changes.

The systems are not read: it goes by the accounts that the last night knew, and says as
of when. What was made since is for the next night. Only of accounts that are about to be
blocked it reads the credentials, and each action reads again before it acts. The guards
judge it together with all that was blocked before, as in a night; mode governs.

Without news it sends no request to any system, and writes nothing. Another run at work
is no error: it does nothing and ends with 0. A list that is refused is told each time
(exit code 3), and recorded once. When no night has read the accounts for 36 hours, it
refuses.`

func sweepCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "sweep", Usage: "between nights: block who has left by HR's newest file", Description: sweepHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			return e.sweep(c.Context, cfg, c.Bool("json"))
		},
	}
}

func (e *environ) sweep(ctx context.Context, cfg config.Config, asJSON bool) error {
	m := e.measuring(cfg, "sweep")
	return m.ended(e.sweptOf(ctx, cfg, asJSON, m))
}

func (e *environ) sweptOf(ctx context.Context, cfg config.Config, asJSON bool, m *measuring) error {
	held, err := e.lock(ctx, cfg, "sweep")
	if errors.Is(err, jobs.ErrLocked) {
		m.file = "" // that it did nothing is no success
		return e.tellQuiet(quiet{Says: fmt.Sprintf("Nothing was done: %v.", err)}, asJSON)
	}
	if err != nil {
		return e.notBegun(ctx, cfg, "sweep", cfg.Mode, err)
	}
	defer held.unlock()
	n, err := e.wire(ctx, cfg, "sweep", cfg.Mode)
	if err != nil {
		return e.notBegun(ctx, cfg, "sweep", cfg.Mode, err)
	}
	n.known()
	n.job.Report, n.job.Outlasts = n.rosterProblems, held.outlasts
	result, err := n.job.Sweep(ctx)
	if err == nil {
		m.night, m.quiet = result.Night, result.Head == ""
	}
	switch {
	case err != nil:
		if err = unattempted(err); exitCode(err) == exitAborted {
			e.tellAborted(ctx, cfg, n.job.Run, err)
		}
		return err
	case result.Head == "":
		e.tellFinished(ctx, n, "sweep")
		m.waiting = n.waiting
		return errors.Join(e.tellQuiet(quietOf(result.Night), asJSON), ended(result.Night))
	}
	e.tellPeople(ctx, n, result.Night)
	m.waiting = n.waiting
	return e.tellNight(n, result, asJSON)
}

// unattempted gives an error its exit code: what refused a run before it began was
// nothing attempted.
func unattempted(err error) error {
	if errors.Is(err, jobs.ErrUnknown) || errors.Is(err, jobs.ErrWho) {
		return refuse("%w", err)
	}
	return aborted(err)
}

// quiet is what a sweep tells that has left no run behind.
type quiet struct {
	Says     string   `json:"says"`
	AsOf     string   `json:"accounts_as_of,omitempty"`
	Accounts int      `json:"accounts"`
	Held     []string `json:"held"`
	ExitCode int      `json:"exit_code"`
}

// quietOf tells of a sweep without news. What is held is told again each time.
func quietOf(n *access.Night) quiet {
	q := quiet{AsOf: phrase.Minute(n.SeenAt), Held: []string{}, ExitCode: n.Run.ExitCode}
	for _, o := range n.Systems {
		q.Accounts += len(o.Accounts)
	}
	q.Says = fmt.Sprintf("No news: nobody has left whose access the last run (%s) did not end or tell of. %d accounts as of %s; the systems were not read, and nothing was changed or written.", n.Run.Previous, q.Accounts, q.AsOf)
	for _, t := range n.Plan.Trips {
		q.Held = append(q.Held, fmt.Sprintf("%s (%s): %s: %s", t.Guard, t.Scope, t.Says, t.Mend))
	}
	for _, p := range n.Unusable() {
		q.Held = append(q.Held, fmt.Sprintf("%s: %s %s", p.File, p.Says, p.Meanwhile))
	}
	return q
}

func (e *environ) tellQuiet(q quiet, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(q)
	}
	tellf(e.stdout, "%s\n", q.Says)
	for _, h := range q.Held {
		tellf(e.stdout, "  ! held, as on the last run: %s\n", h)
	}
	return nil
}
