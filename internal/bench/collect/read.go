package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"rollcall/collectors"
	"rollcall/internal/access"
	"rollcall/internal/bench/figures"
)

// task is one collecting run.
type task struct {
	System, URL string
	Prefer      collectors.Prefer
	Limits      bool // keep to the published rate limits
	// Profile is where profiles go, a path without its ending; empty is nowhere.
	Profile string `json:",omitempty"`
}

// took is what a run took and what it brought.
type took struct {
	Wall     time.Duration
	CPU      time.Duration // user and system, garbage collection included
	PeakKiB  int
	Accounts int
	Grants   map[access.EntitlementKind]int
	Gaps     []string
}

// read is a collecting process.
func read(t task) (out took, err error) {
	collector, err := newCollector(context.Background(), t)
	if err != nil {
		return out, err
	}
	stop, err := figures.Profile(t.Profile)
	if err != nil {
		return out, err
	}
	began := time.Now()
	obs, err := collector.Collect(context.Background())
	out = took{Wall: time.Since(began), Grants: map[access.EntitlementKind]int{}}
	if err := errors.Join(err, stop()); err != nil {
		return out, fmt.Errorf("collect from %s: %w", t.System, err)
	}
	if out.PeakKiB, err = figures.PeakKiB(); err != nil {
		return out, err
	}
	out.CPU = figures.CPU()
	out.Accounts = len(obs.Accounts)
	for _, g := range obs.Grants {
		out.Grants[obs.Entitlements[g.Entitlement].Kind]++
	}
	for _, r := range obs.Reads {
		if !r.Complete {
			out.Gaps = append(out.Gaps, r.Name()+": "+r.Gap)
		}
	}
	return out, nil
}

// collect starts this program again to read once.
func collect(t task, stderr io.Writer) (result took, err error) {
	if err := figures.Apart("read", t, &result, stderr); err != nil {
		return took{}, fmt.Errorf("collect from %s: %w", t.System, err)
	}
	return result, nil
}
