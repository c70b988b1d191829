package jobs

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Restorer gives back what a Revoker of the same system took, with the third
// credential. It reads what a Revoker did as well as what itself did.
type Restorer interface {
	// Inspect reads what the action would change, or changed.
	Inspect(context.Context, access.Action) (access.State, error)
	// Act sends the one change. An error does not say that nothing happened.
	Act(context.Context, access.Action) (access.Receipt, error)
}

// Wish is what a person asks to be undone, and why.
type Wish struct {
	Run    access.RunID
	Person string // employee id, or list/id; empty: everybody
	Reason string
}

// Restored is what a restore leaves for the caller.
type Restored struct {
	Result
	reconcile.Restoration
}

// Refused is why nothing was attempted.
type Refused struct{ Says string }

func (r Refused) Error() string { return r.Says }

// Restore undoes what a run did, as far as reconcile lets it: as the night does it,
// facts, decisions, effects, records. The caller holds the lock. A Refused error
// means that nothing was attempted; any other one what Nightly's means.
func (j *Job) Restore(ctx context.Context, wish Wish) (Restored, error) {
	if j.Settings.Mode != access.Enforce {
		return Restored{}, Refused{"the configuration does not let anybody act by hand: nothing was attempted"}
	}
	if err := j.possible(wish); err != nil {
		return Restored{}, err
	}
	memory, err := j.Archive.Memory()
	if err != nil {
		return Restored{}, fmt.Errorf("read the memory of past nights: %w", err)
	}
	n := &access.Night{Run: j.Run}
	n.Run.Previous = memory.Previous
	journal := newJournal(j.Records, j.Run.ID)
	adopted, err := j.recover(ctx, journal, n, &memory)
	if err != nil {
		return Restored{}, fmt.Errorf("close what an interrupted run left open: %w", err)
	}
	world, err := j.facts(ctx, n, memory)
	if err != nil {
		return Restored{}, err
	}
	out := Restored{Result: Result{Night: n}}
	if out.Restoration, err = j.decideRestore(n, world, wish); err != nil {
		return Restored{}, err
	}
	if err := j.Archive.Facts(n); err != nil {
		return out, fmt.Errorf("archive the facts and the plan (nothing was changed in any system): %w", err)
	}
	a := applier{job: j, journal: journal}
	outcomes, err := a.undone(out.Undoings)
	if err == nil {
		var done []access.Outcome
		done, err = a.run(ctx, n.Plan.Actions)
		outcomes = append(outcomes, done...)
	}
	n.Outcomes = append(adopted.Outcomes, outcomes...)
	if err != nil {
		return out, fmt.Errorf("%w; what was done is in the journal, and the next run closes it", err)
	}
	next := reconcile.RememberRestore(memory, outcomes, j.Run.ID)
	adopted.account(&next)
	next.Awaited = append(slices.Clone(memory.Awaited), reconcile.ToEvidence(n.Outcomes, j.Run.ID, memory.Previous)...) // the next night reads the log
	j.verdict(n)
	n.Run.FinishedAt = j.Now()
	j.accountNotices(n, &next, memory)
	if out.Head, err = j.Archive.Finish(n, next); err != nil {
		return out, fmt.Errorf("commit the evidence: %w", err)
	}
	return out, nil
}

// ShowRestore decides as Restore does, and changes nothing: not the systems, not
// the archive.
func (j *Job) ShowRestore(ctx context.Context, wish Wish) (Restored, error) {
	if _, err := j.asked(wish); err != nil {
		return Restored{}, err
	}
	memory, err := j.Archive.Memory()
	if err != nil {
		return Restored{}, fmt.Errorf("read the memory of past nights: %w", err)
	}
	n := &access.Night{Run: j.Run}
	n.Run.Previous = memory.Previous
	if err := j.countOpen(&memory, n); err != nil {
		return Restored{}, err
	}
	world, err := j.look(ctx, n, memory)
	if err != nil {
		return Restored{}, err
	}
	out := Restored{Result: Result{Night: n}}
	if out.Restoration, err = j.decideRestore(n, world, wish); err != nil {
		return Restored{}, err
	}
	out.Notes = append(out.Notes, n.Notes...)
	n.Run.FinishedAt = j.Now()
	j.verdict(n)
	return out, nil
}

