package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// An approval releases exactly what it names, from exactly one guard:
//
//	the approval                          | what follows
//	not proven, spent, expired, ...       | refused: the guard holds as before
//	names somebody who is no certain      | refused: the cohort is another one now
//	leaver any more                       |
//	names less than the guard would hold  | what it names passes; the rest is judged anew, as its own cohort
//	names what another guard holds too    | that one still holds, and the approval is not spent
//
// What was released is not counted again by the guard that was answered: not
// tonight, and not in the 7 days after.

// approvalAge is how long an approval lasts unless the company wants less.
const approvalAge = 72 * time.Hour

func (s Settings) approvalAge() time.Duration { return cmp.Or(s.ApprovalAge, approvalAge) }

// aheadOfUs is how far another machine's clock may be ahead of this one's.
const aheadOfUs = time.Hour

// unanswerable says of a guard why no person can answer for what it holds.
var unanswerable = map[string]string{
	"reads":     "a gap in what was read is no judgement that a person could overrule: mend what the read names, and run the night again",
	"protected": "a protected account is never acted on: decide by hand in the console of the system, or take the account off the list that protects it",
	"baseline":  "without one night that read all of the system nobody can tell what is usual there: the night that is held is that baseline itself, and the next one acts",
}

// Answerable are the guards that a person can answer for.
var Answerable = []string{"blast_radius", "concentration", "irreversible", guardReviewed, "roster"}

// Unanswerable says why nobody can approve what a guard holds; "" if somebody can.
func Unanswerable(guard string) string {
	if slices.Contains(Answerable, guard) {
		return ""
	}
	return cmp.Or(unanswerable[guard], fmt.Sprintf("there is no guard called %q (those that can be approved: %s)", guard, strings.Join(Answerable, ", ")))
}

// unusable says why an approval counts for nothing, whatever is held; or "".
func unusable(a access.GivenApproval, now time.Time, most time.Duration) string {
	switch lasts := a.ExpiresAt.Sub(a.CreatedAt); {
	case a.Unproven != "":
		return a.Unproven
	case a.Spent != "" && !a.Resumable:
		return fmt.Sprintf("it is spent: run %s used it, and an approval counts once", a.Spent)
	case !now.Before(a.ExpiresAt):
		return "it expired on " + phrase.Minute(a.ExpiresAt)
	case a.CreatedAt.After(now.Add(aheadOfUs)):
		return fmt.Sprintf("it was made on %s, which is still ahead: one of the two clocks is wrong", phrase.Minute(a.CreatedAt))
	case lasts > most:
		return fmt.Sprintf("it would last %s, and %s is the most here", lasts.Round(time.Minute), most)
	case Unanswerable(a.Guard) != "":
		return Unanswerable(a.Guard)
	case a.By == "" || a.Reason == "":
		return "it does not say who approves and why"
	case a.Guard == "roster":
		return rosterFlaw(a.Approval)
	case len(a.Cohort) == 0 || a.Count != len(a.Cohort) || a.CohortSHA256 != access.CohortDigest(a.Cohort):
		return "its cohort is not the one that its count and digest are of"
	}
	return ""
}

// grant is an approval that releases something: real, or (at < 0) supposed.
type grant struct {
	at      int // index into Facts.Approvals
	release access.Release
	stakes  map[access.Stake]bool
	passed  []access.Stake // what it released from its guard
}

func stakeSet(all []access.Stake) map[access.Stake]bool {
	out := make(map[access.Stake]bool, len(all))
	for _, s := range all {
		out[s] = true
	}
	return out
}

// grantsOf are the approvals that count tonight, by id.
func grantsOf(f Facts) []*grant {
	var out []*grant
	for n, a := range f.Approvals {
		if a.Guard == "roster" || unusable(a, f.Now, f.ApprovalAge) != "" || changed(a.Approval, f) != "" {
			continue
		}
		out = append(out, &grant{at: n, release: access.Release{Approval: a.ID, Guard: a.Guard, Scope: a.Scope}, stakes: stakeSet(a.Cohort)})
	}
	slices.SortStableFunc(out, func(a, b *grant) int { return cmp.Compare(a.release.Approval, b.release.Approval) })
	return out
}

