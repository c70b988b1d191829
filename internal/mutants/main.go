// Command mutants tells which changes of a package no test notices. It puts every change
// into one copy of the package, each behind a switch, compiles the tests once, and runs
// for each change those tests that come by it: a fraction of a second, where compiling
// anew takes ten.
//
// It must never write into the source tree: the copy reaches the compiler as an overlay.
// Its one invariant: with all switches off, the copy does what the package does, so the
// tests must pass before any change is judged.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// asked is what is to be gone through, and how.
type asked struct {
	folder  string         // of the package
	tags    string         // build tags of its tests
	files   *regexp.Regexp // names of files to change
	skip    string         // tests that are not asked
	list    bool           // only says what would be changed
	workers int
}

func start(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "mutants [flags] [FOLDER OF A PACKAGE]: which changes no test notices (docs/mutation.md)")
		flags.PrintDefaults()
	}
	files := flags.String("files", "", "only files whose name matches this `regexp`")
	a := asked{folder: "."}
	flags.StringVar(&a.tags, "tags", "", "build `tags` of the tests")
	flags.StringVar(&a.skip, "skip", "", "tests that match this `regexp` are not asked")
	flags.BoolVar(&a.list, "list", false, "only list the changes")
	flags.IntVar(&a.workers, "workers", runtime.GOMAXPROCS(0), "how many changes are tried side by side")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if flags.NArg() > 1 {
		return fmt.Errorf("one folder at a time, not %q", flags.Args())
	}
	if flags.NArg() == 1 {
		a.folder = flags.Arg(0)
	}
	var err error
	if a.files, err = regexp.Compile(*files); err != nil {
		return fmt.Errorf("-files: %w", err)
	}
	scratch, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) // nothing in it is needed afterwards
	return try(ctx, a, scratch, stdout, stderr)
}

func try(ctx context.Context, a asked, scratch string, stdout, stderr io.Writer) error {
	folder, err := filepath.Abs(a.folder)
	if err != nil {
		return err
	}
	if _, err := os.Stat(folder); err != nil {
		return fmt.Errorf("find the package: %w", err)
	}
	a.folder = folder
	changed, err := changeAll(ctx, a)
	if err != nil {
		return err
	}
	if a.list {
		for _, c := range changed.changes {
			fmt.Fprintln(stdout, c)
		}
		return nil
	}
	t, err := compile(ctx, a, changed, scratch)
	if err != nil {
		return err
	}
	if err := t.explore(ctx, a, len(changed.changes), stderr); err != nil {
		return err
	}
	results, err := t.judge(ctx, a, changed.changes, stderr)
	if err != nil {
		return err
	}
	report(results, stdout)
	return nil
}
