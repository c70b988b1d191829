package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports"
)

const restoreHelp = `Undoes what a run blocked, each to the state that it had before, for people who work
here by HR's list of today: so HR corrects its list first. A right that can be given by
itself comes back only if the role map or an exception lets the person have it today.
What cannot be undone (sessions that were ended, API tokens, users who were
deactivated) is told.

It needs credentials of its own (restore_token, restore_role), which belong on another
machine than the night's, and manual: enforce. Without manual: enforce, or with --show,
it tells what it would do and changes nothing. Everything is read first, as a night
does; each change is read back, and the run is kept in the archive with its reason.

The run is named in the summary of the night, and in the folder of its reports.`

func restoreCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "restore", Usage: "undo what a run blocked, for people who work here", Description: restoreHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(), dropFlag(),
			&cli.StringFlag{Name: "run", Usage: "the `RUN` whose blocks are undone (needed)"},
			&cli.StringFlag{Name: "person", Usage: "only this person: the employee `ID`, or list/ID where two lists have it"},
			&cli.StringFlag{Name: "reason", Usage: "why, for the record: a `TEXT` such as \"HR's mistake, ticket 42\" (needed, but to show)"},
			&cli.BoolFlag{Name: "show", Usage: "only show what it would do", DisableDefaultText: true}},
		Action: func(c *cli.Context) error {
			wish := jobs.Wish{Run: access.RunID(c.String("run")), Person: c.String("person"), Reason: c.String("reason")}
			if wish.Run == "" {
				return refuse("restore needs --run RUN: the run that blocked, as the summary of that night names it")
			}
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			show := c.Bool("show") || cfg.Manual != access.Enforce
			if wish.Reason == "" && !show {
				return refuse("restore needs --reason TEXT: why it is right to undo this; it is kept in the record")
			}
			drops, err := e.drops(c, cfg)
			if err != nil {
				return err
			}
			if show {
				return e.showRestore(c.Context, cfg, wish, drops, c.Bool("show"), c.Bool("json"))
			}
			return e.restore(c.Context, cfg, wish, drops, c.Bool("json"))
		},
	}
}

// restore undoes under the lock.
func (e *environ) restore(ctx context.Context, cfg config.Config, wish jobs.Wish, drops reconcile.Drops, asJSON bool) error {
	m := e.measuring(cfg, "restore")
	return m.ended(e.restoreOf(ctx, cfg, wish, drops, asJSON, m))
}

func (e *environ) restoreOf(ctx context.Context, cfg config.Config, wish jobs.Wish, drops reconcile.Drops, asJSON bool, m *measuring) error {
	held, err := e.lock(ctx, cfg, "restore")
	if err != nil {
		return e.notBegun(ctx, cfg, "restore", access.Enforce, err)
	}
	defer held.unlock()
	n, err := e.wire(ctx, cfg, "restore", access.Enforce)
	if err != nil {
		return e.notBegun(ctx, cfg, "restore", access.Enforce, err)
	}
	if err := notLetGo(n, wish.Run); err != nil {
		return err
	}
	if err := n.archive.Vouched(wish.Run); err != nil {
		return exitError{exitAborted, err}
	}
	n.job.Drops, n.job.Outlasts = drops, held.outlasts
	done, err := n.job.Restore(ctx, wish)
	if err != nil {
		if err = notRestored(err); exitCode(err) == exitAborted {
			e.tellAborted(ctx, cfg, n.job.Run, err)
		}
		return err
	}
	m.night = done.Night
	e.tellPeople(ctx, n, done.Night)
	m.waiting = n.waiting
	told := e.tellRestored(reports.Restored{Night: done.Night, Of: wish.Run, Reason: wish.Reason, Restoration: done.Restoration, ArchiveHead: done.Head}, asJSON)
	return errors.Join(told, n.siem.ended())
}

// showRestore tells what restore would do.
func (e *environ) showRestore(ctx context.Context, cfg config.Config, wish jobs.Wish, drops reconcile.Drops, asked, asJSON bool) error {
	n, err := e.wire(ctx, cfg, "restore", access.Observe)
	if err != nil {
		return err
	}
	if err := notLetGo(n, wish.Run); err != nil {
		return err
	}
	n.job.Drops = drops
	shown, err := n.job.ShowRestore(ctx, wish)
	if err != nil {
		return notRestored(err)
	}
	if !asked {
		shown.Notes = append(shown.Notes, fmt.Sprintf("%s does not say manual: enforce, so nothing is done by hand: to restore, set it, and add the credentials that restore", cfg.File))
	}
	return e.tellRestored(reports.Restored{Night: shown.Night, Of: wish.Run, Reason: wish.Reason, Shown: true, Restoration: shown.Restoration}, asJSON)
}

// notRestored gives an error its exit code: what was refused before anything was
// attempted, or an aborted run.
func notRestored(err error) error {
	var refused jobs.Refused
	if errors.As(err, &refused) {
		return refuse("%s", refused.Says)
	}
	return aborted(err)
}

func (e *environ) tellRestored(r reports.Restored, asJSON bool) error {
	data, err := r.JSON()
	if err != nil {
		return aborted(err)
	}
	e.print(r.Text(), data, asJSON)
	return ended(r.Night)
}

// notLetGo refuses a run whose journal has expired.
func notLetGo(n *night, run access.RunID) error {
	x, err := n.archive.ExpiredRun(run)
	if err != nil {
		return aborted(err)
	}
	if x != nil {
		return refuse("what run %s did can be undone no more: its journal is gone, since %w", run, x)
	}
	return nil
}
