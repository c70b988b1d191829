package main

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/csvfile"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

const suggestHelp = `Reads the systems and HR's lists as a night does, and writes a first role map from what
people hold today: a line for every right that at least --share of the people of one
title, department and worker type hold, where there are at least --people of them. It
says how much of what is held the map would cover, and what the rest is about. Nothing in
it is approved: read each line, write what it lets a person do, and who owns and approved
it. Lines about privileged access are told apart. It changes nothing and keeps nothing.
(rollcall init --suggest does the same, and puts it in the place of the sample.)`

func rolemapSuggest(e *environ) *cli.Command {
	return &cli.Command{
		Name: "suggest", Usage: "a first role map, from what people hold today", Description: suggestHelp,
		Flags: append([]cli.Flag{configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "out", Value: "rolemap_suggested.csv", Usage: "the `FILE` to write; one that is there is not overwritten"}}, suggestFlags()...),
		Action: func(c *cli.Context) error {
			if err := usableSuggestFlags(c); err != nil {
				return err
			}
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			if err := notThere(c.String("out"), "give another file with --out, or move it away"); err != nil {
				return err
			}
			s, unread, err := e.suggest(c, cfg)
			if err != nil {
				return err
			}
			return errors.Join(e.writeSuggestion(c, s, c.String("out"), writeAbsent, nextTry), unread)
		},
	}
}

// suggestFlags say what makes a rule.
func suggestFlags() []cli.Flag {
	return []cli.Flag{
		&cli.Float64Flag{Name: "share", Value: 0.8, Usage: "which part of a role's people has to hold a right, above 0.5 up to 1"},
		&cli.IntFlag{Name: "people", Value: 3, Usage: "how many people a role has to have, 2 or more"},
	}
}

func usableSuggestFlags(c *cli.Context) error {
	if s := c.Float64("share"); !(s > 0.5 && s <= 1) {
		return refuse("--share is %g: write a number above 0.5, up to 1", s)
	}
	if n := c.Int("people"); n < 2 {
		return refuse("--people is %d: one person is no role; write 2 or more", n)
	}
	return nil
}

// notThere refuses to write what is there already.
func notThere(file, mend string) error {
	if _, err := os.Lstat(file); err == nil {
		return refuse("%s is there already, and nothing is overwritten: %s", file, mend)
	}
	return nil
}

// suggest reads what people hold now. unread is as in world.
func (e *environ) suggest(c *cli.Context, cfg config.Config) (s reconcile.Suggestion, unread, err error) {
	w, unread, err := e.world(c, cfg)
	if err != nil {
		return s, nil, err
	}
	return reconcile.Suggest(w, c.Float64("share"), c.Int("people"), csvfile.Writable), unread, nil
}

// What is to be done with a suggestion, by where it was written.
const (
	nextTry     = "Nothing in it is approved yet. Read each line, write its meaning, owner and approver, and try it with: rollcall rolemap diff --new %s"
	nextBeside  = "The role map of the configuration is left as it is. " + nextTry
	nextInForce = "It is in the place of the sample now. Nothing in it is approved yet: read each line of %s, write its meaning, owner and approver; rollcall rolemap lint says what is missing."
)

// writeSuggestion writes a suggested role map, and tells what it is worth. One
// without a line is not written.
func (e *environ) writeSuggestion(c *cli.Context, s reconcile.Suggestion, file string, write func(string, []byte) error, next string) error {
	if len(s.Rules) == 0 {
		file, next = "", "No role map is written: no right is held by so many people of one role. Try a smaller --share or --people."
	} else if text, err := ruleLines(s.Rules); err != nil {
		return aborted(err)
	} else if err := write(file, []byte(text)); err != nil {
		return aborted(fmt.Errorf("write the role map: %w", err))
	} else {
		next = fmt.Sprintf(next, file)
	}
	s.Rights, s.Roles = append([]reconcile.UnexplainedRight{}, s.Rights...), append([]reconcile.UnexplainedRole{}, s.Roles...) // [] in JSON, not null
	told := suggested{File: file, Lines: len(s.Rules), Privileged: s.Privileged, Held: s.Held, Covered: s.Covered, Rights: s.Rights, Roles: s.Roles}
	if c.Bool("json") {
		return writeJSON(e, told)
	}
	return told.print(e.stdout, next)
}

// suggested is what is told of a suggestion.
type suggested struct {
	File       string                       `json:"file"` // empty: there was nothing to write
	Lines      int                          `json:"lines"`
	Privileged int                          `json:"privileged"`
	Held       int                          `json:"held"`
	Covered    int                          `json:"covered"`
	Rights     []reconcile.UnexplainedRight `json:"unexplained_rights"`
	Roles      []reconcile.UnexplainedRole  `json:"unexplained_roles"`
}

// mostUnexplained is how many lines people are shown of each; a program gets all.
const mostUnexplained = 10

func (s suggested) print(to io.Writer, next string) error {
	if s.File == "" {
		fmt.Fprintf(to, "People hold %s directly.\n", phrase.Counted(s.Held, "right"))
	} else {
		fmt.Fprintf(to, "%s: %d lines, %d of them about privileged access. They cover %d of %d rights that people hold directly (%d %%); the rest would be asked about.\n",
			s.File, s.Lines, s.Privileged, s.Covered, s.Held, 100*s.Covered/max(s.Held, 1))
	}
	err := errors.Join(unexplained(to, "No line explains these rights", rightRows(s.Rights)), unexplained(to, "They are held in these roles", roleRows(s.Roles)))
	_, werr := fmt.Fprintln(to, "\n"+next)
	return errors.Join(err, werr)
}

func rightRows(all []reconcile.UnexplainedRight) (rows [][]string) {
	for _, r := range all {
		name := string(r.System) + " "
		if r.Scope != "" {
			name += r.Scope + " "
		}
		name += string(r.Kind) + " " + r.Entitlement
		if r.Privileged {
			name += " (privileged)"
		}
		rows = append(rows, []string{name, fmt.Sprintf("held by %d", r.People)})
	}
	return rows
}

func roleRows(all []reconcile.UnexplainedRole) (rows [][]string) {
	for _, r := range all {
		name := cmp.Or(r.Title, "no title") + ", " + cmp.Or(r.Department, "no department")
		if r.WorkerType != "" {
			name += ", " + r.WorkerType
		}
		rows = append(rows, []string{name, phrase.Counted(r.Held, "right") + " of " + phrase.Counted(r.People, "person")})
	}
	return rows
}

// unexplained prints the beginning of a list.
func unexplained(to io.Writer, title string, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	if len(rows) > mostUnexplained {
		title += fmt.Sprintf(" (the first %d of %d)", mostUnexplained, len(rows))
		rows = rows[:mostUnexplained]
	}
	fmt.Fprintf(to, "\n%s:\n", title)
	t := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, "   "+strings.Join(steadyCells(row), "\t"))
	}
	return t.Flush()
}

// ruleLines writes rules as a role map.
func ruleLines(rules []access.Rule) (string, error) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	rows := [][]string{{"role", "title", "department", "worker_type", "system", "scope", "kind", "entitlement", "requirement", "risk", "owner", "meaning", "approved_by", "approved_on", "expires_on"}}
	for _, r := range rules {
		rows = append(rows, []string{r.Role, r.Title, r.Department, r.WorkerType, r.System, r.Scope, r.Kind, r.Entitlement, string(r.Requirement), string(r.Risk), "", "", "", "", ""})
	}
	if err := w.WriteAll(rows); err != nil {
		return "", fmt.Errorf("write the role map: %w", err)
	}
	return b.String(), nil
}
