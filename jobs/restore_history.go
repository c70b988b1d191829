package jobs

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// history is what the journals say of one run, and of what later runs did to the
// same accounts.
type history struct {
	run  access.RunID
	runs []access.RunID // those that have a journal
	done []reconcile.Done
	also map[access.AccountKey][]access.RunID

	begun    map[intentRef]int // index into done
	byAction map[string][]int
}

func readHistory(r Records, run access.RunID) (*history, error) {
	h := &history{run: run, also: map[access.AccountKey][]access.RunID{}, begun: map[intentRef]int{}, byAction: map[string][]int{}}
	names, err := r.List("journal/")
	if err != nil {
		return h, fmt.Errorf("list the journal: %w", err)
	}
	slices.Sort(names) // by run, which is by time, and record
	for _, name := range names {
		of := access.RunID(path.Base(path.Dir(name)))
		if !slices.Contains(h.runs, of) {
			h.runs = append(h.runs, of)
		}
		if of < run {
			continue
		}
		e, err := readEntry(r, name)
		if err != nil {
			return h, fmt.Errorf("%w: nothing was given back; move it out of the archive and keep it, and what it said is given back by hand", err)
		}
		h.take(e)
	}
	return h, nil
}

func (h *history) take(e entry) {
	switch {
	case e.Kind == "intent" && e.Run == h.run && e.Action.Stage != access.Restore:
		h.begun[intentRef{e.Run, e.N}] = len(h.done)
		h.add(access.Outcome{Action: *e.Action, Result: access.Unknown, PlannedAt: e.At, SentAt: e.At, Before: e.Before, Actor: e.Actor})
	case e.Kind != "outcome":
	case e.Outcome.Action.Stage == access.Restore:
		h.restored(*e.Outcome, e.Run)
	case e.Closes == nil && e.Run == h.run && e.Outcome.Result == access.AlreadyAbsent:
		h.add(*e.Outcome)
	case e.Closes != nil:
		h.closed(*e.Outcome, *e.Closes)
	}
}

func (h *history) add(o access.Outcome) {
	h.byAction[o.Action.ID] = append(h.byAction[o.Action.ID], len(h.done))
	h.done = append(h.done, reconcile.Done{Outcome: o})
}

// closed takes an outcome: of the run, by whichever run it was read back, or of a
// later run.
func (h *history) closed(o access.Outcome, of intentRef) {
	n, ours := h.begun[of]
	for _, m := range h.byAction[o.Action.ID] { // handed on from run to run, as it was not seen to its end
		if d := h.done[m]; !ours && !d.SentAt.IsZero() && d.SentAt.Equal(o.SentAt) {
			n, ours = m, true
		}
	}
	switch {
	case ours && (unsettled(h.done[n].Outcome) || !unsettled(o)):
		h.done[n].Outcome = o
	case ours || o.Result != access.Done || of.Run == h.run:
	case len(h.byAction[o.Action.ID]) > 0:
		for _, m := range h.byAction[o.Action.ID] {
			h.done[m].Again, h.done[m].Restored = of.Run, ""
		}
	default:
		h.blockedToo(o.Action.Account, of.Run)
	}
}

// blockedToo notes a later run that took something else from an account of the run.
func (h *history) blockedToo(account access.AccountKey, run access.RunID) {
	theirs := slices.ContainsFunc(h.done, func(d reconcile.Done) bool { return d.Action.Account == account })
	if theirs && !slices.Contains(h.also[account], run) {
		h.also[account] = append(h.also[account], run)
	}
}

func (h *history) restored(o access.Outcome, run access.RunID) {
	if o.Action.Undoes == nil || o.Result != access.Done && o.Result != access.AlreadyAbsent {
		return
	}
	for _, m := range h.byAction[o.Action.Undoes.ActionID] {
		h.done[m].Restored, h.done[m].Again = run, ""
	}
}

// others names the last runs that changed something or tried to.
func (h *history) others() string {
	if len(h.runs) == 0 {
		return "no run has changed anything yet"
	}
	var names []string
	for _, run := range h.runs[max(0, len(h.runs)-5):] {
		names = append(names, string(run))
	}
	return "the last runs that have a journal are " + strings.Join(names, ", ")
}

func (h *history) people() []string {
	var all []string
	for _, d := range h.done {
		all = append(all, d.Action.Person.String())
	}
	slices.Sort(all)
	return slices.Compact(all)
}
