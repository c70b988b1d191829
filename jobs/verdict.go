package jobs

import (
	"slices"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// verdict says how the run ended: the first that applies of failed, incomplete,
// held, done. What an earlier run could not read was told by that run, and the next
// night reads it; a run about one person has no next night, and is not done. Nor is it
// while something of theirs, or perhaps theirs, is left to people. Nor has a plan that was
// applied.
func (j *Job) verdict(n *access.Night) {
	n.Run.Verdict, n.Run.ExitCode = "done", ExitDone
	switch {
	case len(n.Damaged) > 0, len(n.Interrupted) > 0, len(reconcile.Unproven(n.Outcomes)) > 0, j.leftOfPlan(n):
		n.Run.Verdict, n.Run.ExitCode = "failed", ExitFailed
	case len(n.Unusable()) > 0, slices.ContainsFunc(n.Reads(), func(r access.Read) bool { return !r.Complete && (!r.Recalled || n.Order != nil) }):
		n.Run.Verdict, n.Run.ExitCode = "incomplete", ExitIncomplete
	case len(n.Plan.Trips) > 0, len(n.Left()) > 0, refusedOnSight(n):
		n.Run.Verdict, n.Run.ExitCode = "held", ExitHeld
	}
}

// refusedOnSight reports whether something was to be given back, and the reading before
// it refused that. No night tries it again.
func refusedOnSight(n *access.Night) bool {
	return slices.ContainsFunc(n.Outcomes, func(o access.Outcome) bool {
		return o.Result == access.Skipped && o.Action.Stage == access.Restore && slices.ContainsFunc(n.Plan.Actions, func(a access.Action) bool { return a.ID == o.Action.ID })
	})
}

// leftOfPlan reports whether, of an account that the plan to apply is about, something is
// still to be done and was skipped: the account is not as it was when it was planned. What
// tonight does not want any more is not among tonight's actions.
func (j *Job) leftOfPlan(n *access.Night) bool {
	if j.Only == nil {
		return false
	}
	is := func(all []access.Action, of func(access.Action) bool) bool { return slices.ContainsFunc(all, of) }
	return slices.ContainsFunc(n.Outcomes, func(o access.Outcome) bool {
		the := func(a access.Action) bool { return a.ID == o.Action.ID }
		whose := func(a access.Action) bool { return a.Account == o.Action.Account }
		return o.Result == access.Skipped && o.AdoptedFrom == "" && is(n.Plan.Actions, the) &&
			(is(j.Only.Actions, the) || o.Action.Stage == access.Block && is(j.Only.Actions, whose))
	})
}
