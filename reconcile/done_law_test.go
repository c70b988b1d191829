package reconcile

import (
	"maps"
	"slices"
	"testing"

	"rollcall/internal/access"
)

// appliedPlanIsDone carries the plan out in the model, remembers it, and decides
// again: only what was held is left, and sessions to clear of whom a guard keeps
// from being blocked. A second run is no way around a guard: it holds what the first
// one held, unless what was missing is a baseline, or blocks that it counted were
// found to be restored.
func appliedPlanIsDone(t *testing.T, _ random, w World, d Decision) {
	next := w
	next.Systems = slices.Clone(w.Systems)
	for n := range next.Systems {
		next.Systems[n] = applied(next.Systems[n], d.Plan.Actions)
	}
	var outcomes []access.Outcome
	for _, a := range d.Plan.Actions {
		outcomes = append(outcomes, access.Outcome{Action: a, Result: access.Done, PlannedAt: w.Now, SentAt: w.Now, VerifiedAt: w.Now})
	}
	next.Memory = Remember(w, d, outcomes, "run")
	held := map[string]string{}
	open := map[access.AccountKey]bool{}
	for _, h := range d.Plan.Held {
		held[h.Action.ID] = h.Guard
		open[h.Action.Account] = open[h.Action.Account] || h.Action.Verb.Stops()
	}
	again := Decide(next).Plan
	for _, a := range slices.Concat(again.Actions, heldActions(again)) {
		if a.Stage == access.Remove && !slices.Contains(planned(d.Plan), a.ID) {
			continue // the block of tonight was done, and no day of grace is asked for
		}
		if held[a.ID] == "" && !(a.Verb == access.OktaClearSessions && open[a.Account]) {
			t.Errorf("planned again after it was done: %s", renderAction(a))
		}
	}
	restored := slices.ContainsFunc(slices.Collect(maps.Keys(w.Memory.Blocked)), func(k access.AccountKey) bool {
		_, still := next.Memory.Blocked[k]
		return !still
	})
	for _, a := range again.Actions {
		if g := held[a.ID]; g != "" && g != "baseline" && !restored {
			t.Errorf("held by %s, and run by a second run: %s", g, renderAction(a))
		}
	}
}

// applied is what a collector would see after the actions.
func applied(o access.Observation, actions []access.Action) access.Observation {
	var outcomes []access.Outcome
	for _, act := range actions {
		outcomes = append(outcomes, access.Outcome{Action: act, Result: access.Done})
	}
	return After(o, outcomes)
}

// removesAreDue: no remove, held or not, of anybody else, and none while anything
// of theirs in the system works.
func removesAreDue(t *testing.T, _ random, w World, d Decision) {
	accounts, people := accountsOf(w), map[access.PersonKey]access.Person{}
	for _, p := range d.People {
		people[p.Key()] = p
	}
	refused := slices.ContainsFunc(w.Rosters, func(s SourceRoster) bool { return s.Verdict.Refusal != nil })
	for _, act := range slices.Concat(d.Plan.Actions, heldActions(d.Plan)) {
		if act.Stage != access.Remove {
			continue
		}
		p, acc, end := people[act.Person], accounts[act.Account], w.Memory.Endings[act.Account]
		switch {
		case p.Standing != access.StandingLeft || p.Returns:
			t.Errorf("%s is %s, returns %t: %s", p.Key(), p.Standing, p.Returns, renderAction(act))
		case refused:
			t.Errorf("a list was refused: %s", renderAction(act))
		case !w.Settings.Removal.Enforce || end.BlockedAt.IsZero() || end.BlockedAt.AddDate(0, 0, w.Settings.Removal.AfterDays).After(w.Now):
			t.Errorf("blocked since %s, with %+v: %s", end.BlockedAt, w.Settings.Removal, renderAction(act))
		case acc.Kind == access.OktaUser && acc.Status == access.AccountActive, acc.Kind == access.IAMUser && acc.Status == access.AccountActive:
			t.Errorf("it is %s: %s", acc.Status, renderAction(act))
		case act.Undoable:
			t.Errorf("nobody can undo %s", renderAction(act))
		}
		for _, other := range slices.Concat(d.Plan.Actions, heldActions(d.Plan)) {
			if other.Stage == access.Block && other.Person == act.Person && other.Account.System == act.Account.System {
				t.Errorf("%s, though there is %s", renderAction(act), renderAction(other))
			}
		}
	}
}
