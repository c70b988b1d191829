package main

import (
	"time"

	"rollcall/collectors"
	"rollcall/internal/bench/fewest"
	"rollcall/internal/bench/figures"
)

// tell reports one night.
func tell(r *figures.Report, name string, w *world, p played) {
	r.Say("\n%s: %s, %s of processors, %d MiB at the most\n", name, p.time.Round(time.Millisecond), p.cpu.Round(time.Millisecond), p.peakKiB>>10)
	for _, part := range p.phases {
		r.Say("  %-12s %8.2f s %8.2f s of processors\n", part.name, part.time.Seconds(), part.cpu.Seconds())
		r.Figure(name+"."+part.name+".time", part.time.Seconds(), "s", figures.NoTarget)
		r.Figure(name+"."+part.name+".cpu", part.cpu.Seconds(), "s", figures.NoTarget)
	}
	bound, in, out := time.Duration(0), int64(0), int64(0)
	calls, minimum := 0, 0
	for i, system := range w.names {
		a := p.asked[system]
		in, out = in+a.In, out+a.Out
		few, least := fewest.Of(w.boxes[i].Okta, w.boxes[i].AWS, collectors.PreferTime)
		bound = max(bound, least)
		asked, last := p.reading(system)
		calls, minimum = calls+asked.Total(), minimum+few.Total()
		reading := last.Sub(a.First)
		r.Say("  %-12s %d requests / %d = %.3f in %.1f s, %.1f MiB of answers; under the published limits at least %s\n", system, asked.Total(), few.Total(),
			float64(asked.Total())/float64(few.Total()), reading.Seconds(), float64(a.Out)/(1<<20), least)
		for _, endpoint := range asked.Endpoints() {
			r.Say("    %6d of %6d  %s\n", asked[endpoint], few[endpoint], endpoint)
			r.Figure(name+"."+system+".calls:"+endpoint, float64(asked[endpoint]), "calls", figures.NoTarget)
		}
		r.Figure(name+"."+system+".calls", float64(asked.Total()), "calls", figures.NoTarget)
		r.Figure(name+"."+system+".time", reading.Seconds(), "s", figures.NoTarget)
		r.Figure(name+"."+system+".bound", least.Seconds(), "s", figures.NoTarget)
	}
	r.Say("  %d worksheets; %.1f MiB into the archive, %.1f MiB into reports; %.1f MiB sent, %.1f MiB received\n",
		p.books, float64(p.archived)/(1<<20), float64(p.reported)/(1<<20), float64(in)/(1<<20), float64(out)/(1<<20))
	r.Figure(name+".calls_ratio", float64(calls)/float64(minimum), "ratio", callsTarget)
	r.Figure(name+".bound", bound.Seconds(), "s", figures.NoTarget)
	r.Figure(name+".time", p.time.Seconds(), "s", figures.NoTarget)
	r.Figure(name+".cpu", p.cpu.Seconds(), "s", figures.NoTarget)
	r.Figure(name+".peak", float64(p.peakKiB)/1024, "MiB", figures.NoTarget)
	r.Figure(name+".worksheets", float64(p.books), "worksheets", figures.NoTarget)
	r.Figure(name+".archived", float64(p.archived)/(1<<20), "MiB", figures.NoTarget)
	r.Figure(name+".reported", float64(p.reported)/(1<<20), "MiB", figures.NoTarget)
	r.Figure(name+".received", float64(out)/(1<<20), "MiB", figures.NoTarget)
}

const callsTarget = 1.05
