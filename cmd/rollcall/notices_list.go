package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/jobs"
	"rollcall/reconcile"
)

const noticesListHelp = `Lists what is open, and who was told of it, when, how often and by which channel; and
what is cured of which not everybody was told yet. Names of people are in the report of the
run, not here.`

func noticesListCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "what is open, and who was told of it", Description: noticesListHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			n, _, err := e.notices(c.Context, c)
			if err != nil {
				return err
			}
			book, err := jobs.Book(n.book, n.Records, e.now())
			if err != nil {
				e.log.Warn(err.Error())
			}
			open := openNotices(book, n.Rules)
			if c.Bool("json") {
				return writeJSON(e, open)
			}
			e.listNotices(open)
			return nil
		},
	}
}

// openNotice is one concern as list tells it.
type openNotice struct {
	Key   string        `json:"key"`
	Title string        `json:"title"`
	Says  []string      `json:"says"`
	Since time.Time     `json:"since"`
	Run   access.RunID  `json:"run_id"`
	Cured time.Time     `json:"cured_at,omitzero"`
	Told  []access.Told `json:"told"`
	AckBy string        `json:"acknowledged_by,omitempty"`
	AckAt time.Time     `json:"acknowledged_at,omitzero"`
}

func openNotices(b access.NoticeBook, r reconcile.NoticeRules) []openNotice {
	out := []openNotice{}
	for _, c := range b.Open {
		one := openNotice{Key: r.Key(c), Title: reconcile.Title(c), Says: append([]string{}, c.Open...), Since: c.Since, Run: c.SeenIn, Cured: c.CuredAt, Told: []access.Told{},
			AckBy: b.Acked[c.ID()].By, AckAt: b.Acked[c.ID()].At}
		for _, t := range b.Told {
			if t.Concern == c.ID() {
				one.Told = append(one.Told, t)
			}
		}
		out = append(out, one)
	}
	return out
}

func (e *environ) listNotices(open []openNotice) {
	if len(open) == 0 {
		fmt.Fprintln(e.stdout, "Nothing is open.")
	}
	for _, o := range open {
		in := ""
		if o.Run != "" {
			in = fmt.Sprintf(" (run %s)", o.Run)
		}
		tellf(e.stdout, "%s\n  %s, since %s%s\n", o.Key, o.Title, phrase.Minute(o.Since), in)
		if !o.Cured.IsZero() {
			tellf(e.stdout, "  cured, as was seen at %s\n", phrase.Minute(o.Cured))
		}
		for _, line := range o.Says {
			tellf(e.stdout, "  %s\n", line)
		}
		if o.AckBy != "" {
			tellf(e.stdout, "  %s has it in hand since %s\n", o.AckBy, phrase.Minute(o.AckAt))
		}
		for _, t := range o.Told {
			if t.Times > 0 {
				tellf(e.stdout, "  told %s by %s: %s, last at %s\n", t.Recipient, strings.Join(t.Channels, ", "), phrase.Counted(t.Times, "time"), phrase.Minute(t.Last))
			}
			if !t.TriedAt.IsZero() {
				tellf(e.stdout, "  NOT told %s: no channel took it at %s\n", t.Recipient, phrase.Minute(t.TriedAt))
			}
		}
		if len(o.Told) == 0 {
			fmt.Fprintln(e.stdout, "  nobody was told yet")
		}
	}
}