// changed says that an approval names an account that is no certain leaver's any
// more: then the approver looked at another list than tonight's. One that was
// blocked meanwhile, by a run or by hand, is no such change.
func changed(a access.Approval, f Facts) string {
	if a.Guard == guardReviewed {
		return undecided(a, f.Memory.Removals)
	}
	var other []string
	for _, s := range a.Cohort {
		if !f.Leavers[s.Account] {
			other = append(other, s.Account.String())
		}
	}
	if len(other) == 0 {
		return ""
	}
	slices.Sort(other)
	return fmt.Sprintf("the cohort is another one now: %d of the %d that it names are not a certain leaver's any more, or are not listed (%s): look at the list of now, and approve that one",
		len(other), len(a.Cohort), phrase.AndMore(slices.Compact(other), 3))
}

// answered reports whether a person answered to a guard for what was done.
func answered(released []access.Release, guard, scope string) bool {
	return slices.ContainsFunc(released, func(r access.Release) bool { return r.Guard == guard && r.Scope == scope })
}

// accountStakes are one stage of accounts, sorted.
func accountStakes(accounts []access.AccountKey, stage access.Stage) []access.Stake {
	out := make([]access.Stake, 0, len(accounts))
	for _, k := range accounts {
		out = append(out, access.Stake{Account: k, Stage: stage})
	}
	slices.SortFunc(out, access.CompareStakes)
	return slices.Compact(out)
}

// accountsOfStakes are the accounts of a cohort, each once.
func accountsOfStakes(stakes []access.Stake) []access.AccountKey {
	out := make([]access.AccountKey, 0, len(stakes))
	for _, s := range stakes {
		out = append(out, s.Account)
	}
	return distinctAccounts(out)
}

// release takes out of a cohort that trips a guard what people approved, notes
// by which approval its actions pass, and gives the rest: newcomers, who are
// judged anew.
func (j *judge) release(all []Candidate, g access.GuardError, cohort []access.Stake) []access.Stake {
	rest := cohort
	for _, gr := range j.grants {
		if gr.release.Guard != g.Guard || gr.release.Scope != g.Scope {
			continue
		}
		var left, passed []access.Stake
		for _, s := range rest {
			if gr.stakes[s] {
				passed = append(passed, s)
			} else {
				left = append(left, s)
			}
		}
		if len(passed) > 0 {
			gr.passed = append(gr.passed, passed...)
			j.pass(all, stakeSet(passed), gr.release)
			rest = left
		}
	}
	return rest
}

// pass notes that the actions of these stakes pass a guard by an approval.
func (j *judge) pass(all []Candidate, passed map[access.Stake]bool, r access.Release) {
	for _, c := range all {
		s := access.Stake{Account: c.Action.Account, Stage: c.Action.Stage}
		one := s
		one.Action = c.Action.ID
		if passed[s] || passed[one] {
			j.released[c.Action.ID] = append(j.released[c.Action.ID], r)
		}
	}
}

// behind are the trips that would show if those before them were approved, so
// that a person can answer for all of them in one go.
func behind(all []Candidate, f Facts, trips []access.GuardError) []access.GuardError {
	var out []access.GuardError
	for {
		known := slices.Concat(trips, out)
		grants := grantsOf(f)
		for _, t := range known {
			if len(t.Stakes) > 0 {
				grants = append(grants, &grant{at: -1, release: access.Release{Guard: t.Guard, Scope: t.Scope}, stakes: stakeSet(t.Stakes)})
			}
		}
		before := len(out)
		for _, t := range weigh(all, f, grants).trips {
			if len(t.Stakes) > 0 && !slices.ContainsFunc(known, func(k access.GuardError) bool { return sameTrip(k, t) }) {
				out = append(out, t)
			}
		}
		if len(out) == before {
			return out
		}
	}
}

func sameTrip(a, b access.GuardError) bool {
	return a.Guard == b.Guard && a.Scope == b.Scope && slices.Equal(a.Stakes, b.Stakes)
}
