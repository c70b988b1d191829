package reconcile

import (
	"fmt"
	"maps"
	"rollcall/internal/access"
	"slices"
	"time"
)

// blast holds everything of a stage in a system, or in total, when more accounts
// would be blocked, or have something removed, for the first time than a night or a
// week may.
func (j *judge) blast(all []Candidate) {
	total := 0
	for _, n := range j.facts.Memory.Accounts {
		total += n
	}
	for _, s := range systemsOf(all) {
		for _, r := range j.facts.Limits.radii(j.facts.Memory.Accounts[s]) {
			j.blastOf(all, r, s, j.facts.Memory.Accounts[s])
		}
	}
	for _, r := range j.facts.Limits.radii(total) {
		j.blastOf(all, r, "", total)
	}
}

// sameNight is how far back a block counts as one of this night: those of a run
// that was interrupted, or of a second run, do.
const sameNight = 12 * time.Hour

func (j *judge) blastOf(all []Candidate, r radius, s access.System, accounts int) {
	cohort := j.free(all, r.stage, s)
	g := j.blastTrip(r, s, accounts, cohort)
	if g == nil {
		return
	}
	rest := j.release(all, *g, accountStakes(cohort, r.stage))
	if len(rest) < len(cohort) {
		cohort = accountsOfStakes(rest)
		g = j.blastTrip(r, s, accounts, cohort)
	}
	if g != nil {
		g.Approvable, g.Stakes = true, rest
		j.hold(all, *g, cohort)
	}
}

// blastTrip is the refusal to block, or remove of, so many accounts, or nil.
func (j *judge) blastTrip(r radius, s access.System, accounts int, cohort []access.AccountKey) *access.GuardError {
	if len(cohort) == 0 {
		return nil
	}
	scope := string(s)
	if s == "" {
		scope = "all systems"
	}
	tonight := r.begun(j.facts.Memory, s, scope, j.facts.Now.Add(-sameNight))
	before := r.begun(j.facts.Memory, s, scope, j.facts.Now.Add(-week))
	g := &access.GuardError{Guard: "blast_radius", Scope: scope, Mend: r.mend}
	switch {
	case len(cohort)+tonight > r.night:
		g.Count, g.Limit = len(cohort)+tonight, r.night
		g.Says = fmt.Sprintf("%d accounts of %d in %s would %s tonight; %d is the most for one night", len(cohort)+tonight, accounts, scope, r.would, r.night)
	case len(cohort)+before > r.week:
		g.Count, g.Limit = len(cohort)+before, r.week
		g.Says = fmt.Sprintf("with tonight's %d, %d accounts of %d in %s would %s in 7 days; %d is the most", len(cohort), len(cohort)+before, accounts, scope, r.would, r.week)
	default:
		return nil
	}
	return g
}

// blockedSince counts the accounts that rollcall first blocked after t, but for
// those for which a person answered to the guard of this scope. A block that was given
// back was one all the same (docs/adr/0062).
func blockedSince(m access.Memory, s access.System, scope string, t time.Time) int {
	n := 0
	for _, b := range blocksOf(m) {
		if b.At.After(t) && (s == "" || b.Account.System == s) && !answered(b.Released, "blast_radius", scope) {
			n++
		}
	}
	return n
}

// blocksOf are all blocks that guards count, in no order.
func blocksOf(m access.Memory) []access.BlockRecord {
	return slices.AppendSeq(slices.Clone(m.Undone), maps.Values(m.Blocked))
}

// removingSince counts the accounts of which rollcall removed something for the
// first time after t, but for those for which a person answered.
func removingSince(m access.Memory, s access.System, scope string, t time.Time) int {
	begun := map[access.AccountKey]bool{}
	for _, end := range m.Endings {
		if end.RemovingAt.After(t) && (s == "" || end.Account.System == s) && !answered(end.Released, "blast_radius", scope) {
			begun[end.Account] = true
		}
	}
	for _, r := range m.Residues {
		if r.RemovingAt.After(t) && (s == "" || r.Account.System == s) {
			begun[r.Account] = true
		}
	}
	return len(begun)
}
