package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
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

// read is a collecting process: one task in, one answer out.
func read(stdin io.Reader, stdout io.Writer) error {
	var t task
	if err := json.NewDecoder(stdin).Decode(&t); err != nil {
		return fmt.Errorf("read what to collect: %w", err)
	}
	collector, err := newCollector(context.Background(), t)
	if err != nil {
		return err
	}
	stop, err := profile(t.Profile)
	if err != nil {
		return err
	}
	began := time.Now()
	obs, err := collector.Collect(context.Background())
	out := took{Wall: time.Since(began), Grants: map[access.EntitlementKind]int{}}
	if err := errors.Join(err, stop()); err != nil {
		return fmt.Errorf("collect from %s: %w", t.System, err)
	}
	if out.PeakKiB, err = figures.PeakKiB(); err != nil {
		return err
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
	return json.NewEncoder(stdout).Encode(out)
}

// profile begins a CPU profile; what it gives ends that and adds one of the heap.
func profile(at string) (stop func() error, err error) {
	if at == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the profiles: %w", err)
	}
	cpu, err := os.Create(at + ".cpu.pprof")
	if err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		heap, err := os.Create(at + ".heap.pprof")
		if err != nil {
			return errors.Join(err, cpu.Close())
		}
		runtime.GC() // so that in use means in use
		return errors.Join(pprof.WriteHeapProfile(heap), heap.Close(), cpu.Close())
	}, nil
}
