package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/csvfile"
	"rollcall/reports/runbook"
)

const checkHelp = `Reads the configuration, HR's lists, the role map and the registers, and tells
everything that is wrong in them: file, row, column, what is there, what rollcall
does meanwhile, and how to mend it. It changes nothing and calls no system.

With --connect it also fetches the secrets that lie in AWS, reads every system, as a
night does, with the reading credentials, and shows for each scope whether it was read to its end, and what is
missing. Each revoking credential that is configured and is here looks at the accounts
of a few people, as it does before it blocks. It decides nothing, changes nothing and
keeps nothing. What those credentials may change cannot be tried without doing it.

With --roster it reads that one list, as HR does before sending it, and tells what
would follow from it tonight: who would lose access, who is held, who is missing,
held against the last accepted list when there is one. The configuration is used
if there is one (for your own headings and status words). It needs no credentials.

What in the files of policy is probably not meant is told too (rollcall rolemap lint
looks at nothing else, and can fail because of it).

It ends with 0 when everything can be used, also when single lines are held, with
2 when a file cannot be used or nobody could be called, and with 4 when a system
cannot be read to its end, or a revoking credential does not see whom it has to block.`

func checkCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "check", Usage: "is everything that rollcall reads in order?", Description: checkHelp,
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "connect", Usage: "also read every system, and show what could be read", DisableDefaultText: true},
			&cli.StringFlag{Name: "roster", Usage: "only this list of HR's: a CSV `FILE`"},
			&cli.StringFlag{Name: "out", Usage: "with --roster: also write a workbook with what to mend, for whoever sent the list: a `FILE` such as roster_problems.xlsx"},
			&cli.StringFlag{Name: "source", Usage: "with --roster: which list of the configuration it is, by `NAME`"},
		},
		Action: func(c *cli.Context) error {
			if c.IsSet("roster") && c.Bool("connect") {
				return refuse("--roster is for one list and calls no system: leave it or --connect out")
			}
			if c.IsSet("roster") {
				return checkRoster(e, c)
			}
			for _, only := range []string{"source", "out"} {
				if c.IsSet(only) {
					return refuse("--%s is only for --roster: add --roster FILE, or leave it out", only)
				}
			}
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			if c.Bool("connect") {
				e.fetchSecrets(c.Context, cfg)
			}
			k := checkAll(c.Context, e, cfg)
			if c.Bool("connect") && !e.locked(k, cfg) {
				if err := e.connect(c.Context, cfg, k); err != nil {
					return err
				}
			}
			return e.tell(k, c.Bool("json"))
		},
	}
}

// checkup is what check found.
type checkup struct {
	Usable   bool             `json:"usable"`
	Files    []checkedFile    `json:"files"`
	Problems []access.Problem `json:"problems"`
	// Unjudged says what was not looked for, and why.
	Unjudged []string `json:"not_looked_for,omitempty"`
	// Reads are what --connect could read.
	Reads []access.Read `json:"reads,omitempty"`
	// Hands are what the credentials that block were seen to look at, with --connect.
	Hands []hand `json:"revoking,omitempty"`
	// working are the addresses (in lower case) and ids (behind "id ") of HR's lists.
	working map[string]bool
	// Missing are people whom notices and runbooks have to name, and nobody has named.
	Missing []runbook.Lack `json:"missing_people,omitempty"`
	last    map[string]access.Counted
	// Tonight is what would follow from the list of --roster.
	Tonight *tonight `json:"tonight,omitempty"`
}

// checkedFile is one file that was read. Lines are those that count.
type checkedFile struct {
	File  string `json:"file"`
	What  string `json:"what"`
	Lines int    `json:"lines"`
	Held  int    `json:"held"`
}

func (k *checkup) add(file checkedFile, problems []access.Problem) {
	k.Files = append(k.Files, file)
	k.Problems = append(k.Problems, problems...)
}

func (k *checkup) note(file, says, meanwhile, mend string) {
	k.Problems = append(k.Problems, access.Problem{Severity: access.Note, File: file, Says: says, Meanwhile: meanwhile, Mend: mend})
}

func (k *checkup) stop(file, says, meanwhile, mend string) {
	k.Problems = append(k.Problems, access.Problem{Severity: access.Stop, File: file, Says: says, Meanwhile: meanwhile, Mend: mend})
}

