package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"rollcall/internal/access"
	"rollcall/internal/config"
)

// connect reads every system as a night does, and decides, archives and changes
// nothing: the certificates say what the credentials may read, and what not.
func (e *environ) connect(ctx context.Context, cfg config.Config, k *checkup) error {
	w, systems, err := e.readers(ctx, cfg, e.newRun(cfg, "check", access.Observe))
	if err != nil {
		return err
	}
	k.Reads = []access.Read{}
	for _, o := range w.collect(ctx, systems) {
		k.Reads = append(k.Reads, o.Reads...)
	}
	if err := ctx.Err(); err != nil {
		return exitError{exitAborted, fmt.Errorf("stopped while reading (nothing was changed): %w", err)}
	}
	return nil
}

// gaps counts the reads that are not complete.
func (k *checkup) gaps() int {
	n := 0
	for _, r := range k.Reads {
		if !r.Complete {
			n++
		}
	}
	return n
}

// printReads tells each certificate, and below them what is missing.
func printReads(to io.Writer, reads []access.Read) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nscope\tcomplete\trequests\trecords\tof\tread as")
	for _, r := range reads {
		complete, of := "yes", "?"
		if !r.Complete {
			complete = "NO"
		}
		if r.ClaimedTotal >= 0 {
			of = fmt.Sprint(r.ClaimedTotal)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\n", r.Name(), complete, r.Requests, r.Records, of, r.Caller)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range reads {
		if !r.Complete {
			fmt.Fprintf(to, "\n%s: %s\n", r.Name(), r.Gap)
		}
	}
	return nil
}
