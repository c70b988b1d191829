package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"rollcall/reconcile"
)

const whyHelp = `Tells why somebody has what they have: which accounts are theirs and by what that is
known, what they hold and on which path, the rule or the exception with its file and
line, who approved it, and since when it is known. With --entitlement it tells of that
right alone; of one that they lack it tells which line would give it. It reads the
systems now, changes nothing and keeps nothing. Where a system cannot be read to its end,
it tells what it can and ends with 4.

Then it tells what the last nights of the archive said, as many as --nights: when each
right was held and what was said of it then, when it was gone, what was found, and what
was done to their accounts. Last it tells what every review asked about them, however
long ago: who decided what, when and why, and who is asked now where a review is open.
A night or a review that cannot be read back as it was written ends it with 1, after
what was read now.`

func whyCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "why", Usage: "why somebody has, or lacks, an access", Description: whyHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "person", Usage: "the employee `ID`, or list/ID where two lists have it (needed)"},
			&cli.StringFlag{Name: "entitlement", Usage: "only this right: its `NAME` or id"},
			&cli.IntFlag{Name: "nights", Value: 30, Usage: "how many past nights, `N`, to look at"}},
		Action: func(c *cli.Context) error {
			if c.String("person") == "" {
				return refuse("why needs --person ID: the employee ID as the HR list has it")
			}
			if err := someNights(c); err != nil {
				return err
			}
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			w, unread, err := e.world(c, cfg)
			if err != nil {
				return err
			}
			all := reconcile.Explain(w, reconcile.Identify(w).Evaluate(), c.String("person"), c.String("entitlement"))
			if len(all) == 0 {
				return refuse("nobody in the HR lists has the ID %q: zeros at its beginning count", c.String("person"))
			}
			past := e.recall(c.Context, cfg, all, c.Int("nights"), c.String("entitlement"))
			if c.Bool("json") {
				return errors.Join(json.NewEncoder(e.stdout).Encode(all), unread, past)
			}
			for _, x := range all {
				e.printWhy(x, c.String("entitlement"))
			}
			return errors.Join(unread, past)
		},
	}
}

func (e *environ) printWhy(x reconcile.Explanation, right string) {
	tellf(e.stdout, "%s\n  stands: %s\n", x.Who, x.Stands)
	if len(x.Accounts) == 0 {
		fmt.Fprintln(e.stdout, "  no account that was read is theirs")
	}
	for _, a := range x.Accounts {
		if right != "" && len(a.Rights) == 0 {
			continue
		}
		tellf(e.stdout, "  %s: theirs by %s\n", a.Account, a.Because)
		for _, r := range a.Rights {
			tellf(e.stdout, "    - %s\n", r)
		}
	}
	if x.Lacks != "" {
		tellf(e.stdout, "  %s\n", x.Lacks)
	}
	if x.Past != nil {
		e.printPast(*x.Past)
	}
}
