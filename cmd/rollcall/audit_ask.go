package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/phrase"
	"rollcall/reports/audit"
)

const askHelp = `Answers one of the auditors' questions from the archive. Only what committed runs
wrote counts, and each file that an answer rests on is checked against its signed
manifest first. Under each answer stands what it rests on: as of when, which runs,
rows, the SHA-256 of its CSV, the parameters, this rollcall's version.

   rollcall audit ask --list
   rollcall audit ask --explain leavers
   rollcall audit ask --question leavers --from 2026-01-01 --to 2026-03-31

What is not given: --date and --to are the archive's last day, --from is 90 days
before --to, the rest does not narrow anything. --sample 25 --seed 7 gives the count
and digest of all rows, and 25 of them that the seed alone picks.

--format csv writes the CSV alone to stdout, and what it rests on to stderr.`

// answerParameters are the flags that questions take, in the order of the help.
var answerParameters = []struct{ name, usage string }{
	{"date", "the `DAY` that is asked about, 2026-03-31"},
	{"from", "the first `DAY` of the period"},
	{"to", "the last `DAY` of the period"},
	{"person", "one person only: `ID` or list/id"},
	{"entitlement", "one right only: its `NAME` or id"},
	{"scope", "one AWS account only: its `ID` or name"},
	{"system", "one `SYSTEM` only, as the configuration names it"},
	{"campaign", "one review only: its `ID`"},
	{"days", "how many `DAYS`: what of, --explain says"},
}

func auditAskCommand(e *environ) *cli.Command {
	flags := append(answerFlags(),
		&cli.BoolFlag{Name: "list", Usage: "which questions there are", DisableDefaultText: true},
		&cli.StringFlag{Name: "explain", Usage: "what the question `NAME` means, takes and gives, and its SQL"},
		&cli.StringFlag{Name: "question", Usage: "the `NAME` of the question"})
	for _, p := range answerParameters {
		flags = append(flags, &cli.StringFlag{Name: p.name, Usage: p.usage})
	}
	return &cli.Command{Name: "ask", Usage: "the auditors' questions, answered from the archive", Description: askHelp, Flags: flags,
		Action: func(c *cli.Context) error { return auditAsk(e, c) }}
}

func auditAsk(e *environ, c *cli.Context) error {
	all, err := audit.Questions()
	if err != nil {
		return aborted(err)
	}
	ways := 0
	for _, way := range []string{"list", "explain", "question"} {
		if c.IsSet(way) {
			ways++
		}
	}
	switch {
	case ways != 1:
		return refuse("give one of --question NAME, --explain NAME and --list: see rollcall audit ask --help")
	case c.Bool("list"):
		return listQuestions(e.stdout, all)
	case c.IsSet("explain"):
		q, err := questionNamed(all, c.String("explain"))
		if err != nil {
			return err
		}
		return explainQuestion(e.stdout, q)
	}
	q, err := questionNamed(all, c.String("question"))
	if err != nil {
		return err
	}
	given := map[string]string{}
	for _, p := range answerParameters {
		if c.IsSet(p.name) {
			given[p.name] = strings.TrimSpace(c.String(p.name))
		}
	}
	return e.answer(c, func(ctx context.Context, a *audit.Archive) (*audit.Answer, error) {
		meant, err := a.Understand(q, given)
		if err != nil {
			return nil, err
		}
		for _, says := range meant.Says {
			fmt.Fprintln(e.stderr, says)
		}
		return a.Ask(ctx, q, meant.Values)
	})
}

// questionNamed finds a question, or says which one may have been meant.
func questionNamed(all []audit.Question, name string) (audit.Question, error) {
	var names []string
	for _, q := range all {
		if q.Name == name {
			return q, nil
		}
		names = append(names, q.Name)
	}
	hint := ""
	if near := phrase.Nearest(names, name); len(near) > 0 {
		hint = fmt.Sprintf(": did you mean %q?", near[0])
	}
	return audit.Question{}, refuse("there is no question %q%s (rollcall audit ask --list shows all)", name, hint)
}

func listQuestions(w io.Writer, all []audit.Question) error {
	for _, q := range all {
		fmt.Fprintf(w, "%2d  %-16s %s\n", q.Number, q.Name, q.Title)
	}
	_, err := fmt.Fprint(w, "\nMore of one: rollcall audit ask --explain NAME. Its answer: rollcall audit ask --question NAME.\n")
	return err
}

func explainQuestion(w io.Writer, q audit.Question) error {
	fmt.Fprintf(w, "%s: %s\n\n%s\n\nTakes\n", q.Name, q.Title, q.About)
	for _, p := range q.Parameters {
		fmt.Fprintf(w, "   --%-12s %s", p.Name, p.Type)
		if p.Default != "" {
			fmt.Fprintf(w, ", without it %s", p.Default)
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "\nGives\n   %s\n\nSQL\n%s", strings.Join(q.Columns, ", "), q.SQL)
	return err
}
