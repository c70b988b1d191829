package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"rollcall/collectors"
	"rollcall/internal/bench/counted"
	"rollcall/internal/bench/fewest"
	"rollcall/internal/bench/figures"
	"rollcall/internal/sandbox/population"
)

// measured is one population read by one plan.
type measured struct {
	counted.Target
	counted.Served
	prefer       collectors.Prefer
	minimum      fewest.Requests
	bound        time.Duration // under the published limits
	calls        fewest.Requests
	quick        took // without latency
	slow         took // each answer delayed by latency
	latency      time.Duration
	delayedCalls int // of the slow run
}

func (m measured) name() string { return m.System + "." + m.Size + "." + string(m.prefer) }

func (m measured) peakKiB() int { return max(m.quick.PeakKiB, m.slow.PeakKiB) }

// targets are all populations, in the order of the report.
func targets(o options) []counted.Target {
	var all []counted.Target
	add := func(t counted.Target) {
		if o.only == "" || o.only == t.System || o.only == t.System+"."+t.Size {
			all = append(all, t)
		}
	}
	for _, z := range population.OktaSizes {
		add(counted.Target{System: "okta", Size: z.Name})
	}
	for _, z := range population.AWSSizes {
		add(counted.Target{System: "aws", Size: z.Name})
	}
	if o.python != "" {
		add(counted.Target{System: "moto", Size: counted.MotoSize, Python: o.python})
	}
	return all
}

// measure measures everything that the options ask for, and reports as it goes.
func measure(o options, stdout, stderr io.Writer) error {
	r := &report{figures.Report{Bench: "collect", Out: stdout, Story: stderr}}
	var all []measured
	for _, t := range targets(o) {
		found, err := measureOne(o, t, stderr)
		if err != nil {
			return err
		}
		for _, m := range found {
			r.calls(m)
			r.time(m)
			r.memory(m)
		}
		all = append(all, found...)
	}
	r.growth(all)
	if o.wall {
		if err := measureWall(o, r, stderr); err != nil {
			return err
		}
	}
	return r.Err
}

// measureOne reads one population by each plan, once without latency and once
// with.
func measureOne(o options, t counted.Target, stderr io.Writer) ([]measured, error) {
	box, err := counted.Open(t, stderr)
	if err != nil {
		return nil, err
	}
	defer box.Close()
	var all []measured
	for _, prefer := range o.prefer {
		m := measured{Target: t, Served: box.Served, prefer: prefer, latency: o.latency}
		m.minimum, m.bound = fewest.Of(box.Okta, box.AWS, prefer)
		if m.quick, m.calls, err = once(o, box, m, 0, stderr); err != nil {
			return nil, err
		}
		var delayed fewest.Requests
		if m.slow, delayed, err = once(o, box, m, o.latency, stderr); err != nil {
			return nil, err
		}
		m.delayedCalls = delayed.Total()
		all = append(all, m)
	}
	return all, nil
}

// once is one collecting run and the requests that the server saw of it.
func once(o options, box *counted.Sandbox, m measured, latency time.Duration, stderr io.Writer) (took, fewest.Requests, error) {
	if _, err := box.Restart(latency); err != nil {
		return took{}, nil, err
	}
	t := task{System: m.System, URL: box.URL, Prefer: m.prefer, Limits: m.Limits}
	if o.profile != "" {
		t.Profile = filepath.Join(o.profile, m.name()+"."+latency.String())
	}
	result, err := collect(t, stderr)
	if err != nil {
		return took{}, nil, fmt.Errorf("%s: %w", m.name(), err)
	}
	asked, err := box.Restart(0)
	return result, asked.Requests, err
}

// measureWall reads the two organisations of the targets under the published
// limits, in real time.
func measureWall(o options, r *report, stderr io.Writer) error {
	o.only = ""
	for _, t := range []counted.Target{
		{System: "okta", Size: population.Okta5000.Name, Limits: true}, {System: "aws", Size: population.AWS1000.Name, Limits: true},
	} {
		if err := wallOf(o, t, r, stderr); err != nil {
			return err
		}
	}
	return nil
}

func wallOf(o options, t counted.Target, r *report, stderr io.Writer) error {
	for _, prefer := range o.prefer {
		box, err := counted.Open(t, stderr) // a new one each time: its windows are unused
		if err != nil {
			return err
		}
		m := measured{Target: t, Served: box.Served, prefer: prefer}
		m.minimum, m.bound = fewest.Of(box.Okta, box.AWS, prefer)
		m.quick, m.calls, err = once(o, box, m, 0, stderr)
		box.Close()
		if err != nil {
			return err
		}
		r.wall(m)
	}
	return nil
}
