package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/policy"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/csvfile"
	"rollcall/reconcile"
	"rollcall/reports"
)

func rolemapCommand(e *environ) *cli.Command {
	return &cli.Command{Name: "rolemap", Usage: "the role map: what is wrong in it, whether it says what is expected, what a change to it would do, and a first one", Subcommands: []*cli.Command{rolemapLint(e), rolemapTest(e), rolemapDiff(e), rolemapSuggest(e)}}
}

const diffHelp = `Reads the systems and HR's lists as a night does, judges them by the old role map and
by the new one, and tells the difference: which access that people hold would be
allowed, which would become unexpected, which findings appear and vanish. It changes
nothing and keeps nothing. Run it before a change to the role map is merged; --markdown
is for a pull request. A role map with lines that cannot be used is refused. Where a
system cannot be read to its end, it tells what it can and ends with 4.

With --nights N it reads no system and needs no credentials: it replays the change over
the last N nights of the archive, by who held what and had which job then, and tells
what several nights have in common once, with its first and last night. A night that
cannot be read back as it was written is an error; one that had not read everything is
told, and ends it with 4. For months and years of nights there is --engine duckdb (or
athena, for an archive in S3: rollcall audit ddl): one SELECT over all of them, which
tells the same of rights, and nothing of findings.`

func rolemapDiff(e *environ) *cli.Command {
	return &cli.Command{
		Name: "diff", Usage: "what another role map would do tonight, or would have done on past nights", Description: diffHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(), &cli.BoolFlag{Name: "markdown", Usage: "as Markdown, for a pull request", DisableDefaultText: true},
			&cli.StringFlag{Name: "old", Usage: "the role map as it is: a `FILE`; without it, that of the configuration"},
			&cli.StringFlag{Name: "new", Usage: "the role map as it would be: a `FILE` (needed)"},
			&cli.IntFlag{Name: "nights", Usage: "replay it over the last `N` nights of the archive instead", DefaultText: "tonight"},
			&cli.StringFlag{Name: "engine", Value: "go", Usage: "the `ENGINE` that judges past nights: go, as a night does, with findings; or duckdb or athena, as one SELECT, for years of them"}},
		Action: func(c *cli.Context) error {
			if c.String("new") == "" {
				return refuse("rolemap diff needs --new FILE: the role map as it would be")
			}
			if err := someNights(c); err != nil {
				return err
			}
			if judges[c.String("engine")] == nil || c.IsSet("engine") && !c.IsSet("nights") {
				return refuse("--engine is %q: write go, duckdb or athena, together with --nights N", c.String("engine"))
			}
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			old := c.String("old")
			if old == "" {
				old = cfg.Path(cfg.Policy.RoleMap)
			}
			older, err := roleMap(cfg, old)
			if err != nil {
				return err
			}
			newer, err := roleMap(cfg, c.String("new"))
			if err != nil {
				return err
			}
			if c.IsSet("nights") {
				return e.replay(c, cfg, older, newer)
			}
			w, unread, err := e.world(c, cfg)
			if err != nil {
				return err
			}
			d := reconcile.CompareMaps(w, older, newer)
			if c.Bool("json") {
				return errors.Join(json.NewEncoder(e.stdout).Encode(d), unread)
			}
			return errors.Join(printDifference(e.stdout, d, c.Bool("markdown")), unread)
		},
	}
}

// roleMap reads a role map of which every line can be used: of one that has
// others, nobody could say what it would do.
func roleMap(cfg config.Config, file string) (access.RoleMap, error) {
	b, err := readInput(file)
	if err != nil {
		return access.RoleMap{}, refuse("read the role map: %w", err)
	}
	m, problems := policy.ReadRoleMap(filepath.Base(file), b, systemNames(cfg)...)
	var grave []access.Problem
	for _, p := range problems {
		if p.Severity != access.Note {
			grave = append(grave, p)
		}
	}
	if len(grave) > 0 {
		return m, refuse("%s has lines that cannot be used:\n%s", file, csvfile.Message(grave, 20))
	}
	return m, nil
}

