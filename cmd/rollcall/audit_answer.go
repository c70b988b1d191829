package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/wholefile"
	"rollcall/reports/audit"
)

func answerFlags() []cli.Flag {
	return append(archiveFlags(),
		&cli.StringFlag{Name: "engine", Value: "duckdb", Usage: "who answers: duckdb, on this machine, or athena, for an archive in S3"},
		&cli.StringFlag{Name: "format", Value: "table", Usage: "`FORM` of the answer: " + strings.Join(formats(), ", ")},
		&cli.StringFlag{Name: "out", Usage: "write the answer to a new `FILE` instead"},
		&cli.IntFlag{Name: "sample", Usage: "only `N` rows, picked by the seed"},
		&cli.Int64Flag{Name: "seed", Usage: "the `NUMBER` that picks the sample"},
		&cli.StringFlag{Name: "bundle", Usage: "write all that the archive has about each row of the sample to the new folder `DIR`"})
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
	if err != nil {
		return notAsked("ask", archiveRoot(cfg), err)
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

// notAsked gives an error of a question to the archive its exit code.
func notAsked(verb, root string, err error) error {
	var wrong *audit.MisuseError
	if errors.As(err, &wrong) {
		return refuse("%w", err)
	}
	return aborted(fmt.Errorf("%s the archive %s: %w", verb, root, err))
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
		if err := wholefile.New(name, b.Bytes(), 0o600); errors.Is(err, fs.ErrExist) {
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
