package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Restorer gives back what a Revoker of the same system took, with the third
// credential. It reads what a Revoker did as well as what itself did.
type Restorer interface{ hand }

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
	n, memory, err := j.begin()
	if err != nil {
		return Restored{}, err
	}
	journal := newJournal(j.Records, j.Run.ID)
	adopted, world, err := j.recoveredFacts(ctx, journal, n, &memory)
	if err != nil {
		return Restored{}, err
	}
	out, err := j.decideRestore(n, world, wish)
	if err != nil {
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
	next.Awaited = append(slices.Clone(memory.Awaited), reconcile.ToEvidence(n.Outcomes, j.Run.ID, memory.LastLook())...) // the next night reads the log
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
	n, _, world, err := j.lookOn(ctx)
	if err != nil {
		return Restored{}, err
	}
	out, err := j.decideRestore(n, world, wish)
	if err != nil {
		return Restored{}, err
	}
	n.Run.FinishedAt = j.Now()
	j.verdict(n)
	return out, nil
}

// decideRestore asks reconcile, with the journals as they are now.
func (j *Job) decideRestore(n *access.Night, w reconcile.World, wish Wish) (Restored, error) {
	asked, err := j.asked(wish)
	if err != nil {
		return Restored{}, err
	}
	for _, p := range n.Unusable() {
		asked.Unusable = p.File
	}
	d, r := reconcile.Restore(w, asked)
	j.conclude(n, d)
	r.Plan = n.Plan
	r.Notes = append(r.Notes, n.Notes...)
	return Restored{Result{Night: n}, r}, nil
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
