package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/policy"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reports/runbook"
)

const runbookHelp = `Writes what to do, step by step, for HR, reviewers, compliance, IT on call and
security: onboarding, role change, offboarding, urgent removal, mistake and restore,
access request and exception, periodic review, audit request, roster refused, guard
tripped, revocation failed, break-glass used. Each step says who is responsible and
how to reach them, the command to type, how to see that it worked, what record it
leaves, and whom to call with which words if it does not.

The pages are about this company: they come from the configuration, the role map, the
registers and the contacts, and say what will happen here. Each is written as HTML and
as Markdown; begin with index.html. Write them anew when one of those files changes.

It refuses, and names all of them, while somebody is missing whom a page has to name:
on call, security, HR and compliance, an owner for each system, somebody to call at
night, the approver of reviews. It calls no system and reads no list of HR's.`

// runbookFolder is where the pages are, beside the configuration.
const runbookFolder = "runbooks"

func runbookCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "runbook", Usage: "write the step-by-step pages for people who are not engineers", Description: runbookHelp,
		Flags: []cli.Flag{configFlag(),
			&cli.StringFlag{Name: "out", Usage: "the `DIR` to write the pages into (usual: runbooks, beside the configuration)"}},
		Action: func(c *cli.Context) error {
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			dir := c.String("out")
			if dir == "" {
				dir = cfg.Path(runbookFolder)
			}
			written, err := e.runbooks(cfg, dir)
			if err != nil {
				return err
			}
			tellf(e.stdout, "%d files are in %s. Begin with %s.\nGive them to HR, reviewers, compliance, IT on call and security, and write them anew when the configuration, the role map, a register or the contacts change.\n",
				written, dir, filepath.Join(dir, "index.html"))
			return nil
		},
	}
}

// runbooks writes the pages into a folder, each in the place of the one before.
func (e *environ) runbooks(cfg config.Config, dir string) (written int, err error) {
	p, files := readPolicy(cfg)
	var unusable []access.Problem
	for _, f := range files {
		if policy.Stopped(f.problems) || f.raw == nil {
			unusable = append(unusable, f.problems...)
		}
	}
	if len(unusable) > 0 {
		return 0, refuse("%s: %s The pages rest on it, so that none was written: rollcall check says what to mend", unusable[0].File, unusable[0].Says)
	}
	if lacks := runbook.Lacking(cfg, p.Contacts); len(lacks) > 0 {
		return 0, refuse("somebody is missing whom the pages have to name:\n%s\nNothing was written: a page that cannot say whom to call is worse than none", lackWords(lacks))
	}
	file, err := filepath.Abs(cfg.File)
	if err != nil {
		return 0, exitError{exitAborted, fmt.Errorf("find the configuration's folder: %w", err)}
	}
	b, err := runbook.New(cfg, p, file, thisProgram().String())
	if err != nil {
		return 0, refuse("%w", err)
	}
	pages, err := b.Files()
	if err != nil {
		return 0, exitError{exitAborted, err}
	}
	for _, f := range pages {
		if err := writeFile(filepath.Join(dir, f.Name), f.Text); err != nil {
			return 0, exitError{exitAborted, fmt.Errorf("write %s: %w: name another folder with --out", f.Name, err)}
		}
	}
	return len(pages), nil
}

// lackWords names everybody who is missing, a line each.
func lackWords(lacks []runbook.Lack) string {
	var lines []string
	for _, l := range lacks {
		lines = append(lines, "- "+l.File+": "+l.Says+" "+l.Mend)
	}
	return strings.Join(lines, "\n")
}
