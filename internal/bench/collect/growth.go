package main

import "rollcall/internal/bench/figures"

import "rollcall/collectors"

// growth reports what one page more costs, in calls and in memory, between the
// smallest and the largest population of each system, and how that compares
// with people: calls are to grow with pages and not with people.
func (r *report) growth(all []measured) {
	type series struct {
		system string
		prefer collectors.Prefer
	}
	ends := map[series][2]measured{}
	var order []series
	for _, m := range all {
		s := series{m.System, m.prefer}
		pair, seen := ends[s]
		if !seen {
			order = append(order, s)
			pair = [2]measured{m, m}
		}
		if m.minimum.Total() < pair[0].minimum.Total() {
			pair[0] = m
		}
		if m.minimum.Total() > pair[1].minimum.Total() {
			pair[1] = m
		}
		ends[s] = pair
	}
	for _, s := range order {
		small, large := ends[s][0], ends[s][1]
		if pages := large.minimum.Total() - small.minimum.Total(); pages > 0 {
			r.grown(s.system+".growth."+string(s.prefer), small, large, float64(pages))
		}
	}
}

func (r *report) grown(name string, small, large measured, pages float64) {
	calls := float64(large.calls.Total() - small.calls.Total())
	memory := float64(large.peakKiB() - small.peakKiB())
	people := float64(large.quick.Accounts) / float64(small.quick.Accounts)
	r.Say("\n%s, from %s to %s: %.3f calls and %.0f KiB for each page more; people grew %.1f times, calls %.1f times\n",
		name, small.Size, large.Size, calls/pages, memory/pages, people, float64(large.calls.Total())/float64(small.calls.Total()))
	r.Figure(name+".calls_per_page", calls/pages, "calls", callsTarget(large))
	r.Figure(name+".peak_per_page", memory/pages, "KiB", figures.NoTarget)
	r.Figure(name+".calls_times", float64(large.calls.Total())/float64(small.calls.Total()), "times", figures.NoTarget)
	r.Figure(name+".pages_times", float64(large.minimum.Total())/float64(small.minimum.Total()), "times", figures.NoTarget)
	r.Figure(name+".people_times", people, "times", figures.NoTarget)
}
