package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
)

// connect reads every system as a night does, and decides, archives and changes
// nothing: the certificates say what the credentials may read, and what not. The
// credentials that block look at a few accounts.
func (e *environ) connect(ctx context.Context, cfg config.Config, k *checkup) error {
	w, systems, err := e.readers(ctx, cfg, e.newRun(cfg, "check", access.Observe))
	if err != nil {
		return err
	}
	if k.last, err = e.lastCounts(ctx, cfg); err != nil {
		return err
	}
	k.Reads = []access.Read{}
	seen := reconcile.Doubt(w.collect(ctx, systems), k.last, reconcile.Drops{Percent: cfg.Collect.DropPercent})
	for _, o := range seen {
		if r, can := collectorThatCan[logReader](systems, o.System); can {
			o = r.Probe(ctx, o)
		}
		k.Reads = append(append(k.Reads, o.Reads...), o.Aside...)
	}
	w.hands(ctx, k, seen)
	if err := ctx.Err(); err != nil {
		return exitError{exitAborted, fmt.Errorf("stopped while reading (nothing was changed): %w", err)}
	}
	return nil
}

// lastCounts are the counts that the archive remembers; none before there is
// an archive. It needs no key: check shows them and acts on nothing.
func (e *environ) lastCounts(ctx context.Context, cfg config.Config) (map[string]access.Counted, error) {
	keep, err := e.pastArchive(ctx, cfg)
	if err != nil || keep == nil {
		return nil, aborted(err)
	}
	memory, err := keep.Memory(nil)
	if err != nil {
		return nil, exitError{exitAborted, fmt.Errorf("read the counts of the last run: %w", err)}
	}
	return memory.Counts, nil
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
func printReads(to io.Writer, reads []access.Read, last map[string]access.Counted) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nscope\tcomplete\trequests\trecords\tof\tlast run\tread as")
	for _, r := range reads {
		complete, of := "yes", "?"
		if !r.Complete {
			complete = "NO"
		}
		if r.ClaimedTotal >= 0 {
			of = fmt.Sprint(r.ClaimedTotal)
		}
		before := "?"
		if c, known := last[r.Name()]; known {
			before = fmt.Sprint(c.Records)
		}
		tellf(w, "%s\t%s\t%d\t%d\t%s\t%s\t%s\n", r.Name(), complete, r.Requests, r.Records, of, before, r.Caller)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range reads {
		if !r.Complete {
			tellf(to, "\n%s: %s\n", r.Name(), r.Gap)
		}
	}
	return nil
}
