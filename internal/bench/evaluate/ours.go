package main

import (
	"time"

	"rollcall/internal/access"
	"rollcall/internal/bench/company"
	"rollcall/internal/bench/figures"
	"rollcall/reconcile"
)

// took is what one process measured.
type took struct {
	Grants int
	// Identify ties people and accounts together; Evaluate is what is compared.
	Identify, Evaluate time.Duration
	// CPU is how long the evaluation kept cores busy.
	CPU time.Duration
	// GrownKiB is the memory beyond the inputs at its highest; PeakKiB is all of it.
	GrownKiB, PeakKiB int
	Unexpected        int
	Missing           int
	Findings, Actions int
}

// measure runs work and notes its time, and how much memory it took beyond what
// was there.
func (out *took) measure(work func() error) error {
	c, err := figures.Measure(work)
	out.Evaluate, out.CPU, out.GrownKiB, out.PeakKiB = c.Time, c.CPU, c.GrownKiB, c.PeakKiB
	return err
}

// ours evaluates a population once.
func ours(t task) (out took, err error) {
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
	err = out.measure(func() error {
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
