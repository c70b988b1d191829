package jobs

import (
	"context"
	"maps"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

// adoption is what this run took over from runs that could not finish, or whose
// actions were not seen to the end.
type adoption struct {
	Outcomes []access.Outcome
	runs     []access.RunID
}

// recover reads what open intents of earlier runs did and closes them, by
// reading only: nothing is sent again unless tonight's decision wants it. What
// they did counts for memory's guards.
func (j *Job) recover(ctx context.Context, journal *journal, n *access.Night, m *access.Memory) (adoption, error) {
	p, err := readPast(j.Records, *m)
	if err != nil {
		return adoption{}, err
	}
	p.tell(n)
	a := adoption{runs: p.runs}
	if a.Outcomes, err = p.outcomes(*m, func(i openIntent) (access.Outcome, error) {
		out := j.settle(ctx, i)
		return out, takeOver(journal, i, out, j.Now())
	}); err != nil {
		return a, err
	}
	adopt(m, p.orders, append(slices.Clone(a.Outcomes), p.found...))
	j.interrupted(n, p.orders)
	for _, o := range a.Outcomes {
		j.changed(o)
	}
	if len(p.runs) > 0 {
		j.Say("took over the journal of %d earlier run(s): %d action(s), all read back before anything else", len(p.runs), len(a.Outcomes))
	}
	return a, nil
}

// takeOver closes an intent of an earlier run. What is still not settled is
// written down anew, as this run's: the next run looks for open ends in the
// journal of the last committed run that looked, and no further back.
func takeOver(journal *journal, i openIntent, out access.Outcome, now time.Time) error {
	ref := i.ref
	if unsettled(out) {
		var err error
		if ref, err = journal.write(entry{Kind: "intent", At: i.at, Action: &i.action, Before: i.before, Actor: i.actor}); err != nil {
			return err
		}
	}
	_, err := journal.write(entry{Kind: "outcome", At: now, Closes: &ref, Outcome: &out})
	return err
}

// adopt counts what earlier runs did as done, and what they were to do as open.
func adopt(m *access.Memory, orders []access.OpenOrder, outcomes []access.Outcome) {
	m.Orders = reconcile.StillOrdered(m.Orders, orders, outcomes)
	blocked := maps.Clone(m.Blocked)
	if blocked == nil {
		blocked = map[access.AccountKey]access.BlockRecord{}
	}
	m.Undone = reconcile.AddUndone(m.Undone, reconcile.Blocks(blocked, outcomes, ""))
	m.Blocked = blocked
	endings := maps.Clone(m.Endings)
	if endings == nil {
		endings = map[access.AccountKey]access.Ending{}
	}
	reconcile.Removals(endings, outcomes)
	m.Endings = endings
	residues := maps.Clone(m.Residues)
	if residues == nil {
		residues = map[string]access.Residue{}
	}
	reconcile.Residues(residues, outcomes)
	m.Residues = residues
	removals := maps.Clone(m.Removals)
	reconcile.Taken(removals, outcomes)
	m.Removals = removals
}

// settle reads what one open intent did.
func (j *Job) settle(ctx context.Context, i openIntent) access.Outcome {
	out := access.Outcome{Action: i.action, PlannedAt: i.at, SentAt: i.at, Before: i.before, Actor: i.actor, Result: access.Unknown}
	r := j.eye(i.action)
	if r == nil {
		out.Detail = "the run that began this was interrupted; no credential is configured here to read what it did"
		return out
	}
	st, err := j.shows(ctx, r, i)
	switch {
	case err != nil:
		out.Detail = "the run that began this was interrupted, and what it did could not be read: " + err.Error()
	case st.Holds:
		out.Result, out.VerifiedAt = access.Done, j.Now()
		out.Detail = phrase.Both("the run that began this was interrupted; it was read back as done", st.Detail)
	case st.InProgress:
		out.Result, out.Detail = access.Pending, "still in progress"
	default:
		out.Result = access.Failed
		out.Detail = phrase.Both("the run that began this was interrupted, and it cannot be seen to have taken effect; it is done again only if tonight's decision wants it", st.Refuse)
	}
	return out
}

// shows reads what an action did, more than once if it was sent just now: systems take a
// while to show what they did, and the run that sent it would have looked for it as long.
func (j *Job) shows(ctx context.Context, r hand, i openIntent) (st access.State, err error) {
	var shown time.Duration
	for _, d := range looksFor(i.action.Stage) {
		shown += d
	}
	for _, d := range looksFor(i.action.Stage) {
		if d > 0 && (j.Now().Sub(i.at) >= shown || j.Sleep(ctx, d) != nil) {
			break
		}
		if st, err = r.Inspect(ctx, i.action); err == nil && (st.Holds || st.InProgress) {
			break
		}
	}
	return st, err
}

// countOpen adds to memory what the journals prove, without closing anything
// and without sending anything: for a plan.
func (j *Job) countOpen(m *access.Memory, n *access.Night) error {
	p, err := readPast(j.Records, *m)
	if err != nil {
		return err
	}
	p.tell(n)
	outcomes, err := p.outcomes(*m, func(i openIntent) (access.Outcome, error) {
		return access.Outcome{Action: i.action, SentAt: i.at, Result: access.Unknown}, nil
	})
	if err != nil {
		return err
	}
	adopt(m, p.orders, append(outcomes, p.found...))
	for _, o := range p.orders {
		n.Notes = append(n.Notes, neverEnded(o))
	}
	if len(p.runs) > 0 {
		n.Notes = append(n.Notes, "an earlier run did not finish; the next nightly closes what it left open")
	}
	return nil
}

// account marks the journals that need not be read again. An open end of
// theirs is in this run's own journal now.
func (a adoption) account(next *access.Memory) {
	for _, run := range a.runs {
		next.Journals[run] = true
	}
}

// eye is what can read what an action did: each hand of a system can.
func (j *Job) eye(act access.Action) hand {
	if r := j.Revokers[act.Account.System]; r != nil {
		return r
	}
	return j.Restorers[act.Account.System]
}
