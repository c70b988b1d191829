// Command audit measures how long the auditors' questions take over an archive of
// three years, and whether that grows with the archive's age. The archive is
// simulated and written by the archive's own writer, once; the questions are asked
// as a user asks, each a process of rollcall audit ask. People read its report on
// stderr; on stdout is one line a figure (package figures).
//
// It must never compare answers that are not the same: over the young archive and the
// old one a question must give the same digest, or it fails. Its one invariant: the
// same size of archive has the same bytes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"

	"rollcall/internal/bench/figures"
)

func main() { os.Exit(start(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func start(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	parts := map[string]func() error{"build": func() error { return child(ctx, stdin, stdout, stderr) }}
	return figures.Start("audit", args, stderr, parts, func() error { return bench(ctx, args, stdout, stderr) })
}

// wanted is what the command line asks for.
type wanted struct {
	size
	Dir    string
	young  int
	only   string
	tries  int
	binary string
}

func bench(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	w, err := parse(args, stderr)
	if err != nil {
		return err
	}
	r := &figures.Report{Bench: "audit", Out: stdout, Story: stderr}
	r.Say("%d nights of %d people in %s (made once, 0.5 s a night or so; stop it and it goes on from there)\n", w.Nights, w.People, w.Dir)
	if err := os.MkdirAll(w.Dir, 0o750); err != nil {
		return err
	}
	var built struct{}
	if err := figures.Apart("build", w, &built, stderr); err != nil {
		return fmt.Errorf("make the archive: %w", err)
	}
	a, err := prepare(ctx, w, stderr)
	if err != nil {
		return err
	}
	return errors.Join(a.measure(ctx, r), r.Err)
}

func parse(args []string, stderr io.Writer) (w wanted, err error) {
	flags := figures.Flags("audit", stderr)
	flags.IntVar(&w.Nights, "nights", 1096, "how many nights the archive has")
	flags.IntVar(&w.People, "people", 5000, "how many people work there")
	flags.IntVar(&w.young, "young", 95, "how many nights the young archive has: its first ones")
	flags.StringVar(&w.Dir, "dir", "", "keep the archive in this `folder` (default: the user's cache)")
	flags.StringVar(&w.only, "only", "", "measure only questions whose name has this `text`")
	flags.IntVar(&w.tries, "tries", 3, "ask so often with warm caches, and take the fastest")
	flags.StringVar(&w.binary, "rollcall", "", "measure this `program` (default: one built from here)")
	if err := figures.Parse(flags, args); err != nil {
		return w, err
	}
	if w.People < 10*departments || w.young < 2 || w.Nights < w.young || w.tries < 1 {
		return w, fmt.Errorf("the size is too small: %d people, two young nights and as many in all are the least; see -help", 10*departments)
	}
	if w.Dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return w, fmt.Errorf("find a folder to keep the archive in: %w; name one with -dir", err)
		}
		w.Dir = filepath.Join(cache, "rollcall-bench", fmt.Sprintf("audit-v%d-%d-%d", made, w.Nights, w.People))
	}
	w.Dir, err = filepath.Abs(w.Dir)
	return w, err
}

// child makes the archive in a process of its own, so that its memory is counted
// as nobody else's.
func child(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) error {
	return figures.Part(stdin, stdout, func(w wanted) (struct{}, error) {
		debug.SetGCPercent(400)
		say := func(format string, args ...any) { fmt.Fprintf(stderr, format, args...) }
		return struct{}{}, write(ctx, w.Dir, w.size, say)
	})
}
