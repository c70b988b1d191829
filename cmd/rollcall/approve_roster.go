package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
)

// approveRoster makes an approval of a list that the guard refuses for its numbers or its day.
func (e *environ) approveRoster(c *cli.Context, cfg config.Config) ([]approved, error) {
	file := c.String("roster")
	one, err := pickRoster(cfg, file, access.Source(c.String("source")))
	if err != nil {
		return nil, err
	}
	b, err := readInput(file)
	if err != nil {
		return nil, refuse("read the list: %w: check the name of the file", err)
	}
	keep, err := e.past(c.Context, cfg)
	if err != nil {
		return nil, refuse("the list in force, which the list is held against, is in the archive: %w", err)
	}
	m, err := keep.Memory(roster.Decode)
	if err != nil {
		return nil, exitError{exitAborted, fmt.Errorf("read the list in force: %w", err)}
	}
	list, problems := roster.Read(rosterSource(one, e.now()), b)
	v := reconcile.Accept(list, problems, m, rosterGuard(cfg, one), e.now()).Verdict
	switch {
	case v.Accepted:
		return nil, refuse("%s is not refused, so that there is nothing to approve: the night accepts it as it is", file)
	case !v.Refusal.Approvable:
		return nil, refuse("why %s is refused cannot be approved (%s): %s", file, v.Refusal.Says, v.Refusal.Mend)
	}
	return []approved{{says: v.Refusal.Says, Approval: access.Approval{Guard: "roster", Scope: string(one.Name), Roster: &v.Seen, CohortSHA256: v.Seen.Rows, Count: v.Seen.Gone}}}, nil
}

// rosterGuard is what a list has to stand up to.
func rosterGuard(cfg config.Config, one config.Roster) reconcile.RosterGuard {
	g := cfg.Guards.Roster
	return reconcile.RosterGuard{ShrinkPercent: g.ShrinkPercent, GoneMin: g.GoneMin, GonePercent: g.GonePercent, Canaries: one.Canaries, LeftAfter: one.LeftAfter}
}
