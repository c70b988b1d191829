package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"rollcall/internal/access"
	"slices"
)

// guardReviewed is the guard of what reviews decided to remove.
const guardReviewed = "review_removals"

// reviewed is the guard of what reviews decided: so many rights a night, and of none
// of them more than half of all who hold it. A worksheet on which somebody wrote Remove
// everywhere looks like this.
func (j *judge) reviewed(all []Candidate) {
	total := 0
	for _, n := range j.facts.Memory.Accounts {
		total += n
	}
	most := max(j.facts.Limits.ReviewMin, total*j.facts.Limits.ReviewPercent/100)
	byRight := map[string][]access.Stake{}
	for _, c := range j.freeReviewed(all) {
		byRight[rightOf(c)] = append(byRight[rightOf(c)], reviewStake(c))
	}
	for _, right := range slices.Sorted(maps.Keys(byRight)) {
		holders := j.facts.Holders[right]
		j.holdReviewed(all, byRight[right], func(losing int) (access.GuardError, bool) {
			most := max(j.facts.Limits.Concentration, holders/2)
			return access.GuardError{Scope: right, Count: losing, Limit: most,
				Says: fmt.Sprintf("%d of the %d who hold %s would lose it tonight, as reviewers decided", losing, holders, right)}, losing > most
		})
	}
	tonight := 0
	for _, r := range j.facts.Memory.Removals {
		if r.SentAt.After(j.facts.Now.Add(-sameNight)) {
			tonight++
		}
	}
	var stakes []access.Stake
	for _, c := range j.freeReviewed(all) {
		stakes = append(stakes, reviewStake(c))
	}
	j.holdReviewed(all, stakes, func(losing int) (access.GuardError, bool) {
		return access.GuardError{Scope: "all systems", Count: losing + tonight, Limit: most,
			Says: fmt.Sprintf("%d rights would be taken tonight that reviewers decided to remove, of %d accounts in all; %d is the most for one night", losing+tonight, total, most)}, losing > 0 && losing+tonight > most
	})
}

// freeReviewed are the actions that a review decided and nothing holds yet.
func (j *judge) freeReviewed(all []Candidate) []access.Action {
	var out []access.Action
	for _, c := range all {
		if c.Action.Review != "" && j.held[c.Action.ID] == "" {
			out = append(out, c.Action)
		}
	}
	return out
}

func reviewStake(a access.Action) access.Stake {
	return access.Stake{Account: a.Account, Stage: a.Stage, Action: a.ID}
}

// holdReviewed holds removals unless that many are not too many, or somebody
// approved them.
func (j *judge) holdReviewed(all []Candidate, stakes []access.Stake, judged func(losing int) (access.GuardError, bool)) {
	g, tooMany := judged(len(stakes))
	if !tooMany {
		return
	}
	slices.SortFunc(stakes, access.CompareStakes)
	g.Guard = guardReviewed
	rest := j.release(all, g, stakes)
	if g, tooMany = judged(len(rest)); !tooMany {
		return
	}
	g.Guard, g.Approvable, g.Stakes = guardReviewed, true, rest
	g.Mend = "look at them with the reviewers who decided it; if it is right, approve it, and the next run takes them away; if not, have them send their worksheet again with the right decision"
	for _, s := range rest {
		j.held[s.Action] = g.Guard
	}
	j.trip(g, accountsOfStakes(rest))
}

// rightOf names what an action takes, as the guard of reviews counts it.
func rightOf(a access.Action) string {
	name := a.EntitlementKind.Words() + " " + cmp.Or(a.Entitlement, a.EntitlementID)
	if a.GrantScope != "" {
		name += " in " + a.GrantScope
	}
	return name + " (" + string(a.Account.System) + ")"
}
