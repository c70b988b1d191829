package reconcile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"rollcall/internal/access"
)

// Judge splits the candidates into what may run and what a guard holds. It sees
// the exact list, all of it, before the first effect; what trips is held whole,
// the rest goes on. What a person approved does not trip; what became of each
// approval is told too.
func Judge(all []Candidate, f Facts) (access.Plan, []access.ApprovalVerdict) {
	f.Limits = f.Limits.defaults()
	j := weigh(all, f, grantsOf(f))
	p := j.plan(all)
	p.Behind = behind(all, f, p.Trips)
	p.SHA256 = PlanDigest(p)
	return p, j.verdicts(p)
}

// weigh lets every guard judge.
func weigh(all []Candidate, f Facts, grants []*grant) *judge {
	j := &judge{facts: f, held: map[string]string{}, grants: grants, released: map[string][]access.Release{}}
	j.trips = append(j.trips, f.Refusals...)
	j.ownHolds(all)
	j.baseline(all)
	j.blast(all)
	j.concentration(all)
	j.reorganised(all)
	j.reviewed(all)
	j.irreversible(all)
	return j
}

// judge collects what the guards say. held maps an action's id to its guard,
// released to the approvals that let it pass one.
type judge struct {
	facts    Facts
	held     map[string]string
	trips    []access.GuardError
	grants   []*grant
	released map[string][]access.Release
}

func (j *judge) trip(g access.GuardError, cohort []access.AccountKey) {
	g.Cohort = distinctAccounts(cohort)
	j.trips = append(j.trips, g)
}

// hold holds every candidate of the accounts, and says so once.
func (j *judge) hold(all []Candidate, g access.GuardError, cohort []access.AccountKey) {
	held := make(map[access.AccountKey]bool, len(cohort))
	for _, k := range cohort {
		held[k] = true
	}
	for _, c := range all {
		if held[c.Action.Account] && j.held[c.Action.ID] == "" {
			j.held[c.Action.ID] = g.Guard
		}
	}
	j.trip(g, cohort)
}

// ownHolds are the holds that came with the candidates: unread scopes and
// protected accounts; one trip for each reason.
func (j *judge) ownHolds(all []Candidate) {
	type reason struct{ guard, says, mend string }
	cohorts := map[reason][]access.AccountKey{}
	var order []reason
	for _, c := range all {
		if c.Held == "" {
			continue
		}
		r := reason{c.Held, c.Says, c.Mend}
		if cohorts[r] == nil {
			order = append(order, r)
		}
		cohorts[r] = append(cohorts[r], c.Action.Account)
		j.held[c.Action.ID] = c.Held
	}
	for _, r := range order {
		cohort := distinctAccounts(cohorts[r])
		j.trip(access.GuardError{Guard: r.guard, Scope: string(cohort[0].System), Count: len(cohort), Says: r.says, Mend: r.mend}, cohort)
	}
}

// distinctAccounts sorts accounts and names each once.
func distinctAccounts(all []access.AccountKey) []access.AccountKey {
	slices.SortFunc(all, func(a, b access.AccountKey) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(all)
}

// free are the accounts with a first action of a stage that nothing holds yet, of
// one system or ("") of all; each once.
func (j *judge) free(all []Candidate, stage access.Stage, system access.System) []access.AccountKey {
	var out []access.AccountKey
	seen := map[access.AccountKey]bool{}
	for _, c := range all {
		if c.Action.First && c.Action.Stage == stage && j.held[c.Action.ID] == "" && (system == "" || c.Action.Account.System == system) && !seen[c.Action.Account] {
			seen[c.Action.Account] = true
			out = append(out, c.Action.Account)
		}
	}
	return out
}

// systemsOf are the systems that the candidates touch, sorted.
func systemsOf(all []Candidate) []access.System {
	var out []access.System
	for _, c := range all {
		out = append(out, c.Action.Account.System)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// baseline holds everything in a system of which no complete snapshot exists. A
// night that observes is itself the baseline.
func (j *judge) baseline(all []Candidate) {
	if j.facts.Mode != access.Enforce {
		return
	}
	for _, s := range systemsOf(all) {
		if _, has := j.facts.Memory.Accounts[s]; has {
			continue
		}
		var cohort []access.AccountKey
		for _, c := range all {
			if c.Action.Account.System == s {
				cohort = append(cohort, c.Action.Account)
			}
		}
		slices.SortFunc(cohort, func(a, b access.AccountKey) int { return cmp.Compare(a.String(), b.String()) })
		cohort = slices.Compact(cohort)
		j.hold(all, access.GuardError{Guard: "baseline", Scope: string(s), Count: len(cohort),
			Says: "no earlier night has read all of " + string(s) + ", so nobody can tell what is normal",
			Mend: "read this night's report; the next night has this one as its baseline and acts"}, cohort)
	}
}

// plan assembles what may run and what is held.
func (j *judge) plan(all []Candidate) access.Plan {
	p := access.Plan{Inputs: j.facts.Inputs, Actions: []access.Action{}, Held: []access.Held{}, Trips: j.trips}
	for _, c := range all {
		if g := j.held[c.Action.ID]; g != "" {
			p.Held = append(p.Held, access.Held{Action: c.Action, Guard: g})
		} else {
			c.Action.Released = j.released[c.Action.ID]
			p.Actions = append(p.Actions, c.Action)
		}
	}
	return p
}

// PlanDigest is the SHA-256 of a plan without its run, its time and its digest:
// the same facts give the same digest.
func PlanDigest(p access.Plan) string {
	p.RunID, p.CreatedAt, p.SHA256 = "", time.Time{}, ""
	b, err := json.Marshal(p)
	if err != nil {
		panic("a plan is plain data: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
