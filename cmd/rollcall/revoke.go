package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/jobs"
	"rollcall/reconcile"
)

const revokeHelp = `One person, now: an incident, or a dismissal that cannot wait. They lose all access that
rollcall can end, whatever HR's lists say of them, by the same steps as a leaver in a
night: each is read again first, journalled, verified and recorded. Why, the ticket and who
ran it are recorded with every action. Nobody else is touched, and the same guards judge
it: who is protected, or the last super admin, stays.

It goes by the accounts that the last run knew, which is fast. With --read it reads all
systems first, so that accounts made since are found too; do that afterwards in any case,
or run the night. It acts only with manual: enforce in the configuration; without it, it
tells what it would do. When another run is at work it waits for it.

It ends with 0 only when all was read and nothing that may be theirs works. With 3 something
is held or may be theirs and was not touched, with 4 not all was read, with 5 a step failed
or was skipped: each is named, with what to do.

Who ordered what is on record before any system is asked: if this is killed, the next run
says so. What it leaves is told by every night until it is settled.

While an HR list has the person as working, every night tells that they were revoked by
hand, by whom and why. No night undoes it.`

func revokeCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "revoke", Usage: "end all access of one person now", Description: revokeHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "person", Usage: "the employee `ID`, or list/ID where two lists have it (needed)"},
			&cli.StringFlag{Name: "reason", Usage: "`WHY`, for the record and the summaries: no more than their readers may know (needed)"},
			&cli.StringFlag{Name: "ticket", Usage: "the `NUMBER` of the ticket or incident, for the record"},
			&cli.BoolFlag{Name: "read", Usage: "read all systems first: slower, and knows accounts made since the last run", DisableDefaultText: true},
			&cli.DurationFlag{Name: "wait", Value: 10 * time.Minute, Usage: "how long to wait for another run to end, such as `10m`"}},
		Action: func(c *cli.Context) error {
			switch {
			case c.String("person") == "":
				return refuse("revoke needs --person ID: the employee ID as the HR list has it")
			case c.String("reason") == "":
				return refuse("revoke needs --reason WHY: whoever reads the record later asks first why this was done")
			case c.Duration("wait") < 0:
				return refuse("--wait is %s: give how long to wait at the most, such as 10m", c.Duration("wait"))
			}
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			order := access.Order{Reason: strings.TrimSpace(c.String("reason")), Ticket: strings.TrimSpace(c.String("ticket")), By: whoami()}
			return e.revoke(c.Context, cfg, c.String("person"), order, manner{read: c.Bool("read"), wait: c.Duration("wait"), asJSON: c.Bool("json")})
		},
	}
}

// manner is how an order is carried out and told.
type manner struct {
	read, asJSON bool
	wait         time.Duration
}

func (e *environ) revoke(ctx context.Context, cfg config.Config, who string, order access.Order, how manner) error {
	m := e.measuring(cfg, "revoke")
	if cfg.Manual != access.Enforce {
		m.file = "" // it only tells
	}
	return m.ended(e.revokeOf(ctx, cfg, who, order, how, m))
}

func (e *environ) revokeOf(ctx context.Context, cfg config.Config, who string, order access.Order, how manner, m *measuring) error {
	acts := cfg.Manual == access.Enforce
	trigger := "plan"
	var held hold
	if acts {
		var err error
		if held, err = e.waitLock(ctx, cfg, how.wait); err != nil {
			return err
		}
		defer held.unlock()
		trigger = "revoke"
	}
	n, err := e.wire(ctx, cfg, trigger, cmp.Or(cfg.Manual, access.Observe))
	if err != nil {
		return err
	}
	n.job.Order, n.job.Report, n.job.Outlasts = &order, nil, held.outlasts
	n.job.Drops = reconcile.Drops{Percent: cfg.Collect.DropPercent, By: order.By}
	if !how.read {
		n.known()
	}
	result, err := n.job.Revoke(ctx, who)
	if err != nil {
		if err = unattempted(err); acts && exitCode(err) == exitAborted {
			e.tellAborted(ctx, cfg, n.job.Run, err)
		}
		return err
	}
	m.night = result.Night
	if acts {
		e.tellPeople(ctx, n, result.Night)
		m.waiting = n.waiting
	}
	about := ofOrder(result.Night, how.read, acts)
	if !acts {
		about.Notes = append(about.Notes, fmt.Sprintf("nothing was changed: %s does not say manual: enforce, without which revoke only tells what it would do", cfg.File))
		return e.tellPlan(n, about, "", how.asJSON)
	}
	return e.tellNight(n, jobs.Result{Night: about, Head: result.Head}, how.asJSON)
}

