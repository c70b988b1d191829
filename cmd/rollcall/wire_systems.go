package main

import (
	"context"
	"net/http"

	"rollcall/collectors"
	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
)

// wiring makes the parts of one run.
type wiring struct {
	e   *environ
	cfg config.Config
	run access.Run
	net network
	// reading is told how far the collectors are.
	reading *reading
	clocks  *clocks
	bad     map[access.Source]roster.BadRows
}

// collect reads every system, for as long as the configuration allows.
func (w wiring) collect(ctx context.Context, systems []collectors.Collector) []access.Observation {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Collect.MaxTime)
	defer cancel()
	defer w.reading.start()()
	return collectors.All(ctx, systems, canaries(w.cfg))
}

func (w wiring) transport(s access.System) http.RoundTripper {
	if w.e.outside.http == nil {
		return nil
	}
	return w.e.outside.http(s)
}

func (w wiring) collectors(ctx context.Context) ([]collectors.Collector, error) {
	var out []collectors.Collector
	for _, s := range w.cfg.Systems {
		c, err := makers[s.Type].collector(w, ctx, s)
		if err != nil {
			return nil, refuse("system %s: %w", s.Name, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// revokers are the second hand: other types, other credentials.
func (w wiring) revokers(ctx context.Context) (map[access.System]jobs.Revoker, error) {
	out := map[access.System]jobs.Revoker{}
	for _, s := range w.cfg.Systems {
		r, err := makers[s.Type].revoker(w, ctx, s)
		if err != nil {
			return nil, refuse("the mode is enforce, so system %s needs its revoking credential: %w", s.Name, err)
		}
		out[s.Name] = r
	}
	return out, nil
}

// removes reports whether this run may send what cannot be undone.
func (w wiring) removes() bool {
	return w.cfg.Remove.Mode == access.Enforce || w.cfg.Review.Removals == access.Enforce
}

// restorers are the third hand, of the systems that have one configured.
func (w wiring) restorers(ctx context.Context) (map[access.System]jobs.Restorer, error) {
	out := map[access.System]jobs.Restorer{}
	for _, s := range w.cfg.Systems {
		r, err := makers[s.Type].restorer(w, ctx, s)
		if err != nil {
			return nil, refuse("the credential that restores in system %s: %w", s.Name, err)
		}
		if r != nil {
			out[s.Name] = r
		}
	}
	return out, nil
}
