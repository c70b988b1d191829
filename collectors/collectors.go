// Package collectors runs the systems' collectors side by side and certifies
// what they saw.
//
// It must never turn a broken read into an empty one: whatever could not be
// read is a Read that says so. Its one invariant: every collector that was
// asked answers with an Observation of at least one Read, whether it
// returned, failed or panicked.
package collectors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"rollcall/internal/access"
)

// Collector states the facts of one system. Collect returns an error only when
// the run was stopped (Stopped) or nothing at all can be said; a scope that is
// broken or denied, or that the time did not suffice for, is a Read with Complete
// false and its Gap in words.
type Collector interface {
	System() access.System
	Collect(ctx context.Context) (access.Observation, error)
}

// Stopped gives the error of a run that somebody stopped. A deadline stops
// nothing: what was read to its end by then is as true as ever, and a leaver who
// is in it must not stay because something else was slow.
func Stopped(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return nil
}

// All collects from every system at once and gives the observations in the
// order of the collectors, each certified against the canaries of its system.
func All(ctx context.Context, all []Collector, canaries map[access.System][]string) []access.Observation {
	out := make([]access.Observation, len(all))
	var wg sync.WaitGroup
	for i, c := range all {
		wg.Go(func() { out[i] = Certify(overtime(ctx, observe(ctx, c)), canaries[c.System()]) })
	}
	wg.Wait()
	return out
}

// observe collects from one system and turns a failure into a gap.
func observe(ctx context.Context, c Collector) (obs access.Observation) {
	defer func() {
		if p := recover(); p != nil {
			obs = nothing(c.System(), fmt.Sprintf("the collector broke down: %v; report it, with the log of this run", p))
		}
	}()
	obs, err := c.Collect(ctx)
	switch {
	case err != nil:
		return nothing(c.System(), err.Error())
	case len(obs.Reads) == 0:
		return nothing(c.System(), "the collector says nothing about what it read; report it")
	}
	return obs
}

// overtime says of what was not read in time how to give it more.
func overtime(ctx context.Context, obs access.Observation) access.Observation {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return obs
	}
	for i, r := range obs.Reads {
		if !r.Complete && strings.Contains(r.Gap, "deadline") {
			obs.Reads[i].Gap += "; the time for reading was up: see what was slow, or raise collect.max_time"
		}
	}
	return obs
}

// nothing is what is known of a system that could not be read.
func nothing(system access.System, gap string) access.Observation {
	return access.Observation{
		System: system,
		Reads:  []access.Read{{System: system, Kind: "all", Lists: true, ClaimedTotal: -1, Gap: gap}},
	}
}
