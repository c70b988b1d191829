package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/reports"
)

const planHelp = `Collects, decides and lets the guards judge, as the night does, and changes nothing:
not the systems, not the archive. It writes the plan (--out) and tells what would
happen, on stdout and as a page in reports/. "apply --plan" carries out exactly that plan, for as long as plan.max_age
says and no longer.`

func planCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "what the night would do; changes nothing", Description: planHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(), dropFlag(), &cli.StringFlag{Name: "out", Value: "plan.json", Usage: "the plan `FILE` to write"}},
		Action: func(c *cli.Context) error {
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			n, err := e.wire(c.Context, cfg, "plan", cfg.Mode)
			if err != nil {
				return err
			}
			if n.job.Drops, err = e.drops(c, cfg); err != nil {
				return err
			}
			result, err := n.job.Plan(c.Context)
			if err != nil {
				return aborted(err)
			}
			if err := writePlan(c.String("out"), result.Night.Plan); err != nil {
				return aborted(err)
			}
			return e.tellPlan(n, result.Night, c.String("out"), c.Bool("json"))
		},
	}
}

func (e *environ) tellPlan(n *night, record *access.Night, out string, asJSON bool) error {
	footer := reports.Footer{Plan: out}
	if out != "" {
		footer.Files, footer.Config = []string{out}, n.cfg.File
	}
	told, err := n.tell(record, footer)
	if err != nil {
		return aborted(fmt.Errorf("write the summary of the plan: %w", err))
	}
	e.print(told.text, told.data, asJSON)
	return ended(record)
}