// tell prints a checkup and gives its exit code.
func (e *environ) tell(k *checkup, asJSON bool) error {
	stops := 0
	for _, p := range k.Problems {
		if p.Severity == access.Stop {
			stops++
		}
	}
	k.Usable = stops == 0
	if err := e.show(k, asJSON); err != nil {
		return err
	}
	var unread error
	if n := k.gaps(); n > 0 {
		unread = exitError{exitIncomplete, fmt.Errorf("%d of %d scopes could not be read to the end: mend what they name, then check again", n, len(k.Reads))}
	}
	if n := k.blind(); n > 0 {
		unread = errors.Join(unread, exitError{exitIncomplete, fmt.Errorf("%d credential(s) that block cannot look at whom they have to block: mend what is named, then check again", n)})
	}
	var unusable, unnamed error
	if !k.Usable {
		unusable = refuse("%d of these keep a file from being used: mend what is marked STOP, then run it again", stops)
	}
	if n := len(k.Missing); n > 0 {
		unnamed = refuse("missing (%d) is whom to call: add it, then run it again", n)
	}
	return errors.Join(unread, unusable, unnamed)
}

// show prints a checkup.
func (e *environ) show(k *checkup, asJSON bool) error {
	if asJSON {
		if k.Problems == nil {
			k.Problems = []access.Problem{}
		}
		if err := writeJSON(e, k); err != nil {
			return fmt.Errorf("write the problems: %w", err)
		}
		return nil
	}
	for _, f := range k.Files {
		fmt.Fprintln(e.stdout, f)
	}
	fmt.Fprintf(e.stdout, "\n%s", csvfile.Message(k.Problems, len(k.Problems)))
	if len(k.Missing) > 0 {
		fmt.Fprintf(e.stdout, "\nMISSING - nights go on, and notices and runbooks cannot say whom to call:\n%s\n", lackWords(k.Missing))
	}
	for n, says := range k.Unjudged {
		if n == 0 {
			fmt.Fprint(e.stdout, "\nNot looked for:\n")
		}
		fmt.Fprintf(e.stdout, "- %s\n", says)
	}
	if k.Tonight != nil {
		fmt.Fprint(e.stdout, k.Tonight)
	}
	if k.Reads != nil {
		if err := printReads(e.stdout, k.Reads, k.last); err != nil {
			return fmt.Errorf("write the certificates: %w", err)
		}
	}
	if err := printHands(e.stdout, k.Hands); err != nil {
		return fmt.Errorf("write what the credentials can look at: %w", err)
	}
	return nil
}

func (f checkedFile) String() string {
	s := fmt.Sprintf("%s (%s): %d lines", f.File, f.What, f.Lines)
	if f.Held > 0 {
		s += fmt.Sprintf(", %d of them held", f.Held)
	}
	return s
}

// read gives the bytes of a file that the configuration names; not being able
// to stops the check, because the night could not read it either.
func (k *checkup) read(cfg config.Config, file, key string) ([]byte, bool) {
	b, err := readInput(cfg.Path(file))
	if err == nil {
		return b, true
	}
	says := "It cannot be read: " + reason(err) + "."
	k.stop(file, says, "", fmt.Sprintf("Put it there, or correct %s in %s.", key, cfg.File))
	return nil, false
}

// reason is why a file could not be opened, without repeating its name.
func reason(err error) string {
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "rollcall may not open it"
	case errors.As(err, &at):
		return at.Err.Error()
	}
	return err.Error()
}

// roster reads one list and says what became of its rows.
func (k *checkup) roster(e *environ, one config.Roster, b []byte) access.Roster {
	list, problems := roster.Read(rosterSource(one, e.now()), b)
	tally := roster.Count(list, problems)
	k.add(checkedFile{File: one.File, What: "roster " + string(one.Name), Lines: tally.Received, Held: tally.Held}, problems)
	if !roster.Stopped(problems) {
		k.canaries(one, list)
	}
	return list
}

// canaries looks for the people who are always in the list.
func (k *checkup) canaries(one config.Roster, list access.Roster) {
	there := map[access.EmployeeID]bool{}
	for _, row := range list.Rows {
		there[row.EmployeeID] = true
	}
	var missing []string
	for _, id := range one.Canaries {
		if !there[id] {
			missing = append(missing, string(id))
		}
	}
	if len(missing) > 0 {
		k.stop(one.File, fmt.Sprintf("People who are always in this list are not in it: %s. It is not the whole list.", strings.Join(missing, ", ")),
			"The last accepted list stays in force; nobody loses access because of this file.", "Check the filter of the report and send the whole list.")
	}
}
