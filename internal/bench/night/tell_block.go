package main

import (
	"maps"

	"rollcall/internal/bench/counted"
	"rollcall/internal/bench/figures"
)

// tellBlock reports what blocking took: what was open to leavers before is open no
// more, or the night has failed.
func tellBlock(r *figures.Report, name string, w *world, p played, open, at map[string]counted.Judged) {
	accounts, sent, least, asked, few := 0, 0, 0, 0, 0
	for _, system := range w.names {
		accounts += at[system].Theirs
	}
	r.Say("  %d people are blocked by %d accounts, as the systems themselves show; nothing of anybody else was changed\n", len(w.leavers()), accounts)
	for _, system := range w.names {
		all, need := p.block.asked[system], needed(open[system])
		some, must := changes(all).Total(), changes(need).Total()
		sent, least, asked, few = sent+some, least+must, asked+all.Total()-some, few+need.Total()-must
		r.Say("  %-12s %d changes / %d, %d questions about them / %d, in %.2f s\n", system, some, must, all.Total()-some, need.Total()-must, p.block.took[system].Seconds())
		r.Figure(name+".block."+system+".time", p.block.took[system].Seconds(), "s", figures.NoTarget)
		either := maps.Clone(need)
		maps.Copy(either, all)
		for _, endpoint := range either.Endpoints() {
			r.Say("    %6d of %6d  %s\n", all[endpoint], need[endpoint], endpoint)
			r.Figure(name+".block."+system+".calls:"+endpoint, float64(all[endpoint]), "calls", figures.NoTarget)
		}
	}
	b := p.block
	r.Say("  of the blocking, the systems took %.2f s for changes and %.2f s for questions; from each change to the record of its outcome %.2f s in all; %d requests to their logs afterwards\n",
		b.sent.Seconds(), b.read.Seconds(), b.back.Seconds(), b.logs)
	r.Figure(name+".block.people", float64(len(w.leavers())), "people", figures.NoTarget)
	r.Figure(name+".block.accounts", float64(accounts), "accounts", figures.NoTarget)
	r.Figure(name+".block.changes", float64(sent), "calls", figures.NoTarget)
	r.Figure(name+".block.changes_ratio", ratio(sent, least), "ratio", changesTarget)
	r.Figure(name+".block.questions", float64(asked), "calls", figures.NoTarget)
	r.Figure(name+".block.questions_ratio", ratio(asked, few), "ratio", figures.NoTarget)
	r.Figure(name+".block.sent", b.sent.Seconds(), "s", figures.NoTarget)
	r.Figure(name+".block.read", b.read.Seconds(), "s", figures.NoTarget)
	r.Figure(name+".block.back", b.back.Seconds(), "s", figures.NoTarget)
	r.Figure(name+".block.logs", float64(b.logs), "calls", figures.NoTarget)
}

// ratio is n of so many; of none it is n itself.
func ratio(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

// changesTarget: what is sent is what has to be sent.
const changesTarget = 1.0