// decideRestore asks reconcile, with the journals as they are now.
func (j *Job) decideRestore(n *access.Night, w reconcile.World, wish Wish) (reconcile.Restoration, error) {
	asked, err := j.asked(wish)
	if err != nil {
		return reconcile.Restoration{}, err
	}
	for _, p := range n.Unusable() {
		asked.Unusable = p.File
	}
	d, r := reconcile.Restore(w, asked)
	j.conclude(n, d)
	r.Plan = n.Plan
	return r, nil
}

// possible refuses what cannot be done: a run that did nothing, and a system that
// nobody here may give back in.
func (j *Job) possible(wish Wish) error {
	asked, err := j.asked(wish)
	if err != nil {
		return err
	}
	for _, d := range asked.Done {
		if s := d.Action.Account.System; asked.About(d.Action) && d.Action.Verb.Undo() != "" && d.Result != access.AlreadyAbsent && j.Restorers[s] == nil {
			return Refused{fmt.Sprintf("run %s changed %s, and the credential that gives back there is not configured here: add it to systems.%s (restore_token or restore_client_id for Okta, restore_role for AWS); nothing was attempted", wish.Run, s, s)}
		}
	}
	return nil
}

// asked is the wish with all that the journals say of it. A run that did nothing
// for anybody who is meant is refused.
func (j *Job) asked(wish Wish) (reconcile.Asked, error) {
	h, err := readHistory(j.Records, wish.Run)
	asked := reconcile.Asked{Run: wish.Run, Person: wish.Person, Reason: wish.Reason, Done: h.done, Also: h.also}
	switch {
	case err != nil:
		return asked, err
	case len(h.done) == 0:
		return asked, Refused{fmt.Sprintf("run %q changed nothing: %s", wish.Run, h.others())}
	case !slices.ContainsFunc(h.done, func(d reconcile.Done) bool { return asked.About(d.Action) }):
		return asked, Refused{fmt.Sprintf("run %s changed nothing of %q; it changed something of %s", wish.Run, wish.Person, strings.Join(h.people(), ", "))}
	}
	return asked, nil
}

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

// undone records what is not carried out: refused, gone for good, or so already.
func (a applier) undone(all []reconcile.Undoing) ([]access.Outcome, error) {
	var out []access.Outcome
	for _, u := range all {
		o := access.Outcome{Action: u.Action, PlannedAt: a.job.Run.StartedAt, Actor: a.job.Run.Actor, Result: access.Skipped, Detail: u.Why}
		switch u.Fate {
		case reconcile.ToRestore:
			continue
		case reconcile.AlreadySo:
			o.Result, o.VerifiedAt = access.AlreadyAbsent, a.job.Now()
		case reconcile.NotUndoable:
			o.Detail = "cannot be undone: " + u.Why
		case reconcile.NotRestored:
			o.Detail = "refused: " + u.Why
		}
		if err := a.close(nil, &o); err != nil {
			return out, err
		}
		out = append(out, o)
	}
	return out, nil
}

// hand is what may carry out an action, nil if nothing here may.
func (j *Job) hand(act access.Action) Revoker {
	if act.Stage != access.Restore {
		return j.Revokers[act.Account.System]
	}
	if r := j.Restorers[act.Account.System]; r != nil {
		return r
	}
	return nil
}

// eye is what can read what an action did: each hand of a system can.
func (j *Job) eye(act access.Action) Revoker {
	if r := j.Revokers[act.Account.System]; r != nil {
		return r
	}
	if r := j.Restorers[act.Account.System]; r != nil {
		return r
	}
	return nil
}

// told keeps, of runs that could not finish, what a restore decided or found
// without sending anything.
func (p *past) told(e entry, known bool) {
	if o := e.Outcome; !known && o.Action.Stage == access.Restore {
		p.found = append(p.found, *o)
	}
}