// waitLock waits for the lock, and names who holds it meanwhile.
func (e *environ) waitLock(ctx context.Context, cfg config.Config, limit time.Duration) (hold, error) {
	held, err := jobs.Wait(ctx, func() (hold, error) { return e.lock(ctx, cfg, "revoke") }, limit, e.sleeper(), func(holder error) {
		e.log.Info(fmt.Sprintf("waiting for up to %s: %v", limit, holder))
	})
	if err != nil {
		return hold{}, exitError{exitAborted, fmt.Errorf("nothing was done: %w. If it cannot wait, block the person in the consoles now, and run this again afterwards", err)}
	}
	return held, nil
}

// ofOrder is a night told as what became of one person.
func ofOrder(n *access.Night, read, acts bool) *access.Night {
	about := *n
	who := n.Ordered()
	about.Findings = slices.DeleteFunc(slices.Clone(n.Findings), func(f access.Finding) bool { return f.Person != who })
	about.Notes = slices.Clone(n.Notes)
	if read {
		about.Notes = append(about.Notes, "all systems were read for this, and the accounts are as of now")
	} else {
		about.Notes = append(about.Notes, "run it again with --read, or run the night, to find accounts that were made since")
	}
	if acts && len(n.Plan.Actions)+len(n.Plan.Held) == 0 && n.Run.ExitCode == exitDone {
		about.Notes = append(about.Notes, "nothing was left to end: no account that is known as theirs can be used")
	}
	about.Notes = append(about.Notes, skippedSteps(n)...)
	about.Notes = append(about.Notes, lingering(n.Outcomes)...)
	return &about
}

// skippedSteps says what to do about accounts that are not as they were when the steps
// were planned: an action that is skipped is never widened.
func skippedSteps(n *access.Night) []string {
	var notes []string
	for _, o := range n.Outcomes {
		if o.Action.Order == nil || o.Result != access.Skipped {
			continue
		}
		note := fmt.Sprintf("%s in %s is not as it was when this was planned, and %s was skipped: look now whether it can be used. Run rollcall revoke --read --person %s --reason WHY, which reads it and plans anew, or block it by hand in the console of %s; then rollcall why --person %s shows what it is",
			o.Action.Login, strings.TrimSpace(string(o.Action.Account.System)+" "+o.Action.Account.Scope), o.Action.Verb, n.Ordered(), o.Action.Account.System, n.Ordered())
		if !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return notes
}

// lingering names what goes on by itself although everything was done, with the
// time by which it ends.
func lingering(outcomes []access.Outcome) []string {
	until := map[string]time.Time{}
	for _, o := range outcomes {
		account := o.Action.Login + " in " + strings.TrimSpace(string(o.Action.Account.System)+" "+o.Action.Account.Scope)
		if end := o.LingersUntil(); end.After(until[account]) {
			until[account] = end
		}
	}
	var notes []string
	for account, end := range until {
		notes = append(notes, fmt.Sprintf("role sessions that %s began before cannot be ended from here; the last of them ends by %s", account, phrase.Minute(end)))
	}
	slices.Sort(notes)
	return notes
}
