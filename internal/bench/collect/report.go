package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/bench/fewest"
	"rollcall/internal/bench/figures"
)

// The targets: the project's own, for the populations that it names.
const (
	oktaCallsTarget = 1.05
	awsCallsTarget  = 1.02
	wallTarget      = 1.15
	latencyTarget   = 0.125
	peakTarget      = 200.0 // MiB, 5,000 people and 100,000 grants
	mib             = 1024.0
)

// report tells what was measured of collectors.
type report struct{ figures.Report }

// calls reports requests against the minimum, by endpoint and in all.
func (r *report) calls(m measured) {
	r.Say("\n%s: %d accounts, %s\n", m.name(), m.quick.Accounts, grants(m.quick.Grants))
	w := tabwriter.NewWriter(r.Story, 0, 8, 2, ' ', 0)
	endpoints := slices.Concat(m.calls.Endpoints(), m.minimum.Endpoints())
	slices.Sort(endpoints)
	unread := 0
	for _, e := range slices.Compact(endpoints) {
		fmt.Fprintf(w, "  %s\t%d calls\t%d minimum\n", e, m.calls[e], m.minimum[e])
		r.Figure(m.name()+".calls:"+e, float64(m.calls[e]), "calls", figures.NoTarget)
		if m.minimum[e] > 0 && m.calls[e] == 0 {
			unread++
		}
	}
	r.Err = cmp.Or(r.Err, w.Flush())
	ratio := float64(m.calls.Total()) / float64(m.minimum.Total())
	r.Say("  %d calls / %d = %.3f; %d endpoints of the minimum were not asked\n", m.calls.Total(), m.minimum.Total(), ratio, unread)
	r.Figure(m.name()+".calls", float64(m.calls.Total()), "calls", figures.NoTarget)
	r.Figure(m.name()+".minimum", float64(m.minimum.Total()), "calls", figures.NoTarget)
	if m.AWS != nil {
		r.Figure(m.name()+".minimum_as_published", float64(fewest.AWSPublished(*m.AWS)), "calls", figures.NoTarget)
	}
	r.Figure(m.name()+".calls_ratio", ratio, "ratio", callsTarget(m))
	r.Figure(m.name()+".unread_endpoints", float64(unread), "endpoints", 0)
	r.complete(m)
}

// complete reports what was not read or not brought.
func (r *report) complete(m measured) {
	for _, gap := range m.quick.Gaps {
		r.Say("  gap: %s\n", gap)
	}
	r.Figure(m.name()+".gaps", float64(len(m.quick.Gaps)), "reads", 0)
	r.Figure(m.name()+".rows_missing", float64(missing(m)), "rows", 0)
}

// missing counts the rows that the population has and the observation has not,
// of those kinds of which each row is one grant.
func missing(m measured) int {
	short := func(want, got int) int { return max(0, want-got) }
	g := m.quick.Grants
	if c := m.Okta; c != nil {
		return short(c.Live+c.Deactivated, m.quick.Accounts) + short(c.Memberships, g[access.OktaGroup]) + short(c.Assignments, g[access.OktaApp])
	}
	people := m.AWS.Users
	for _, account := range m.AWS.IAM {
		people += account.Users
	}
	return short(people, m.quick.Accounts) + short(m.AWS.Memberships, g[access.SSOGroup])
}

func callsTarget(m measured) float64 {
	if m.Okta != nil {
		return oktaCallsTarget
	}
	return awsCallsTarget
}

// time reports the run with latency against its answers one at a time.
func (r *report) time(m measured) {
	one := time.Duration(m.delayedCalls) * m.latency
	ratio := m.slow.Wall.Seconds() / one.Seconds()
	r.Say("  %s at %s latency, one at a time %s: %.3f; %s of a core\n",
		m.slow.Wall.Round(time.Millisecond), m.latency, one, ratio, m.slow.CPU.Round(time.Millisecond))
	r.Figure(m.name()+".cpu", m.slow.CPU.Seconds(), "s", figures.NoTarget)
	r.Figure(m.name()+".wall_at_latency", m.slow.Wall.Seconds(), "s", figures.NoTarget)
	r.Figure(m.name()+".one_at_a_time", one.Seconds(), "s", figures.NoTarget)
	r.Figure(m.name()+".latency_ratio", ratio, "ratio", latencyTarget)
	r.Figure(m.name()+".bound", m.bound.Seconds(), "s", figures.NoTarget)
}

func (r *report) memory(m measured) {
	target := figures.NoTarget
	if m.System == "okta" && m.Size == "5000" {
		target = peakTarget
	}
	r.Say("  %.0f MiB at most, %.0f KiB a page\n", float64(m.peakKiB())/mib, float64(m.peakKiB())/float64(m.minimum.Total()))
	r.Figure(m.name()+".peak", float64(m.peakKiB())/mib, "MiB", target)
}

// wall reports a run under the published limits.
func (r *report) wall(m measured) {
	ratio := m.quick.Wall.Seconds() / m.bound.Seconds()
	r.Say("\n%s under the published limits: %s, bound %s: %.3f\n", m.name(), m.quick.Wall.Round(time.Second), m.bound.Round(time.Second), ratio)
	r.Figure(m.name()+".limited.calls", float64(m.calls.Total()), "calls", figures.NoTarget)
	r.Figure(m.name()+".limited.wall", m.quick.Wall.Seconds(), "s", figures.NoTarget)
	r.Figure(m.name()+".limited.bound", m.bound.Seconds(), "s", figures.NoTarget)
	r.Figure(m.name()+".limited.wall_ratio", ratio, "ratio", wallTarget)
	r.Figure(m.name()+".limited.gaps", float64(len(m.quick.Gaps)), "reads", 0)
}

// grants says how many of each kind there are.
func grants(kinds map[access.EntitlementKind]int) string {
	var parts []string
	total := 0
	for kind, n := range kinds {
		parts = append(parts, fmt.Sprintf("%s %d", kind, n))
		total += n
	}
	slices.Sort(parts)
	return fmt.Sprintf("%d grants (%s)", total, strings.Join(parts, ", "))
}
