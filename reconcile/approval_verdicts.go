package reconcile

import (
	"cmp"
	"fmt"
	"rollcall/internal/access"
	"slices"
	"strings"
	"time"
)

// verdicts says what became of every approval, in the order in which they were
// given.
func (j *judge) verdicts(p access.Plan) []access.ApprovalVerdict {
	var out []access.ApprovalVerdict
	for n, a := range j.facts.Approvals {
		v := access.ApprovalVerdict{GivenApproval: a}
		v.Says = unusable(a, j.facts.Now, j.facts.ApprovalAge)
		switch i := slices.IndexFunc(j.grants, func(g *grant) bool { return g.at == n }); {
		case v.Says != "":
		case a.Guard == "roster":
			v.Counts, v.Says = rosterVerdict(a.Approval, j.facts.Rosters)
		case i < 0:
			v.Says = changed(a.Approval, j.facts)
		default:
			j.passedBy(&v, j.grants[i], p)
		}
		out = append(out, v)
	}
	return out
}

// passedBy says what an approval that counts releases.
func (j *judge) passedBy(v *access.ApprovalVerdict, g *grant, p access.Plan) {
	actions, accounts := 0, map[access.AccountKey]bool{}
	for _, act := range p.Actions {
		if slices.Contains(act.Released, g.release) {
			actions++
			accounts[act.Account] = true
		}
	}
	v.Accounts = len(accounts)
	switch others := j.othersHold(g); {
	case actions > 0:
		v.Counts = true
		v.Says = fmt.Sprintf("it releases %d actions on %d accounts", actions, len(accounts))
		if len(others) > 0 {
			v.Says += "; others that it names are held by " + strings.Join(others, ", ") + " too, and it is spent for them"
		}
	case len(g.passed) > 0:
		v.Says = fmt.Sprintf("it is valid, but what it names is held by %s too: approve that as well; it is not spent", strings.Join(others, ", "))
	default:
		v.Says = "nothing is held tonight that it would release; it is not spent"
	}
}

// othersHold are the other guards that hold some of what an approval names.
func (j *judge) othersHold(g *grant) []string {
	var out []string
	accounts := map[access.AccountKey]bool{}
	for s := range g.stakes {
		accounts[s.Account] = true
	}
	for _, t := range j.trips {
		if t.Guard == g.release.Guard && t.Scope == g.release.Scope {
			continue
		}
		if slices.ContainsFunc(t.Cohort, func(k access.AccountKey) bool { return accounts[k] }) {
			out = append(out, fmt.Sprintf("%s (%s)", t.Guard, t.Scope))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// rosterVerdict says what an approval of a list did.
func rosterVerdict(a access.Approval, rosters []access.RosterVerdict) (counts bool, says string) {
	i := slices.IndexFunc(rosters, func(v access.RosterVerdict) bool { return string(v.Source) == a.Scope })
	if i < 0 {
		return false, fmt.Sprintf("there is no list called %q here", a.Scope)
	}
	v := rosters[i]
	switch {
	case v.Approval == a.ID:
		return true, fmt.Sprintf("by it the list %s is accepted, with %d people who are newly gone", a.Scope, v.Seen.Gone)
	case v.Accepted:
		return false, fmt.Sprintf("the list %s was accepted without it; it is not spent", a.Scope)
	case v.Refusal != nil && !v.Refusal.Approvable:
		return false, fmt.Sprintf("the list %s is refused for what nobody can approve: %s", a.Scope, v.Refusal.Says)
	}
	return false, otherList(*a.Roster, v.Seen)
}

// otherList says in what a list is not the one that was approved; "" if it is.
func otherList(approved, seen access.ApprovedRoster) string {
	approved.File, seen.File = "", ""
	switch {
	case approved == seen:
		return ""
	case approved.Original != seen.Original:
		return "it is of another file: the list was changed or sent anew after it was approved; look at the list of now, and approve that one"
	case approved.Against != seen.Against:
		return "the list in force is another one by now, so that it is about other people: look at the list again, and approve it anew"
	}
	return fmt.Sprintf("it is of %d people in the list, %d before and %d newly gone; now they are %d, %d and %d: approve it anew",
		approved.People, approved.Before, approved.Gone, seen.People, seen.Before, seen.Gone)
}

// approvedBy is the approval by which a refused list is accepted, or "".
func approvedBy(seen access.ApprovedRoster, g RosterGuard, now time.Time) string {
	for _, a := range g.Approvals {
		if a.Guard == "roster" && a.Scope == string(seen.Source) && unusable(a, now, cmp.Or(g.ApprovalAge, approvalAge)) == "" && otherList(*a.Roster, seen) == "" {
			return a.ID
		}
	}
	return ""
}

func rosterFlaw(a access.Approval) string {
	if a.Roster == nil || string(a.Roster.Source) != a.Scope || a.Count != a.Roster.Gone || a.CohortSHA256 != a.Roster.Rows {
		return "it does not say which list it is of"
	}
	return ""
}