// world is what tonight's decisions would rest on, read now. Nothing is kept.
// unread is what a command ends with after it told what it could: an answer from
// part of the facts must not pass for a whole one.
func (e *environ) world(c *cli.Context, cfg config.Config) (w reconcile.World, unread, err error) {
	n, err := e.wire(c.Context, cfg, "plan", access.Observe)
	if err != nil {
		return w, nil, err
	}
	if w, err = n.job.World(c.Context); err != nil {
		return w, nil, aborted(err)
	}
	gaps, reads := 0, 0
	for _, o := range w.Systems {
		for _, r := range o.Reads {
			if reads++; !r.Complete {
				gaps++
				e.log.Warn(fmt.Sprintf("%s was not read to its end, so that what is told of it is not all: %s", r.Name(), r.Gap))
			}
		}
	}
	if gaps > 0 {
		unread = exitError{exitIncomplete, fmt.Errorf("%d of %d scopes could not be read to the end, so this is not all: mend what they name, then ask again", gaps, reads)}
	}
	return w, unread, nil
}

// section is a table of an answer.
type section struct {
	title string
	head  []string
	rows  [][]string
}

func printDifference(to io.Writer, d reconcile.Difference, markdown bool) error {
	person, finding := []string{"person", "system", "account", "right"}, []string{"finding", "reason", "rests on"}
	return printSections(to, markdown, []section{
		{fmt.Sprintf("Access that people hold and that would be allowed (%d)", len(d.Allowed)), append(person[:4:4], "by"), changeRows(d.Allowed)},
		{fmt.Sprintf("Access that people hold and that nothing would allow any more (%d)", len(d.Unexpected)), append(person[:4:4], "was allowed by"), changeRows(d.Unexpected)},
		{fmt.Sprintf("Findings that would appear (%d)", len(d.Appear)), finding, findingRows(d.Appear)},
		{fmt.Sprintf("Findings that would vanish (%d)", len(d.Vanish)), finding, findingRows(d.Vanish)},
	})
}

func printSections(to io.Writer, markdown bool, sections []section) error {
	for _, s := range sections {
		if markdown {
			markdownTable(to, s.title, s.head, s.rows)
			continue
		}
		fmt.Fprintf(to, "%s\n", s.title)
		t := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
		for _, row := range s.rows {
			fmt.Fprintln(t, "  "+strings.Join(steadyCells(row), "\t"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(to)
	}
	if !markdown {
		fmt.Fprintln(to, "A role map takes nothing away by itself: what is unexpected is asked about in the worksheets.")
	}
	return nil
}

func changeRows(all []reconcile.GrantChange) (rows [][]string) {
	for _, c := range all {
		rows = append(rows, changeRow(c))
	}
	return rows
}

// changeRow tells what allows it by the map that does; without an account's name,
// two accounts of one person would look like one that is told twice.
func changeRow(c reconcile.GrantChange) []string {
	who := []string{fmt.Sprintf("%s (%s)", c.Name, c.Person)}
	for _, more := range []string{c.Title, c.Department, c.WorkerType} {
		if more != "" {
			who = append(who, more)
		}
	}
	return []string{strings.Join(who, ", "), strings.TrimSpace(string(c.System) + " " + c.Scope), c.Login, string(c.Kind) + " " + c.Entitlement, cmp.Or(c.After, c.Before)}
}

func findingRows(all []access.Finding) (rows [][]string) {
	for _, f := range all {
		rows = append(rows, findingRow(f))
	}
	return rows
}

func findingRow(f access.Finding) []string { return []string{string(f.Kind), f.Reason, f.Cites} }

// markdownTable writes a table of which no cell can break out.
func markdownTable(to io.Writer, title string, head []string, rows [][]string) {
	fmt.Fprintf(to, "### %s\n\n", title)
	if len(rows) == 0 {
		fmt.Fprint(to, "None.\n\n")
		return
	}
	fmt.Fprintf(to, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, row := range rows {
		for i := range row {
			row[i] = reports.Markdown(row[i])
		}
		fmt.Fprintf(to, "| %s |\n", strings.Join(row, " | "))
	}
	fmt.Fprintln(to)
}
