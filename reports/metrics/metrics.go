// Package metrics turns what a run did into figures for Prometheus, as a file for
// node_exporter's textfile collector
// (https://github.com/prometheus/node_exporter#textfile-collector).
//
// It must never name anybody: its labels are systems, kinds, guards and commands. Its
// one invariant: what a run did not find out keeps the figure of the run before, so that
// an aborted night does not look like one without findings.
package metrics

import (
	"time"

	"rollcall/internal/access"
)

// Run is one run that ended, and how.
type Run struct {
	Command        string // nightly, sweep, apply, revoke, restore, notices
	Began, EndedAt time.Time
	ExitCode       int
	Version        string
	// Night is what it found and did; nil: it was aborted.
	Night *access.Night
	// Quiet: it found no news, and left no record. Whole: it read the systems and judged
	// everybody.
	Quiet, Whole bool
	// Waiting counts what people were told and nobody has in hand; nil: it is not known.
	Waiting map[access.Urgency]int
}

// Good reports whether a run with this exit code read everything that it wanted to and
// did all that nobody has to answer for: done, or held by a guard.
func Good(exitCode int) bool { return exitCode == 0 || exitCode == 3 }

// After is the file after a run, given as it was before; nil: there was none. What was
// there and cannot be read is left out, and told as an error beside the text.
func After(before []byte, r Run) (text []byte, unread, err error) {
	p, unread := read(before)
	p.set("build_info", "Which rollcall wrote this file; always 1.", 1, "version", r.Version)
	p.ended(r)
	if n := r.Night; n != nil {
		p.trips(r.Command, n)
		if !r.Quiet {
			p.actions(n)
			if r.Command != "restore" { // it looks at nobody who has left
				p.leavers(r)
			}
		}
		if r.Whole {
			p.reads(n)
			p.findings(n)
		}
	}
	for urgency, n := range r.Waiting {
		p.set("notices_open", "What people have to be told, is not cured, and nobody has taken up, by how soon they had to know.", float64(n), "urgency", string(urgency))
	}
	text, err = p.text()
	return text, unread, err
}

// ended says when and how the last run of each command ended.
func (p page) ended(r Run) {
	p.set("last_run_timestamp_seconds", "When the last run of the command ended, whatever came of it.", seconds(r.EndedAt), "command", r.Command)
	p.set("last_run_exit_code", "The exit code of the last run of the command: 0 done, 3 held, 4 incomplete, 5 failed, 1 aborted, 2 refused.", float64(r.ExitCode), "command", r.Command)
	p.set("last_run_duration_seconds", "How long the last run of the command took.", r.EndedAt.Sub(r.Began).Seconds(), "command", r.Command)
	if Good(r.ExitCode) {
		p.set("last_success_timestamp_seconds", "When the last run of the command ended that read everything and failed at nothing (exit code 0 or 3).", seconds(r.EndedAt), "command", r.Command)
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// guards are those that may hold something.
var guards = []string{"baseline", "blast_radius", "concentration", "irreversible", "protected", "reads", "review_removals", "roster"}

func (p page) trips(command string, n *access.Night) {
	count := map[string]int{}
	for _, g := range guards {
		count[g] = 0
	}
	for _, t := range n.Plan.Trips {
		count[t.Guard]++
	}
	for guard, n := range count {
		p.set("guard_trips", "How often each guard held something back in the last run of the command.", float64(n), "command", command, "guard", guard)
	}
}

// actions counts what was done, over all runs.
func (p page) actions(n *access.Night) {
	const name, help = "actions_total", "Changes of access, by what became of them."
	for i := range n.Systems { // so that the first one shows as a step
		for _, stage := range []access.Stage{access.Block, access.Remove} {
			for _, result := range []access.Result{access.Done, access.Failed} {
				p.add(name, help, 0, "system", string(n.Systems[i].System), "stage", string(stage), "outcome", string(result))
			}
		}
	}
	for _, o := range n.Outcomes {
		p.add(name, help, 1, "system", string(o.Action.Account.System), "stage", string(o.Action.Stage), "outcome", string(o.Result))
	}
}

// reads says of each system whether it was read to its end.
func (p page) reads(n *access.Night) {
	for _, name := range []string{"system_complete", "system_reads", "system_accounts"} {
		p.drop(name)
	}
	for i := range n.Systems {
		s, whole := &n.Systems[i], 0
		reads := append(append([]access.Read(nil), s.Reads...), s.Aside...)
		for _, r := range reads {
			if r.Complete {
				whole++
			}
		}
		system := string(s.System)
		p.set("system_complete", "Whether the last night read the system to its end: 1 or 0.", oneIf(whole == len(reads)), "system", system)
		p.set("system_reads", "How many parts of the system the last night read, by whether to their end.", float64(whole), "system", system, "complete", "true")
		p.set("system_reads", "How many parts of the system the last night read, by whether to their end.", float64(len(reads)-whole), "system", system, "complete", "false")
		p.set("system_accounts", "How many accounts the last night saw in the system.", float64(len(s.Accounts)), "system", system)
	}
	p.drop("roster_accepted_timestamp_seconds")
	for _, v := range n.Rosters {
		p.set("roster_accepted_timestamp_seconds", "When the list of HR's that is in force was first accepted.", seconds(v.InForce.AcceptedAt), "source", string(v.Source))
	}
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// findings counts the conclusions of the night; a kind that was there once is said to be
// gone.
func (p page) findings(n *access.Night) {
	const name, help = "findings", "Findings of the last night."
	f := p[prefix+name]
	for _, m := range f.GetMetric() {
		m.Gauge.Value = new(float64)
	}
	type key struct{ kind, disposition string }
	count := map[key]int{}
	for i := range n.Findings {
		count[key{string(n.Findings[i].Kind), string(n.Findings[i].Disposition)}]++
	}
	count[key{string(access.LeaverAccess), string(access.ToRevoke)}] += 0
	for k, n := range count {
		p.set(name, help, float64(n), "kind", k.kind, "disposition", k.disposition)
	}
}
