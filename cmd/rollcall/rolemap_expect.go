package main

import (
	"fmt"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/policy"
	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/reconcile"
)

const expectHelp = `Tests the role map and the exceptions by a CSV of expectations: this person, or everybody
with this title, department or worker type, may, must or may not hold this right. It
reads HR's lists to know who somebody is, and no system; it changes nothing.

    source,employee_id,title,department,worker_type,expect,system,scope,kind,entitlement,reason
    employees,E1042,,,,may,okta,,group,Finance Reports,closes the year
    ,,*Intern*,,,may_not,aws,,permission_set,*,interns look, they do not touch

may and must are about one right, and without a scope they mean every scope; may_not may
use * and is broken by any line that touches what it names. --new tests a role map that is
not in force yet. It ends with 0 when everything holds, and with 2 when not: run it in CI
before a change to the policy is merged.`

func rolemapTest(e *environ) *cli.Command {
	return &cli.Command{
		Name: "test", Usage: "does the policy say what people expect of it?", Description: expectHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "expect", Usage: "the expectations: a `FILE` (needed)"},
			&cli.StringFlag{Name: "new", Usage: "test the role map in this `FILE` instead of that of the configuration"}},
		Action: func(c *cli.Context) error { return e.testPolicy(c) },
	}
}

// expectation is one line of the result.
type expectation struct {
	File  string `json:"file"`
	Row   int    `json:"row"`
	Holds bool   `json:"holds"`
	Says  string `json:"says,omitempty"`
	// Reason is why people expect it.
	Reason string `json:"reason,omitempty"`
}

func (e *environ) testPolicy(c *cli.Context) error {
	if c.String("expect") == "" {
		return refuse("rolemap test needs --expect FILE: a CSV of who may, must or may not hold what")
	}
	cfg, err := e.config(c)
	if err != nil {
		return err
	}
	b, err := readInput(c.String("expect"))
	if err != nil {
		return refuse("read the expectations: %w", err)
	}
	expected, problems := policy.ReadExpectations(filepath.Base(c.String("expect")), b, systemNames(cfg)...)
	p, files := readPolicy(cfg)
	for _, f := range files { // a test of a policy that is not what people wrote would prove nothing
		if f.what == "rolemap" && c.String("new") == "" || f.what == "exceptions" {
			problems = append(problems, f.problems...)
		}
	}
	if c.String("new") != "" {
		if p.RoleMap, err = roleMap(cfg, c.String("new")); err != nil {
			return err
		}
	}
	var grave []access.Problem
	for _, one := range problems {
		if one.Severity != access.Note {
			grave = append(grave, one)
		}
	}
	if len(grave) > 0 {
		return refuse("nothing was tested, for there are lines that cannot be used:\n%s", csvfile.Message(grave, 20))
	}
	hr := e.readLists(cfg)
	if len(hr.unread) > 0 {
		return refuse("nothing was tested, for the HR list %s cannot be used: rollcall check says why", hr.unread[0])
	}
	return e.tellTests(c, reconcile.Test(p, hr.people, expected, e.now(), cfg.Company.Location()))
}

func (e *environ) tellTests(c *cli.Context, tested []reconcile.Tested) error {
	out, failed := []expectation{}, 0
	for _, t := range tested {
		one := expectation{File: t.File, Row: t.Row, Holds: t.Fails == "", Says: t.Fails, Reason: t.Reason}
		if !one.Holds {
			failed++
		}
		out = append(out, one)
	}
	if c.Bool("json") {
		if err := writeJSON(e, out); err != nil {
			return fmt.Errorf("write the results: %w", err)
		}
	} else {
		for _, one := range out {
			if !one.Holds {
				tellf(e.stdout, "%s, row %d: %s", one.File, one.Row, one.Says)
				if one.Reason != "" {
					tellf(e.stdout, " (expected, because: %s)", one.Reason)
				}
				fmt.Fprintln(e.stdout)
			}
		}
		tellf(e.stdout, "%d of %d expectations hold.\n", len(out)-failed, len(out))
	}
	switch {
	case len(out) == 0:
		return refuse("there are no expectations in %s: nothing was tested", c.String("expect"))
	case failed > 0:
		return refuse("%d of %d expectations do not hold: mend the policy, or what is expected of it", failed, len(out))
	}
	return nil
}
