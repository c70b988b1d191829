package reconcile

import (
	"fmt"
	"rollcall/internal/access"
	"slices"
)

// irreversible holds the blocks that cannot be undone, and the deletions of users, when
// there are more than the threshold; what can be undone of the same accounts goes on.
// No remove can be undone: removes have a blast radius of their own (docs/adr/0014),
// which counts an account when the first thing of it goes, days before the user does.
func (j *judge) irreversible(all []Candidate) {
	var stakes []access.Stake
	var steps []access.Action
	for _, c := range all {
		once := c.Action.Stage == access.Block && !c.Action.Undoable || c.Action.Verb == access.IAMDeleteUser
		if once && j.held[c.Action.ID] == "" {
			stakes = append(stakes, access.Stake{Account: c.Action.Account, Stage: c.Action.Stage, Action: c.Action.ID})
			steps = append(steps, c.Action)
		}
	}
	slices.SortFunc(stakes, access.CompareStakes)
	before := j.irreversibleTonight(steps)
	g := access.GuardError{Guard: "irreversible", Scope: "all systems", Limit: j.facts.Limits.Irreversible, Approvable: true,
		Mend: "look at them in the report; if they are right, approve them; what can be undone of the same accounts is done in any case"}
	if len(stakes) == 0 || len(stakes)+before <= g.Limit {
		return
	}
	g.Stakes = j.release(all, g, stakes)
	if len(g.Stakes) == 0 || len(g.Stakes)+before <= g.Limit {
		return
	}
	for _, s := range g.Stakes {
		j.held[s.Action] = "irreversible"
	}
	g.Count = len(g.Stakes) + before
	g.Says = fmt.Sprintf("%d actions of tonight cannot be undone; %d is the most for one night", g.Count, g.Limit)
	j.trip(g, accountsOfStakes(g.Stakes))
}

// irreversibleTonight counts what runs of this night sent that cannot be undone: each step,
// whether it was seen to work or not, and whatever became of the account since. A step
// that is to be done now is counted there.
func (j *judge) irreversibleTonight(now []access.Action) int {
	tonight := j.facts.Now.Add(-sameNight)
	again := func(k access.AccountKey, f access.Final) bool {
		return slices.ContainsFunc(now, func(a access.Action) bool { return a.Account == k && sameStep(f, a) })
	}
	n := 0
	for _, b := range blocksOf(j.facts.Memory) {
		for _, f := range b.Final {
			if f.At.After(tonight) && !answered(f.Released, "irreversible", "all systems") && !again(b.Account, f) {
				n++
			}
		}
	}
	for _, end := range j.facts.Memory.Endings {
		gone := slices.Contains(end.Verbs, access.IAMDeleteUser) && (end.RemovedAt.IsZero() || end.RemovedAt.After(tonight))
		sent := end.DeletingAt.After(tonight) && !again(end.Account, access.Final{Verb: access.IAMDeleteUser})
		if (gone || sent) && !answered(end.Released, "irreversible", "all systems") {
			n++
		}
	}
	return n
}
