package main

import (
	"github.com/urfave/cli/v2"

	"rollcall/jobs"
)

const noticesAckHelp = `Says that somebody has a matter in hand: it is told nobody again, and to no next ones, until
it is cured or comes back. Who said so is on record. The key is in the message, and in
rollcall notices list.`

func noticesAckCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "ack", Usage: "somebody has it in hand: no more repeats", Description: noticesAckHelp,
		Flags: []cli.Flag{configFlag(), &cli.StringFlag{Name: "key", Usage: "the `KEY` of the matter"}, &cli.StringFlag{Name: "by", Usage: "`WHO` has it in hand"}},
		Action: func(c *cli.Context) error {
			for _, need := range []string{"key", "by"} {
				if c.String(need) == "" {
					return refuse("--%s is missing: rollcall notices ack --key KEY --by WHO; the keys are in rollcall notices list", need)
				}
			}
			n, _, err := e.notices(c.Context, c)
			if err != nil {
				return err
			}
			book, err := jobs.Book(n.book, n.Records, e.now())
			if err != nil {
				return exitError{exitAborted, err}
			}
			id, found := n.Rules.ConcernOf(book, c.String("key"))
			if !found {
				return refuse("nothing that is open has the key %q: rollcall notices list has the keys", c.String("key"))
			}
			if err := n.Ack(id, c.String("by")); err != nil {
				return exitError{exitAborted, err}
			}
			tellf(e.stdout, "%s has %s in hand: it is told nobody again until it is cured or comes back.\n", c.String("by"), c.String("key"))
			return nil
		},
	}
}
