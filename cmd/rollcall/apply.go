package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/jobs"
)

const applyHelp = `Carries out the actions of a plan that "rollcall plan" wrote, and no others. Everything
is read again first: whoever is no longer a certain leaver, or is held by a guard
now, is skipped; nothing is ever added, but for what a guard held in this very plan
and an approval releases (rollcall approve). A plan that was altered, that is older than
plan.max_age or was made from another configuration is refused. It ends with 5 when a
step that is still wanted was skipped: the account is not as it was when it was planned.`

func applyCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "apply", Usage: "carry out exactly a plan", Description: applyHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(), dropFlag(), &cli.StringFlag{Name: "plan", Usage: "the plan `FILE` (needed)"},
			&cli.StringSliceFlag{Name: "approval", Usage: "an approval `FILE` besides those in the folder of approvals; may be repeated"}},
		Action: func(c *cli.Context) error {
			if c.String("plan") == "" {
				return refuse("apply needs --plan FILE: make one with rollcall plan")
			}
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			p, err := readPlan(c.String("plan"))
			if err != nil {
				return err
			}
			for _, file := range c.StringSlice("approval") {
				if _, err := os.Stat(file); err != nil {
					return refuse("read the approval: %w: write one with rollcall approve", err)
				}
			}
			if cfg.Mode != access.Enforce {
				return refuse("%s says mode: observe, in which nothing is ever changed: set mode: enforce to apply a plan", cfg.File)
			}
			if err := jobs.CheckPlan(p, e.now(), cfg.Plan.MaxAge); err != nil {
				return refuse("%w", err)
			}
			for _, in := range p.Inputs {
				if in.Name == "config" && in.SHA256 != cfg.SHA256 {
					return refuse("the plan was made from another configuration than %s is now: make a new one with rollcall plan", cfg.File)
				}
			}
			drops, err := e.drops(c, cfg)
			if err != nil {
				return err
			}
			return e.nightly(c.Context, cfg, "apply", &planned{p, c.StringSlice("approval")}, drops, c.Bool("json"))
		},
	}
}
