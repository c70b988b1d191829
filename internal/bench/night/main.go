// Command night measures whole nights of a large company: rollcall itself, as it is
// built and called, reads Oktas and an AWS over HTTP, decides, blocks who has left,
// writes worksheets and pages and commits the signed archive. With -memory it measures the same job on facts
// that are in memory already, at a size that no HTTP server stands in for.
// People read its report on stderr; on stdout is one line a figure (package figures).
//
// It must never measure a night that is not whole: what was held, not read, not written
// or not blocked fails it, and so does a change of anything else. Its one invariant: the systems are processes of their own, so that
// neither their work nor their memory is counted as the night's.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"rollcall/internal/bench/company"
	"rollcall/internal/bench/counted"
	"rollcall/internal/bench/figures"
)

func main() { os.Exit(start(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func start(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	parts := map[string]func() error{
		"serve":  func() error { return counted.Serve(stdin, stdout) },
		"memory": func() error { return figures.Part(stdin, stdout, inMemory) },
	}
	return figures.Start("night", args, stderr, parts, func() error { return bench(ctx, args, stdout, stderr) })
}

// wanted is what the command line asks for.
type wanted struct {
	size
	under, program, profile string
	nights                  int
	memory                  bool
	facts                   *company.Size // of memory
}

func parse(args []string, stderr io.Writer) (w wanted, err error) {
	flags := figures.Flags("night", stderr)
	w.facts = company.Flags(flags)
	flags.BoolVar(&w.memory, "memory", false, "measure the night on facts that are in memory (its size: -people, -roles, -grants, -drift)")
	flags.IntVar(&w.Orgs, "orgs", 3, "in how many Oktas")
	flags.IntVar(&w.nights, "nights", len(nights), "how many nights: the second one has a night to compare with and knows of leavers, the third blocks them, the fourth finds it done")
	flags.IntVar(&w.Leaver, "leaver", 1000, "one person in so many has left before the second night")
	flags.IntVar(&w.Accounts, "accounts", 200, "how many AWS accounts")
	flags.StringVar(&w.under, "folder", os.TempDir(), "play it in a new folder under this `folder`")
	flags.StringVar(&w.program, "rollcall", "", "measure this `program` (default: one built from here)")
	flags.StringVar(&w.profile, "profile", "", "write profiles of all nights to files of this `name`")
	if err := figures.Parse(flags, args); err != nil {
		return w, err
	}
	w.People = w.facts.People
	if !w.memory && !given(flags, "people") {
		w.People = 100_000
	}
	if w.profile != "" {
		if w.profile, err = filepath.Abs(w.profile); err != nil {
			return w, err
		}
	}
	if w.memory {
		_, err = company.New(*w.facts)
		return w, err
	}
	if w.nights < 1 || w.nights > len(nights) {
		return w, fmt.Errorf("-nights %d is not one to %d", w.nights, len(nights))
	}
	if err := w.check(); err != nil {
		return w, err
	}
	if w.nights > 2 && len(w.leavers()) == 0 {
		return w, fmt.Errorf("-leaver %d: nobody of %d people leaves, so that nobody can be blocked", w.Leaver, w.People)
	}
	return w, nil
}

// given reports whether a flag is on the command line.
func given(flags *flag.FlagSet, name string) (is bool) {
	flags.Visit(func(f *flag.Flag) { is = is || f.Name == name })
	return is
}

func bench(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	want, err := parse(args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(want.under, "rollcall-bench")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r := &figures.Report{Bench: "night", Out: stdout, Story: stderr}
	if want.memory {
		return errors.Join(remembered(r, want, dir, stderr), r.Err)
	}
	return errors.Join(overHTTP(ctx, r, want, dir, stderr), r.Err)
}

//go:embed profiled.go.txt
var profiled []byte

// build makes the program, with a profile around it or as it is.
func build(ctx context.Context, program string, withProfile bool, stderr io.Writer) error {
	args := []string{"build", "-o", program}
	if withProfile {
		main, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}/main.go", "rollcall/cmd/rollcall").Output()
		if err != nil {
			return fmt.Errorf("find rollcall: %w", err)
		}
		with := filepath.Join(filepath.Dir(program), "profiled.go")
		overlay, err := json.Marshal(map[string]map[string]string{"Replace": {string(main[:len(main)-1]): with}})
		if err != nil {
			return err
		}
		if err := errors.Join(os.WriteFile(with, profiled, 0o600), os.WriteFile(with+".json", overlay, 0o600)); err != nil {
			return fmt.Errorf("put a profile around rollcall: %w", err)
		}
		args = append(args, "-overlay", with+".json")
	}
	process := exec.CommandContext(ctx, "go", append(args, "rollcall/cmd/rollcall")...)
	process.Stderr = stderr
	if err := process.Run(); err != nil {
		return fmt.Errorf("build rollcall: %w", err)
	}
	return nil
}
