package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"rollcall/collectors"
	"rollcall/internal/access"
)

// detailer is a collector that can read the credentials of single accounts.
type detailer interface {
	Detail(ctx context.Context, obs access.Observation, accounts []int) (access.Observation, error)
}

// detail reads the credentials of the accounts that are about to be blocked. A
// system where that fails keeps what it had, with a read that says so.
func detail(ctx context.Context, systems []collectors.Collector, seen []access.Observation, accounts [][]int) []access.Observation {
	for n := range seen {
		d, can := collectorThatCan[detailer](systems, seen[n].System)
		if !can || len(accounts[n]) == 0 {
			continue
		}
		obs, err := d.Detail(ctx, seen[n], accounts[n])
		if err != nil {
			obs = seen[n]
			obs.Reads = append(obs.Reads, access.Read{System: obs.System, Kind: "credentials", ClaimedTotal: -1, Gap: err.Error()})
		}
		seen[n] = obs
	}
	return seen
}

// collectorThatCan finds the collector of a system, if it can do more than collect.
func collectorThatCan[T any](systems []collectors.Collector, name access.System) (one T, can bool) {
	for _, c := range systems {
		if c.System() == name {
			one, can = c.(T)
		}
	}
	return one, can
}

// logTime is as long as a log may take: blocks wait for what it says of use, and the
// commit for the events. What is not read by then is a gap, or comes with the next night.
const logTime = 5 * time.Minute

// logReader is a collector whose system keeps a log that says who used what.
type logReader interface {
	Uses(ctx context.Context, obs access.Observation, watches []access.Watch) access.Observation
	Events(ctx context.Context, sent []access.Sent) ([]access.Event, error)
	Probe(ctx context.Context, obs access.Observation) access.Observation
}

// uses reads how the watched accounts were used. A system that keeps no such log
// stays as it was.
func uses(ctx context.Context, systems []collectors.Collector, seen []access.Observation, watches [][]access.Watch) []access.Observation {
	seen = slices.Clone(seen)
	for n := range seen {
		if r, can := collectorThatCan[logReader](systems, seen[n].System); can && len(watches[n]) > 0 {
			seen[n] = r.Uses(ctx, seen[n], watches[n])
		}
	}
	return seen
}

// events reads what became of changes that were sent, system by system.
func events(ctx context.Context, systems []collectors.Collector, sent []access.Sent) (all []access.Event, err error) {
	for _, c := range systems {
		r, can := c.(logReader)
		of := slices.DeleteFunc(slices.Clone(sent), func(s access.Sent) bool { return s.Account.System != c.System() })
		if !can || len(of) == 0 {
			continue
		}
		some, failed := r.Events(ctx, of)
		all, err = append(all, some...), errors.Join(err, failed)
	}
	return all, err
}
