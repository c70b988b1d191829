package main

import (
	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
)

const lintHelp = `Reads the files in which people decide who may have what, and tells what in them is
surely or probably not meant: rules that no one can reach or that match nobody, lines
that have ended, wildcards that let administrators' rights in, exceptions that are too
long or approved by who receives them, owners who left, and so on. It changes nothing,
calls no system, and changes nothing of what a line grants.

What there is in the systems it takes from the last night; who works here from HR's
lists. What could not be looked for, and why, stands at the end.

STOP and HOLD: a file or a line cannot be used. WIDE: a line allows more than it
plainly says. Each of these ends with 2. All else is a NOTE and ends with 0; with
--strict, which is meant for CI, a NOTE ends with 2 as well.`

func rolemapLint(e *environ) *cli.Command {
	return &cli.Command{
		Name: "lint", Usage: "is there anything in the files of policy that nobody means?", Description: lintHelp,
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "strict", Usage: "let notes fail too", DisableDefaultText: true},
		},
		Action: func(c *cli.Context) error { return e.lint(c) },
	}
}

func (e *environ) lint(c *cli.Context) error {
	cfg, err := e.config(c)
	if err != nil {
		return err
	}
	k := &checkup{}
	checkPolicy(c.Context, e, k, cfg, e.readLists(cfg))
	refusing := 0
	for _, p := range k.Problems {
		if p.Severity != access.Note || c.Bool("strict") {
			refusing++
		}
	}
	k.Usable = refusing == 0
	if err := e.show(k, c.Bool("json")); err != nil {
		return err
	}
	switch {
	case refusing == 0:
		return nil
	case c.Bool("strict"):
		return refuse("there is something to mend (%d), and --strict lets nothing pass: mend what is listed, then run it again", refusing)
	}
	return refuse("%d of these cannot be used, or allow more than they say: mend what is marked STOP, HOLD or WIDE, then run it again", refusing)
}
