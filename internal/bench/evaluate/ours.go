package main

import (
	"time"

	"rollcall/internal/access"
	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
	"rollcall/internal/bench/versus"
	"rollcall/reconcile"
)

// took is what one process measured.
type took struct {
	Grants int
	// Identify ties people and accounts together, before what is compared.
	Identify time.Duration
	figures.Cost
	Unexpected, Missing int
	Findings, Actions   int
}

// ours evaluates a population once.
func ours(t versus.Task) (out took, err error) {
	p, err := company.New(t.Size)
	if err != nil {
		return out, err
	}
	w := p.World()
	for _, o := range w.Systems {
		out.Grants += len(o.Grants)
	}
	stop, err := figures.Profile(t.Profile)
	if err != nil {
		return out, err
	}
	began := time.Now()
	known := reconcile.Identify(w)
	out.Identify = time.Since(began)
	var d reconcile.Decision
	out.Cost, err = figures.Measure(func() error {
		d = known.Evaluate()
		return nil
	})
	if err != nil {
		return out, err
	}
	if err := stop(); err != nil {
		return out, err
	}
	out.Findings, out.Actions = len(d.Findings), len(d.Plan.Actions)
	for _, f := range d.Findings {
		switch f.Kind {
		case access.UnexpectedGrant:
			out.Unexpected++
		case access.MissingGrant:
			out.Missing++
		}
	}
	return out, nil
}
