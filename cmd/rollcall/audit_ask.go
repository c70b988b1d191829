package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
	"rollcall/reports/archive"
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

const sqlHelp = `Answers a SELECT of your own over the archive: one view per table,
of committed runs only, with run_id and date as columns; and nights, the runs that
read the systems. It is DuckDB's SQL. Nothing but a SELECT is taken, and no SQL
reaches a file or the network. Which tables and columns there are:

   rollcall audit sql --query "SELECT table_name, column_name, data_type FROM information_schema.columns"

For example

   rollcall audit sql --query "SELECT date, count(*) FROM grants GROUP BY date ORDER BY date"

--from and --to say which days are read: less is faster.`

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

func archiveFlags() []cli.Flag {
	return []cli.Flag{
		configFlag(),
		&cli.StringFlag{Name: "archive", Usage: "the archive's `DIR`, or s3://bucket/prefix (default: the configuration's)"},
		&cli.StringFlag{Name: "key", Usage: "the public key `FILE` (default: the configuration's)"},
	}
}

func answerFlags() []cli.Flag {
	return append(archiveFlags(),
		&cli.StringFlag{Name: "engine", Value: "duckdb", Usage: "who answers: duckdb, on this machine, or athena, for an archive in S3"},
		&cli.StringFlag{Name: "format", Value: "table", Usage: "`FORM` of the answer: " + strings.Join(formats(), ", ")},
		&cli.StringFlag{Name: "out", Usage: "write the answer to a new `FILE` instead"},
		&cli.IntFlag{Name: "sample", Usage: "only `N` rows, picked by the seed"},
		&cli.Int64Flag{Name: "seed", Usage: "the `NUMBER` that picks the sample"},
		&cli.StringFlag{Name: "bundle", Usage: "write all that the archive has about each row of the sample to the new folder `DIR`"})
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

func auditSQLCommand(e *environ) *cli.Command {
	return &cli.Command{Name: "sql", Usage: "a SELECT of your own over the archive", Description: sqlHelp,
		Flags: append(answerFlags(),
			&cli.StringFlag{Name: "query", Usage: "the `SELECT`"},
			&cli.StringFlag{Name: "file", Usage: "a `FILE` with the SELECT"},
			&cli.StringFlag{Name: "from", Usage: "the first `DAY` that is read, 2026-01-01"},
			&cli.StringFlag{Name: "to", Usage: "the last `DAY` that is read"}),
		Action: func(c *cli.Context) error { return auditSQL(e, c) }}
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
	names := make([]*cli.Command, len(all))
	for i, q := range all {
		if q.Name == name {
			return q, nil
		}
		names[i] = &cli.Command{Name: q.Name}
	}
	hint := ""
	if guess := cli.SuggestCommand(names, name); guess != "" && !strings.Contains(guess, `""`) {
		hint = ": d" + strings.TrimPrefix(guess, "D")
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

func auditSQL(e *environ, c *cli.Context) error {
	query := c.String("query")
	switch {
	case c.IsSet("query") == c.IsSet("file"):
		return refuse("give the SELECT with --query or, from a file, with --file: see rollcall audit sql --help")
	case c.IsSet("file"):
		b, err := os.ReadFile(c.String("file"))
		if err != nil {
			return refuse("read the query: %w", err)
		}
		query = string(b)
	}
	return e.answer(c, func(ctx context.Context, a *audit.Archive) (*audit.Answer, error) {
		return a.Query(ctx, query, c.String("from"), c.String("to"))
	})
}

// answer asks the archive and writes what it says.
func (e *environ) answer(c *cli.Context, ask func(context.Context, *audit.Archive) (*audit.Answer, error)) error {
	form, err := wantedForm(c)
	if err != nil {
		return err
	}
	opened, cfg, err := e.openAudited(c)
	if err != nil {
		return err
	}
	if opened.Engine, err = e.engine(c, cfg); err != nil {
		return err
	}
	found, err := ask(c.Context, opened)
	var wrong *audit.MisuseError
	if errors.As(err, &wrong) {
		return refuse("%w", err)
	}
	if err != nil {
		return aborted(fmt.Errorf("ask the archive %s: %w", archiveRoot(cfg), err))
	}
	found.Tool = thisProgram().String()
	if c.IsSet("sample") {
		found.Sample(c.Int("sample"), c.Int64("seed"))
	}
	if c.IsSet("bundle") {
		if err := e.bundle(c, opened, found); err != nil {
			return err
		}
	}
	return e.deliver(c, form, found)
}

// openAudited opens the archive that the flags or the configuration name, its chain
// checked.
func (e *environ) openAudited(c *cli.Context) (*audit.Archive, config.Config, error) {
	cfg, keys, err := e.auditedArchive(c)
	if err != nil {
		return nil, cfg, err
	}
	store, err := e.auditedStore(c.Context, cfg)
	if err != nil {
		return nil, cfg, err
	}
	opened, err := audit.OpenTelling(store, e.askProgress(), keys...)
	if errors.Is(err, audit.ErrNoRuns) {
		return nil, cfg, refuse("%w (archive %s)", err, archiveRoot(cfg))
	}
	if err != nil {
		return nil, cfg, aborted(fmt.Errorf("the archive %s: %w", archiveRoot(cfg), err))
	}
	return opened, cfg, nil
}

// bundle writes the evidence of each row of a sample.
func (e *environ) bundle(c *cli.Context, a *audit.Archive, sample *audit.Answer) error {
	dir := c.String("bundle")
	a.Engine = nil // evidence is read here, from checked copies, whoever found the rows
	sum, err := a.Bundle(c.Context, sample, dir)
	switch {
	case errors.Is(err, fs.ErrExist):
		return refuse("%s is there already, and nothing is overwritten: choose another name with --bundle", dir)
	case err != nil:
		return aborted(fmt.Errorf("write the bundle: %w", err))
	}
	fmt.Fprintf(e.stderr, "The evidence of %d rows is in %s; the SHA-256 of its SHA256SUMS is %s. It holds personal data.\n", len(sample.Rows), dir, sum)
	return nil
}

// form writes an answer. Not all forms have room for what it rests on.
type form struct {
	write func(*audit.Answer, io.Writer) error
	bare  bool
}

var forms = map[string]form{
	"table":    {write: (*audit.Answer).WriteTable},
	"json":     {write: (*audit.Answer).WriteJSON},
	"markdown": {write: (*audit.Answer).WriteMarkdown},
	"xlsx":     {write: (*audit.Answer).WriteXLSX},
	"csv":      {bare: true, write: func(a *audit.Answer, w io.Writer) error { _, err := w.Write(a.CSV()); return err }},
}

func formats() []string { return slices.Sorted(maps.Keys(forms)) }

func wantedForm(c *cli.Context) (form, error) {
	f, known := forms[c.String("format")]
	switch {
	case !known:
		return f, refuse("--format is %q: write one of %s", c.String("format"), strings.Join(formats(), ", "))
	case c.String("format") == "xlsx" && !c.IsSet("out"):
		return f, refuse("a workbook is no text: say with --out FILE where to write it")
	case c.IsSet("sample") != c.IsSet("seed"):
		return f, refuse("--sample and --seed go together: the seed is what lets somebody else draw the same rows")
	case c.IsSet("bundle") && !c.IsSet("sample"):
		return f, refuse("--bundle is for a sample: say with --sample and --seed which rows")
	case c.IsSet("sample") && c.Int("sample") < 1:
		return f, refuse("--sample is %d: write 1 or more", c.Int("sample"))
	}
	return f, nil
}

func (e *environ) deliver(c *cli.Context, f form, found *audit.Answer) error {
	if !c.IsSet("out") {
		if err := f.write(found, e.stdout); err != nil {
			return aborted(err)
		}
	} else {
		var b bytes.Buffer
		if err := f.write(found, &b); err != nil {
			return aborted(err)
		}
		name := c.String("out")
		if err := writeOne(name, startFile{name, b.Bytes(), 0o600}); errors.Is(err, fs.ErrExist) {
			return refuse("%s is there already, and nothing is overwritten: choose another name with --out", name)
		} else if err != nil {
			return aborted(fmt.Errorf("write the answer: %w", err))
		}
	}
	if f.bare || c.IsSet("out") {
		return found.WriteEvidence(e.stderr)
	}
	return nil
}

// auditedArchive is where the archive is, and the keys that its manifests are checked
// with (the first, and those of new roots): both flags, or what of them the configuration
// says.
func (e *environ) auditedArchive(c *cli.Context) (config.Config, []ed25519.PublicKey, error) {
	where, keyFile := c.String("archive"), c.String("key")
	var cfg config.Config
	if where == "" || keyFile == "" {
		var err error
		if cfg, err = e.config(c); err != nil {
			return cfg, nil, err
		}
		if keyFile == "" {
			keyFile = cfg.Path(cfg.Archive.PublicKey)
		}
	}
	if where != "" {
		cfg.Dir, cfg.Archive.Root = "", where
	}
	keys, err := verificationKeys(keyFile)
	return cfg, keys, err
}

func (e *environ) auditedStore(ctx context.Context, cfg config.Config) (archive.Store, error) {
	keep, err := e.past(ctx, cfg)
	if err != nil {
		return nil, aborted(err)
	}
	return keep.Store(), nil
}
