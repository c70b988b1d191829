package reconcile

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
	"rollcall/internal/access/accesstest"
)

// accounts gives every account of a world by key.
func accountsOf(w World) map[access.AccountKey]access.Account {
	out := map[access.AccountKey]access.Account{}
	for _, o := range w.Systems {
		for _, a := range o.Accounts {
			out[a.Key()] = a
		}
	}
	return out
}

func readOf(w World, k access.AccountKey) access.Read {
	for _, o := range w.Systems {
		for _, a := range o.Accounts {
			if a.Key() == k {
				return o.Reads[a.Read]
			}
		}
	}
	return access.Read{}
}

func unreadScopeRunsNothing(t *testing.T, _ random, w World, d Decision) {
	for _, a := range d.Plan.Actions {
		r := readOf(w, a.Account)
		if !r.Complete || !r.Lists {
			t.Errorf("%s runs, but %s was not read", renderAction(a), r.Name())
		}
		if !slices.Contains(a.Rests, r.Name()) || !slices.Contains(a.Rests, "roster:"+string(a.Person.Source)) {
			t.Errorf("%s does not cite the roster and %s", renderAction(a), r.Name())
		}
	}
}

func protectedNeverRun(t *testing.T, _ random, w World, d Decision) {
	accounts := accountsOf(w)
	for _, act := range d.Plan.Actions {
		acc := accounts[act.Account]
		for _, p := range w.Settings.Protected {
			if accesstest.Glob(p, acc.Login) || accesstest.Glob(p, string(acc.System)+":"+string(acc.ID)) {
				t.Errorf("%s is protected by %s and runs", acc.Key(), p)
			}
		}
		for _, n := range w.Policy.NonHuman {
			if n.System == string(acc.System) && (n.Account == string(acc.ID) || n.Account == acc.Login) && n.Kind == access.KindBreakGlass {
				t.Errorf("%s is break-glass and runs", acc.Login)
			}
		}
		for _, o := range w.Systems {
			if slices.Contains(o.Self, acc.Key()) {
				t.Errorf("%s is the job itself and runs", acc.Login)
			}
		}
	}
}

// candidatesBefore are the candidates as the guards get them.
func candidatesBefore(w World) []string {
	e := newEvaluation(w, Stand(w))
	e.matchAll()
	e.judgeGrants()
	e.findAll()
	var ids []string
	for _, c := range e.candidates() {
		ids = append(ids, c.Action.ID)
	}
	slices.Sort(ids)
	return ids
}

// planned are the ids of all actions of a plan, running or held.
func planned(p access.Plan) []string {
	var ids []string
	for _, a := range p.Actions {
		ids = append(ids, a.ID)
	}
	for _, h := range p.Held {
		ids = append(ids, h.Action.ID)
	}
	slices.Sort(ids)
	return ids
}

func actionsAndHeldAreTheCandidates(t *testing.T, _ random, w World, d Decision) {
	all := planned(d.Plan)
	if diff := gocmp.Diff(candidatesBefore(w), all); diff != "" {
		t.Errorf("the checked set is not the planned set:\n%s", diff)
	}
	if n := len(slices.Compact(all)); n != len(planned(d.Plan)) {
		t.Errorf("%d actions, %d distinct", len(planned(d.Plan)), n)
	}
	for _, h := range d.Plan.Held {
		if !slices.ContainsFunc(d.Plan.Trips, func(g access.GuardError) bool {
			return g.Guard == h.Guard && slices.Contains(g.Cohort, h.Action.Account)
		}) {
			t.Errorf("%s is held by %s, which did not say so", renderAction(h.Action), h.Guard)
		}
	}
}

func heldActions(p access.Plan) []access.Action {
	var out []access.Action
	for _, h := range p.Held {
		out = append(out, h.Action)
	}
	return out
}

// restsAreComplete: whatever runs cites only reads that came to their end, and a
// remove also every list and the scope of what it takes.
func restsAreComplete(t *testing.T, _ random, w World, d Decision) {
	complete := map[string]bool{}
	for _, o := range w.Systems {
		for _, r := range o.Reads {
			complete[r.Name()] = r.Complete
		}
	}
	for _, s := range w.Rosters {
		complete["roster:"+string(s.Verdict.Source)] = true
	}
	for _, act := range d.Plan.Actions {
		for _, rest := range act.Rests {
			if !complete[rest] {
				t.Errorf("%s was not read: %s", rest, renderAction(act))
			}
		}
		for _, o := range w.Systems {
			for _, e := range o.Entitlements {
				taken := act.Stage == access.Remove && o.System == act.Account.System && e.Kind == act.EntitlementKind && e.ID == act.EntitlementID && e.Scope == act.GrantScope
				if taken && !slices.Contains(act.Rests, o.Reads[e.Read].Name()) {
					t.Errorf("it does not cite %s: %s", o.Reads[e.Read].Name(), renderAction(act))
				}
			}
		}
	}
}
