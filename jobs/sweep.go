package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

// knownFor is how long the accounts that a run read may be relied on: one night
// may fail, and the next one comes.
const knownFor = 36 * time.Hour

// ErrUnknown says that no night is there, or none of late, whose accounts a run
// could go by.
var ErrUnknown = errors.New("the accounts are not known well enough")

// Sweep is Nightly over the accounts that the last run knew, without reading the
// systems, and only if there is news: something to do, something that a guard holds
// for the first time, or what an interrupted run left open. Else it changes and
// writes nothing, and the result has no head. The caller holds the lock.
func (j *Job) Sweep(ctx context.Context) (Result, error) {
	if err := j.recallOnce(); err != nil {
		return Result{}, err
	}
	last, err := j.Recall()
	if err != nil {
		return Result{}, err
	}
	n, m, open, err := j.aside(ctx)
	if err != nil {
		return Result{}, err
	}
	if open || last.News(n.Plan, j.Settings.Mode, j.Run.Trigger) {
		return j.Nightly(ctx)
	}
	n.Run.Previous, n.Run.FinishedAt = m.Previous, j.Now()
	j.verdict(n)
	return Result{Night: n}, nil
}

// recallOnce reads what the last run left, and keeps it for this one.
func (j *Job) recallOnce() error {
	if j.Recall == nil {
		return nil
	}
	last, err := j.Recall()
	j.Recall = func() (reconcile.LastRun, error) { return last, nil }
	return err
}

// aside decides without a trace, and reports whether an earlier run left something
// open that can be closed now. Only to find that out a system is asked at all.
func (j *Job) aside(ctx context.Context) (n *access.Night, m access.Memory, open bool, err error) {
	if m, err = j.remembered(); err != nil {
		return nil, m, false, err
	}
	if open, err = j.leftOpen(ctx, m); err != nil {
		return nil, m, false, err
	}
	n = &access.Night{Run: j.Run}
	in, err := j.inputs(m)
	if err != nil {
		return nil, m, false, err
	}
	w := j.lists(n, m, in)
	if err := j.recall(&w, n); err != nil {
		return nil, m, false, err
	}
	j.conclude(n, reconcile.Decide(w))
	return n, m, open, nil
}

// leftOpen reports whether a run was interrupted, or what the last one could not
// see to the end can be seen now.
func (j *Job) leftOpen(ctx context.Context, m access.Memory) (bool, error) {
	p, err := readPast(j.Records, m)
	if err != nil || len(p.runs) > 0 || len(p.damaged) > 0 {
		return err == nil, err
	}
	for _, i := range p.intents {
		if _, settled := p.settled(i); !settled && !unsettled(j.settle(ctx, i)) {
			return true, nil
		}
	}
	return false, nil
}

// recall takes the systems as the last run left them. Neither what is counted nor
// what is normal follows from it anew.
func (j *Job) recall(w *reconcile.World, n *access.Night) error {
	last, err := j.Recall()
	if err != nil {
		return err
	}
	seen := last.SeenAt()
	switch {
	case last.Run.ID == "":
		return fmt.Errorf("%w: no night has run yet; run rollcall nightly once", ErrUnknown)
	case seen.IsZero():
		return fmt.Errorf("%w: run %s read no list of accounts to its end; mend what it says could not be read, then run rollcall nightly", ErrUnknown, last.Run.ID)
	case w.Now.Sub(seen) > knownFor:
		return fmt.Errorf("%w: they were last read on %s, and %d hours is the most that is relied on; find out why no night has run since, then run rollcall nightly",
			ErrUnknown, phrase.Minute(seen), int(knownFor.Hours()))
	}
	last.Outcomes = append(slices.Clone(last.Outcomes), n.Outcomes...) // and what an interrupted run did since
	w.Systems, w.SeenAt, w.Counts = last.Left(), seen, w.Memory.Counts
	n.SeenAt = seen
	n.Notes = append(n.Notes, fmt.Sprintf("the systems were not read: these are the accounts as of %s, and what was made since is not known", phrase.Minute(seen)))
	for _, o := range w.Systems {
		if slices.ContainsFunc(o.Reads, func(r access.Read) bool { return r.Lists && !r.Complete }) {
			n.Notes = append(n.Notes, fmt.Sprintf("not all accounts of %s are known: the last night did not read them to the end, and nothing rests on such a list", o.System))
		}
	}
	return nil
}
